package io.datashard.schema;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads partition and sort fields as people write them, one after another from one text. */
final class TermReader {
  private static final Pattern SPACES = Pattern.compile("\\s*");
  private static final Pattern WORD = Pattern.compile("[\\p{L}_$][\\p{L}\\p{M}\\p{N}_$]*");
  private static final Pattern QUOTED = Pattern.compile("\"(?:[^\"]++|\"\")*+\"|`(?:[^`]++|``)*+`");
  private static final Pattern NUMBER = Pattern.compile("[0-9]+");
  private static final int NUMBER_MAX = 999_999_999;

  private final String what;
  private final String text;
  private int at;

  /** A column, and what is made from it. */
  record Term(Transform transform, Field source) {}

  /**
   * @param what is to be read, for messages
   */
  TermReader(String what, String text) {
    this.what = what;
    this.text = text;
    skipSpaces();
  }

  /** Reads a column, or a transform of one. */
  Term term(Schema schema) {
    int start = at;
    boolean isQuoted = at < text.length() && (text.charAt(at) == '"' || text.charAt(at) == '`');
    String word = name("a column or a transform of one");
    if (isQuoted || !isSign('(')) {
      return new Term(Transform.IDENTITY, column(schema, word, start));
    }
    Transform.Kind kind = kind(word, start);
    int parameter = kind.takesParameter() ? parameter(kind) : 0;
    int columnAt = at;
    Field source = column(schema, name("a column"), columnAt);
    if (!isSign(')')) {
      throw wrong(at, "')' is missing");
    }
    Transform transform = new Transform(kind, parameter);
    if (!transform.takes(source.type())) {
      throw wrong(
          columnAt,
          kind.lowerName() + " does not go with the type " + source.type() + " of this column");
    }
    return new Term(transform, source);
  }

  private Transform.Kind kind(String word, int start) {
    for (Transform.Kind kind : Transform.Kind.values()) {
      if (kind.lowerName().equals(word.toLowerCase(Locale.ROOT))) {
        return kind;
      }
    }
    throw wrong(start, "there is no transform '" + word + "'");
  }

  private int parameter(Transform.Kind kind) {
    int start = at;
    String digits = take(NUMBER);
    if (digits == null) {
      throw wrong(
          start, kind.lowerName() + " needs a number before the column, as in " + example(kind));
    }
    if (digits.length() > 9 || Integer.parseInt(digits) < 1) {
      throw wrong(start, "the number must be 1 to " + NUMBER_MAX);
    }
    if (!isSign(',')) {
      throw wrong(at, "',' is missing, as in " + example(kind));
    }
    return Integer.parseInt(digits);
  }

  private static String example(Transform.Kind kind) {
    return kind.lowerName() + "(16, column)";
  }

  private Field column(Schema schema, String name, int start) {
    if (!schema.has(name)) {
      throw wrong(
          start,
          "there is no column '" + name + "'; columns: " + String.join(", ", schema.names()));
    }
    return schema.field(name);
  }

  /** Reads a plain or quoted word. */
  String name(String expected) {
    String word = take(WORD);
    if (word != null) {
      return word;
    }
    String quoted = take(QUOTED);
    if (quoted == null) {
      throw wrong(at, expected + " is expected here");
    }
    String quote = quoted.substring(0, 1);
    return quoted.substring(1, quoted.length() - 1).replace(quote + quote, quote);
  }

  /** Whether this word comes next, in any case; then it is read. */
  boolean isWord(String word) {
    int before = at;
    String found = take(WORD);
    if (found != null && found.equalsIgnoreCase(word)) {
      return true;
    }
    at = before;
    return false;
  }

  void requireWord(String word, String expected) {
    if (!isWord(word)) {
      throw wrong(at, expected + " is expected here");
    }
  }

  /** Nothing but a comma may follow a field. */
  void endOfField() {
    if (at < text.length() && text.charAt(at) != ',') {
      throw wrong(at, "this does not belong to a " + what);
    }
  }

  /** Whether another field follows. */
  boolean hasMore() {
    return isSign(',');
  }

  private boolean isSign(char sign) {
    if (at < text.length() && text.charAt(at) == sign) {
      at++;
      skipSpaces();
      return true;
    }
    return false;
  }

  private @Nullable String take(Pattern pattern) {
    Matcher match = pattern.matcher(text).region(at, text.length());
    if (!match.lookingAt()) {
      return null;
    }
    at = match.end();
    skipSpaces();
    return match.group();
  }

  private void skipSpaces() {
    Matcher spaces = SPACES.matcher(text).region(at, text.length());
    if (spaces.lookingAt()) {
      at = spaces.end();
    }
  }

  private IllegalArgumentException wrong(int place, String why) {
    String shown = text.substring(place, Math.min(text.length(), place + 20));
    return new IllegalArgumentException(
        "Cannot read the "
            + what
            + " \""
            + text
            + "\": at character "
            + (place + 1)
            + (shown.isEmpty() ? " (its end)" : " (" + shown + ")")
            + " "
            + why
            + ". It is a column or one of "
            + Transform.KNOWN
            + " of a column, as in day(ts).");
  }

  /** The column as {@link #term} reads it. */
  static String columnText(Schema schema, int fieldId) {
    return schema.fieldById(fieldId).map(f -> quoted(f.name())).orElse("column " + fieldId);
  }

  static String quoted(String name) {
    return WORD.matcher(name).matches() ? name : "\"" + name.replace("\"", "\"\"") + "\"";
  }
}
