package io.datashard.data;

import io.datashard.schema.Field;
import io.datashard.schema.Type;
import io.datashard.schema.Values;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.Arrays;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Grows one column row by row; {@link #build} hands it out and starts anew.
 *
 * <p>The typed adds ({@code addLong} ...) take stored forms and trust their caller about the type;
 * {@link #add} takes Java values and checks them.
 */
public final class ColumnBuilder {
  private static final int ROWS_FIRST = 16;

  private final Field field;
  private final Type.Kind kind;
  private int size;
  private int nulls;
  private long[] validity = new long[1];
  // Only the array of the column's own kind is ever grown.
  private boolean[] booleans = {};
  private int[] ints = {};
  private long[] longs = {};
  private float[] floats = {};
  private double[] doubles = {};
  private byte[] bytes = {};
  private int bytesUsed;

  /** A builder of this column. */
  public ColumnBuilder(Field field) {
    this.field = field;
    this.kind = field.type().kind();
  }

  /** The column being built. */
  public Field field() {
    return field;
  }

  /** Rows added since the last {@link #build}. */
  public int size() {
    return size;
  }

  /** About how many bytes of heap the rows added so far take. */
  public long bytesHeld() {
    int width =
        switch (kind) {
          case BOOLEAN -> 1;
          case LONG, DOUBLE, TIME, TIMESTAMP, TIMESTAMPTZ -> 8;
          case DECIMAL -> isLong() ? 8 : 4;
          default -> 4;
        };
    return (long) size * width + bytesUsed;
  }

  /**
   * Adds a Java value, or null.
   *
   * @throws IllegalArgumentException the type cannot hold exactly this value, or the column is
   *     required and the value null; nothing was added
   */
  public void add(@Nullable Object value) {
    if (value == null) {
      addNull();
      return;
    }
    Object exact = Values.canonical(field.type(), value);
    switch (kind) {
      case BOOLEAN -> addBoolean((Boolean) exact);
      case INT -> addInt((Integer) exact);
      case DATE -> addInt(Values.days((LocalDate) exact));
      case LONG -> addLong((Long) exact);
      case TIME -> addLong(Values.micros((LocalTime) exact));
      case TIMESTAMP -> addLong(Values.micros((LocalDateTime) exact));
      case TIMESTAMPTZ -> addLong(Values.micros((Instant) exact));
      case FLOAT -> addFloat((Float) exact);
      case DOUBLE -> addDouble((Double) exact);
      case DECIMAL -> {
        BigDecimal decimal = (BigDecimal) exact;
        if (isLong()) {
          addLong(decimal.unscaledValue().longValueExact());
        } else {
          addBytes(decimal.unscaledValue().toByteArray());
        }
      }
      case STRING -> addBytes(((String) exact).getBytes(StandardCharsets.UTF_8));
      case UUID -> addBytes(Values.bytes((UUID) exact));
      case FIXED, BINARY -> addBytes((byte[]) exact);
    }
  }

  /**
   * Adds null.
   *
   * @throws IllegalArgumentException the column is required; nothing was added
   */
  public void addNull() {
    if (field.required()) {
      throw new IllegalArgumentException("the column is required, the value is null or missing");
    }
    grow();
    switch (kind) {
      case BOOLEAN -> booleans[size] = false;
      case INT, DATE -> ints[size] = 0;
      case LONG, TIME, TIMESTAMP, TIMESTAMPTZ -> longs[size] = 0;
      case FLOAT -> floats[size] = 0;
      case DOUBLE -> doubles[size] = 0;
      case DECIMAL, STRING, UUID, FIXED, BINARY -> {
        if (isLong()) {
          longs[size] = 0;
        } else {
          ints[size + 1] = bytesUsed;
        }
      }
    }
    size++;
    nulls++;
  }

  /** Adds a boolean. */
  public void addBoolean(boolean value) {
    grow();
    booleans[size] = value;
    added();
  }

  /** Adds an int, or a date as days. */
  public void addInt(int value) {
    grow();
    ints[size] = value;
    added();
  }

  /** Adds a long, a time or timestamp in microseconds, or a decimal's unscaled value. */
  public void addLong(long value) {
    grow();
    longs[size] = value;
    added();
  }

  /** Adds a float. */
  public void addFloat(float value) {
    grow();
    floats[size] = value;
    added();
  }

  /** Adds a double. */
  public void addDouble(double value) {
    grow();
    doubles[size] = value;
    added();
  }

  /** Adds the bytes of a string, binary, fixed, uuid or wide decimal; they are copied. */
  public void addBytes(byte[] value) {
    addBytes(value, 0, value.length);
  }

  /** Adds {@code length} bytes from {@code start}; they are copied. */
  public void addBytes(byte[] value, int start, int length) {
    grow();
    int needed = Math.addExact(bytesUsed, length);
    if (needed > bytes.length) {
      long doubled = Math.min(Integer.MAX_VALUE - 16L, bytes.length * 2L);
      bytes = Arrays.copyOf(bytes, Math.max(Math.max(needed, 256), (int) doubled));
    }
    System.arraycopy(value, start, bytes, bytesUsed, length);
    bytesUsed = needed;
    ints[size + 1] = needed;
    added();
  }

  /**
   * Adds these rows of a column of the same type.
   *
   * @param rows row numbers of the column, from 0
   * @param from the first place in {@code rows} that counts
   * @param to the place behind the last
   */
  public void addRows(Column column, int[] rows, int from, int to) {
    for (int i = from; i < to; i++) {
      int row = rows[i];
      if (column.isNull(row)) {
        addNull();
      } else if (column instanceof LongColumn longColumn) {
        addLong(longColumn.get(row));
      } else if (column instanceof BytesColumn texts) {
        int entry = texts.code(row);
        addBytes(texts.bytes(), texts.start(entry), texts.end(entry) - texts.start(entry));
      } else if (column instanceof IntColumn intColumn) {
        addInt(intColumn.get(row));
      } else if (column instanceof DoubleColumn doubleColumn) {
        addDouble(doubleColumn.get(row));
      } else if (column instanceof FloatColumn floatColumn) {
        addFloat(floatColumn.get(row));
      } else {
        addBoolean(((BooleanColumn) column).get(row));
      }
    }
  }

  private void added() {
    Validity.set(validity, size);
    size++;
  }

  /** The column of all rows added; the builder is empty afterwards and keeps none of its arrays. */
  public Column build() {
    Type type = field.type();
    long[] valid = nulls == 0 ? null : validity;
    Column column =
        switch (kind) {
          case BOOLEAN -> new BooleanColumn(type, booleans, size, valid);
          case INT, DATE -> new IntColumn(type, ints, size, valid);
          case LONG, TIME, TIMESTAMP, TIMESTAMPTZ -> new LongColumn(type, longs, size, valid);
          case FLOAT -> new FloatColumn(type, floats, size, valid);
          case DOUBLE -> new DoubleColumn(type, doubles, size, valid);
          case DECIMAL, STRING, UUID, FIXED, BINARY ->
              isLong()
                  ? new LongColumn(type, longs, size, valid)
                  : BytesColumn.plain(
                      type, bytes, ints.length == 0 ? new int[1] : ints, size, valid);
        };
    size = 0;
    nulls = 0;
    bytesUsed = 0;
    validity = new long[1];
    booleans = new boolean[0];
    ints = new int[0];
    longs = new long[0];
    floats = new float[0];
    doubles = new double[0];
    bytes = new byte[0];
    return column;
  }

  private boolean isLong() {
    return field.type() instanceof Type.Decimal decimal && decimal.fitsLong();
  }

  private void grow() {
    if ((size >>> 6) >= validity.length) {
      validity = Arrays.copyOf(validity, validity.length * 2);
    }
    switch (kind) {
      case BOOLEAN ->
          booleans = size < booleans.length ? booleans : Arrays.copyOf(booleans, more());
      case INT, DATE -> ints = size < ints.length ? ints : Arrays.copyOf(ints, more());
      case LONG, TIME, TIMESTAMP, TIMESTAMPTZ -> growLongs();
      case FLOAT -> floats = size < floats.length ? floats : Arrays.copyOf(floats, more());
      case DOUBLE -> doubles = size < doubles.length ? doubles : Arrays.copyOf(doubles, more());
      case DECIMAL, STRING, UUID, FIXED, BINARY -> {
        if (isLong()) {
          growLongs();
        } else if (size + 1 >= ints.length) { // one offset more than rows
          ints = Arrays.copyOf(ints, more() + 1);
        }
      }
    }
  }

  private void growLongs() {
    longs = size < longs.length ? longs : Arrays.copyOf(longs, more());
  }

  private int more() {
    return Math.max(ROWS_FIRST, Math.multiplyExact(size, 2));
  }
}
