package io.datashard.expr;

import io.datashard.error.FilterException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Cuts a filter text into tokens, and says where in the text something is wrong. */
final class FilterTokens {
  /** Longer numbers fit no column and would be slow to read. */
  private static final int NUMBER_CHARS_MAX = 1_100;

  /** How much of a long text a message shows on either side of the place. */
  private static final int SHOWN_CHARS = 60;

  private static final List<String> SIGNS =
      List.of("<=", ">=", "<>", "!=", "==", "<", ">", "=", "(", ")", ",", "+", "-");

  enum Kind {
    /** A bare word: a keyword or a column. */
    WORD,
    /** A quoted word: a column. */
    NAME,
    TEXT,
    NUMBER,
    SIGN,
    END
  }

  /**
   * One token.
   *
   * @param text without quotes; empty at the end
   * @param start its place in the filter, from 0
   */
  record Token(Kind kind, String text, int start) {
    /** Whether this is the sign, or the bare word in any case. */
    boolean is(String signOrKeyword) {
      return switch (kind) {
        case SIGN -> text.equals(signOrKeyword);
        case WORD -> text.equalsIgnoreCase(signOrKeyword) && isAscii();
        case NAME, TEXT, NUMBER, END -> false;
      };
    }

    /** Without it the Turkish dotless i would make a keyword. */
    private boolean isAscii() {
      return text.chars().allMatch(c -> c < 128);
    }

    /** How messages call it. */
    String shown() {
      return switch (kind) {
        case WORD, NAME, NUMBER, SIGN -> "'" + shortened() + "'";
        case TEXT -> "the text '" + shortened() + "'";
        case END -> "the end of the filter";
      };
    }

    private String shortened() {
      return text.length() > 40 ? text.substring(0, 37) + "..." : text;
    }
  }

  private final String filter;
  private final List<Token> tokens = new ArrayList<>();
  private int at;

  private FilterTokens(String filter) {
    this.filter = filter;
  }

  /** The tokens of a filter, the last one of them {@link Kind#END}. */
  static List<Token> of(String filter) {
    FilterTokens cut = new FilterTokens(filter);
    while (cut.skipSpaces()) {
      cut.next();
    }
    cut.tokens.add(new Token(Kind.END, "", filter.length()));
    return cut.tokens;
  }

  private boolean skipSpaces() {
    while (at < filter.length() && isSpace(filter.charAt(at))) {
      at++;
    }
    return at < filter.length();
  }

  private static boolean isSpace(char c) {
    return Character.isWhitespace(c) || Character.isSpaceChar(c);
  }

  private void next() {
    int c = filter.codePointAt(at);
    if (c == '\'') {
      quoted(Kind.TEXT, '\'');
    } else if (c == '"' || c == '`') {
      quoted(Kind.NAME, (char) c);
    } else if (isDigit(at) || (c == '.' && isDigit(at + 1))) {
      number();
    } else if (startsWord(c)) {
      word();
    } else {
      sign(c);
    }
  }

  /** A quote inside is written twice. */
  private void quoted(Kind kind, char quote) {
    int start = at++;
    StringBuilder text = new StringBuilder();
    while (true) {
      int end = filter.indexOf(quote, at);
      if (end < 0) {
        throw error(filter, start, "the closing " + quote + " is missing");
      }
      text.append(filter, at, end);
      at = end + 1;
      if (at >= filter.length() || filter.charAt(at) != quote) {
        break;
      }
      text.append(quote);
      at++;
    }
    if (kind == Kind.NAME && text.length() == 0) {
      throw error(filter, start, "a column's name is not empty");
    }
    tokens.add(new Token(kind, text.toString(), start));
  }

  private void number() {
    int start = at;
    skipDigits();
    if (at < filter.length() && filter.charAt(at) == '.') {
      at++;
      skipDigits();
    }
    if (at < filter.length() && (filter.charAt(at) == 'e' || filter.charAt(at) == 'E')) {
      int sign = at + 1 < filter.length() && "+-".indexOf(filter.charAt(at + 1)) >= 0 ? 1 : 0;
      if (isDigit(at + 1 + sign)) {
        at += 1 + sign;
        skipDigits();
      }
    }
    if (at < filter.length() && (inWord(filter.codePointAt(at)) || filter.charAt(at) == '.')) {
      throw error(
          filter,
          start,
          "this is neither a number nor a name; a name that starts with a digit is written in"
              + " double quotes");
    }
    if (at - start > NUMBER_CHARS_MAX) {
      throw error(filter, start, "the number is too long");
    }
    tokens.add(new Token(Kind.NUMBER, filter.substring(start, at), start));
  }

  private void skipDigits() {
    while (isDigit(at)) {
      at++;
    }
  }

  private boolean isDigit(int place) {
    return place < filter.length() && filter.charAt(place) >= '0' && filter.charAt(place) <= '9';
  }

  private static boolean startsWord(int c) {
    return c == '_' || Character.isUnicodeIdentifierStart(c);
  }

  private static boolean inWord(int c) {
    return Character.isUnicodeIdentifierPart(c) && !Character.isIdentifierIgnorable(c);
  }

  private void word() {
    int start = at;
    while (at < filter.length()) {
      int c = filter.codePointAt(at);
      if (!inWord(c)) {
        if (c == '.' || c == '$' || c == '@' || c == '#') {
          throw error(filter, at, "a name with '" + (char) c + "' is written in double quotes");
        }
        break;
      }
      at += Character.charCount(c);
    }
    tokens.add(new Token(Kind.WORD, filter.substring(start, at), start));
  }

  private void sign(int c) {
    for (String sign : SIGNS) {
      if (filter.startsWith(sign, at)) {
        tokens.add(new Token(Kind.SIGN, sign, at));
        at += sign.length();
        return;
      }
    }
    String hint =
        switch (c) {
          case '!' -> "; write NOT or !=";
          case '&' -> "; write AND";
          case '|' -> "; write OR";
          case '[', '{' -> "; a list is written (1, 2, 3)";
          case '\u2018', '\u2019', '\u201c', '\u201d' ->
              "; texts are written in straight quotes: 'text'";
          default -> "";
        };
    throw error(filter, at, "unexpected character " + shown(c) + hint);
  }

  private static String shown(int c) {
    String code = String.format(Locale.ROOT, "U+%04X", c);
    return Character.isISOControl(c) || (c <= 0xFFFF && Character.isSurrogate((char) c))
        ? code
        : "'" + Character.toString(c) + "'";
  }

  /** An error that shows the filter, or the part of it around the place, with a caret below. */
  static FilterException error(String filter, int place, String what) {
    int from = Math.max(0, place - SHOWN_CHARS);
    int to = Math.min(filter.length(), place + SHOWN_CHARS);
    from = inPair(filter, from) ? from - 1 : from;
    to = inPair(filter, to) ? to + 1 : to;
    String before = (from > 0 ? "..." : "") + oneLine(filter.substring(from, place));
    String after = oneLine(filter.substring(place, to)) + (to < filter.length() ? "..." : "");
    return new FilterException(
        "Cannot read the filter at character "
            + (filter.codePointCount(0, place) + 1)
            + ": "
            + what
            + ".\n  "
            + before
            + after
            + "\n  "
            + " ".repeat(before.codePointCount(0, before.length()))
            + "^");
  }

  private static boolean inPair(String text, int place) {
    return place > 0
        && place < text.length()
        && Character.isLowSurrogate(text.charAt(place))
        && Character.isHighSurrogate(text.charAt(place - 1));
  }

  private static String oneLine(String text) {
    StringBuilder line = new StringBuilder(text.length());
    text.codePoints()
        .forEach(c -> line.appendCodePoint(Character.isISOControl(c) || c == 0x2028 ? ' ' : c));
    return line.toString();
  }
}
