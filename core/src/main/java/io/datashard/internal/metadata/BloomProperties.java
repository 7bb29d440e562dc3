package io.datashard.internal.metadata;

import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The table properties that ask for Bloom filters in data files, named as Iceberg names them.
 *
 * <p>A property that names a column which is not there is refused when it is set. Should another
 * engine rename or drop the column later, the property means nothing, and nobody is kept from
 * writing.
 */
public final class BloomProperties {
  /** Followed by the name of a column; {@code true} or {@code false}. */
  public static final String ENABLED_PREFIX = "write.parquet.bloom-filter-enabled.column.";

  /** Followed by the name of a column; how many false positives there may be, 0 to 1. */
  public static final String RATE_PREFIX = "write.parquet.bloom-filter-fpp.column.";

  public static final double RATE_DEFAULT = 0.01;

  /** How many bytes one filter may have. */
  public static final String BYTES_MAX = "write.parquet.bloom-filter-max-bytes";

  public static final int BYTES_MAX_DEFAULT = 1 << 20;

  private static final int BYTES_LEAST = 32;
  private static final int BYTES_MOST = 128 << 20;

  private BloomProperties() {}

  /** Checks one property, if it is one of these. */
  static void check(String key, String value) {
    if (key.equals(BYTES_MAX)) {
      TableProperties.number(key, value, BYTES_LEAST, BYTES_MOST);
    } else if (key.startsWith(ENABLED_PREFIX)) {
      TableProperties.oneOf(key, value, List.of("true", "false"));
    } else if (key.startsWith(RATE_PREFIX)) {
      rate(key, value);
    }
  }

  private static double rate(String key, String value) {
    double rate;
    try {
      rate = Double.parseDouble(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "Property '" + key + "' is '" + value + "', which is no number.", e);
    }
    if (!(rate > 0 && rate < 1)) {
      throw new IllegalArgumentException(
          "Property '" + key + "' is " + value + "; it must be above 0 and below 1.");
    }
    return rate;
  }

  /**
   * Checks that properties about to be set name columns of the table.
   *
   * @throws IllegalArgumentException one names a column that is not there, or one of booleans
   */
  public static void requireColumns(Map<String, String> properties, Schema schema) {
    for (String key : properties.keySet()) {
      for (String prefix : List.of(ENABLED_PREFIX, RATE_PREFIX)) {
        if (key.startsWith(prefix)) {
          requireColumn(key, key.substring(prefix.length()), schema);
        }
      }
    }
  }

  private static void requireColumn(String key, String name, Schema schema) {
    int place = schema.names().indexOf(name);
    if (place < 0) {
      throw new IllegalArgumentException(
          "Property '"
              + key
              + "' is about column '"
              + name
              + "', which the table does not have. It has: "
              + String.join(", ", schema.names())
              + ".");
    }
    if (schema.field(place).type() == Type.BOOLEAN) {
      throw new IllegalArgumentException(
          "Property '"
              + key
              + "' asks for Bloom filters of booleans, which would tell nothing. Leave it out.");
    }
  }

  /** By column, how many false positives its filters may give; columns without filters are out. */
  public static Map<String, Double> rates(Map<String, String> properties, Schema schema) {
    Map<String, Double> rates = new HashMap<>();
    for (Field field : schema.fields()) {
      String key = ENABLED_PREFIX + field.name();
      String enabled = properties.getOrDefault(key, "false");
      check(key, enabled); // another engine may have set it
      if (enabled.equalsIgnoreCase("true") && field.type() != Type.BOOLEAN) {
        String rateKey = RATE_PREFIX + field.name();
        String rate = properties.get(rateKey);
        rates.put(field.name(), rate == null ? RATE_DEFAULT : rate(rateKey, rate));
      }
    }
    return rates;
  }

  /** How many bytes one filter may have. */
  public static int bytesMax(Map<String, String> properties) {
    String value = properties.get(BYTES_MAX);
    if (value == null) {
      return BYTES_MAX_DEFAULT;
    }
    check(BYTES_MAX, value);
    return Integer.parseInt(value);
  }
}
