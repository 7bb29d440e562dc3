package io.datashard.internal.parquet;

import io.datashard.schema.SingleValue;
import io.datashard.schema.Type;
import io.datashard.schema.UuidBounds;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Turns a {@link Range} into the bounds of Parquet's statistics and of Iceberg's manifests. Others
 * believe them, so a bound that cannot be said truly is absent.
 */
final class Bounds {
  /** What Iceberg's own writers keep of strings (code points) and binary (bytes). */
  private static final int ICEBERG_LENGTH = 16;

  private static final int CODE_POINT_BYTES_MAX = 4;

  private Bounds() {}

  /**
   * A bound for Parquet, in the bytes of a plain page.
   *
   * @param bytes null if there is none
   * @param exact whether it is a value of the column
   */
  static final class Bound {
    static final Bound ABSENT = new Bound(null, false);

    final byte @Nullable [] bytes;
    final boolean exact;

    private Bound(byte @Nullable [] bytes, boolean exact) {
      this.bytes = bytes;
      this.exact = exact;
    }
  }

  /** Both bounds of uuids of a column chunk, which readers of either order believe. */
  static Bound[] uuidsOfChunk(Range range) {
    byte[] min = range.min();
    byte[] max = range.max();
    if (min == null || max == null) {
      return new Bound[] {Bound.ABSENT, Bound.ABSENT};
    }
    byte[] lower = UuidBounds.lower(min, max);
    byte[] upper = UuidBounds.upper(min, max);
    return new Bound[] {
      new Bound(lower, Arrays.equals(lower, min)), new Bound(upper, Arrays.equals(upper, max))
    };
  }

  /** Parquet's lower bound; strings and binary of at most {@code bytesMax} bytes. */
  static Bound parquetLower(Type type, Range range, int bytesMax) {
    byte[] min = range.min();
    if (min == null) {
      return Bound.ABSENT;
    }
    if (type != Type.STRING && type != Type.BINARY) {
      return range.minCut() ? Bound.ABSENT : new Bound(plain(type, min), true);
    }
    if (min.length <= bytesMax) {
      return new Bound(min, true);
    }
    int length = type == Type.STRING ? codePointStart(min, bytesMax) : bytesMax;
    return new Bound(Arrays.copyOf(min, length), false);
  }

  /** Parquet's upper bound; strings and binary of at most {@code bytesMax} bytes or little more. */
  static Bound parquetUpper(Type type, Range range, int bytesMax) {
    byte[] max = range.max();
    if (max == null) {
      return Bound.ABSENT;
    }
    if (type != Type.STRING && type != Type.BINARY) {
      return range.maxCut() ? Bound.ABSENT : new Bound(plain(type, max), true);
    }
    if (max.length <= bytesMax) {
      return new Bound(max, true);
    }
    int length = type == Type.STRING ? codePointStart(max, bytesMax) : bytesMax;
    byte[] above = type == Type.STRING ? nextText(max, length) : nextBytes(max, length);
    // What cannot be rounded up may still be short enough to stand as it is.
    return above != null || range.maxCut() ? new Bound(above, false) : new Bound(max, true);
  }

  /** Iceberg's lower bound in single-value bytes, or null. */
  static @Nullable ByteBuffer icebergLower(Type type, Range range) {
    byte[] min = range.min();
    if (min == null) {
      return null;
    }
    if (type == Type.STRING || type == Type.BINARY) {
      return ByteBuffer.wrap(min, 0, icebergLength(type, min)).slice();
    }
    if (type == Type.UUID) {
      return wrap(UuidBounds.lower(min, Objects.requireNonNull(range.max())));
    }
    return range.minCut() ? null : ByteBuffer.wrap(single(type, min));
  }

  /**
   * Iceberg's upper bound in single-value bytes, or null.
   *
   * <p>A column with NaN has none: where NaN counts as larger than all numbers (Spark, DuckDB,
   * Polars), a filter such as {@code x > 5} matches it, and the bound would drop the file.
   *
   * <p>A text of fewer than {@value #ICEBERG_LENGTH} code points is the largest value itself:
   * {@code RecordedColumn} relies on that.
   */
  static @Nullable ByteBuffer icebergUpper(Type type, Range range) {
    byte[] max = range.max();
    if (max == null || range.nans() > 0) {
      return null;
    }
    if (type == Type.STRING || type == Type.BINARY) {
      int length = icebergLength(type, max);
      if (length == max.length && !range.maxCut()) {
        return ByteBuffer.wrap(max);
      }
      byte[] above = type == Type.STRING ? nextText(max, length) : nextBytes(max, length);
      // A text shorter than what is kept is a value, so one that became shorter is none to keep.
      boolean misleads =
          above != null && type == Type.STRING && icebergPoints(above) < ICEBERG_LENGTH;
      return above == null || misleads ? null : ByteBuffer.wrap(above);
    }
    if (type == Type.UUID) {
      return wrap(UuidBounds.upper(Objects.requireNonNull(range.min()), max));
    }
    return range.maxCut() ? null : ByteBuffer.wrap(single(type, max));
  }

  private static @Nullable ByteBuffer wrap(byte @Nullable [] bytes) {
    return bytes == null ? null : ByteBuffer.wrap(bytes);
  }

  private static int icebergPoints(byte[] text) {
    int points = 0;
    for (byte each : text) {
      points += continues(each) ? 0 : 1;
    }
    return points;
  }

  private static int icebergLength(Type type, byte[] bytes) {
    if (type == Type.BINARY) {
      return Math.min(bytes.length, ICEBERG_LENGTH);
    }
    int points = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (!continues(bytes[i]) && ++points > ICEBERG_LENGTH) {
        return i;
      }
    }
    return bytes.length;
  }

  /** The value as a plain page has it. */
  private static byte[] plain(Type type, byte[] sortable) {
    return switch (ParquetTypes.physical(type)) {
      case INT32 -> little(4).putInt((int) Range.toLong(sortable)).array();
      case INT64 -> little(8).putLong(Range.toLong(sortable)).array();
      case FLOAT -> little(4).putInt(Numbers.unsorted((int) Range.toLong(sortable))).array();
      case DOUBLE -> little(8).putLong(Numbers.unsorted(Range.toLong(sortable))).array();
      default -> type instanceof Type.Decimal ? unflipped(sortable) : sortable;
    };
  }

  private static byte[] single(Type type, byte[] sortable) {
    if (type instanceof Type.Decimal decimal) {
      BigInteger unscaled =
          decimal.fitsLong()
              ? BigInteger.valueOf(Range.toLong(sortable))
              : new BigInteger(unflipped(sortable));
      return SingleValue.toBytes(type, new BigDecimal(unscaled, decimal.scale()));
    }
    return plain(type, sortable);
  }

  private static byte[] unflipped(byte[] sortable) {
    byte[] bytes = sortable.clone();
    bytes[0] ^= (byte) 0x80;
    return bytes;
  }

  private static ByteBuffer little(int length) {
    return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The last place, at most {@code limit}, where a code point starts. */
  private static int codePointStart(byte[] text, int limit) {
    int at = limit;
    while (at > 0 && continues(text[at])) {
      at--;
    }
    return at;
  }

  private static boolean continues(byte b) {
    return (b & 0xc0) == 0x80;
  }

  /**
   * The smallest text of at most that many code points that is larger than every text that starts
   * with these bytes; null if there is none.
   */
  private static byte @Nullable [] nextText(byte[] text, int length) {
    int end = length;
    while (end > 0) {
      int start = end - 1;
      while (start > 0 && continues(text[start]) && end - start < CODE_POINT_BYTES_MAX) {
        start--;
      }
      byte[] last = Arrays.copyOfRange(text, start, end);
      String point = new String(last, StandardCharsets.UTF_8);
      int next = point.codePointAt(0) + 1;
      if (next == Character.MIN_SURROGATE) {
        next = Character.MAX_SURROGATE + 1; // UTF-8 has no surrogates
      }
      boolean wellFormed = Arrays.equals(point.getBytes(StandardCharsets.UTF_8), last);
      if (wellFormed && next <= Character.MAX_CODE_POINT) {
        byte[] risen = Character.toString(next).getBytes(StandardCharsets.UTF_8);
        byte[] above = Arrays.copyOf(text, start + risen.length);
        System.arraycopy(risen, 0, above, start, risen.length);
        return above;
      }
      end = start;
    }
    return null;
  }

  /** The same for bytes. */
  private static byte @Nullable [] nextBytes(byte[] bytes, int length) {
    for (int end = length; end > 0; end--) {
      if (bytes[end - 1] != (byte) 0xff) {
        byte[] above = Arrays.copyOf(bytes, end);
        above[end - 1]++;
        return above;
      }
    }
    return null;
  }
}
