package io.datashard.schema;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One column type. Spec: Iceberg table spec, "Schemas and Data Types", primitive types of format
 * v2.
 *
 * <p>The Java value of each type, in rows that are written and rows that are read:
 *
 * <table>
 * <caption>Java values</caption>
 * <tr><th>type</th><th>read as</th><th>also accepted when written, if exact</th></tr>
 * <tr><td>boolean</td><td>{@code Boolean}</td><td></td></tr>
 * <tr><td>int</td><td>{@code Integer}</td><td>any integer type in range</td></tr>
 * <tr><td>long</td><td>{@code Long}</td><td>any integer type in range</td></tr>
 * <tr><td>float</td><td>{@code Float}</td><td>integers and doubles that a float holds exactly</td></tr>
 * <tr><td>double</td><td>{@code Double}</td><td>floats, integers that a double holds exactly</td></tr>
 * <tr><td>decimal(P, S)</td><td>{@code BigDecimal} of scale S</td><td>integers; any scale that fits exactly</td></tr>
 * <tr><td>date</td><td>{@code LocalDate}</td><td></td></tr>
 * <tr><td>time</td><td>{@code LocalTime}, whole microseconds</td><td></td></tr>
 * <tr><td>timestamp</td><td>{@code LocalDateTime}, whole microseconds</td><td></td></tr>
 * <tr><td>timestamptz</td><td>{@code Instant}, whole microseconds</td><td>{@code OffsetDateTime}, {@code ZonedDateTime}</td></tr>
 * <tr><td>string</td><td>{@code String}</td><td></td></tr>
 * <tr><td>uuid</td><td>{@code UUID}</td><td></td></tr>
 * <tr><td>fixed(L), binary</td><td>{@code byte[]}</td><td>{@code ByteBuffer}</td></tr>
 * </table>
 */
public sealed interface Type permits Type.Simple, Type.Decimal, Type.Fixed {
  Simple BOOLEAN = Simple.BOOLEAN;
  Simple INT = Simple.INT;
  Simple LONG = Simple.LONG;
  Simple FLOAT = Simple.FLOAT;
  Simple DOUBLE = Simple.DOUBLE;
  Simple DATE = Simple.DATE;
  Simple TIME = Simple.TIME;
  Simple TIMESTAMP = Simple.TIMESTAMP;
  Simple TIMESTAMPTZ = Simple.TIMESTAMPTZ;
  Simple STRING = Simple.STRING;
  Simple UUID = Simple.UUID;
  Simple BINARY = Simple.BINARY;

  /** What a {@code switch} is written over. */
  enum Kind {
    BOOLEAN,
    INT,
    LONG,
    FLOAT,
    DOUBLE,
    DECIMAL,
    DATE,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    STRING,
    UUID,
    FIXED,
    BINARY
  }

  /** The kind of type, without its parameters. */
  Kind kind();

  /** The name written into metadata JSON, for example {@code decimal(9, 2)}. */
  String jsonName();

  /**
   * An exact number: {@code precision} digits in all (1..38), {@code scale} of them after the
   * point.
   */
  static Decimal decimal(int precision, int scale) {
    return new Decimal(precision, scale);
  }

  /** Byte strings of exactly {@code length} bytes. */
  static Fixed fixed(int length) {
    return new Fixed(length);
  }

  /**
   * The type of this name, as Iceberg writes it: {@code long}, {@code decimal(9,2)}, {@code
   * fixed[16]}.
   *
   * @throws IllegalArgumentException the name is no primitive type of format v2; the known ones are
   *     listed
   */
  static Type parse(String jsonName) {
    String name = jsonName.strip().toLowerCase(Locale.ROOT);
    for (Simple simple : Simple.values()) {
      if (simple.jsonName.equals(name)) {
        return simple;
      }
    }
    Matcher decimal = Decimal.NAME.matcher(name);
    if (decimal.matches()) {
      return new Decimal(number(name, decimal.group(1)), number(name, decimal.group(2)));
    }
    Matcher fixed = Fixed.NAME.matcher(name);
    if (fixed.matches()) {
      return new Fixed(number(name, fixed.group(1)));
    }
    throw new IllegalArgumentException(
        "Unknown type '"
            + jsonName
            + "'. Known: boolean, int, long, float, double, decimal(P,S), date, time, timestamp,"
            + " timestamptz, string, uuid, fixed[L], binary.");
  }

  private static int number(String name, String digits) {
    try {
      return Integer.parseInt(digits);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("Number too large in type '" + name + "'.", e);
    }
  }

  /** The types without parameters. */
  enum Simple implements Type {
    BOOLEAN(Kind.BOOLEAN),
    /** 32 bits, signed. */
    INT(Kind.INT),
    /** 64 bits, signed. */
    LONG(Kind.LONG),
    FLOAT(Kind.FLOAT),
    DOUBLE(Kind.DOUBLE),
    /** Days, without time of day or zone. */
    DATE(Kind.DATE),
    /** Microseconds of a day, without date or zone. */
    TIME(Kind.TIME),
    /** Microseconds, without zone. */
    TIMESTAMP(Kind.TIMESTAMP),
    /** Microseconds of an instant, stored as UTC. */
    TIMESTAMPTZ(Kind.TIMESTAMPTZ),
    /** Unicode text, UTF-8. */
    STRING(Kind.STRING),
    UUID(Kind.UUID),
    /** Bytes of any length. */
    BINARY(Kind.BINARY);

    private final Kind kind;
    private final String jsonName;

    Simple(Kind kind) {
      this.kind = kind;
      this.jsonName = kind.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public Kind kind() {
      return kind;
    }

    @Override
    public String jsonName() {
      return jsonName;
    }

    @Override
    public String toString() {
      return jsonName;
    }
  }

  /**
   * An exact number.
   *
   * @param precision digits in all, 1..38
   * @param scale digits after the point, 0..precision
   */
  record Decimal(int precision, int scale) implements Type {
    private static final Pattern NAME =
        Pattern.compile("decimal\\(\\s*(\\d+)\\s*,\\s*(\\d+)\\s*\\)");

    public Decimal {
      if (precision < 1 || precision > 38) {
        throw new IllegalArgumentException("decimal precision must be 1..38, got " + precision);
      }
      if (scale < 0 || scale > precision) {
        throw new IllegalArgumentException(
            "decimal scale must be 0.." + precision + ", got " + scale);
      }
    }

    /** Whether the unscaled value of every number of this type fits into a {@code long}. */
    public boolean fitsLong() {
      return precision <= 18;
    }

    @Override
    public Kind kind() {
      return Kind.DECIMAL;
    }

    @Override
    public String jsonName() {
      return "decimal(" + precision + ", " + scale + ")";
    }

    @Override
    public String toString() {
      return jsonName();
    }
  }

  /**
   * Byte strings of one length.
   *
   * @param length bytes, at least 1
   */
  record Fixed(int length) implements Type {
    private static final Pattern NAME = Pattern.compile("fixed\\[\\s*(\\d+)\\s*\\]");

    public Fixed {
      if (length < 1) {
        throw new IllegalArgumentException("fixed length must be at least 1, got " + length);
      }
    }

    @Override
    public Kind kind() {
      return Kind.FIXED;
    }

    @Override
    public String jsonName() {
      return "fixed[" + length + "]";
    }

    @Override
    public String toString() {
      return jsonName();
    }
  }
}
