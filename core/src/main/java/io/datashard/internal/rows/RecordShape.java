package io.datashard.internal.rows;

import io.datashard.error.SchemaMismatchException;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A {@code record} class looked at once: its components by name, their accessors and its canonical
 * constructor as method handles, so that no row pays for reflection.
 *
 * @param <T> the record class
 */
final class RecordShape<T extends Record> {
  /**
   * One component.
   *
   * @param name its name, which is its column's
   * @param declared its type as declared, {@code Optional.class} for {@code Optional<X>}
   * @param value the class of its values: {@code X} for {@code Optional<X>}
   * @param accessor takes the record as {@code Object}, returns the declared type
   */
  record Component(String name, Class<?> declared, Class<?> value, MethodHandle accessor) {
    boolean isOptional() {
      return declared == Optional.class;
    }
  }

  private final Class<T> type;
  private final List<Component> components;
  private final MethodHandle constructor;

  private RecordShape(Class<T> type, List<Component> components, MethodHandle constructor) {
    this.type = type;
    this.components = components;
    this.constructor = constructor;
  }

  static <T extends Record> RecordShape<T> of(Class<T> type) {
    MethodHandles.Lookup lookup = MethodHandles.lookup();
    RecordComponent[] declared = type.getRecordComponents();
    try {
      List<Component> components = new ArrayList<>();
      for (RecordComponent component : declared) {
        Method accessor = component.getAccessor();
        accessor.setAccessible(true); // the record itself may be private to its owner
        MethodHandle handle = lookup.unreflect(accessor);
        components.add(
            new Component(
                component.getName(),
                component.getType(),
                valueClass(component),
                handle.asType(handle.type().changeParameterType(0, Object.class))));
      }
      Class<?>[] parameters =
          Arrays.stream(declared).map(RecordComponent::getType).toArray(Class<?>[]::new);
      Constructor<T> canonical = type.getDeclaredConstructor(parameters);
      canonical.setAccessible(true);
      MethodHandle constructor =
          lookup
              .unreflectConstructor(canonical)
              .asSpreader(Object[].class, parameters.length)
              .asType(MethodType.methodType(Object.class, Object[].class));
      return new RecordShape<>(type, components, constructor);
    } catch (ReflectiveOperationException | RuntimeException e) {
      throw new IllegalArgumentException(
          "Cannot use record "
              + type.getName()
              + ": "
              + e.getMessage()
              + ". If it lies in a named module, open its package to io.datashard.",
          e);
    }
  }

  private static Class<?> valueClass(RecordComponent component) {
    if (component.getType() != Optional.class) {
      return component.getType();
    }
    Type inside = ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0];
    if (inside instanceof Class<?> value) {
      return value;
    }
    throw new IllegalArgumentException(
        "component '" + component.getName() + "' is an " + component.getGenericType());
  }

  Class<T> type() {
    return type;
  }

  List<Component> components() {
    return components;
  }

  /** Makes the record from one value a component, boxed, in order. */
  T make(@Nullable Object[] values) {
    try {
      return type.cast((Object) constructor.invokeExact(values));
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("The constructor of " + type.getName() + " failed.", e);
    }
  }

  SchemaMismatchException mismatch(Component component, Field field, String why) {
    return new SchemaMismatchException(
        "Record "
            + type.getName()
            + " does not fit the table: component '"
            + component.name()
            + "' ("
            + component.declared().getSimpleName()
            + ") and column "
            + field
            + ": "
            + why);
  }

  /** The column of a component. */
  Field fieldOf(Component component, Schema schema) {
    if (!schema.has(component.name())) {
      throw new SchemaMismatchException(
          "Record "
              + type.getName()
              + " does not fit the table: there is no column '"
              + component.name()
              + "'. Columns: "
              + String.join(", ", schema.names())
              + ".");
    }
    return schema.field(component.name());
  }
}
