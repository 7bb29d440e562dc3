package io.datashard.schema;

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The schema that a {@code record} class describes; how its components bind is decided here once.
 */
final class RecordSchema {
  private static final Map<Class<?>, Type> TYPES =
      Map.ofEntries(
          Map.entry(boolean.class, Type.BOOLEAN),
          Map.entry(Boolean.class, Type.BOOLEAN),
          Map.entry(int.class, Type.INT),
          Map.entry(Integer.class, Type.INT),
          Map.entry(long.class, Type.LONG),
          Map.entry(Long.class, Type.LONG),
          Map.entry(float.class, Type.FLOAT),
          Map.entry(Float.class, Type.FLOAT),
          Map.entry(double.class, Type.DOUBLE),
          Map.entry(Double.class, Type.DOUBLE),
          Map.entry(String.class, Type.STRING),
          Map.entry(LocalDate.class, Type.DATE),
          Map.entry(LocalTime.class, Type.TIME),
          Map.entry(LocalDateTime.class, Type.TIMESTAMP),
          Map.entry(Instant.class, Type.TIMESTAMPTZ),
          Map.entry(UUID.class, Type.UUID),
          Map.entry(byte[].class, Type.BINARY),
          Map.entry(ByteBuffer.class, Type.BINARY));

  private RecordSchema() {}

  static Schema of(Class<? extends Record> type) {
    List<Field> fields = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      Class<?> value = valueClass(component);
      boolean optional = component.getType() == Optional.class || isNullable(component);
      if (optional && value.isPrimitive()) {
        throw new IllegalArgumentException(
            where(type, component)
                + " is marked nullable but is a primitive, which is never null.");
      }
      fields.add(
          new Field(
              fields.size() + 1,
              component.getName(),
              columnType(type, component, value),
              !optional,
              null));
    }
    if (fields.isEmpty()) {
      throw new IllegalArgumentException("Record " + type.getName() + " has no components.");
    }
    return Schema.of(fields);
  }

  private static Class<?> valueClass(RecordComponent component) {
    if (component.getType() == Optional.class
        && component.getGenericType() instanceof ParameterizedType generic
        && generic.getActualTypeArguments()[0] instanceof Class<?> inside) {
      return inside;
    }
    return component.getType();
  }

  private static Type columnType(Class<?> type, RecordComponent component, Class<?> value) {
    if (value == BigDecimal.class) {
      @Nullable DecimalType digits = component.getAnnotation(DecimalType.class);
      if (digits == null) {
        throw new IllegalArgumentException(
            where(type, component)
                + " is a BigDecimal without @DecimalType(precision = ..., scale = ...).");
      }
      return Type.decimal(digits.precision(), digits.scale());
    }
    Type found = TYPES.get(value);
    if (found == null) {
      throw new IllegalArgumentException(
          where(type, component)
              + " has the type "
              + component.getGenericType().getTypeName()
              + ", which is no column type. Known: boolean, int, long, float, double and their boxes,"
              + " String, BigDecimal, LocalDate, LocalTime, LocalDateTime, Instant, UUID, byte[],"
              + " ByteBuffer, and Optional of these.");
    }
    return found;
  }

  private static boolean isNullable(RecordComponent component) {
    return namesNullable(component)
        || namesNullable(component.getAnnotatedType())
        || namesNullable(component.getAccessor());
  }

  /** By simple name: users bring JSpecify, Jakarta, JetBrains or their own. */
  private static boolean namesNullable(AnnotatedElement element) {
    for (Annotation annotation : element.getAnnotations()) {
      if (annotation.annotationType().getSimpleName().equals("Nullable")) {
        return true;
      }
    }
    return false;
  }

  private static String where(Class<?> type, RecordComponent component) {
    return "Component '" + component.getName() + "' of record " + type.getName();
  }
}
