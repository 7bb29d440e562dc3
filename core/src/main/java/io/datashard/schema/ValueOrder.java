package io.datashard.schema;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.Arrays;
import java.util.UUID;

/**
 * The order of a type's values: what {@code <} means in a filter, and in the bounds of a column.
 *
 * <p>Strings by code point, which is the order of their UTF-8 bytes and not that of Java's {@code
 * char}; binary, fixed and uuid by unsigned bytes, a prefix first; decimals by value; floats as
 * numbers, so {@code -0.0} equals {@code 0.0}, and NaN, which no bound and no literal is, last.
 * Spec: Iceberg table spec, "Manifests", lower and upper bounds.
 */
public final class ValueOrder {
  private ValueOrder() {}

  /**
   * Compares two values of the class that {@link Type} lists for reading.
   *
   * @return less than, equal to or greater than 0
   */
  public static int compare(Type type, Object a, Object b) {
    return switch (type.kind()) {
      case BOOLEAN -> ((Boolean) a).compareTo((Boolean) b);
      case INT -> ((Integer) a).compareTo((Integer) b);
      case LONG -> ((Long) a).compareTo((Long) b);
      // Adding 0.0 turns -0.0 into 0.0 and changes nothing else.
      case FLOAT -> Float.compare((Float) a + 0.0f, (Float) b + 0.0f);
      case DOUBLE -> Double.compare((Double) a + 0.0, (Double) b + 0.0);
      case DECIMAL -> ((BigDecimal) a).compareTo((BigDecimal) b);
      case DATE -> ((LocalDate) a).compareTo((LocalDate) b);
      case TIME -> ((LocalTime) a).compareTo((LocalTime) b);
      case TIMESTAMP -> ((LocalDateTime) a).compareTo((LocalDateTime) b);
      case TIMESTAMPTZ -> ((Instant) a).compareTo((Instant) b);
      case STRING -> compareText((String) a, (String) b);
      case UUID -> compareUuids((UUID) a, (UUID) b);
      case FIXED, BINARY -> Arrays.compareUnsigned((byte[]) a, (byte[]) b);
    };
  }

  /** Compares by code point. */
  public static int compareText(String a, String b) {
    int shared = Math.min(a.length(), b.length());
    for (int i = 0; i < shared; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        // Surrogates stand for the code points past U+FFFF but lie below U+E000..U+FFFF.
        boolean xPaired = Character.isSurrogate(x);
        return xPaired == Character.isSurrogate(y) ? Character.compare(x, y) : xPaired ? 1 : -1;
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  private static int compareUuids(UUID a, UUID b) {
    int high = Long.compareUnsigned(a.getMostSignificantBits(), b.getMostSignificantBits());
    return high != 0
        ? high
        : Long.compareUnsigned(a.getLeastSignificantBits(), b.getLeastSignificantBits());
  }
}
