package io.datashard.internal.rows;

import io.datashard.data.Batch;
import io.datashard.data.BytesColumn;
import io.datashard.data.Column;
import io.datashard.data.ColumnBuilder;
import io.datashard.data.LongColumn;
import io.datashard.error.InvalidRowException;
import io.datashard.error.SchemaMismatchException;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Holds a batch that a user made against a table's schema, before it is written. */
public final class BatchFit {
  private static final long MICROS_PER_DAY = 86_400_000_000L;

  private BatchFit() {}

  /**
   * The batch with the table's columns in the table's order; absent optional ones are null.
   *
   * @throws SchemaMismatchException a column is not the table's, has another type, or a required
   *     one is absent
   * @throws InvalidRowException a value is none of its type: null where required, bytes that are no
   *     UTF-8, a decimal of too many digits; row and column are named
   */
  public static Batch fit(Batch batch, Schema schema, String location) {
    for (Field given : batch.schema().fields()) {
      if (!schema.has(given.name()) || !schema.field(given.name()).type().equals(given.type())) {
        throw new SchemaMismatchException(
            "The batch's column '"
                + given.name()
                + "' ("
                + given.type()
                + ") is not in the table at "
                + location
                + " with that type. Its columns:\n"
                + schema);
      }
    }
    List<Column> columns = new ArrayList<>();
    for (Field field : schema.fields()) {
      if (batch.schema().has(field.name())) {
        Column column = batch.column(field.name());
        check(field, column);
        columns.add(column);
      } else if (field.required()) {
        throw new SchemaMismatchException(
            "The batch lacks the required column '"
                + field.name()
                + "' of the table at "
                + location
                + ".");
      } else {
        columns.add(nulls(field, batch.rows()));
      }
    }
    return new Batch(schema, batch.rows(), columns);
  }

  private static Column nulls(Field field, int rows) {
    ColumnBuilder builder = new ColumnBuilder(field);
    for (int i = 0; i < rows; i++) {
      builder.addNull();
    }
    return builder.build();
  }

  private static void check(Field field, Column column) {
    if (field.required() && column.nullCount() > 0) {
      int row = 0;
      while (!column.isNull(row)) {
        row++;
      }
      throw invalid(row, field, "null, but the column is required");
    }
    if (column instanceof BytesColumn bytes) {
      checkBytes(field, bytes);
    } else if (column instanceof LongColumn longs) {
      checkLongs(field, longs);
    }
  }

  private static void checkLongs(Field field, LongColumn column) {
    long min = Long.MIN_VALUE;
    long max = Long.MAX_VALUE;
    if (field.type() instanceof Type.Decimal decimal) {
      max = BigInteger.TEN.pow(decimal.precision()).longValueExact() - 1;
      min = -max;
    } else if (field.type() == Type.TIME) {
      min = 0;
      max = MICROS_PER_DAY - 1;
    } else {
      return;
    }
    for (int i = 0; i < column.size(); i++) {
      long value = column.get(i);
      if ((value < min || value > max) && !column.isNull(i)) {
        throw invalid(i, field, value + " (stored form), which is no " + field.type());
      }
    }
  }

  private static void checkBytes(Field field, BytesColumn column) {
    boolean[] known = new boolean[column.entries()];
    CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
    for (int row = 0; row < column.size(); row++) {
      int entry = column.code(row);
      if (column.isNull(row) || known[entry]) {
        continue;
      }
      known[entry] = true;
      String problem = problem(field.type(), column, entry, utf8);
      if (problem != null) {
        throw invalid(row, field, problem);
      }
    }
  }

  private static @Nullable String problem(
      Type type, BytesColumn column, int entry, CharsetDecoder utf8) {
    int start = column.start(entry);
    int length = column.end(entry) - start;
    return switch (type.kind()) {
      case UUID -> length == 16 ? null : length + " bytes, a uuid has 16";
      case FIXED ->
          length == ((Type.Fixed) type).length() ? null : length + " bytes, which is no " + type;
      case DECIMAL -> {
        if (length == 0) {
          yield "no bytes, which is no " + type;
        }
        BigInteger unscaled = new BigInteger(column.bytes(), start, length);
        boolean fits = new BigDecimal(unscaled).precision() <= ((Type.Decimal) type).precision();
        yield fits ? null : unscaled + " (unscaled), which is no " + type;
      }
      case STRING -> {
        try {
          utf8.decode(ByteBuffer.wrap(column.bytes(), start, length));
          yield null;
        } catch (CharacterCodingException e) {
          yield length + " bytes that are no UTF-8";
        }
      }
      default -> null;
    };
  }

  private static InvalidRowException invalid(int row, Field field, String what) {
    return new InvalidRowException(
        "Row "
            + (row + 1)
            + " of the batch, column '"
            + field.name()
            + "' ("
            + field.type()
            + ") is "
            + what
            + ". Nothing was committed.");
  }
}
