package io.datashard.internal.manifest;

import io.datashard.schema.SingleValue;
import io.datashard.schema.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The bounds of one column in all files of a manifest, so that a test of many files is a loop over
 * arrays: as numbers in the type's order, or as bytes compared without sign.
 *
 * <p>Files whose bounds or counts say nothing reliable are {@linkplain #isUnsure unsure}: counts
 * that contradict each other, bounds that exclude every value, that are no value of the type, text
 * cut inside a character. What such a file may hold is to be asked elsewhere. A bound that is
 * absent lies at the end of the order.
 */
public final class BoundLane {
  private static final int OBJECT_BYTES = 96;

  /** How bounds of a type are compared here. */
  public enum Order {
    NUMBERS,
    BYTES,
    /** Not at all: every file is unsure. */
    NONE
  }

  private final Type type;
  private final Order order;
  private final long[] lower;
  private final long[] upper;
  private final ByteRuns lowerBytes;
  private final ByteRuns upperBytes;
  private final CompactLongs nulls;
  private final CompactLongs nans;
  private final long[] unsure;

  private BoundLane(
      Type type,
      Order order,
      int size,
      CompactLongs nulls,
      CompactLongs nans,
      ByteRuns lowerBytes,
      ByteRuns upperBytes) {
    this.type = type;
    this.order = order;
    this.lower = new long[order == Order.NUMBERS ? size : 0];
    this.upper = new long[order == Order.NUMBERS ? size : 0];
    this.lowerBytes = lowerBytes;
    this.upperBytes = upperBytes;
    this.nulls = nulls;
    this.nans = nans;
    this.unsure = new long[(size + 63) >> 6];
  }

  static BoundLane of(
      Type type,
      int size,
      CompactLongs rows,
      CompactLongs values,
      CompactLongs nulls,
      CompactLongs nans,
      ByteRuns lower,
      ByteRuns upper) {
    BoundLane lane = new BoundLane(type, orderOf(type), size, nulls, nans, lower, upper);
    for (int i = 0; i < size; i++) {
      if (lane.order == Order.NONE
          || !agree(rows.get(i), values.get(i), nulls.get(i), nans.get(i))
          || !(lane.order == Order.NUMBERS ? lane.setNumbers(i) : lane.checkBytes(i))) {
        Words.set(lane.unsure, i);
      }
    }
    return lane;
  }

  private static Order orderOf(Type type) {
    return switch (type.kind()) {
      case BOOLEAN, INT, LONG, FLOAT, DOUBLE, DECIMAL, DATE, TIME, TIMESTAMP, TIMESTAMPTZ ->
          Order.NUMBERS;
      case STRING, FIXED, BINARY -> Order.BYTES;
      case UUID -> Order.NONE; // writers disagree about the order of uuids
    };
  }

  /** Counts that contradict each other were not counted; then nothing beside them is believed. */
  public static boolean agree(long rows, long values, long nulls, long nans) {
    long knownNulls = Math.max(0, nulls);
    return (values < 0 || values == rows)
        && knownNulls <= rows
        && Math.max(0, nans) <= rows - knownNulls;
  }

  private boolean setNumbers(int file) {
    boolean isLow = !lowerBytes.isAbsent(file);
    boolean isHigh = !upperBytes.isAbsent(file);
    try {
      lower[file] = isLow ? number(lowerBytes, file) : Long.MIN_VALUE;
      upper[file] = isHigh ? number(upperBytes, file) : Long.MAX_VALUE;
    } catch (ArithmeticException | IllegalArgumentException e) {
      return false;
    }
    return lower[file] <= upper[file];
  }

  private long number(ByteRuns bounds, int file) {
    byte[] bytes = bounds.array();
    int start = bounds.start(file);
    int length = bounds.end(file) - start;
    if (length == 8) {
      switch (type.kind()) {
        case LONG, TIMESTAMP, TIMESTAMPTZ -> {
          return little(bytes, start);
        }
        case DOUBLE -> {
          return ordered(Double.longBitsToDouble(little(bytes, start)));
        }
        default -> {}
      }
    }
    return numberOf(
        type, SingleValue.fromBytes(type, Arrays.copyOfRange(bytes, start, start + length)));
  }

  private static long little(byte[] bytes, int start) {
    long value = 0;
    for (int i = 7; i >= 0; i--) {
      value = value << 8 | (bytes[start + i] & 0xff);
    }
    return value;
  }

  /**
   * A value as a number that is ordered as values of its type are; equal values are equal numbers.
   *
   * @param value of the class that Type lists
   * @throws IllegalArgumentException it is NaN, or no number stands for values of this type
   * @throws ArithmeticException it is too large a decimal
   */
  public static long numberOf(Type type, Object value) {
    return switch (type.kind()) {
      case BOOLEAN -> (Boolean) value ? 1 : 0;
      case INT -> (Integer) value;
      case LONG -> (Long) value;
      case FLOAT -> ordered((Float) value);
      case DOUBLE -> ordered((Double) value);
      case DECIMAL -> unscaled((Type.Decimal) type, (BigDecimal) value);
      case DATE, TIME, TIMESTAMP, TIMESTAMPTZ -> little(SingleValue.toBytes(type, value));
      case STRING, FIXED, BINARY, UUID ->
          throw new IllegalArgumentException("No number stands for a " + type + ".");
    };
  }

  private static long ordered(double value) {
    if (Double.isNaN(value)) {
      throw new IllegalArgumentException("NaN has no place among numbers.");
    }
    long bits = Double.doubleToLongBits(value + 0.0); // makes -0.0 the same as 0.0
    return bits < 0 ? Long.MIN_VALUE - bits : bits;
  }

  private static long unscaled(Type.Decimal type, BigDecimal value) {
    BigInteger all = value.setScale(type.scale()).unscaledValue();
    return all.longValueExact();
  }

  private static long little(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    return bytes.length == 4 ? in.getInt() : in.getLong();
  }

  private boolean checkBytes(int file) {
    if (type == Type.STRING && !(isText(lowerBytes, file) && isText(upperBytes, file))) {
      return false;
    }
    return lowerBytes.isAbsent(file)
        || upperBytes.isAbsent(file)
        || compare(lowerBytes, file, upperBytes, file) <= 0;
  }

  private static int compare(ByteRuns a, int i, ByteRuns b, int j) {
    return Arrays.compareUnsigned(a.array(), a.start(i), a.end(i), b.array(), b.start(j), b.end(j));
  }

  private static boolean isText(ByteRuns bounds, int file) {
    byte[] bytes = bounds.array();
    int start = bounds.start(file);
    int end = bounds.end(file);
    for (int i = start; i < end; i++) {
      if (bytes[i] < 0) {
        return isUtf8(bytes, start, end);
      }
    }
    return true;
  }

  private static boolean isUtf8(byte[] bytes, int start, int end) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, start, end - start));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }

  /** The type whose values they bound. */
  public Type type() {
    return type;
  }

  /** How its bounds are compared. */
  public Order order() {
    return order;
  }

  /** Which of 64 files are {@linkplain #isUnsure unsure}: a bit for each. */
  public long unsure(int word) {
    return unsure[word];
  }

  /** Whether nothing here can be relied on for this file. */
  public boolean isUnsure(int file) {
    return Words.isSet(unsure, file);
  }

  /**
   * Which files may hold a number from {@code low} to {@code high}, both as {@link #numberOf}: a
   * bit for each, 64 a word. A bound at the end of the order may be none at all.
   */
  public long[] overlapping(long low, long high) {
    long[] words = new long[unsure.length];
    for (int i = 0; i < lower.length; i++) {
      if (lower[i] <= high && upper[i] >= low) {
        Words.set(words, i);
      }
    }
    return words;
  }

  /** Which files may hold another number than this one, as {@link #overlapping}. */
  public long[] differing(long number) {
    long[] words = new long[unsure.length];
    for (int i = 0; i < lower.length; i++) {
      if (lower[i] != number || upper[i] != number) {
        Words.set(words, i);
      }
    }
    return words;
  }

  /** How the lower bound compares to these bytes; below all if there is none. */
  public int compareLower(int file, byte[] bytes) {
    return lowerBytes.isAbsent(file) ? -1 : compare(lowerBytes, file, bytes);
  }

  /** How the upper bound compares to these bytes; above all if there is none. */
  public int compareUpper(int file, byte[] bytes) {
    return upperBytes.isAbsent(file) ? 1 : compare(upperBytes, file, bytes);
  }

  private static int compare(ByteRuns bounds, int file, byte[] bytes) {
    return Arrays.compareUnsigned(
        bounds.array(), bounds.start(file), bounds.end(file), bytes, 0, bytes.length);
  }

  /** Whether the lower bound begins with these bytes. */
  public boolean lowerStartsWith(int file, byte[] prefix) {
    int start = lowerBytes.start(file);
    return !lowerBytes.isAbsent(file)
        && lowerBytes.end(file) - start >= prefix.length
        && Arrays.equals(
            lowerBytes.array(), start, start + prefix.length, prefix, 0, prefix.length);
  }

  /** Nulls; -1 if not recorded. */
  public long nullCount(int file) {
    return nulls.get(file);
  }

  /** Whether values of the type may be NaN. */
  public boolean hasNans() {
    return type == Type.FLOAT || type == Type.DOUBLE;
  }

  /** NaN; -1 if not recorded, 0 for columns without NaN. */
  public long nanCount(int file) {
    return hasNans() ? nans.get(file) : 0;
  }

  /** What it takes in memory, beside the bounds as bytes. */
  long memoryBytes() {
    return OBJECT_BYTES + 8L * (lower.length + upper.length + unsure.length);
  }
}
