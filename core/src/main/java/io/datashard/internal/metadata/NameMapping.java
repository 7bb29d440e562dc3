package io.datashard.internal.metadata;

import io.datashard.schema.Schema;
import java.util.Map;

/**
 * Which column a name in a data file without field ids means. Spec: Iceberg table spec, "Name
 * Mapping Serialization".
 */
public final class NameMapping {
  private NameMapping() {}

  /** The value of {@link TableProperties#NAME_MAPPING} for a schema: each column by its name. */
  public static String write(Schema schema) {
    throw new UnsupportedOperationException(schema.toString());
  }

  /**
   * Column name to field id, top-level columns only.
   *
   * @throws IllegalArgumentException the text is no name mapping, or one name has two ids
   */
  public static Map<String, Integer> parse(String json) {
    throw new UnsupportedOperationException(json);
  }
}
