package io.datashard.schema;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Bounds of uuids that hold in either order.
 *
 * <p>Parquet orders uuids as unsigned bytes. Iceberg's Java library compares two signed numbers,
 * the upper half first (apache/iceberg issue 14216), and with it Spark and Flink: bounds that only
 * hold in the unsigned order make {@code u = x} lose rows there. Both orders agree among uuids
 * whose upper halves differ but for their sign. So a bound whose lower half could be read either
 * way moves one step of the upper half outwards, and there is none where the signs of the values
 * differ.
 */
public final class UuidBounds {
  private static final int HALF = 8;

  private UuidBounds() {}

  /** The lower bound for values from {@code min} to {@code max} as unsigned bytes, or null. */
  public static byte @Nullable [] lower(byte[] min, byte[] max) {
    // All values with the same upper half lie above; if this lower half is negative, theirs are.
    if (Arrays.equals(min, max) || signsAgree(min, max) && negative(min, HALF)) {
      return min;
    }
    long high = half(min);
    return signsAgree(min, max) && high != 0 && high != Long.MIN_VALUE
        ? ByteBuffer.allocate(2 * HALF).putLong(high - 1).putLong(-1).array()
        : null;
  }

  /** The upper bound for values from {@code min} to {@code max} as unsigned bytes, or null. */
  public static byte @Nullable [] upper(byte[] min, byte[] max) {
    // All values with the same upper half lie below; if this lower half is not negative, nor
    // theirs.
    if (Arrays.equals(min, max) || signsAgree(min, max) && !negative(max, HALF)) {
      return max;
    }
    long high = half(max);
    return signsAgree(min, max) && high != -1 && high != Long.MAX_VALUE
        ? ByteBuffer.allocate(2 * HALF).putLong(high + 1).putLong(0).array()
        : null;
  }

  private static boolean signsAgree(byte[] min, byte[] max) {
    return negative(min, 0) == negative(max, 0);
  }

  private static boolean negative(byte[] uuid, int at) {
    return uuid[at] < 0;
  }

  private static long half(byte[] uuid) {
    return ByteBuffer.wrap(uuid).getLong();
  }
}
