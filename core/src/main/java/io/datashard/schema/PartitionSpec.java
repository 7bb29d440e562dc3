package io.datashard.schema;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How a table's rows are divided among data files. Spec: "Partitioning".
 *
 * @param id the spec's number within its table
 * @param fields the partition fields, in order; empty for an unpartitioned table
 */
public record PartitionSpec(int id, List<PartitionField> fields) {
  /** Partition field ids start here in tables that we create. Spec: "Partition Evolution". */
  public static final int FIELD_ID_FIRST = 1000;

  /** All rows in one partition. */
  public static final PartitionSpec UNPARTITIONED = new PartitionSpec(0, List.of());

  /**
   * One partition field.
   *
   * @param sourceId the field id of the column it is made from
   * @param fieldId its own id, unique among the table's specs
   * @param name its name in manifests and paths
   * @param transform how it is made
   */
  public record PartitionField(int sourceId, int fieldId, String name, Transform transform) {}

  public PartitionSpec {
    fields = List.copyOf(fields);
  }

  /**
   * The spec of a new table.
   *
   * @param fields such as {@code "day(ts)"}, {@code "bucket(16, user_id)"}, {@code "truncate(4,
   *     code) as start"} or the name of a column; several in one text are separated by commas.
   *     Names that are not plain words stand in double quotes
   * @throws IllegalArgumentException a text is no partition field of this schema; it says where in
   *     the text, and what there is
   */
  public static PartitionSpec of(Schema schema, List<String> fields) {
    List<PartitionField> all = new ArrayList<>();
    for (String text : fields) {
      TermReader reader = new TermReader("partition field", text);
      do {
        TermReader.Term term = reader.term(schema);
        String name = reader.isWord("as") ? reader.name("the partition field's name") : null;
        reader.endOfField();
        Transform transform = term.transform();
        all.add(
            new PartitionField(
                term.source().id(),
                FIELD_ID_FIRST + all.size(),
                name == null ? transform.kind().fieldName(term.source().name()) : name,
                transform));
      } while (reader.hasMore());
    }
    checkNames(schema, all);
    checkUseful(schema, all);
    return new PartitionSpec(0, all);
  }

  /** A name of a column means that column in some readers. */
  private static void checkNames(Schema schema, List<PartitionField> fields) {
    Set<String> names = new HashSet<>();
    for (PartitionField field : fields) {
      String name = field.name();
      boolean isItself =
          field.transform().kind() == Transform.Kind.IDENTITY
              && schema.has(name)
              && schema.field(name).id() == field.sourceId();
      if (!names.add(name) || (schema.has(name) && !isItself)) {
        throw new IllegalArgumentException(
            "The partition field "
                + text(field, schema)
                + " would be called '"
                + name
                + "', as another "
                + (schema.has(name) && !isItself ? "column" : "partition field")
                + " is. Give it another name: \""
                + text(field, schema)
                + " as NAME\".");
      }
    }
  }

  private static void checkUseful(Schema schema, List<PartitionField> fields) {
    Map<String, PartitionField> seen = new HashMap<>();
    for (PartitionField field : fields) {
      Transform.Kind kind = field.transform().kind();
      PartitionField other =
          seen.put(
              field.sourceId() + (kind.isTime() ? "time" : field.transform().jsonName()), field);
      if (other != null) {
        throw new IllegalArgumentException(
            "The partition fields "
                + text(other, schema)
                + " and "
                + text(field, schema)
                + " divide by the same column in the same way; the finer one is enough.");
      }
    }
  }

  /** Whether all rows share one partition. */
  public boolean isUnpartitioned() {
    return fields.stream().allMatch(f -> f.transform().kind() == Transform.Kind.VOID);
  }

  /** Whether rows are divided in the same way, whatever numbers the fields have. */
  public boolean sameFields(PartitionSpec other) {
    return fields.stream()
        .map(PartitionSpec::unnumbered)
        .toList()
        .equals(other.fields.stream().map(PartitionSpec::unnumbered).toList());
  }

  private static PartitionField unnumbered(PartitionField field) {
    return new PartitionField(field.sourceId(), 0, field.name(), field.transform());
  }

  /**
   * The values of the one partition of an unpartitioned spec: null for each field, since fields
   * that were dropped stay as void ones.
   */
  public List<@Nullable Object> onlyPartition() {
    if (!isUnpartitioned()) {
      throw new IllegalStateException("Spec " + id + " divides rows by " + fields + ".");
    }
    return Collections.nCopies(fields.size(), null);
  }

  /**
   * The type of each column that a field is made from, in the order of the fields; int for one that
   * the schema does not have any more, if its field is void.
   *
   * @throws IllegalArgumentException a column is not there
   */
  public List<Type> sourceTypes(Schema schema) {
    List<Type> types = new ArrayList<>();
    for (PartitionField field : fields) {
      Type known = schema.fieldById(field.sourceId()).map(Field::type).orElse(null);
      if (known == null && field.transform().kind() != Transform.Kind.VOID) {
        throw new IllegalArgumentException(
            "Partition field '"
                + field.name()
                + "' is made from the column with id "
                + field.sourceId()
                + ", which the schema does not have.");
      }
      types.add(known == null ? Type.INT : known);
    }
    return types;
  }

  /**
   * A partition for people: {@code ts_day=2024-05-01, kind=null}.
   *
   * @param partition one value for each field, as a data file has them
   */
  public String partitionText(Schema schema, List<@Nullable Object> partition) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < Math.min(fields.size(), partition.size()); i++) {
      texts.add(fields.get(i).name() + "=" + valueText(schema, i, partition.get(i)));
    }
    return String.join(", ", texts);
  }

  /** The value of one field for people: {@code 2024-05-01}; {@code null} for null. */
  public String valueText(Schema schema, int place, @Nullable Object value) {
    PartitionField field = fields.get(place);
    return schema
        .fieldById(field.sourceId())
        .map(source -> field.transform().resultText(source.type(), value))
        .orElseGet(() -> String.valueOf(value)); // the column was dropped
  }

  /** The fields as {@link #of} reads them: {@code day(ts), bucket(16, user_id)}. */
  public String text(Schema schema) {
    return fields.isEmpty()
        ? "unpartitioned"
        : fields.stream()
            .map(field -> text(field, schema) + named(field, schema))
            .collect(Collectors.joining(", "));
  }

  private static String text(PartitionField field, Schema schema) {
    return field.transform().text(TermReader.columnText(schema, field.sourceId()));
  }

  private static String named(PartitionField field, Schema schema) {
    boolean usual =
        schema
            .fieldById(field.sourceId())
            .map(source -> field.transform().kind().fieldName(source.name()))
            .filter(field.name()::equals)
            .isPresent();
    return usual ? "" : " as " + TermReader.quoted(field.name());
  }
}
