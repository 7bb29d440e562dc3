package io.datashard.schema;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Precision and scale of a {@code BigDecimal} component of a record that describes a schema. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface DecimalType {
  /** Digits in all, 1..38. */
  int precision();

  /** Digits after the point, 0..precision. */
  int scale();
}
