package io.datashard.internal.rows;

import io.datashard.data.BatchBuilder;
import io.datashard.data.ColumnBuilder;
import io.datashard.error.SchemaMismatchException;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Rows given as Java records, bound to a schema once: components fill the columns of their names.
 *
 * @param <T> the record class
 */
public final class RecordEncoder<T extends Record> implements RowEncoder<T> {
  private final Schema schema;
  private final RecordShape.@Nullable Component[] componentOf; // by place of the column
  private final Setter[] setters;

  /** Moves one component of a record into its column. */
  private interface Setter {
    void set(Object row, ColumnBuilder into) throws Throwable;
  }

  /**
   * Binds the class to the schema.
   *
   * @throws SchemaMismatchException a component has no column, a required column no component, or
   *     their types cannot agree
   */
  public RecordEncoder(Class<T> type, Schema schema) {
    this.schema = schema;
    RecordShape<T> shape = RecordShape.of(type);
    Map<String, RecordShape.Component> byName = new HashMap<>();
    for (RecordShape.Component component : shape.components()) {
      shape.fieldOf(component, schema);
      byName.put(component.name(), component);
    }
    componentOf = new RecordShape.@Nullable Component[schema.size()];
    setters = new Setter[schema.size()];
    for (int i = 0; i < setters.length; i++) {
      Field field = schema.field(i);
      RecordShape.Component component = byName.get(field.name());
      if (component == null && field.required()) {
        throw new SchemaMismatchException(
            "Record "
                + type.getName()
                + " does not fit the table: the required column "
                + field
                + " has no component.");
      }
      componentOf[i] = component;
      setters[i] = component == null ? (row, into) -> into.addNull() : setter(component, field);
    }
  }

  private static Setter setter(RecordShape.Component component, Field field) {
    MethodHandle get = component.accessor();
    Class<?> declared = component.declared();
    Type type = field.type();
    // Without boxing where component and column agree; everything else goes through the checks.
    if (declared == long.class && type == Type.LONG) {
      return (row, into) -> into.addLong((long) get.invokeExact(row));
    }
    if (declared == int.class && type == Type.INT) {
      return (row, into) -> into.addInt((int) get.invokeExact(row));
    }
    if (declared == int.class && type == Type.LONG) {
      return (row, into) -> into.addLong((int) get.invokeExact(row));
    }
    if (declared == double.class && type == Type.DOUBLE) {
      return (row, into) -> into.addDouble((double) get.invokeExact(row));
    }
    if (declared == float.class && type == Type.FLOAT) {
      return (row, into) -> into.addFloat((float) get.invokeExact(row));
    }
    if (declared == boolean.class && type == Type.BOOLEAN) {
      return (row, into) -> into.addBoolean((boolean) get.invokeExact(row));
    }
    MethodHandle boxed = get.asType(MethodType.methodType(Object.class, Object.class));
    return (row, into) -> into.add(unwrapped((Object) boxed.invokeExact(row)));
  }

  private static @Nullable Object unwrapped(@Nullable Object value) {
    return value instanceof Optional<?> optional ? optional.orElse(null) : value;
  }

  @Override
  public void encode(T row, long number, BatchBuilder into) {
    for (int i = 0; i < setters.length; i++) {
      try {
        setters[i].set(row, into.column(i));
      } catch (IllegalArgumentException e) {
        throw RowEncoder.refuse(number, schema.field(i), valueOf(row, i), e);
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException("An accessor of " + row.getClass() + " failed.", e);
      }
    }
    into.endRow();
  }

  private @Nullable Object valueOf(Object row, int place) {
    RecordShape.Component component = componentOf[place];
    if (component == null) {
      return null;
    }
    try {
      return unwrapped(component.accessor().invoke(row));
    } catch (Throwable e) {
      return "(unreadable: " + e + ")";
    }
  }
}
