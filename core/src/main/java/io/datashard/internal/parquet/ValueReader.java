package io.datashard.internal.parquet;

import io.datashard.data.BytesColumn;
import io.datashard.schema.Type;
import org.apache.parquet.format.Encoding;
import org.jspecify.annotations.Nullable;

/**
 * Reads the values of one page, those that are not null, in order. Each encoding is a subclass that
 * overrides what its values can be read as.
 *
 * <p>Every method throws {@link DamagedException} where the page has too few values or makes no
 * sense.
 */
abstract class ValueReader {
  /** Passes over the next {@code count} values. */
  abstract void skip(int count);

  /** Reads the next {@code count} values as booleans. */
  void booleans(boolean[] into, int start, int count) {
    throw wrong("booleans");
  }

  /** Reads the next {@code count} values as ints. */
  void ints(int[] into, int start, int count) {
    throw wrong("ints");
  }

  /** Reads the next {@code count} values as longs. */
  void longs(long[] into, int start, int count) {
    throw wrong("longs");
  }

  /** Reads the next {@code count} values as floats. */
  void floats(float[] into, int start, int count) {
    throw wrong("floats");
  }

  /** Reads the next {@code count} values as doubles. */
  void doubles(double[] into, int start, int count) {
    throw wrong("doubles");
  }

  /**
   * Reads the values of the next {@code rows} rows as a column.
   *
   * @param present how many of the rows hold a value
   * @param validity which of them; null if all
   */
  BytesColumn bytes(Type type, int rows, int present, long @Nullable [] validity) {
    throw wrong("byte strings");
  }

  private DamagedException wrong(String wanted) {
    return new DamagedException("a page of " + getClass().getSimpleName() + " holds no " + wanted);
  }

  /** A page without values, whatever its encoding. */
  static final class Empty extends ValueReader {
    @Override
    void skip(int count) {
      if (count > 0) {
        throw new DamagedException("a page without values should have " + count + " more");
      }
    }

    @Override
    void booleans(boolean[] into, int start, int count) {
      skip(count);
    }

    @Override
    void ints(int[] into, int start, int count) {
      skip(count);
    }

    @Override
    void longs(long[] into, int start, int count) {
      skip(count);
    }

    @Override
    void floats(float[] into, int start, int count) {
      skip(count);
    }

    @Override
    void doubles(double[] into, int start, int count) {
      skip(count);
    }

    @Override
    BytesColumn bytes(Type type, int rows, int present, long @Nullable [] validity) {
      skip(present);
      return BytesColumn.plain(type, new byte[0], new int[rows + 1], rows, validity);
    }
  }

  /**
   * The reader of a page's values as they are stored.
   *
   * @param encoding of the page, no dictionary
   * @param end where the encoded values end; the array has eight bytes more
   * @throws NotReadableException there is no reader for the encoding
   */
  static ValueReader stored(
      Encoding encoding, FileColumn column, byte[] bytes, int start, int end) {
    if (start == end) {
      return new Empty();
    }
    org.apache.parquet.format.Type physical = java.util.Objects.requireNonNull(column.physical());
    return switch (encoding) {
      case PLAIN ->
          switch (physical) {
            case BYTE_ARRAY -> new PlainBytes(bytes, start, end);
            case FIXED_LEN_BYTE_ARRAY -> new FixedBytes(bytes, start, end, column.length());
            default -> new PlainValues(physical, bytes, start, end);
          };
      case RLE -> new RunBooleans(bytes, start, end);
      case DELTA_BINARY_PACKED -> new DeltaValues(bytes, start, end);
      case DELTA_LENGTH_BYTE_ARRAY -> sized(column, new DeltaLengthBytes(bytes, start, end));
      case DELTA_BYTE_ARRAY -> sized(column, new DeltaPrefixBytes(bytes, start, end));
      case BYTE_STREAM_SPLIT -> SplitValues.of(physical, column.length(), bytes, start, end);
      default -> throw new NotReadableException("pages in encoding " + encoding.name());
    };
  }

  private static ValueReader sized(FileColumn column, ValueReader reader) {
    return column.length() == 0 ? reader : new Sized(reader, column.length());
  }

  /** Values that say their length where the column knows it. */
  private static final class Sized extends ValueReader {
    private final ValueReader values;
    private final int length;

    Sized(ValueReader values, int length) {
      this.values = values;
      this.length = length;
    }

    @Override
    void skip(int count) {
      values.skip(count);
    }

    @Override
    BytesColumn bytes(Type type, int rows, int present, long @Nullable [] validity) {
      BytesColumn column = values.bytes(type, rows, present, validity);
      for (int row = 0; row < rows; row++) {
        int actual = column.end(row) - column.start(row);
        if (actual != length && !column.isNull(row)) {
          throw new DamagedException(
              "a value of " + actual + " bytes in a column of " + length + " bytes each");
        }
      }
      return column;
    }
  }

  /**
   * Moves offsets of present values apart, so that null rows are empty and lie between.
   *
   * @param offsets holds {@code present + 1} offsets, has room for {@code rows + 1}
   */
  static void spread(int[] offsets, int rows, int present, long @Nullable [] validity) {
    if (validity == null || present == rows) {
      return;
    }
    int from = present;
    offsets[rows] = offsets[from];
    for (int row = rows - 1; row >= 0; row--) {
      boolean valid = (validity[row >>> 6] >>> row & 1) != 0;
      offsets[row] = valid ? offsets[--from] : offsets[row + 1];
    }
  }
}
