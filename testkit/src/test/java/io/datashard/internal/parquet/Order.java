package io.datashard.internal.parquet;

import io.datashard.schema.Type;
import io.datashard.schema.Values;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** How values sort in files, said as plainly as can be: what statistics are held against. */
final class Order {
  private Order() {}

  /** Compares two values of the class that {@link Type} lists; not for NaN. */
  @SuppressWarnings("unchecked")
  static int compare(Type type, Object a, Object b) {
    return switch (type.kind()) {
      case STRING, UUID, FIXED, BINARY -> Arrays.compareUnsigned(bytes(a), bytes(b));
      case FLOAT -> Double.compare((Float) a + 0.0, (Float) b + 0.0); // -0.0 + 0.0 is 0.0
      case DOUBLE -> Double.compare((Double) a + 0.0, (Double) b + 0.0);
      default -> ((Comparable<Object>) a).compareTo(b);
    };
  }

  static boolean isNan(@Nullable Object value) {
    return (value instanceof Float f && f.isNaN()) || (value instanceof Double d && d.isNaN());
  }

  static Optional<Object> min(Type type, Collection<Object> values) {
    return values.stream().min((a, b) -> compare(type, a, b));
  }

  static Optional<Object> max(Type type, Collection<Object> values) {
    return values.stream().max((a, b) -> compare(type, a, b));
  }

  private static byte[] bytes(Object value) {
    if (value instanceof String text) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
    return value instanceof UUID uuid ? Values.bytes(uuid) : (byte[]) value;
  }
}
