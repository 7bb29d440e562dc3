package io.datashard.internal.rows;

import io.datashard.data.Batch;
import io.datashard.data.Column;
import io.datashard.error.DataShardException;
import io.datashard.error.SchemaMismatchException;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Rows of batches as Java records, bound to a schema once.
 *
 * @param <T> the record class
 */
public final class RecordDecoder<T extends Record> {
  private final RecordShape<T> shape;
  private final int[] places;
  private final List<Function<Object, Object>> conversions;

  /**
   * Binds the class to the columns that a scan returns.
   *
   * @throws SchemaMismatchException a component has no column, or their types cannot agree exactly
   */
  public RecordDecoder(Class<T> type, Schema schema) {
    shape = RecordShape.of(type);
    places =
        shape.components().stream()
            .mapToInt(c -> schema.placeOf(shape.fieldOf(c, schema).name()))
            .toArray();
    conversions =
        shape.components().stream().map(c -> conversion(c, schema.field(c.name()))).toList();
  }

  private Function<Object, Object> conversion(RecordShape.Component component, Field field) {
    Class<?> wanted = component.value();
    @Nullable Function<Object, Object> found =
        switch (field.type().kind()) {
          case BOOLEAN -> same(wanted, boolean.class, Boolean.class);
          case INT ->
              wanted == long.class || wanted == Long.class
                  ? v -> (long) (Integer) v
                  : wanted == double.class || wanted == Double.class
                      ? v -> (double) (Integer) v
                      : same(wanted, int.class, Integer.class);
          case LONG -> same(wanted, long.class, Long.class);
          case FLOAT ->
              wanted == double.class || wanted == Double.class
                  ? v -> (double) (Float) v
                  : same(wanted, float.class, Float.class);
          case DOUBLE -> same(wanted, double.class, Double.class);
          case DECIMAL -> same(wanted, BigDecimal.class);
          case DATE -> same(wanted, LocalDate.class);
          case TIME -> same(wanted, LocalTime.class);
          case TIMESTAMP -> same(wanted, LocalDateTime.class);
          case TIMESTAMPTZ ->
              wanted == OffsetDateTime.class
                  ? v -> ((Instant) v).atOffset(ZoneOffset.UTC)
                  : same(wanted, Instant.class);
          case STRING -> same(wanted, String.class);
          case UUID -> same(wanted, UUID.class);
          case FIXED, BINARY ->
              wanted == ByteBuffer.class
                  ? v -> ByteBuffer.wrap((byte[]) v)
                  : same(wanted, byte[].class);
        };
    if (found == null) {
      throw shape.mismatch(component, field, "their types do not agree.");
    }
    return found;
  }

  private static @Nullable Function<Object, Object> same(Class<?> wanted, Class<?>... known) {
    return wanted == Object.class || List.of(known).contains(wanted) ? Function.identity() : null;
  }

  /**
   * The row as a record.
   *
   * @throws DataShardException the row is null where the component is a primitive
   */
  public T decode(Batch batch, int row) {
    @Nullable Object[] values = new @Nullable Object[places.length];
    for (int i = 0; i < places.length; i++) {
      Column column = batch.column(places[i]);
      RecordShape.Component component = shape.components().get(i);
      Object value = column.value(row);
      @Nullable Object converted = value == null ? null : conversions.get(i).apply(value);
      if (component.isOptional()) {
        converted = Optional.ofNullable(converted);
      } else if (converted == null && component.declared().isPrimitive()) {
        throw new SchemaMismatchException(
            "Column '"
                + component.name()
                + "' holds a null, but component '"
                + component.name()
                + "' of record "
                + shape.type().getName()
                + " is a primitive. Use its box or"
                + " Optional.");
      }
      values[i] = converted;
    }
    return shape.make(values);
  }
}
