package io.datashard.expr;

import static io.datashard.expr.Predicate.column;
import static io.datashard.expr.Predicate.not;
import static io.datashard.expr.Predicate.parse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.datashard.error.FilterException;
import io.datashard.expr.Predicate.Op;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A filter text means what SQL means by it, or is refused with the place shown. */
class FilterParserTest {

  @Test
  void theFilterOfTheReadme() {
    assertThat(parse("status = 'failed' AND age > 30"))
        .isEqualTo(column("status").eq("failed").and(column("age").gt(30L)));
  }

  @Test
  void andBindsCloserThanOrAndNotClosest() {
    assertThat(parse("a = 1 or b = 2 and not c = 3 or d = 4"))
        .isEqualTo(
            Predicate.or(
                column("a").eq(1L),
                Predicate.and(column("b").eq(2L), not(column("c").eq(3L))),
                column("d").eq(4L)));
    assertThat(parse("(a = 1 or b = 2) and not (c = 3 or d = 4)"))
        .isEqualTo(
            Predicate.and(
                Predicate.or(column("a").eq(1L), column("b").eq(2L)),
                not(Predicate.or(column("c").eq(3L), column("d").eq(4L)))));
  }

  @ParameterizedTest
  @CsvSource({
    "=, EQ", "==, EQ", "!=, NE", "<>, NE", "<, LT", "<=, LE", ">, GT", ">=, GE",
  })
  void everySignIsUnderstoodWithAndWithoutSpaces(String sign, Op op) {
    assertThat(parse("a" + sign + "-3")).isEqualTo(new Predicate.Compare("a", op, -3L));
    assertThat(parse(" a\n" + sign + "\t- 3 ")).isEqualTo(new Predicate.Compare("a", op, -3L));
  }

  @ParameterizedTest
  @CsvSource({"=, EQ", "!=, NE", "<, GT", "<=, GE", ">, LT", ">=, LE"})
  void aLiteralOnTheLeftTurnsTheComparison(String sign, Op op) {
    assertThat(parse("30 " + sign + " age")).isEqualTo(new Predicate.Compare("age", op, 30L));
  }

  @Test
  void literals() {
    assertThat(literal("0")).isEqualTo(0L);
    assertThat(literal("+7")).isEqualTo(7L);
    assertThat(literal("-9223372036854775808")).isEqualTo(Long.MIN_VALUE);
    assertThat(literal("9223372036854775808")).isEqualTo(new BigInteger("9223372036854775808"));
    assertThat(literal("1.50")).isEqualTo(new BigDecimal("1.50"));
    assertThat(literal("-.5")).isEqualTo(new BigDecimal("-0.5"));
    assertThat(literal("5.")).isEqualTo(new BigDecimal("5"));
    assertThat(literal("1e3")).isEqualTo(new BigDecimal("1E+3"));
    assertThat(literal("1.5E-3")).isEqualTo(new BigDecimal("0.0015"));
    assertThat(literal("TRUE")).isEqualTo(true);
    assertThat(literal("false")).isEqualTo(false);
    assertThat(literal("''")).isEqualTo("");
    assertThat(literal("'it''s'")).isEqualTo("it's");
    assertThat(literal("'two\nlines \"quoted\" \\n 😀'")).isEqualTo("two\nlines \"quoted\" \\n 😀");
    assertThat(literal("DATE '2024-02-29'")).isEqualTo(LocalDate.of(2024, 2, 29));
    assertThat(literal("time '10:00'")).isEqualTo(LocalTime.of(10, 0));
    assertThat(literal("timestamp '2024-02-29 10:00:00'"))
        .isEqualTo(LocalDateTime.of(2024, 2, 29, 10, 0));
    assertThat(literal("TIMESTAMP'2024-02-29T10:00:00+01:00'"))
        .isEqualTo(Instant.parse("2024-02-29T09:00:00Z"));
  }

  private static Object literal(String text) {
    return ((Predicate.Compare) parse("a = " + text)).literal();
  }

  @Test
  void columns() {
    assertThat(parse("größe_2 = 1")).isEqualTo(column("größe_2").eq(1L));
    assertThat(parse("名前 = 'x'")).isEqualTo(column("名前").eq("x"));
    assertThat(parse("\"order\" = 1")).isEqualTo(column("order").eq(1L));
    assertThat(parse("\"a \"\"b\"\"\" = 1")).isEqualTo(column("a \"b\"").eq(1L));
    assertThat(parse("`task-id``s.x` = 1")).isEqualTo(column("task-id`s.x").eq(1L));
    assertThat(parse("\"and\" = 1 AND `NULL` = 2"))
        .isEqualTo(column("and").eq(1L).and(column("NULL").eq(2L)));
    assertThat(parse("Status = 1")).isEqualTo(column("Status").eq(1L));
  }

  @Test
  void onlyReservedWordsNeedQuotesAsColumns() {
    assertThat(parse("date = '2024-01-01'")).isEqualTo(column("date").eq("2024-01-01"));
    assertThat(parse("timestamp > TIMESTAMP '2024-01-01 00:00:00'"))
        .isEqualTo(column("timestamp").gt(LocalDateTime.of(2024, 1, 1, 0, 0)));
    assertThat(parse("time IS NULL and nan = 1 and starts = 2 and starts_with = 3"))
        .isEqualTo(
            Predicate.and(
                column("time").isNull(),
                column("nan").eq(1L),
                column("starts").eq(2L),
                column("starts_with").eq(3L)));
    assertThat(parse("ıs = 1")).isEqualTo(column("ıs").eq(1L)); // a Turkish letter, not IS
  }

  @Test
  void inAndBetween() {
    assertThat(parse("a in (1, 'x', -2.5)"))
        .isEqualTo(column("a").in(1L, "x", new BigDecimal("-2.5")));
    assertThat(parse("a NOT IN (1)")).isEqualTo(not(column("a").in(1L)));
    assertThat(parse("a in ()")).isEqualTo(column("a").in(List.of()));
    assertThat(parse("a between 1 and 2 and b = 3"))
        .isEqualTo(Predicate.and(column("a").between(1L, 2L), column("b").eq(3L)));
    assertThat(parse("a Not Between -1 And +2")).isEqualTo(not(column("a").between(-1L, 2L)));
  }

  @Test
  void nullNanAndBareBooleans() {
    assertThat(parse("a is null")).isEqualTo(column("a").isNull());
    assertThat(parse("a IS NOT NULL")).isEqualTo(column("a").isNotNull());
    assertThat(parse("a is nan")).isEqualTo(column("a").isNan());
    assertThat(parse("a is not NaN")).isEqualTo(not(column("a").isNan()));
    assertThat(parse("active")).isEqualTo(column("active").eq(true));
    assertThat(parse("not active and ok"))
        .isEqualTo(not(column("active").eq(true)).and(column("ok").eq(true)));
    assertThat(parse("true = active")).isEqualTo(column("active").eq(true));
    assertThat(parse("true")).isEqualTo(Predicate.ALWAYS);
    assertThat(parse("FALSE")).isEqualTo(new Predicate.Constant(false));
  }

  @Test
  void startsWithInItsThreeForms() {
    Predicate expected = column("a").startsWith("x%y");
    assertThat(parse("a starts with 'x%y'")).isEqualTo(expected);
    assertThat(parse("STARTS_WITH(a, 'x%y')")).isEqualTo(expected);
    assertThat(parse("a like 'abc%'")).isEqualTo(column("a").startsWith("abc"));
    assertThat(parse("a not like 'abc%'")).isEqualTo(not(column("a").startsWith("abc")));
    assertThat(parse("a not starts with 'abc'")).isEqualTo(not(column("a").startsWith("abc")));
    assertThat(parse("a like '%'")).isEqualTo(column("a").startsWith(""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"'%abc'", "'a%c'", "'a_c%'", "'a\\%%'", "'%%'"})
  void likeWithoutAPlainPrefixIsRefused(String pattern) {
    assertThatThrownBy(() -> parse("a like " + pattern))
        .isInstanceOf(FilterException.class)
        .hasMessageContaining("LIKE is understood with a single % at the end");
  }

  @Test
  void theMessageShowsThePlace() {
    assertThatThrownBy(() -> parse("status = ) AND x > 3"))
        .isInstanceOf(FilterException.class)
        .hasMessage(
            """
            Cannot read the filter at character 10: expected a literal, found ')'.
              status = ) AND x > 3
                       ^""");
    assertThatThrownBy(() -> parse("größe\n> 😀 1"))
        .hasMessage(
            """
            Cannot read the filter at character 9: unexpected character '😀'.
              größe > 😀 1
                      ^""");
    assertThatThrownBy(() -> parse("a = 1 AND"))
        .hasMessage(
            """
            Cannot read the filter at character 10: expected a column, a literal, NOT or (, found \
            the end of the filter.
              a = 1 AND
                       ^""");
  }

  @Test
  void aLongFilterIsShownInPart() {
    String much = "a = 1 or ".repeat(10_000);
    assertThatThrownBy(() -> parse(much + "b = = 2 or " + much))
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(400))
        .hasMessageContaining("character 90005")
        .hasMessageContaining("...");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '§',
      quoteCharacter = '~',
      value = {
        "a = NULL § a comparison with NULL is true for no row; write IS NULL or IS NOT NULL",
        "a in (1, null) § a comparison with NULL",
        "NULL = a § a comparison with NULL",
        "a between null and 3 § a comparison with NULL",
        "a = \"failed\" § text stands in single quotes",
        "a = b § columns are compared with literals only",
        "30 < age < 40 § to compare twice write age > 30 AND age < 40",
        "task-id = 3 § in double quotes",
        "a.b = 3 § a name with '.' is written in double quotes",
        "my column = 3 § a name with spaces is written in double quotes",
        "2nd = 3 § a name that starts with a digit is written in double quotes",
        "a = 12abc § neither a number nor a name",
        "a = 1.2.3 § neither a number nor a name",
        "a = 'x § the closing ' is missing",
        "\"a = 3 § the closing \" is missing",
        "\"\" = 3 § a column's name is not empty",
        "a && b § write AND",
        "a || b § write OR",
        "!a § write NOT or !=",
        "a in [1, 2] § a list is written (1, 2, 3)",
        "a = ‘x’ § straight quotes",
        "a = 1; drop table x § unexpected character ';'",
        "and = 1 § in double quotes",
        "1 = 1 § expected a column, since the left side is a literal",
        "'x' § expected a comparison such as =",
        "a is 3 § expected NULL, NAN, NOT NULL or NOT NAN",
        "a not 3 § expected IN, BETWEEN, LIKE or STARTS WITH after NOT",
        "a in 3 § expected ( and a list of literals",
        "a in (1 2) § expected a comma or ')'",
        "a in (1,) § expected a literal",
        "a between 1 or 2 § expected AND and the upper end",
        "a like b § expected a text in single quotes",
        "a like 'abc' § write = instead of LIKE",
        "(a = 1 § the ) for the ( at character 1",
        "a = 1) § expected AND, OR or the end, found ')'",
        "a = - § a number after the sign",
        "a = DATE '2024-02-30' § there is no such date",
        "a = TIMESTAMP '2024-02-01' § it is written 2017-11-16T22:31:08",
        "a = 1e99999999999 § the exponent is too large",
        "'' § The filter is empty",
      })
  void mistakesAreExplained(String filter, String reason) {
    String text = filter.equals("''") ? " \n" : filter;
    assertThatThrownBy(() -> parse(text))
        .isInstanceOf(FilterException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void nestingIsBounded() {
    assertThat(parse("(".repeat(200) + "a = 1" + ")".repeat(200))).isEqualTo(column("a").eq(1L));
    assertThatThrownBy(() -> parse("(".repeat(100_000) + "a = 1"))
        .isInstanceOf(FilterException.class)
        .hasMessageContaining("more than 200 parentheses and NOTs are open here");
    assertThatThrownBy(() -> parse("not ".repeat(100_000) + "a"))
        .isInstanceOf(FilterException.class)
        .hasMessageContaining("at character 801");
    assertThatThrownBy(() -> parse("a = " + "9".repeat(1_000_000)))
        .isInstanceOf(FilterException.class)
        .hasMessageContaining("the number is too long");
  }

  @Test
  void anyTextIsReadOrRefused() {
    List<String> pieces =
        List.of(
            "a",
            "b",
            "\"c d\"",
            "`e`",
            "'x'",
            "''",
            "1",
            "2.5",
            "-",
            "+",
            "1e5",
            "=",
            "<",
            ">=",
            "<>",
            "(",
            ")",
            ",",
            "AND",
            "or",
            "NOT",
            "in",
            "BETWEEN",
            "IS",
            "NULL",
            "NaN",
            "LIKE",
            "STARTS",
            "WITH",
            "starts_with",
            "TRUE",
            "false",
            "DATE",
            "TIMESTAMP",
            "'2024-01-01'",
            "'a%'",
            "\"",
            "'",
            "`",
            ".",
            "!",
            "\uD83D",
            "😀",
            "\0",
            "é");
    int read = 0;
    for (long seed = 0; seed < 10_000; seed++) {
      Random random = new Random(seed);
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(12); i >= 0; i--) {
        text.append(pieces.get(random.nextInt(pieces.size())));
        text.append(random.nextInt(4) == 0 ? "" : " ");
      }
      try {
        parse(text.toString());
        read++;
      } catch (FilterException e) {
        if (!e.getMessage().endsWith("^")) {
          fail("seed %d: %s", seed, e.getMessage());
        }
      } catch (RuntimeException | StackOverflowError e) {
        fail("seed " + seed + ": " + text, e);
      }
    }
    assertThat(read).isGreaterThan(100);
  }
}
