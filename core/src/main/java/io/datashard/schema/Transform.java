package io.datashard.schema;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a partition value is made from a column's value. Spec: "Partition Transforms".
 *
 * @param kind which transform
 * @param parameter the number of buckets, the width of a truncation, else 0
 */
public record Transform(Kind kind, int parameter) {
  private static final Pattern WITH_PARAMETER =
      Pattern.compile("(bucket|truncate)\\[(\\d{1,9})\\]");

  /** The transforms of format v2. */
  public enum Kind {
    IDENTITY,
    BUCKET,
    TRUNCATE,
    YEAR,
    MONTH,
    DAY,
    HOUR,
    VOID;

    private String lowerName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Transform {
    boolean takesParameter = kind == Kind.BUCKET || kind == Kind.TRUNCATE;
    if (takesParameter && parameter < 1) {
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
      if (kind != Kind.BUCKET && kind != Kind.TRUNCATE && kind.lowerName().equals(name)) {
        return new Transform(kind, 0);
      }
    }
    throw new IllegalArgumentException("Unknown partition transform '" + name + "'.");
  }

  /** The name written into metadata. */
  public String jsonName() {
    return switch (kind) {
      case BUCKET, TRUNCATE -> kind.lowerName() + "[" + parameter + "]";
      case IDENTITY, YEAR, MONTH, DAY, HOUR, VOID -> kind.lowerName();
    };
  }

  /** The type of the values this transform makes from values of {@code source}. */
  public Type resultType(Type source) {
    return switch (kind) {
      case IDENTITY, TRUNCATE, VOID -> source;
      case BUCKET, YEAR, MONTH, HOUR -> Type.INT;
      case DAY -> Type.DATE;
    };
  }
}
