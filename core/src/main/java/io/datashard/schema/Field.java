package io.datashard.schema;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One column of a schema. Spec: Iceberg table spec, "Schemas and Data Types", struct fields.
 *
 * @param id what identifies the column in data files and metadata for ever, at least 1
 * @param name as users write it; any Unicode text, not empty
 * @param type the type of its values
 * @param required whether null is forbidden
 * @param doc what it means, for people
 */
public record Field(int id, String name, Type type, boolean required, @Nullable String doc) {
  /** Ids from here on are reserved. Spec: "Reserved Field IDs". */
  public static final int ID_MAX = Integer.MAX_VALUE - 201;

  public Field {
    Objects.requireNonNull(type, "type");
    if (name.isBlank()) {
      throw new IllegalArgumentException("Column " + id + " has an empty name.");
    }
    checkText(name);
    if (id < 1 || id > ID_MAX) {
      throw new IllegalArgumentException(
          "Column '" + name + "' has the field id " + id + "; ids run from 1 to " + ID_MAX + ".");
    }
  }

  private static void checkText(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean pair =
          Character.isHighSurrogate(c)
              && i + 1 < name.length()
              && Character.isLowSurrogate(name.charAt(i + 1));
      if (pair) {
        i++;
      } else if (Character.isSurrogate(c) || c == 0) {
        throw new IllegalArgumentException(
            "Column name '"
                + name
                + "' holds the character U+"
                + String.format("%04X", (int) c)
                + " at "
                + i
                + ", which no file can store.");
      }
    }
  }

  /** This column as optional: null is allowed. */
  public Field asOptional() {
    return required ? new Field(id, name, type, false, doc) : this;
  }

  /** Whether both are one column for a table: all but what they say to people. */
  boolean isSameColumn(Field other) {
    // By hand: the first comparison of two records costs a process more than a hundred appends.
    return id == other.id
        && required == other.required
        && name.equals(other.name)
        && type.equals(other.type);
  }

  @Override
  public String toString() {
    return id + ": " + name + ": " + (required ? "required " : "optional ") + type;
  }
}
