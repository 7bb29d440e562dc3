package io.datashard.schema;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The columns of a table, in order. Immutable.
 *
 * <p>Two schemas are {@linkplain #sameColumns the same} for a table if ids, names, types and
 * nullability agree; {@code equals} compares the schema id, docs and identifier fields as well.
 */
public final class Schema {
  private final int id;
  private final List<Field> fields;
  private final Set<Integer> identifierFieldIds;
  private final Map<String, Integer> placeByName = new HashMap<>();
  private final Map<Integer, Integer> placeById = new HashMap<>();

  private Schema(int id, List<Field> fields, Set<Integer> identifierFieldIds) {
    this.id = id;
    this.fields = List.copyOf(fields);
    this.identifierFieldIds = Set.copyOf(identifierFieldIds);
    for (int i = 0; i < fields.size(); i++) {
      Field field = fields.get(i);
      if (placeByName.putIfAbsent(field.name(), i) != null) {
        throw new IllegalArgumentException("Two columns are named '" + field.name() + "'.");
      }
      Integer other = placeById.putIfAbsent(field.id(), i);
      if (other != null) {
        throw new IllegalArgumentException(
            "Columns '"
                + fields.get(other).name()
                + "' and '"
                + field.name()
                + "' have the same field id "
                + field.id()
                + ".");
      }
    }
    for (int fieldId : identifierFieldIds) {
      Integer place = placeById.get(fieldId);
      if (place == null || !fields.get(place).required()) {
        throw new IllegalArgumentException(
            "Identifier field id " + fieldId + " names no required column.");
      }
    }
  }

  /** A schema of these columns, in this order, as schema number {@code id}. */
  public static Schema of(int id, List<Field> fields, Set<Integer> identifierFieldIds) {
    return new Schema(id, fields, identifierFieldIds);
  }

  /** A schema of these columns, in this order, as schema number 0. */
  public static Schema of(List<Field> fields) {
    return new Schema(0, fields, Set.of());
  }

  /** Starts a schema; columns without an id are numbered from 1 past the given ids. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Reads Iceberg schema JSON.
   *
   * @throws IllegalArgumentException it is no such JSON, or a column has a nested or unknown type;
   *     the column is named
   */
  public static Schema fromJson(String json) {
    return SchemaJson.parse(json);
  }

  /** This schema as Iceberg schema JSON, on one line. */
  public String toJson() {
    return SchemaJson.write(this);
  }

  /**
   * The columns of a {@code record} class, in the order of its components.
   *
   * <p>{@code boolean, int, long, float, double} and their boxes, {@code String}, {@code
   * LocalDate}, {@code LocalTime}, {@code LocalDateTime}, {@code Instant}, {@code UUID}, {@code
   * byte[]} and, with {@link DecimalType}, {@code BigDecimal}. {@code Optional<T>} and components
   * marked with any annotation named {@code Nullable} are optional columns; all others are
   * required.
   *
   * @throws IllegalArgumentException a component has another type; it is named
   */
  public static Schema of(Class<? extends Record> type) {
    return RecordSchema.of(type);
  }

  /** The schema's number within its table. */
  public int id() {
    return id;
  }

  /** The columns, in order. */
  public List<Field> fields() {
    return fields;
  }

  /** The ids of the columns that identify a row, if the table names any. */
  public Set<Integer> identifierFieldIds() {
    return identifierFieldIds;
  }

  /** The number of columns. */
  public int size() {
    return fields.size();
  }

  /** The column at this place, from 0. */
  public Field field(int place) {
    return fields.get(place);
  }

  /**
   * The column of this name.
   *
   * @throws IllegalArgumentException there is none; the message lists what there is
   */
  public Field field(String name) {
    return fields.get(placeOf(name));
  }

  /** The column with this field id. */
  public Optional<Field> fieldById(int fieldId) {
    Integer place = placeById.get(fieldId);
    return place == null ? Optional.empty() : Optional.of(fields.get(place));
  }

  /** Whether there is a column of this name. */
  public boolean has(String name) {
    return placeByName.containsKey(name);
  }

  /**
   * The place of the column of this name, from 0.
   *
   * @throws IllegalArgumentException there is none; the message lists what there is
   */
  public int placeOf(String name) {
    Integer place = placeByName.get(name);
    if (place == null) {
      throw new IllegalArgumentException(
          "There is no column '" + name + "'. Columns: " + String.join(", ", names()) + ".");
    }
    return place;
  }

  /** The place of the column with this field id, from 0, or -1. */
  public int placeOfId(int fieldId) {
    Integer place = placeById.get(fieldId);
    return place == null ? -1 : place;
  }

  /** The names of the columns, in order. */
  public List<String> names() {
    return fields.stream().map(Field::name).toList();
  }

  /**
   * The schema of only these columns, in the order given; ids are kept.
   *
   * @throws IllegalArgumentException a column does not exist or is named twice
   */
  public Schema select(List<String> names) {
    return new Schema(id, names.stream().map(this::field).toList(), Set.of());
  }

  /** The highest field id, 0 for a schema without columns. */
  public int highestFieldId() {
    return fields.stream().mapToInt(Field::id).max().orElse(0);
  }

  /** This schema as number {@code newId}. */
  public Schema withId(int newId) {
    return newId == id ? this : new Schema(newId, fields, identifierFieldIds);
  }

  /** Whether both have the same columns: ids, names, types, nullability and order. */
  public boolean sameColumns(Schema other) {
    if (this == other) {
      return true;
    }
    if (fields.size() != other.fields.size()) {
      return false;
    }
    for (int i = 0; i < fields.size(); i++) {
      if (!fields.get(i).isSameColumn(other.fields.get(i))) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Schema that
        && id == that.id
        && fields.equals(that.fields)
        && identifierFieldIds.equals(that.identifierFieldIds);
  }

  @Override
  public int hashCode() {
    return fields.hashCode();
  }

  /** One column a line: {@code 1: task_id: required string}. */
  @Override
  public String toString() {
    return fields.stream().map(Field::toString).collect(Collectors.joining("\n"));
  }

  /** Collects the columns of a schema; every check is made by {@link #build()}. */
  public static final class Builder {
    private record Draft(int id, String name, Type type, boolean required, @Nullable String doc) {}

    private final List<Draft> drafts = new ArrayList<>();
    private final Set<String> identifiers = new HashSet<>();

    private Builder() {}

    /** Adds a column that is never null. */
    public Builder required(String name, Type type) {
      return add(0, name, type, true);
    }

    /** Adds a column that is never null, under this field id. */
    public Builder required(int id, String name, Type type) {
      return add(given(id, name), name, type, true);
    }

    /** Adds a column that may be null. */
    public Builder optional(String name, Type type) {
      return add(0, name, type, false);
    }

    /** Adds a column that may be null, under this field id. */
    public Builder optional(int id, String name, Type type) {
      return add(given(id, name), name, type, false);
    }

    /** Says what the column added last means. */
    public Builder doc(String text) {
      if (drafts.isEmpty()) {
        throw new IllegalStateException("doc(...) describes the column before it; there is none.");
      }
      Draft last = drafts.remove(drafts.size() - 1);
      drafts.add(new Draft(last.id, last.name, last.type, last.required, text));
      return this;
    }

    /**
     * Names the columns that together identify a row; they must be required. Nothing enforces it.
     */
    public Builder identifier(String... names) {
      identifiers.addAll(List.of(names));
      return this;
    }

    /**
     * The schema.
     *
     * @throws IllegalArgumentException names or ids repeat, are empty or out of range; a schema has
     *     at least one column
     */
    public Schema build() {
      if (drafts.isEmpty()) {
        throw new IllegalArgumentException("A schema needs at least one column.");
      }
      int next = drafts.stream().mapToInt(Draft::id).max().orElse(0) + 1;
      List<Field> fields = new ArrayList<>();
      for (Draft d : drafts) {
        fields.add(new Field(d.id == 0 ? next++ : d.id, d.name, d.type, d.required, d.doc));
      }
      Schema plain = Schema.of(fields);
      Set<Integer> ids =
          identifiers.stream().map(n -> plain.field(n).id()).collect(Collectors.toSet());
      return Schema.of(0, fields, ids);
    }

    private Builder add(int id, String name, Type type, boolean required) {
      drafts.add(new Draft(id, name, type, required, null));
      return this;
    }

    private static int given(int id, String name) {
      if (id < 1) {
        throw new IllegalArgumentException(
            "Column '" + name + "' has the field id " + id + "; ids start at 1.");
      }
      return id;
    }
  }
}
