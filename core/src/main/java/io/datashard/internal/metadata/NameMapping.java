package io.datashard.internal.metadata;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which column a name in a data file without field ids means. Spec: Iceberg table spec, "Name
 * Mapping Serialization".
 */
public final class NameMapping {
  private NameMapping() {}

  /** The value of {@link TableProperties#NAME_MAPPING} for a schema: each column by its name. */
  public static String write(Schema schema) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = JsonText.FACTORY.createGenerator(text)) {
      out.writeStartArray();
      for (Field field : schema.fields()) {
        out.writeStartObject();
        out.writeNumberField("field-id", field.id());
        out.writeArrayFieldStart("names");
        out.writeString(field.name());
        out.writeEndArray();
        out.writeEndObject();
      }
      out.writeEndArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  /**
   * Column name to field id, top-level columns only.
   *
   * @throws IllegalArgumentException the text is no name mapping, or one name has two ids
   */
  public static Map<String, Integer> parse(String json) {
    Map<String, Integer> ids = new LinkedHashMap<>();
    try (JsonText in = new JsonText(json)) {
      in.array(TableProperties.NAME_MAPPING, () -> readColumn(in, ids));
      in.end();
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "Property '"
              + TableProperties.NAME_MAPPING
              + "' is no name mapping: "
              + e.getOriginalMessage(),
          e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "Property '" + TableProperties.NAME_MAPPING + "' is no name mapping: " + e.getMessage(),
          e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ids;
  }

  private static void readColumn(JsonText in, Map<String, Integer> ids) throws IOException {
    @Nullable Integer[] id = new Integer[1];
    List<String> names = new ArrayList<>();
    in.object(
        "column",
        key -> {
          switch (key) {
            case "field-id" -> id[0] = in.isNull() ? null : (Integer) in.intValue(key);
            case "names" -> in.array(key, () -> names.add(in.string(key)));
            default -> in.raw();
          }
        });
    Integer fieldId = id[0];
    if (fieldId == null) {
      return; // a column of the files that the table does not have
    }
    for (String name : names) {
      Integer other = ids.putIfAbsent(name, fieldId);
      if (other != null && !other.equals(fieldId)) {
        throw new IllegalArgumentException(
            "the name '" + name + "' means both field " + other + " and field " + fieldId);
      }
    }
  }
}
