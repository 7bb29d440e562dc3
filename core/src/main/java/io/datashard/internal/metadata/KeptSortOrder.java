package io.datashard.internal.metadata;

import com.fasterxml.jackson.core.JsonGenerator;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.SortOrder;
import io.datashard.schema.SortOrder.Direction;
import io.datashard.schema.SortOrder.NullOrder;
import io.datashard.schema.SortOrder.SortField;
import io.datashard.schema.Transform;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A sort order, kept as it was read. Spec: Iceberg table spec, "Sorting" and Appendix C, "Sort
 * Orders".
 *
 * @param id its number within the table; 0 is unsorted
 * @param json the whole object as JSON text
 * @param order what it says; null if it sorts by something that DataShard does not know, so that
 *     files of ours are not sorted by it and do not claim to be
 */
record KeptSortOrder(int id, String json, @Nullable SortOrder order) {
  /** No order. */
  static final KeptSortOrder UNSORTED = of(SortOrder.UNSORTED);

  /** What it asks of rows of these columns; nothing if it cannot be followed. */
  SortOrder over(Schema schema) {
    if (order == null) {
      return SortOrder.UNSORTED;
    }
    for (SortField field : order.fields()) {
      Optional<Field> source = schema.fieldById(field.sourceId());
      if (source.isEmpty() || !field.transform().takes(source.get().type())) {
        return SortOrder.UNSORTED;
      }
    }
    return order;
  }

  /** An order that was not read from anywhere. */
  static KeptSortOrder of(SortOrder order) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = JsonText.FACTORY.createGenerator(text)) {
      out.writeStartObject();
      out.writeNumberField("order-id", order.id());
      out.writeArrayFieldStart("fields");
      for (SortField field : order.fields()) {
        out.writeStartObject();
        out.writeStringField("transform", field.transform().jsonName());
        out.writeNumberField("source-id", field.sourceId());
        out.writeStringField("direction", field.direction().name().toLowerCase(Locale.ROOT));
        out.writeStringField(
            "null-order", "nulls-" + field.nullOrder().name().toLowerCase(Locale.ROOT));
        out.writeEndObject();
      }
      out.writeEndArray();
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new KeptSortOrder(order.id(), text.toString(), order);
  }

  /** Reads one. */
  static KeptSortOrder parse(String text) throws IOException {
    @Nullable Integer[] id = new Integer[1];
    List<@Nullable SortField> fields = new ArrayList<>();
    try (JsonText order = new JsonText(text)) {
      order.object(
          "sort-orders",
          key -> {
            switch (key) {
              case "order-id" -> id[0] = order.intValue(key);
              case "fields" -> order.array(key, () -> fields.add(readField(order)));
              default -> order.raw();
            }
          });
    }
    if (id[0] == null) {
      throw new IllegalArgumentException("\"order-id\" is missing in a sort order");
    }
    List<SortField> known = new ArrayList<>();
    for (SortField field : fields) {
      if (field == null) {
        return new KeptSortOrder(id[0], text, null);
      }
      known.add(field);
    }
    return new KeptSortOrder(id[0], text, new SortOrder(id[0], known));
  }

  private static @Nullable SortField readField(JsonText in) throws IOException {
    @Nullable Integer[] source = new Integer[1];
    @Nullable String[] words = new String[3];
    in.object(
        "sort field",
        key -> {
          switch (key) {
            case "source-id" -> source[0] = in.intValue(key);
            case "transform" -> words[0] = in.string(key);
            case "direction" -> words[1] = in.string(key);
            case "null-order" -> words[2] = in.string(key);
            default -> in.raw();
          }
        });
    try {
      return new SortField(
          Integer.parseInt(String.valueOf(source[0])),
          Transform.parse(String.valueOf(words[0])),
          switch (String.valueOf(words[1])) {
            case "asc" -> Direction.ASC;
            case "desc" -> Direction.DESC;
            default -> throw new IllegalArgumentException("direction " + words[1]);
          },
          switch (String.valueOf(words[2])) {
            case "nulls-first" -> NullOrder.FIRST;
            case "nulls-last" -> NullOrder.LAST;
            default -> throw new IllegalArgumentException("null-order " + words[2]);
          });
    } catch (IllegalArgumentException e) {
      return null; // of a later version of the format, or a transform that nobody told us of
    }
  }
}
