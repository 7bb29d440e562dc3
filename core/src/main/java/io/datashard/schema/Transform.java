package io.datashard.schema;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a partition value, or what rows are sorted by, is made from a column's value. Spec:
 * "Partition Transforms".
 *
 * @param kind which transform
 * @param parameter the number of buckets, the width of a truncation, else 0
 */
public record Transform(Kind kind, int parameter) {
  /** The values as they are. */
  public static final Transform IDENTITY = new Transform(Kind.IDENTITY, 0);

  /** For messages: all transforms, as partition and sort fields write them. */
  static final String KNOWN =
      "identity, bucket(N, column), truncate(WIDTH, column), year, month, day, hour, void";

  private static final Pattern WITH_PARAMETER =
      Pattern.compile("(bucket|truncate)\\[(\\d{1,9})\\]");

  /** The transforms of format v2. */
  public enum Kind {
    IDENTITY(""),
    BUCKET("_bucket"),
    TRUNCATE("_trunc"),
    YEAR("_year"),
    MONTH("_month"),
    DAY("_day"),
    HOUR("_hour"),
    VOID("_null");

    private final String suffix;

    Kind(String suffix) {
      this.suffix = suffix;
    }

    String lowerName() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** What it is called as a partition field where nobody gives it a name. */
    String fieldName(String column) {
      return column + suffix;
    }

    boolean takesParameter() {
      return this == BUCKET || this == TRUNCATE;
    }

    /** Whether it cuts time: of a column one such is enough, the finer one says all. */
    boolean isTime() {
      return switch (this) {
        case YEAR, MONTH, DAY, HOUR -> true;
        case IDENTITY, BUCKET, TRUNCATE, VOID -> false;
      };
    }
  }

  public Transform {
    if (kind.takesParameter() && parameter < 1) {
      throw new IllegalArgumentException(
          "transform " + kind + " needs a number of at least 1, got " + parameter);
    }
  }

  /**
   * Reads the name that metadata uses, for example {@code bucket[16]} or {@code day}.
   *
   * @throws IllegalArgumentException no such transform
   */
  public static Transform parse(String name) {
    Matcher match = WITH_PARAMETER.matcher(name);
    if (match.matches()) {
      Kind kind = match.group(1).equals("bucket") ? Kind.BUCKET : Kind.TRUNCATE;
      return new Transform(kind, Integer.parseInt(match.group(2)));
    }
    for (Kind kind : Kind.values()) {
      if (!kind.takesParameter() && kind.lowerName().equals(name)) {
        return new Transform(kind, 0);
      }
    }
    throw new IllegalArgumentException("Unknown partition transform '" + name + "'.");
  }

  /** The name written into metadata. */
  public String jsonName() {
    return kind.takesParameter() ? kind.lowerName() + "[" + parameter + "]" : kind.lowerName();
  }

  /** As partition and sort fields write it, around a column. */
  String text(String column) {
    if (kind == Kind.IDENTITY) {
      return column;
    }
    return kind.lowerName() + "(" + (kind.takesParameter() ? parameter + ", " : "") + column + ")";
  }

  /** Whether there are values of this type to make something from. */
  public boolean takes(Type source) {
    return switch (kind) {
      case IDENTITY, VOID -> true;
      case BUCKET ->
          switch (source.kind()) {
            case BOOLEAN, FLOAT, DOUBLE -> false;
            default -> true;
          };
      case TRUNCATE ->
          switch (source.kind()) {
            case INT, LONG, DECIMAL, STRING, BINARY -> true;
            default -> false;
          };
      case YEAR, MONTH, DAY -> source == Type.DATE || isTimestamp(source);
      case HOUR -> isTimestamp(source);
    };
  }

  private static boolean isTimestamp(Type type) {
    return type == Type.TIMESTAMP || type == Type.TIMESTAMPTZ;
  }

  /** The type of the values this transform makes from values of {@code source}. */
  public Type resultType(Type source) {
    return switch (kind) {
      case IDENTITY, TRUNCATE, VOID -> source;
      case BUCKET, YEAR, MONTH, HOUR -> Type.INT;
      case DAY -> Type.DATE;
    };
  }

  /**
   * What is made from one value.
   *
   * @param value of the class that {@link Type} lists for reading, or null
   * @return of that class for {@link #resultType}; null for null, and always from void
   * @throws IllegalArgumentException there is no such result: a number was truncated below what its
   *     type holds, or a time is more hours away than an int holds
   */
  public @Nullable Object apply(Type source, @Nullable Object value) {
    if (value == null || kind == Kind.VOID) {
      return null;
    }
    return switch (kind) {
      case IDENTITY, VOID -> value;
      case BUCKET -> StoredTransforms.bucket(StoredTransforms.hash(source, value), parameter);
      case TRUNCATE -> truncated(source, value);
      case YEAR -> StoredTransforms.years(days(source, value));
      case MONTH -> StoredTransforms.months(days(source, value));
      case DAY -> Values.date(days(source, value));
      case HOUR -> hours(source, value);
    };
  }

  private static int days(Type source, Object value) {
    return source == Type.DATE
        ? Values.days((LocalDate) value)
        : StoredTransforms.days(micros(source, value));
  }

  private Object hours(Type source, Object value) {
    try {
      return StoredTransforms.hours(micros(source, value));
    } catch (ArithmeticException e) {
      throw noResult(source, value, e);
    }
  }

  private static long micros(Type source, Object value) {
    return source == Type.TIMESTAMP
        ? Values.micros((LocalDateTime) value)
        : Values.micros((Instant) value);
  }

  private Object truncated(Type source, Object value) {
    return switch (source.kind()) {
      case INT, LONG -> {
        try {
          long cut = StoredTransforms.truncate(((Number) value).longValue(), parameter);
          yield source == Type.INT ? (Object) Math.toIntExact(cut) : (Object) cut;
        } catch (ArithmeticException e) {
          throw noResult(source, value, e);
        }
      }
      case DECIMAL -> {
        BigInteger unscaled = ((BigDecimal) value).unscaledValue();
        int scale = ((Type.Decimal) source).scale();
        BigDecimal cut = new BigDecimal(StoredTransforms.truncate(unscaled, parameter), scale);
        if (cut.precision() > ((Type.Decimal) source).precision()) {
          throw noResult(source, value, null);
        }
        yield cut;
      }
      case STRING -> {
        byte[] utf8 = ((String) value).getBytes(StandardCharsets.UTF_8);
        int end = StoredTransforms.endOfCodePoints(utf8, 0, utf8.length, parameter);
        yield new String(utf8, 0, end, StandardCharsets.UTF_8);
      }
      case BINARY -> {
        byte[] bytes = (byte[]) value;
        yield bytes.length <= parameter ? bytes : Arrays.copyOf(bytes, parameter);
      }
      default -> throw new IllegalArgumentException(source + " cannot be truncated.");
    };
  }

  /** Says that a value has no result: {@link #apply}. */
  public IllegalArgumentException noResult(
      Type source, @Nullable Object value, @Nullable Throwable cause) {
    return new IllegalArgumentException(
        text(source.toString())
            + " of "
            + (value == null ? "null" : TextValues.format(source, value))
            + " is beyond what "
            + resultType(source)
            + " holds",
        cause);
  }

  /**
   * A result for people, and for names of folders: {@code 2024-05-01-13} of an hour. As Iceberg's
   * own libraries write it.
   *
   * @param result what {@link #apply} gave, or null
   */
  public String resultText(Type source, @Nullable Object result) {
    if (result == null) {
      return "null";
    }
    return switch (kind) {
      case YEAR -> String.format(Locale.ROOT, "%04d", 1970L + (Integer) result);
      case MONTH -> {
        int months = (Integer) result;
        int year = 1970 + Math.floorDiv(months, 12);
        yield String.format(Locale.ROOT, "%04d-%02d", year, Math.floorMod(months, 12) + 1);
      }
      case HOUR -> {
        LocalDateTime hour =
            LocalDateTime.ofEpochSecond(3_600L * (Integer) result, 0, ZoneOffset.UTC);
        yield day(hour.toLocalDate()) + String.format(Locale.ROOT, "-%02d", hour.getHour());
      }
      case IDENTITY, BUCKET, TRUNCATE, DAY, VOID -> valueText(resultType(source), result);
    };
  }

  private static String valueText(Type type, Object value) {
    return switch (type.kind()) {
      case DATE -> day((LocalDate) value);
      case TIME -> ((LocalTime) value).toString();
      case TIMESTAMP -> DateTimeFormatter.ISO_LOCAL_DATE_TIME.format((LocalDateTime) value);
      case TIMESTAMPTZ ->
          DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(((Instant) value).atOffset(ZoneOffset.UTC))
              + "+00:00";
      case FIXED, BINARY -> Base64.getEncoder().encodeToString((byte[]) value);
      default -> value.toString();
    };
  }

  private static String day(LocalDate date) {
    return String.format(
        Locale.ROOT, "%04d-%02d-%02d", date.getYear(), date.getMonthValue(), date.getDayOfMonth());
  }
}
