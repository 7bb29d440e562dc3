package io.datashard.expr;

import io.datashard.error.FilterException;
import io.datashard.schema.Field;
import io.datashard.schema.TextValues;
import io.datashard.schema.Type;
import io.datashard.schema.Values;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;

/**
 * The literals of a filter as values of their column's type; exact or refused.
 *
 * <p>A literal becomes what the same value becomes when it is written into a row, so a filter finds
 * the rows that were written with it; in particular, times are cut to microseconds. Beyond what
 * rows accept, since a filter may be a text: decimal fractions for float and double are rounded as
 * the column's own type would read them, whole decimals such as {@code 1e6} are integers, and texts
 * stand for dates, times, uuids and bytes.
 */
final class Literals {
  /** Longer numbers fit no column and would only be slow to handle. */
  private static final int DIGITS_MAX = 10_000;

  private Literals() {}

  static Object of(Field field, Object literal) {
    Type type = field.type();
    try {
      Object value =
          switch (type.kind()) {
            case BOOLEAN, STRING -> Values.canonical(type, literal);
            case INT, LONG -> Values.canonical(type, integer(literal));
            case FLOAT -> toFloat(literal);
            case DOUBLE -> toDouble(literal);
            case DECIMAL -> Values.canonical(type, decimal(literal));
            case DATE, TIME, TIMESTAMPTZ, UUID -> Values.canonical(type, fromText(type, literal));
            case TIMESTAMP -> Values.canonical(type, dateTime(literal));
            case FIXED, BINARY ->
                ((byte[]) Values.canonical(type, fromText(type, literal))).clone();
          };
      return value;
    } catch (IllegalArgumentException e) {
      throw new FilterException(
          Binder.described(field) + " cannot be compared: " + e.getMessage() + ".", e);
    }
  }

  private static Object fromText(Type type, Object literal) {
    return literal instanceof String text ? TextValues.parse(type, text) : literal;
  }

  /** As in SQL, a date stands for its first moment where there is no zone to be in doubt about. */
  private static Object dateTime(Object literal) {
    if (literal instanceof LocalDate date) {
      return date.atStartOfDay();
    }
    if (literal instanceof String text && TextValues.isDate(text)) {
      return ((LocalDate) TextValues.parse(Type.DATE, text)).atStartOfDay();
    }
    return fromText(Type.TIMESTAMP, literal);
  }

  /** A whole decimal is an integer, whichever way it is written. */
  private static Object integer(Object literal) {
    if (!(literal instanceof BigDecimal number)) {
      return literal;
    }
    if (number.signum() == 0) {
      return 0L;
    }
    boolean huge = Math.abs((long) number.scale()) > DIGITS_MAX;
    if (huge || number.stripTrailingZeros().scale() > 0) {
      throw new IllegalArgumentException("the column holds whole numbers, not " + number);
    }
    return number.toBigIntegerExact();
  }

  private static Object decimal(Object literal) {
    if (literal instanceof Double || literal instanceof Float) {
      double number = ((Number) literal).doubleValue();
      if (Double.isNaN(number) || Double.isInfinite(number)) {
        throw new IllegalArgumentException("decimals have no " + literal);
      }
      return new BigDecimal(literal.toString());
    }
    return literal;
  }

  private static Object toDouble(Object literal) {
    double number;
    if (literal instanceof BigDecimal decimal) {
      number = Double.parseDouble(decimal.toString());
      checkRange(decimal, number);
    } else if (literal instanceof BigInteger whole) {
      number = whole.doubleValue();
      checkExact(whole, number);
    } else {
      number = (Double) Values.canonical(Type.DOUBLE, literal);
    }
    refuseNan(number);
    return number + 0.0; // -0.0 equals 0.0; one of them is enough.
  }

  private static Object toFloat(Object literal) {
    float number;
    if (literal instanceof BigDecimal decimal) {
      number = Float.parseFloat(decimal.toString());
      checkRange(decimal, number);
    } else if (literal instanceof BigInteger whole) {
      number = whole.floatValue();
      checkExact(whole, number);
    } else {
      number = narrow(literal);
    }
    refuseNan(number);
    return number + 0.0f;
  }

  private static float narrow(Object literal) {
    try {
      return (Float) Values.canonical(Type.FLOAT, literal);
    } catch (IllegalArgumentException e) {
      if (literal instanceof Double) {
        throw new IllegalArgumentException(e.getMessage() + " exactly; write " + literal + "f", e);
      }
      throw e;
    }
  }

  private static void checkRange(BigDecimal written, double number) {
    if (Double.isInfinite(number) || (number == 0 && written.signum() != 0)) {
      throw new IllegalArgumentException(written + " is out of its range");
    }
  }

  private static void checkExact(BigInteger written, double number) {
    if (Double.isInfinite(number)
        || new BigDecimal(number).compareTo(new BigDecimal(written)) != 0) {
      throw new IllegalArgumentException("it cannot hold exactly " + written);
    }
  }

  private static void refuseNan(double number) {
    if (Double.isNaN(number)) {
      throw new IllegalArgumentException(
          "no value equals NaN; ask isNan(), in text IS NAN or IS NOT NAN");
    }
  }
}
