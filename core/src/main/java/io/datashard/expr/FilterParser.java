package io.datashard.expr;

import io.datashard.error.FilterException;
import io.datashard.expr.FilterTokens.Kind;
import io.datashard.expr.FilterTokens.Token;
import io.datashard.schema.TextValues;
import io.datashard.schema.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a filter text.
 *
 * <pre>
 * filter    = and { OR and }
 * and       = not { AND not }
 * not       = NOT not | "(" filter ")" | test
 * test      = column [ sign literal | [NOT] IN "(" [ literal { "," literal } ] ")"
 *                    | [NOT] BETWEEN literal AND literal | IS [NOT] NULL | IS [NOT] NAN
 *                    | [NOT] STARTS WITH text | [NOT] LIKE text ]
 *           | literal sign column | TRUE | FALSE | STARTS_WITH "(" column "," text ")"
 * sign      = "=" | "==" | "!=" | "&lt;&gt;" | "&lt;" | "&lt;=" | "&gt;" | "&gt;="
 * literal   = text | [ "+" | "-" ] number | TRUE | FALSE | DATE text | TIME text | TIMESTAMP text
 * column    = word | quoted word
 * </pre>
 *
 * <p>A text stands in single quotes, a quoted word in double quotes or backticks, the quote inside
 * either written twice. Keywords are read in any case; columns are not. Only the keywords in {@link
 * #RESERVED} need quotes as columns: {@code date = '2024-01-01'} is a test of the column date. A
 * column alone is a test of a boolean column. LIKE is understood where it asks for a prefix.
 */
final class FilterParser {
  /** Parentheses and NOTs inside each other; far below what would exhaust the stack. */
  private static final int DEPTH_MAX = 200;

  private static final List<String> RESERVED =
      List.of("AND", "OR", "NOT", "IN", "BETWEEN", "IS", "LIKE", "NULL", "TRUE", "FALSE");

  private static final Map<String, Predicate.Op> OPS =
      Map.of(
          "=", Predicate.Op.EQ,
          "==", Predicate.Op.EQ,
          "!=", Predicate.Op.NE,
          "<>", Predicate.Op.NE,
          "<", Predicate.Op.LT,
          "<=", Predicate.Op.LE,
          ">", Predicate.Op.GT,
          ">=", Predicate.Op.GE);

  private final String filter;
  private final List<Token> tokens;
  private int next;
  private int depth;

  private FilterParser(String filter) {
    this.filter = filter;
    this.tokens = FilterTokens.of(filter);
  }

  static Predicate parse(String text) {
    FilterParser parser = new FilterParser(text);
    if (parser.peek().kind() == Kind.END) {
      throw new FilterException(
          "The filter is empty. Write one such as status = 'failed' AND age > 30, or leave it out.");
    }
    Predicate predicate = parser.anyOf();
    Token rest = parser.peek();
    if (rest.kind() != Kind.END) {
      throw parser.unexpected(rest, "AND, OR or the end" + parser.hintFor(rest));
    }
    return predicate;
  }

  /** What people write who mean something that the grammar has not. */
  private String hintFor(Token rest) {
    if (OPS.containsKey(rest.text()) && rest.kind() == Kind.SIGN) {
      return "; to compare twice write age > 30 AND age < 40";
    }
    if (rest.is("-") || rest.is("+")) {
      return "; there is no arithmetic, and a name with a hyphen is written in double quotes";
    }
    if (rest.kind() == Kind.WORD && tokens.get(next - 1).kind() == Kind.WORD) {
      return "; a name with spaces is written in double quotes";
    }
    return "";
  }

  private Predicate anyOf() {
    List<Predicate> parts = new ArrayList<>(List.of(allOf()));
    while (skip("OR")) {
      parts.add(allOf());
    }
    return parts.size() == 1 ? parts.get(0) : new Predicate.Or(parts);
  }

  private Predicate allOf() {
    List<Predicate> parts = new ArrayList<>(List.of(negatable()));
    while (skip("AND")) {
      parts.add(negatable());
    }
    return parts.size() == 1 ? parts.get(0) : new Predicate.And(parts);
  }

  private Predicate negatable() {
    Token first = peek();
    boolean not = first.is("NOT");
    if (!not && !first.is("(")) {
      return test();
    }
    if (++depth > DEPTH_MAX) {
      throw FilterTokens.error(
          filter, first.start(), "more than " + DEPTH_MAX + " parentheses and NOTs are open here");
    }
    next++;
    Predicate inside = not ? negatable() : anyOf();
    if (!not) {
      expect(")", "AND, OR or the ) for the ( at character " + place(first));
    }
    depth--;
    return not ? new Predicate.Not(inside) : inside;
  }

  private Predicate test() {
    Token first = peek();
    if (first.is("STARTS_WITH") && tokens.get(next + 1).is("(")) {
      return startsWithCall();
    }
    if (isColumn(first)) {
      next++;
      return columnTest(first.text());
    }
    if (first.is("NULL")) {
      throw nullCompared(first);
    }
    Object literal = literal("a column, a literal, NOT or (");
    Predicate.@Nullable Op op = op();
    if (op == null) {
      if (literal instanceof Boolean constant) {
        return new Predicate.Constant(constant);
      }
      throw unexpected(peek(), "a comparison such as =");
    }
    Token other = peek();
    if (!isColumn(other)) {
      throw unexpected(other, "a column, since the left side is a literal");
    }
    next++;
    return new Predicate.Compare(other.text(), turned(op), literal);
  }

  private Predicate columnTest(String column) {
    Predicate.@Nullable Op op = op();
    if (op != null) {
      return new Predicate.Compare(column, op, literal("a literal"));
    }
    if (skip("IS")) {
      boolean not = skip("NOT");
      if (skip("NULL")) {
        return signed(new Predicate.IsNull(column), not);
      }
      if (skip("NAN")) {
        return signed(new Predicate.IsNan(column), not);
      }
      throw unexpected(peek(), not ? "NULL or NAN" : "NULL, NAN, NOT NULL or NOT NAN");
    }
    boolean not = skip("NOT");
    if (skip("IN")) {
      return signed(new Predicate.In(column, literals()), not);
    }
    if (skip("BETWEEN")) {
      Object low = literal("a literal");
      expect("AND", "AND and the upper end");
      Object high = literal("a literal");
      return signed(new ColumnRef(column).between(low, high), not);
    }
    if (peek().is("STARTS") && tokens.get(next + 1).is("WITH")) {
      next += 2;
      return signed(new Predicate.StartsWith(column, text()), not);
    }
    if (skip("LIKE")) {
      return signed(new Predicate.StartsWith(column, likePrefix()), not);
    }
    if (not) {
      throw unexpected(peek(), "IN, BETWEEN, LIKE or STARTS WITH after NOT");
    }
    return new Predicate.Compare(column, Predicate.Op.EQ, true);
  }

  private static Predicate signed(Predicate predicate, boolean not) {
    return not ? new Predicate.Not(predicate) : predicate;
  }

  private Predicate startsWithCall() {
    next += 2;
    Token column = peek();
    if (!isColumn(column)) {
      throw unexpected(column, "a column");
    }
    next++;
    expect(",", "a comma");
    String prefix = text();
    expect(")", "')'");
    return new Predicate.StartsWith(column.text(), prefix);
  }

  private String likePrefix() {
    Token token = peek();
    String pattern = text();
    String prefix = pattern.endsWith("%") ? pattern.substring(0, pattern.length() - 1) : null;
    if (prefix == null && pattern.chars().noneMatch(c -> c == '%' || c == '_' || c == '\\')) {
      throw FilterTokens.error(
          filter, token.start(), "this pattern has no %: write = instead of LIKE");
    }
    if (prefix == null || prefix.chars().anyMatch(c -> c == '%' || c == '_' || c == '\\')) {
      throw FilterTokens.error(
          filter,
          token.start(),
          "LIKE is understood with a single % at the end, without _ and \\, as in 'abc%'; for a"
              + " prefix that has them write STARTS WITH 'a_c'");
    }
    return prefix;
  }

  private List<Object> literals() {
    expect("(", "( and a list of literals");
    List<Object> literals = new ArrayList<>();
    if (skip(")")) {
      return literals;
    }
    do {
      literals.add(literal("a literal"));
    } while (skip(","));
    expect(")", "a comma or ')'");
    return literals;
  }

  private Object literal(String expected) {
    Token token = peek();
    if (token.is("NULL")) {
      throw nullCompared(token);
    }
    if (token.is("TRUE") || token.is("FALSE")) {
      next++;
      return token.is("TRUE");
    }
    if (token.kind() == Kind.TEXT) {
      next++;
      return token.text();
    }
    if (token.is("-") || token.is("+")) {
      next++;
      Token number = peek();
      if (number.kind() != Kind.NUMBER) {
        throw unexpected(number, "a number after the sign");
      }
      next++;
      return number(number, token.is("-"));
    }
    if (token.kind() == Kind.NUMBER) {
      next++;
      return number(token, false);
    }
    if (startsTyped(token)) {
      next += 2;
      return typed(token, tokens.get(next - 1));
    }
    throw unexpected(token, expected + literalHint(token, expected));
  }

  private static String literalHint(Token token, String expected) {
    if (!expected.equals("a literal")) {
      return token.kind() == Kind.WORD && isReserved(token)
          ? "; as a column's name it is written in double quotes"
          : "";
    }
    return switch (token.kind()) {
      case WORD, NAME ->
          "; text stands in single quotes, and columns are compared with literals only";
      case SIGN, TEXT, NUMBER, END -> "";
    };
  }

  private boolean startsTyped(Token token) {
    return (token.is("DATE") || token.is("TIME") || token.is("TIMESTAMP"))
        && tokens.get(next + 1).kind() == Kind.TEXT;
  }

  private Object typed(Token keyword, Token text) {
    try {
      if (keyword.is("DATE")) {
        return TextValues.parse(Type.DATE, text.text());
      }
      if (keyword.is("TIME")) {
        return TextValues.parse(Type.TIME, text.text());
      }
      return TextValues.parse(
          TextValues.hasOffset(text.text()) ? Type.TIMESTAMPTZ : Type.TIMESTAMP, text.text());
    } catch (IllegalArgumentException e) {
      throw FilterTokens.error(filter, text.start(), String.valueOf(e.getMessage()));
    }
  }

  private Object number(Token token, boolean negative) {
    String digits = negative ? "-" + token.text() : token.text();
    try {
      if (digits.chars().noneMatch(c -> c == '.' || c == 'e' || c == 'E')) {
        BigInteger whole = new BigInteger(digits);
        return whole.bitLength() < Long.SIZE ? (Object) whole.longValue() : whole;
      }
      return new BigDecimal(digits);
    } catch (NumberFormatException e) {
      throw FilterTokens.error(filter, token.start(), "the exponent is too large");
    }
  }

  private String text() {
    Token token = peek();
    if (token.kind() != Kind.TEXT) {
      throw unexpected(token, "a text in single quotes");
    }
    next++;
    return token.text();
  }

  private Predicate.@Nullable Op op() {
    Token token = peek();
    Predicate.@Nullable Op op = token.kind() == Kind.SIGN ? OPS.get(token.text()) : null;
    if (op != null) {
      next++;
    }
    return op;
  }

  /** What stands the other way round: {@code 30 < age} is {@code age > 30}. */
  private static Predicate.Op turned(Predicate.Op op) {
    return switch (op) {
      case EQ, NE -> op;
      case LT -> Predicate.Op.GT;
      case LE -> Predicate.Op.GE;
      case GT -> Predicate.Op.LT;
      case GE -> Predicate.Op.LE;
    };
  }

  private boolean isColumn(Token token) {
    return switch (token.kind()) {
      case NAME -> true;
      case WORD -> !isReserved(token) && !startsTyped(token);
      case TEXT, NUMBER, SIGN, END -> false;
    };
  }

  private static boolean isReserved(Token token) {
    return RESERVED.stream().anyMatch(token::is);
  }

  private Token peek() {
    return tokens.get(next);
  }

  private boolean skip(String signOrKeyword) {
    boolean found = peek().is(signOrKeyword);
    if (found) {
      next++;
    }
    return found;
  }

  private void expect(String signOrKeyword, String expected) {
    if (!skip(signOrKeyword)) {
      throw unexpected(peek(), expected);
    }
  }

  private int place(Token token) {
    return filter.codePointCount(0, token.start()) + 1;
  }

  private FilterException unexpected(Token found, String expected) {
    return FilterTokens.error(
        filter, found.start(), "expected " + expected + ", found " + found.shown());
  }

  private FilterException nullCompared(Token token) {
    return FilterTokens.error(
        filter,
        token.start(),
        "a comparison with NULL is true for no row; write IS NULL or IS NOT NULL");
  }
}
