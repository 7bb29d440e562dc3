package io.datashard.internal.scan;

import io.datashard.expr.Successor;
import io.datashard.schema.Transform;
import io.datashard.schema.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The values of a column that a transform makes one result from.
 *
 * @param lower none is smaller; null if not known
 * @param upper none is larger; null if not known
 * @param upperIncluded whether the upper one itself may be among them
 */
record SourceRange(@Nullable Object lower, @Nullable Object upper, boolean upperIncluded) {
  private static final SourceRange UNKNOWN = new SourceRange(null, null, true);

  /**
   * The range of a result of the class that Type lists; anything if the result is null, or one that
   * the transform cannot make.
   */
  static SourceRange of(Transform transform, Type source, @Nullable Object result) {
    if (result == null) {
      return UNKNOWN;
    }
    return switch (transform.kind()) {
      case IDENTITY -> new SourceRange(result, result, true);
      case TRUNCATE -> truncated(transform.parameter(), source, result);
      case YEAR -> times(source, (Integer) result, SourceRange::year);
      case MONTH -> times(source, (Integer) result, SourceRange::month);
      case DAY -> times(source, (int) ((LocalDate) result).toEpochDay(), SourceRange::day);
      case HOUR -> times(source, (Integer) result, SourceRange::hour);
      case BUCKET, VOID -> UNKNOWN;
    };
  }

  /** When a unit of time starts, so many units after 1970. */
  private interface Start {
    LocalDateTime of(long units);
  }

  private static LocalDateTime year(long years) {
    return LocalDate.of(Math.toIntExact(1970 + years), 1, 1).atStartOfDay();
  }

  private static LocalDateTime month(long months) {
    return LocalDate.of(1970, 1, 1).plusMonths(months).atStartOfDay();
  }

  private static LocalDateTime day(long days) {
    return LocalDate.ofEpochDay(days).atStartOfDay();
  }

  private static LocalDateTime hour(long hours) {
    return LocalDateTime.ofEpochSecond(3_600 * hours, 0, ZoneOffset.UTC);
  }

  /**
   * Before 1970 the result may be one too high: the first releases of Iceberg's Java library
   * rounded towards 1970, and files that they wrote may be part of any table.
   */
  private static SourceRange times(Type source, int units, Start start) {
    LocalDateTime from;
    LocalDateTime to;
    try {
      from = start.of(units <= 0 ? units - 1L : units);
      to = start.of(units + 1L);
    } catch (java.time.DateTimeException | ArithmeticException e) {
      return UNKNOWN; // beyond what Java can name, and any column holds
    }
    return new SourceRange(ofType(source, from), ofType(source, to), false);
  }

  private static Object ofType(Type source, LocalDateTime time) {
    if (source == Type.DATE) {
      return time.toLocalDate();
    }
    return source == Type.TIMESTAMP ? time : time.toInstant(ZoneOffset.UTC);
  }

  private static SourceRange truncated(int width, Type source, Object result) {
    return switch (source.kind()) {
      case INT -> {
        long last = (Integer) result + (width - 1L);
        // Where it was truncated past the lowest number, Iceberg's Java library starts again at the
        // highest one.
        yield last > Integer.MAX_VALUE ? UNKNOWN : new SourceRange(result, (int) last, true);
      }
      case LONG -> {
        long first = (Long) result;
        yield first > Long.MAX_VALUE - (width - 1)
            ? UNKNOWN
            : new SourceRange(first, first + (width - 1), true);
      }
      case DECIMAL -> {
        BigDecimal first = (BigDecimal) result;
        BigInteger last = first.unscaledValue().add(BigInteger.valueOf(width - 1L));
        yield new SourceRange(first, new BigDecimal(last, first.scale()), true);
      }
      case STRING -> {
        String start = (String) result;
        int points = start.codePointCount(0, start.length());
        yield points == width
            ? new SourceRange(start, Successor.of(start), false)
            : points < width ? new SourceRange(start, start, true) : UNKNOWN;
      }
      case BINARY -> {
        byte[] start = (byte[]) result;
        yield start.length == width
            ? new SourceRange(start, next(start), false)
            : start.length < width ? new SourceRange(start, start, true) : UNKNOWN;
      }
      default -> UNKNOWN;
    };
  }

  /** The least bytes above all that start with these; null if there are none. */
  private static byte @Nullable [] next(byte[] start) {
    int length = start.length;
    while (length > 0 && start[length - 1] == -1) {
      length--;
    }
    if (length == 0) {
      return null;
    }
    byte[] next = Arrays.copyOf(start, length);
    next[length - 1]++;
    return next;
  }
}
