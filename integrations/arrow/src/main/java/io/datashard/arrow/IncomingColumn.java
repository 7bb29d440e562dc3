package io.datashard.arrow;

import io.datashard.data.BooleanColumn;
import io.datashard.data.BytesColumn;
import io.datashard.data.Column;
import io.datashard.data.ColumnBuilder;
import io.datashard.data.DoubleColumn;
import io.datashard.data.FloatColumn;
import io.datashard.data.IntColumn;
import io.datashard.data.LongColumn;
import io.datashard.error.InvalidRowException;
import io.datashard.error.SchemaMismatchException;
import io.datashard.schema.Field;
import io.datashard.schema.Type;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One column on its way from Arrow data into a table: what has the same form is copied at once,
 * what another form may hold is converted if nothing is lost.
 */
final class IncomingColumn {
  private static final long DAY_MILLIS = 86_400_000;

  private final IncomingField from;
  private final Field to;

  /**
   * @throws SchemaMismatchException no value of this Arrow type fits the column
   */
  IncomingColumn(IncomingField from, Field to) {
    this.from = from;
    this.to = to;
    if (!fits()) {
      throw new SchemaMismatchException(
          "The Arrow data's column '"
              + from.name()
              + "' is "
              + from.typeText()
              + ", which does not go into the table's "
              + to.type()
              + hint()
              + ". Nothing was committed.");
    }
  }

  Field field() {
    return to;
  }

  private boolean fits() {
    byte code = from.code();
    if (code == org.apache.arrow.flatbuf.Type.Null) {
      return true;
    }
    return switch (to.type().kind()) {
      case BOOLEAN -> code == org.apache.arrow.flatbuf.Type.Bool;
      case INT, LONG -> code == org.apache.arrow.flatbuf.Type.Int;
      case FLOAT -> code == org.apache.arrow.flatbuf.Type.FloatingPoint && from.width() == 32;
      case DOUBLE -> code == org.apache.arrow.flatbuf.Type.FloatingPoint && from.width() >= 32;
      case DECIMAL ->
          code == org.apache.arrow.flatbuf.Type.Decimal
              && from.scale() == ((Type.Decimal) to.type()).scale();
      case DATE -> code == org.apache.arrow.flatbuf.Type.Date;
      case TIME -> code == org.apache.arrow.flatbuf.Type.Time;
      case TIMESTAMP -> code == org.apache.arrow.flatbuf.Type.Timestamp && !from.zoned();
      case TIMESTAMPTZ -> code == org.apache.arrow.flatbuf.Type.Timestamp && from.zoned();
      case STRING ->
          code == org.apache.arrow.flatbuf.Type.Utf8
              || code == org.apache.arrow.flatbuf.Type.LargeUtf8
              || code == org.apache.arrow.flatbuf.Type.Utf8View;
      case BINARY -> isBinary() || isFixed(from.width());
      case FIXED -> isBinary() || isFixed(((Type.Fixed) to.type()).length());
      case UUID -> isFixed(16);
    };
  }

  private boolean isBinary() {
    byte code = from.code();
    return code == org.apache.arrow.flatbuf.Type.Binary
        || code == org.apache.arrow.flatbuf.Type.LargeBinary
        || code == org.apache.arrow.flatbuf.Type.BinaryView;
  }

  private boolean isFixed(int width) {
    return from.code() == org.apache.arrow.flatbuf.Type.FixedSizeBinary && from.width() == width;
  }

  private String hint() {
    return switch (to.type().kind()) {
      case TIMESTAMP -> from.zoned() ? " (it has a zone: convert to UTC and drop it)" : "";
      case TIMESTAMPTZ ->
          from.code() == org.apache.arrow.flatbuf.Type.Timestamp
              ? " (it has no zone: say of which zone it is)"
              : "";
      case DECIMAL ->
          from.code() == org.apache.arrow.flatbuf.Type.Decimal
              ? " (cast it to scale " + ((Type.Decimal) to.type()).scale() + ")"
              : "";
      default -> "";
    };
  }

  /**
   * The rows as a column of the table's type.
   *
   * @param dictionary what the rows are indexes into, made by the same method; null if they are not
   * @param rowsBefore how many rows came before, for messages
   * @throws InvalidRowException a value does not fit; it is named
   */
  Column read(IncomingArray in, @Nullable Column dictionary, long rowsBefore) {
    if (from.dictionary() != null) {
      if (dictionary == null) {
        throw new Damaged("the dictionary of column '" + from.name() + "' is missing");
      }
      return indexed(in, from.dictionary(), dictionary);
    }
    return values(in, rowsBefore);
  }

  /** The dictionary's own values. */
  Column dictionary(IncomingArray in) {
    return values(in, 0);
  }

  private Column values(IncomingArray in, long rowsBefore) {
    Type type = to.type();
    if (from.code() == org.apache.arrow.flatbuf.Type.Null) {
      return nulls(in.length());
    }
    return switch (type.kind()) {
      case BOOLEAN -> new BooleanColumn(type, in.bits(), in.length(), in.validity());
      case INT ->
          from.width() == 32 && from.signed()
              ? new IntColumn(type, in.ints(), in.length(), in.validity())
              : narrowed(in, rowsBefore);
      case LONG -> longs(in, rowsBefore);
      case FLOAT -> new FloatColumn(type, in.floats(), in.length(), in.validity());
      case DOUBLE -> new DoubleColumn(type, doubles(in), in.length(), in.validity());
      case DECIMAL -> decimals(in, rowsBefore);
      case DATE ->
          from.days()
              ? new IntColumn(type, in.ints(), in.length(), in.validity())
              : millisToDays(in, rowsBefore);
      case TIME, TIMESTAMP, TIMESTAMPTZ -> times(in, rowsBefore);
      case STRING, BINARY, FIXED, UUID -> bytes(in);
    };
  }

  private BytesColumn bytes(IncomingArray in) {
    return switch (from.code()) {
      case org.apache.arrow.flatbuf.Type.LargeUtf8, org.apache.arrow.flatbuf.Type.LargeBinary ->
          IncomingBytes.large(to.type(), in);
      case org.apache.arrow.flatbuf.Type.Utf8View, org.apache.arrow.flatbuf.Type.BinaryView ->
          IncomingBytes.views(to.type(), in);
      case org.apache.arrow.flatbuf.Type.FixedSizeBinary ->
          IncomingBytes.fixed(to.type(), in, from.width());
      default -> IncomingBytes.plain(to.type(), in);
    };
  }

  private Column nulls(int rows) {
    ColumnBuilder builder = new ColumnBuilder(to.asOptional());
    for (int i = 0; i < rows; i++) {
      builder.addNull();
    }
    return builder.build();
  }

  private double[] doubles(IncomingArray in) {
    if (from.width() == 64) {
      return in.doubles();
    }
    float[] floats = in.floats();
    double[] values = new double[floats.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = floats[i];
    }
    return values;
  }

  private Column longs(IncomingArray in, long rowsBefore) {
    long[] values = in.integers(from.width(), from.signed());
    long[] validity = in.validity();
    if (from.width() == 64 && !from.signed()) {
      for (int i = 0; i < values.length; i++) {
        if (values[i] < 0 && !IncomingBytes.isNull(validity, i)) {
          throw invalid(i, rowsBefore, Long.toUnsignedString(values[i]));
        }
      }
    }
    return new LongColumn(to.type(), values, in.length(), validity);
  }

  private Column narrowed(IncomingArray in, long rowsBefore) {
    long[] values = in.integers(from.width(), from.signed());
    long[] validity = in.validity();
    int[] narrow = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      narrow[i] = (int) values[i];
      if (narrow[i] != values[i] && !IncomingBytes.isNull(validity, i)) {
        boolean beyond = from.width() == 64 && !from.signed();
        throw invalid(
            i, rowsBefore, beyond ? Long.toUnsignedString(values[i]) : Long.toString(values[i]));
      }
    }
    return new IntColumn(to.type(), narrow, in.length(), validity);
  }

  private Column millisToDays(IncomingArray in, long rowsBefore) {
    long[] millis = in.longs();
    long[] validity = in.validity();
    int[] days = new int[millis.length];
    for (int i = 0; i < days.length; i++) {
      days[i] = (int) (millis[i] / DAY_MILLIS);
      if (days[i] * DAY_MILLIS != millis[i] && !IncomingBytes.isNull(validity, i)) {
        throw invalid(i, rowsBefore, millis[i] + " milliseconds, which is no whole day");
      }
    }
    return new IntColumn(to.type(), days, in.length(), validity);
  }

  private Column times(IncomingArray in, long rowsBefore) {
    boolean narrow = from.code() == org.apache.arrow.flatbuf.Type.Time && from.width() == 32;
    long[] values = narrow ? in.integers(32, true) : in.longs();
    long[] validity = in.validity();
    long units = from.unitsPerSecond();
    if (units != 1_000_000) {
      for (int i = 0; i < values.length; i++) {
        if (IncomingBytes.isNull(validity, i)) {
          continue;
        }
        long value = values[i];
        long micros = units < 1_000_000 ? value * (1_000_000 / units) : value / 1_000;
        long back = units < 1_000_000 ? micros / (1_000_000 / units) : micros * 1_000;
        if (back != value) {
          throw invalid(
              i,
              rowsBefore,
              value
                  + (units < 1_000_000
                      ? ", which is beyond the range of microseconds"
                      : " nanoseconds, which are no whole microseconds"));
        }
        values[i] = micros;
      }
    }
    return new LongColumn(to.type(), values, in.length(), validity);
  }

  private Column decimals(IncomingArray in, long rowsBefore) {
    int width = from.width() / 8;
    if (width != 4 && width != 8 && width != 16 && width != 32) {
      throw new Damaged("column '" + from.name() + "' has decimals of " + from.width() + " bits");
    }
    ByteBuffer buffer = in.buffer(1, (long) in.length() * width);
    long[] validity = in.validity();
    boolean isLong = ((Type.Decimal) to.type()).fitsLong();
    long[] longs = new long[isLong ? in.length() : 0];
    byte[] bytes = new byte[isLong ? 0 : Math.multiplyExact(in.length(), width)];
    byte[] one = new byte[width];
    for (int i = 0; i < in.length(); i++) {
      buffer.get(one);
      for (int a = 0, b = width - 1; a < b; a++, b--) { // big-endian
        byte swapped = one[a];
        one[a] = one[b];
        one[b] = swapped;
      }
      if (!isLong) {
        System.arraycopy(one, 0, bytes, i * width, width);
      } else if (!IncomingBytes.isNull(validity, i)) {
        longs[i] = asLong(one, i, rowsBefore);
      }
    }
    if (isLong) {
      return new LongColumn(to.type(), longs, in.length(), validity);
    }
    int[] offsets = new int[in.length() + 1];
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = i * width;
    }
    return BytesColumn.plain(to.type(), bytes, offsets, in.length(), validity);
  }

  private long asLong(byte[] bigEndian, int row, long rowsBefore) {
    BigInteger value = new BigInteger(bigEndian);
    if (value.bitLength() > 63) {
      throw invalid(row, rowsBefore, value + " (unscaled)");
    }
    return value.longValue();
  }

  private Column indexed(IncomingArray in, IncomingField.Dictionary by, Column dictionary) {
    long[] indexes = in.integers(by.bits(), by.signed());
    long[] validity = in.validity();
    int[] codes = new int[indexes.length];
    boolean[] isNull = new boolean[indexes.length];
    boolean anyNull = false;
    for (int i = 0; i < codes.length; i++) {
      if (IncomingBytes.isNull(validity, i)) {
        isNull[i] = true;
        anyNull = true;
        continue;
      }
      if (indexes[i] < 0 || indexes[i] >= dictionary.size()) {
        throw new Damaged(
            "column '"
                + from.name()
                + "' has the index "
                + indexes[i]
                + " into a dictionary of "
                + dictionary.size());
      }
      codes[i] = (int) indexes[i];
      isNull[i] = dictionary.isNull(codes[i]);
      anyNull |= isNull[i];
    }
    if (dictionary.size() == 0) {
      return nulls(in.length());
    }
    long[] valid = anyNull ? validityOf(isNull) : null;
    if (dictionary instanceof BytesColumn bytes) {
      return bytes.asDictionary().withCodes(codes, in.length(), valid);
    }
    Column taken = dictionary.take(codes, codes.length);
    return anyNull ? withValidity(taken, valid) : taken;
  }

  private static long[] validityOf(boolean[] isNull) {
    long[] words = new long[io.datashard.data.Validity.words(isNull.length)];
    for (int i = 0; i < isNull.length; i++) {
      if (!isNull[i]) {
        io.datashard.data.Validity.set(words, i);
      }
    }
    return words;
  }

  private static Column withValidity(Column column, long @Nullable [] validity) {
    if (column instanceof IntColumn ints) {
      return new IntColumn(column.type(), ints.values(), column.size(), validity);
    }
    if (column instanceof LongColumn longs) {
      return new LongColumn(column.type(), longs.values(), column.size(), validity);
    }
    if (column instanceof FloatColumn floats) {
      return new FloatColumn(column.type(), floats.values(), column.size(), validity);
    }
    if (column instanceof DoubleColumn doubles) {
      return new DoubleColumn(column.type(), doubles.values(), column.size(), validity);
    }
    BooleanColumn booleans = (BooleanColumn) column;
    return new BooleanColumn(column.type(), booleans.values(), column.size(), validity);
  }

  private InvalidRowException invalid(int row, long rowsBefore, String what) {
    return new InvalidRowException(
        "Row "
            + (rowsBefore + row + 1)
            + " of the Arrow data, column '"
            + to.name()
            + "' ("
            + to.type()
            + "): the "
            + from.typeText()
            + " is "
            + what
            + ", which does not fit. Nothing was committed.");
  }
}
