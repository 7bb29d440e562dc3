package io.datashard.schema;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Values as text and back: in filters, CSV, JSON and on the command line.
 *
 * <p>The forms are those of the Iceberg table spec, Appendix C, "JSON single-value serialization",
 * wherever that one is text:
 *
 * <table>
 * <caption>Text forms</caption>
 * <tr><th>type</th><th>written</th><th>also read</th></tr>
 * <tr><td>boolean</td><td>{@code true}, {@code false}</td><td>any case</td></tr>
 * <tr><td>int, long</td><td>{@code -34}</td><td>a plus sign, leading zeros</td></tr>
 * <tr><td>float, double</td><td>{@code 14.0}, {@code 1.5E300}, {@code NaN}, {@code Infinity},
 * {@code -Infinity}</td><td>any case; {@code inf}; decimals are rounded to the nearest value, but
 * whole numbers without point or exponent must be exact</td></tr>
 * <tr><td>decimal(P, S)</td><td>{@code 14.20}, always S digits after the point</td><td>fewer
 * digits, more zeros, an exponent</td></tr>
 * <tr><td>date</td><td>{@code 2017-11-16}</td><td></td></tr>
 * <tr><td>time</td><td>{@code 22:31:08}, {@code 22:31:08.123456}</td><td>{@code 22:31}</td></tr>
 * <tr><td>timestamp</td><td>{@code 2017-11-16T22:31:08.123456}</td><td>a space for T</td></tr>
 * <tr><td>timestamptz</td><td>{@code 2017-11-16T22:31:08.123456+00:00}</td><td>any offset: {@code
 * Z}, {@code +01}, {@code +0100}, {@code +01:00}</td></tr>
 * <tr><td>string</td><td>itself</td><td></td></tr>
 * <tr><td>uuid</td><td>{@code f79c3e09-677c-4bbd-a479-3f349cb785e7}</td><td>upper case</td></tr>
 * <tr><td>fixed, binary</td><td>hex: {@code 00ff7e}</td><td>upper case</td></tr>
 * </table>
 *
 * <p>Nothing is trimmed, guessed or cut: spaces around a value, digits finer than microseconds and
 * dates that do not exist are refused. What is written is read back as the same value, bit by bit.
 */
public final class TextValues {
  /** Far more than any column holds; keeps the reading of numbers quick. */
  private static final int NUMBER_CHARS_MAX = 1_100;

  private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9]+");
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][+-]?[0-9]{1,9})?");
  private static final Pattern NOT_FINITE =
      Pattern.compile("nan|([+-]?)inf(?:inity)?", Pattern.CASE_INSENSITIVE);
  private static final String DATE_FORM = "[+-]?[0-9]{4,9}-[0-9]{2}-[0-9]{2}";
  private static final Pattern DATE = Pattern.compile(DATE_FORM);
  private static final Pattern TIME =
      Pattern.compile("([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\\.([0-9]{1,9}))?)?");
  private static final Pattern DATE_TIME =
      Pattern.compile("(" + DATE_FORM + ")[Tt ]([0-9:.]+)(.*)", Pattern.DOTALL);
  private static final Pattern OFFSET =
      Pattern.compile("[Zz]|[+-][0-9]{2}(?::[0-9]{2}(?::[0-9]{2})?|[0-9]{2})?");
  private static final Pattern UUID_FORM =
      Pattern.compile("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private TextValues() {}

  /**
   * The value that a text stands for.
   *
   * @return a value of the class that {@link Type} lists for reading
   * @throws IllegalArgumentException the text is no value of this type; the message says why
   */
  public static Object parse(Type type, String text) {
    Object value =
        switch (type.kind()) {
          case BOOLEAN -> bool(type, text);
          case INT, LONG -> integer(type, text);
          case FLOAT -> (Object) toFloat(type, text);
          case DOUBLE -> (Object) toDouble(type, text);
          case DECIMAL -> new BigDecimal(number(type, text));
          case DATE -> date(type, text);
          case TIME -> time(type, text, text);
          case TIMESTAMP -> timestamp(type, text);
          case TIMESTAMPTZ -> instant(type, text);
          case STRING -> text;
          case UUID -> uuid(type, text);
          case FIXED, BINARY -> bytes(type, text);
        };
    return Values.canonical(type, value);
  }

  /**
   * The text of a value; {@link #parse} reads it back as the same.
   *
   * @param value what {@link Values#canonical} takes
   * @throws IllegalArgumentException the value is none of this type
   */
  public static String format(Type type, Object value) {
    Object exact = Values.canonical(type, value);
    return switch (type.kind()) {
      case BOOLEAN, INT, LONG, STRING, DATE, UUID -> exact.toString();
      case FLOAT -> floating((Float) exact, exact.toString());
      case DOUBLE -> floating((Double) exact, exact.toString());
      case DECIMAL -> ((BigDecimal) exact).toPlainString();
      case TIME -> time((LocalTime) exact);
      case TIMESTAMP -> dateTime((LocalDateTime) exact);
      case TIMESTAMPTZ ->
          dateTime(LocalDateTime.ofInstant((Instant) exact, ZoneOffset.UTC)) + "+00:00";
      case FIXED, BINARY -> HexFormat.of().formatHex((byte[]) exact);
    };
  }

  /** Whether the text has the shape of a date without a time; the date may still not exist. */
  public static boolean isDate(String text) {
    return DATE.matcher(text).matches();
  }

  /** Whether the text has the shape of a date and a time of day with an offset behind. */
  public static boolean hasOffset(String text) {
    Matcher parts = DATE_TIME.matcher(text);
    return parts.matches() && OFFSET.matcher(parts.group(3)).matches();
  }

  private static Object bool(Type type, String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw refusal(type, text, "it is true or false");
    };
  }

  private static Object integer(Type type, String text) {
    long number;
    if (text.length() < 19 && isPlainDigits(text)) {
      number = Long.parseLong(text);
    } else if (!INTEGER.matcher(text).matches()) {
      throw refusal(type, text, "it is whole digits with an optional sign");
    } else {
      try {
        number = Long.parseLong(text);
      } catch (NumberFormatException e) {
        throw refusal(type, text, "it is out of range", e);
      }
    }
    if (type == Type.INT && number != (int) number) {
      throw refusal(type, text, "it is out of range");
    }
    return number;
  }

  /** Such as most integers of a large file are; the rest takes the slow way. */
  private static boolean isPlainDigits(String text) {
    int digits = text.startsWith("-") ? 1 : 0;
    for (int i = digits; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return text.length() > digits;
  }

  private static String number(Type type, String text) {
    if (!NUMBER.matcher(text).matches()) {
      throw refusal(type, text, "it is no number");
    }
    if (text.length() > NUMBER_CHARS_MAX) {
      throw refusal(type, text, "the number is too long");
    }
    return text;
  }

  private static double toDouble(Type type, String text) {
    Matcher special = NOT_FINITE.matcher(text);
    if (special.matches()) {
      return notFinite(special);
    }
    double number = Double.parseDouble(number(type, text));
    checkExact(type, text, number);
    return number;
  }

  private static float toFloat(Type type, String text) {
    Matcher special = NOT_FINITE.matcher(text);
    if (special.matches()) {
      return (float) notFinite(special);
    }
    // Not by way of a double: rounding twice may end one step off.
    float number = Float.parseFloat(number(type, text));
    checkExact(type, text, number);
    return number;
  }

  private static double notFinite(Matcher special) {
    String sign = special.group(1);
    if (sign == null) {
      return Double.NaN;
    }
    return sign.equals("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
  }

  private static void checkExact(Type type, String text, double number) {
    if (Double.isInfinite(number)) {
      throw refusal(type, text, "it is out of range");
    }
    if (number == 0 && new BigDecimal(text).signum() != 0) {
      throw refusal(type, text, "it is too close to 0");
    }
    boolean whole = INTEGER.matcher(text).matches();
    if (whole && new BigDecimal(number).compareTo(new BigDecimal(text)) != 0) {
      throw refusal(type, text, "the nearest it holds is " + new BigDecimal(number));
    }
  }

  private static LocalDate date(Type type, String text) {
    if (!isDate(text)) {
      throw refusal(type, text, "a date is written 2017-11-16");
    }
    try {
      return LocalDate.parse(text);
    } catch (DateTimeParseException e) {
      throw refusal(type, text, "there is no such date", e);
    }
  }

  private static LocalTime time(Type type, String whole, String part) {
    Matcher parts = TIME.matcher(part);
    if (!parts.matches()) {
      throw refusal(type, whole, "a time of day is written 22:31:08 or 22:31:08.123456");
    }
    int second = parts.group(3) == null ? 0 : Integer.parseInt(parts.group(3));
    String fraction = parts.group(4) == null ? "" : parts.group(4);
    int nanos = Integer.parseInt((fraction + "000000000").substring(0, 9));
    if (nanos % 1_000 != 0) {
      throw refusal(type, whole, "it is finer than microseconds");
    }
    try {
      return LocalTime.of(
          Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2)), second, nanos);
    } catch (DateTimeException e) {
      throw refusal(type, whole, "there is no such time of day", e);
    }
  }

  private static Matcher dateTime(Type type, String text, String form) {
    Matcher parts = DATE_TIME.matcher(text);
    if (!parts.matches()) {
      throw refusal(type, text, "it is written " + form);
    }
    return parts;
  }

  private static LocalDateTime timestamp(Type type, String text) {
    Matcher parts = dateTime(type, text, "2017-11-16T22:31:08");
    String offset = parts.group(3);
    if (!offset.isEmpty()) {
      throw refusal(
          type,
          text,
          OFFSET.matcher(offset).matches()
              ? "it has no zone, so leave out " + offset
              : "it ends after the time of day");
    }
    return date(type, parts.group(1)).atTime(time(type, text, parts.group(2)));
  }

  private static Instant instant(Type type, String text) {
    Matcher parts = dateTime(type, text, "2017-11-16T22:31:08Z");
    String offset = parts.group(3);
    if (!OFFSET.matcher(offset).matches()) {
      throw refusal(
          type,
          text,
          offset.isEmpty()
              ? "it needs an offset, for example " + text + "Z for UTC"
              : "an offset is written Z or +01:00");
    }
    LocalDateTime local = date(type, parts.group(1)).atTime(time(type, text, parts.group(2)));
    try {
      return local.toInstant(ZoneOffset.of(offset.equals("z") ? "Z" : offset));
    } catch (DateTimeException e) {
      throw refusal(type, text, "there is no such offset", e);
    }
  }

  private static UUID uuid(Type type, String text) {
    if (!UUID_FORM.matcher(text).matches()) {
      throw refusal(type, text, "a uuid is written f79c3e09-677c-4bbd-a479-3f349cb785e7");
    }
    return UUID.fromString(text);
  }

  private static byte[] bytes(Type type, String text) {
    try {
      return HexFormat.of().parseHex(text);
    } catch (IllegalArgumentException e) {
      throw refusal(type, text, "bytes are written as pairs of hex digits", e);
    }
  }

  /** Plain digits where JavaScript would write them too, and always a point: not an integer. */
  private static String floating(double number, String shortest) {
    double size = Math.abs(number);
    if (size >= 1e-6 && size < 1e21) {
      String plain = new BigDecimal(shortest).toPlainString();
      return plain.indexOf('.') < 0 ? plain + ".0" : plain;
    }
    return shortest;
  }

  private static String dateTime(LocalDateTime value) {
    return value.toLocalDate() + "T" + time(value.toLocalTime());
  }

  private static String time(LocalTime value) {
    StringBuilder text = new StringBuilder(15);
    twoDigits(text, value.getHour()).append(':');
    twoDigits(text, value.getMinute()).append(':');
    twoDigits(text, value.getSecond());
    int micros = value.getNano() / 1_000;
    if (micros != 0) {
      text.append('.').append(Integer.toString(1_000_000 + micros), 1, 7);
    }
    return text.toString();
  }

  private static StringBuilder twoDigits(StringBuilder text, int number) {
    return text.append((char) ('0' + number / 10)).append((char) ('0' + number % 10));
  }

  private static IllegalArgumentException refusal(Type type, String text, String reason) {
    return new IllegalArgumentException(refused(type, text, reason));
  }

  private static IllegalArgumentException refusal(
      Type type, String text, String reason, Exception cause) {
    return new IllegalArgumentException(refused(type, text, reason), cause);
  }

  private static String refused(Type type, String text, String reason) {
    String shown = text.length() > 80 ? text.substring(0, 77) + "..." : text;
    return type + " cannot hold '" + shown + "': " + reason;
  }
}
