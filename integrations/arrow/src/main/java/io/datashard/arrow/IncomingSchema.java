package io.datashard.arrow;

import io.datashard.data.Batch;
import io.datashard.data.Column;
import io.datashard.error.SchemaMismatchException;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.arrow.flatbuf.Endianness;

/** The columns of Arrow data and the table's columns that they go into; keeps dictionaries. */
final class IncomingSchema {
  private final List<IncomingField> fields = new ArrayList<>();
  private final List<IncomingColumn> columns = new ArrayList<>();
  private final Schema schema;
  private final Map<Long, Map<Integer, Column>> dictionaries = new HashMap<>();
  private long rows;

  /**
   * @throws SchemaMismatchException a column is not the table's, is there twice, has a type that
   *     does not fit, or a required one is absent
   */
  IncomingSchema(org.apache.arrow.flatbuf.Schema arrow, Schema table) {
    if (arrow.endianness() != Endianness.Little) {
      throw new SchemaMismatchException(
          "The Arrow data is big-endian, which is not read: write it little-endian. Nothing was"
              + " committed.");
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < arrow.fieldsLength(); i++) {
      IncomingField field = IncomingField.of(arrow.fields(i));
      if (!table.has(field.name()) || !names.add(field.name())) {
        throw new SchemaMismatchException(
            "The Arrow data's column '"
                + field.name()
                + "' is "
                + (names.contains(field.name()) ? "there twice" : "not in the table")
                + ". The table's columns: "
                + String.join(", ", table.names())
                + ". Nothing was committed.");
      }
      fields.add(field);
      columns.add(new IncomingColumn(field, table.field(field.name())));
    }
    for (Field field : table.fields()) {
      if (field.required() && !names.contains(field.name())) {
        throw new SchemaMismatchException(
            "The Arrow data lacks the required column '"
                + field.name()
                + "'. Nothing was committed.");
      }
    }
    if (fields.isEmpty()) {
      throw new SchemaMismatchException("The Arrow data has no columns. Nothing was committed.");
    }
    this.schema = table.select(fields.stream().map(IncomingField::name).toList());
  }

  Schema schema() {
    return schema;
  }

  List<IncomingField> fields() {
    return fields;
  }

  /** The columns that are indexes into this dictionary. */
  List<Integer> placesOf(long dictionary) {
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < fields.size(); i++) {
      IncomingField.Dictionary by = fields.get(i).dictionary();
      if (by != null && by.id() == dictionary) {
        places.add(i);
      }
    }
    return places;
  }

  /** Takes the values of a dictionary, or more values behind those it has. */
  void dictionary(long id, int place, IncomingArray values, boolean more) {
    Map<Integer, Column> byPlace = dictionaries.computeIfAbsent(id, key -> new HashMap<>());
    Column column = columns.get(place).dictionary(values);
    Column before = byPlace.get(place);
    byPlace.put(place, more && before != null ? joined(before, column, place) : column);
  }

  private Column joined(Column first, Column second, int place) {
    Schema one = Schema.of(List.of(columns.get(place).field().asOptional()));
    return Batch.concat(
            List.of(
                new Batch(one, first.size(), List.of(first)),
                new Batch(one, second.size(), List.of(second))))
        .column(0);
  }

  /** The rows of one record batch. */
  Batch batch(int length, List<IncomingArray> arrays) {
    List<Column> read = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      IncomingArray array = arrays.get(i);
      if (array.length() != length) {
        throw new Damaged(
            "column '" + array.name() + "' has " + array.length() + " rows of " + length);
      }
      IncomingField.Dictionary by = fields.get(i).dictionary();
      Column dictionary = by == null ? null : dictionaries.getOrDefault(by.id(), Map.of()).get(i);
      read.add(columns.get(i).read(array, dictionary, rows));
    }
    rows += length;
    return new Batch(schema, length, read);
  }
}
