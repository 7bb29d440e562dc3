package io.datashard.expr;

import static io.datashard.expr.Predicate.column;
import static io.datashard.expr.Predicate.not;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.error.FilterException;
import io.datashard.expr.Predicate.Op;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A bound predicate means what the predicate meant, with literals of the column's own class. */
class BinderTest {
  private static final Schema SCHEMA =
      Schema.builder()
          .optional("ok", Type.BOOLEAN)
          .optional("age", Type.INT)
          .optional("big", Type.LONG)
          .optional("f", Type.FLOAT)
          .optional("d", Type.DOUBLE)
          .optional("price", Type.decimal(5, 2))
          .optional("day", Type.DATE)
          .optional("at", Type.TIME)
          .optional("ts", Type.TIMESTAMP)
          .optional("tz", Type.TIMESTAMPTZ)
          .optional("name", Type.STRING)
          .optional("id", Type.UUID)
          .optional("fix", Type.fixed(2))
          .optional("bin", Type.BINARY)
          .build();

  private static Bound bind(String filter) {
    return Predicate.parse(filter).bind(SCHEMA);
  }

  private static Bound bind(Predicate predicate) {
    return predicate.bind(SCHEMA);
  }

  private static Field field(String name) {
    return SCHEMA.field(name);
  }

  private static Object literal(Predicate predicate) {
    return ((Bound.Compare) bind(predicate)).literal();
  }

  private static Object literal(String filter) {
    return literal(Predicate.parse(filter));
  }

  private static Bound.Compare compare(String name, Op op, Object literal, boolean nanMatches) {
    return new Bound.Compare(field(name), op, literal, nanMatches);
  }

  @Test
  void numbersBecomeTheColumnsOwnClassIfExact() {
    assertThat(literal("age = 30")).isEqualTo(30);
    assertThat(literal("age = 30.0")).isEqualTo(30);
    assertThat(literal("big = 1e6")).isEqualTo(1_000_000L);
    assertThat(literal("big = 0e-999999999")).isEqualTo(0L);
    assertThat(literal(column("big").eq((short) 3))).isEqualTo(3L);
    assertThat(literal("d = 0.1")).isEqualTo(0.1);
    assertThat(literal("d = 3")).isEqualTo(3.0);
    assertThat(literal("d = 1e20")).isEqualTo(1e20);
    assertThat(literal("d = 100000000000000000000")).isEqualTo(1e20);
    assertThat(literal("f = 0.1")).isEqualTo(0.1f);
    assertThat(literal(column("f").eq(0.5))).isEqualTo(0.5f);
    assertThat(literal(column("d").eq(0.1f))).isEqualTo((double) 0.1f);
    assertThat(literal(column("d").eq(Double.NEGATIVE_INFINITY)))
        .isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(literal("price = 1.5")).isEqualTo(new BigDecimal("1.50"));
    assertThat(literal("price = 1.5000")).isEqualTo(new BigDecimal("1.50"));
    assertThat(literal("price = 7")).isEqualTo(new BigDecimal("7.00"));
    assertThat(literal(column("price").eq(0.1))).isEqualTo(new BigDecimal("0.10"));
    assertThat(literal(column("price").eq(0.1f))).isEqualTo(new BigDecimal("0.10"));
  }

  @Test
  void theTwoZerosAreOneLiteral() {
    assertThat(literal("d = -0.0")).isEqualTo(0.0);
    assertThat(literal(column("f").eq(-0.0f))).isEqualTo(0.0f);
    assertThat(bind("d in (-0.0, 0.0)")).isEqualTo(compare("d", Op.EQ, 0.0, false));
  }

  @Test
  void textsStandForWhatHasNoLiteralOfItsOwn() {
    assertThat(literal("day = '2024-02-29'")).isEqualTo(LocalDate.of(2024, 2, 29));
    assertThat(literal("at = '10:00:00.000001'")).isEqualTo(LocalTime.of(10, 0, 0, 1000));
    assertThat(literal("ts = '2024-02-29 10:00:00'"))
        .isEqualTo(LocalDateTime.of(2024, 2, 29, 10, 0));
    assertThat(literal("tz = '2024-02-29T10:00:00+02:00'"))
        .isEqualTo(Instant.parse("2024-02-29T08:00:00Z"));
    assertThat(literal("id = '00000000-0000-0001-0000-000000000002'")).isEqualTo(new UUID(1, 2));
    assertThat(literal("fix = '00fF'")).isEqualTo(new byte[] {0, -1});
    assertThat(literal("bin = ''")).isEqualTo(new byte[0]);
    assertThat(literal(column("tz").eq(OffsetDateTime.parse("2024-02-29T10:00:00+02:00"))))
        .isEqualTo(Instant.parse("2024-02-29T08:00:00Z"));
  }

  @Test
  void aDateIsTheFirstMomentOfItsDayForATimestamp() {
    LocalDateTime midnight = LocalDateTime.of(2024, 2, 29, 0, 0);
    assertThat(literal("ts >= '2024-02-29'")).isEqualTo(midnight);
    assertThat(literal("ts >= DATE '2024-02-29'")).isEqualTo(midnight);
    assertThatThrownBy(() -> bind("tz >= '2024-02-29'")).isInstanceOf(FilterException.class);
    assertThatThrownBy(() -> bind("tz >= DATE '2024-02-29'")).isInstanceOf(FilterException.class);
  }

  @Test
  void aLiteralIsCutToMicrosecondsLikeTheRowsWrittenWithIt() {
    assertThat(literal(column("tz").ge(Instant.ofEpochSecond(0, 1_999))))
        .isEqualTo(Instant.ofEpochSecond(0, 1_000));
  }

  @Test
  void aLiteralArrayIsCopied() {
    byte[] mine = {1, 2};
    Object bound = literal(column("fix").eq(mine));
    mine[0] = 9;
    assertThat(bound).isEqualTo(new byte[] {1, 2});
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "age = 'x' | Column 'age' of type int cannot be compared: int cannot hold String 'x'; text"
            + " is not turned into numbers.",
        "age = 2147483648 | int cannot hold Long 2147483648",
        "age = 1.5 | the column holds whole numbers, not 1.5",
        "age = 1e999999999 | the column holds whole numbers, not 1E+999999999",
        "big = 9223372036854775808 | long cannot hold BigInteger 9223372036854775808",
        "big = true | long cannot hold Boolean true",
        "f = 16777217 | float cannot hold Long 16777217",
        "d = 9007199254740993 | double cannot hold Long 9007199254740993",
        "d = 100000000000000000001 | it cannot hold exactly 100000000000000000001",
        "d = 1e999 | 1E+999 is out of its range",
        "d = 1e-999 | 1E-999 is out of its range",
        "f = 1e39 | 1E+39 is out of its range",
        "price = 0.001 | too many digits after the point",
        "price = 1e-999999999 | too many digits after the point",
        "price = 1000 | decimal(5, 2) cannot hold Long 1000",
        "price = 1e999999999 | decimal(5, 2) cannot hold BigDecimal 1E+999999999",
        "day = '2024-02-30' | date cannot hold '2024-02-30': there is no such date",
        "day = 3 | date cannot hold Long 3",
        "ts = '2024-02-29T10:00:00Z' | it has no zone, so leave out Z",
        "ts = TIMESTAMP '2024-02-29T10:00:00Z' | timestamp cannot hold Instant",
        "tz = '2024-02-29T10:00:00' | for example 2024-02-29T10:00:00Z for UTC",
        "tz = TIMESTAMP '2024-02-29T10:00:00' | timestamptz cannot hold LocalDateTime",
        "at = '10:00:00.0000001' | it is finer than microseconds",
        "name = 3 | string cannot hold Long 3",
        "id = 'x' | a uuid is written",
        "fix = '00' | fixed[2] cannot hold byte[] 1 bytes",
        "bin = 'xyz' | bytes are written as pairs of hex digits",
        "ok = 1 | boolean cannot hold Long 1",
        "ok < true | Column 'ok' of type boolean has no order: use = or != instead of <.",
        "age is nan | Column 'age' of type int is never NaN",
        "age starts with '3' | Column 'age' of type int has no beginning",
        "age | int cannot hold Boolean true",
        "nope = 3 | There is no column 'nope'. Columns: ok, age, big,",
        "Name = 'x' | Names are case-sensitive: did you mean 'name'?",
        "nope is null | There is no column 'nope'",
        "age in (1, 'x') | int cannot hold String 'x'",
        "false and nope = 3 | There is no column 'nope'",
        "true or age = 'x' | int cannot hold String 'x'",
        "nope in () | There is no column 'nope'",
      })
  void whatDoesNotFitIsRefused(String filter, String reason) {
    assertThatThrownBy(() -> bind(filter))
        .isInstanceOf(FilterException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void whatOnlyJavaCanWriteIsRefusedToo() {
    assertThatThrownBy(() -> bind(column("d").eq(Double.NaN)))
        .isInstanceOf(FilterException.class)
        .hasMessageContaining("no value equals NaN; ask isNan(), in text IS NAN");
    assertThatThrownBy(() -> bind(column("f").in(1f, Float.NaN)))
        .isInstanceOf(FilterException.class)
        .hasMessageContaining("no value equals NaN");
    assertThatThrownBy(() -> bind(column("price").eq(Double.POSITIVE_INFINITY)))
        .isInstanceOf(FilterException.class)
        .hasMessageContaining("decimals have no Infinity");
    assertThatThrownBy(() -> bind(column("f").eq(0.1)))
        .isInstanceOf(FilterException.class)
        .hasMessageContaining("write 0.1f");
    assertThatThrownBy(() -> bind(column("age").eq(30.0)))
        .isInstanceOf(FilterException.class)
        .hasMessageContaining("int cannot hold Double 30.0");
    assertThatThrownBy(() -> bind(column("name").startsWith("\uD83D")))
        .isInstanceOf(FilterException.class)
        .hasMessageContaining("lone surrogate");
    assertThatThrownBy(() -> column("age").eq(nothing()))
        .isInstanceOf(FilterException.class)
        .hasMessageContaining("Column 'age' is compared with null");
    assertThatThrownBy(() -> column("age").notIn(1, nothing()))
        .isInstanceOf(FilterException.class)
        .hasMessageContaining("Column 'age' is compared with null");
    assertThatThrownBy(() -> column("age").in(Arrays.asList(1, null)))
        .isInstanceOf(FilterException.class)
        .hasMessageContaining("Column 'age' is compared with null");
  }

  private static Object nothing() {
    return null;
  }

  @Test
  void negationGoesDownToTheLeaves() {
    assertThat(bind("not (age > 3 and not name starts with 'x' or big in (1, 2))"))
        .isEqualTo(
            new Bound.And(
                List.of(
                    new Bound.Or(
                        List.of(
                            compare("age", Op.LE, 3, false),
                            new Bound.StartsWith(field("name"), "x", true))),
                    new Bound.In(field("big"), List.of(1L, 2L), false, false))));
    assertThat(bind("not age is null")).isEqualTo(new Bound.IsNull(field("age"), false));
    assertThat(bind("not not d is nan")).isEqualTo(new Bound.IsNan(field("d"), true));
    assertThat(bind("not true")).isEqualTo(new Bound.Constant(false));
  }

  @Test
  void negatedComparisonsKeepTheirNanRows() {
    assertThat(bind("d > 5")).isEqualTo(compare("d", Op.GT, 5.0, false));
    assertThat(bind("not d > 5")).isEqualTo(compare("d", Op.LE, 5.0, true));
    assertThat(bind("d != 5")).isEqualTo(compare("d", Op.NE, 5.0, true));
    assertThat(bind("not d != 5")).isEqualTo(compare("d", Op.EQ, 5.0, false));
    assertThat(bind("not d = 5")).isEqualTo(compare("d", Op.NE, 5.0, true));
    assertThat(bind("f not in (1, 2)"))
        .isEqualTo(new Bound.In(field("f"), List.of(1f, 2f), false, true));
    assertThat(bind("f in (1, 2)"))
        .isEqualTo(new Bound.In(field("f"), List.of(1f, 2f), true, false));
    assertThat(bind("not age > 5")).isEqualTo(compare("age", Op.LE, 5, false));
  }

  @Test
  void listsAreSortedAndDistinct() {
    assertThat(bind("big in (3, 1, 2, 1)"))
        .isEqualTo(new Bound.In(field("big"), List.of(1L, 2L, 3L), true, false));
    assertThat(bind("name in ('😀', '\uFFFD')"))
        .isEqualTo(new Bound.In(field("name"), List.of("\uFFFD", "😀"), true, false));
    assertThat(bind("big in (7, 7)")).isEqualTo(compare("big", Op.EQ, 7L, false));
    assertThat(bind("d not in (7)")).isEqualTo(compare("d", Op.NE, 7.0, true));
  }

  @Test
  void anEmptyListHoldsNothing() {
    assertThat(bind("age in ()")).isEqualTo(new Bound.Constant(false));
    assertThat(bind("age not in ()")).isEqualTo(new Bound.Constant(true));
  }

  @Test
  void everyTextStartsWithNothingAndNullDoesNot() {
    assertThat(bind(column("name").startsWith("")))
        .isEqualTo(new Bound.IsNull(field("name"), false));
    assertThat(bind(not(column("name").startsWith("")))).isEqualTo(new Bound.Constant(false));
  }

  @Test
  void constantsFoldAndJunctionsLieFlat() {
    Bound a = compare("age", Op.EQ, 1, false);
    Bound b = compare("age", Op.EQ, 2, false);
    Bound c = compare("age", Op.EQ, 3, false);
    assertThat(bind("age = 1 and true")).isEqualTo(a);
    assertThat(bind("age = 1 and (age = 2 or true)")).isEqualTo(a);
    assertThat(bind("age = 1 and false")).isEqualTo(new Bound.Constant(false));
    assertThat(bind("age = 1 or not false")).isEqualTo(new Bound.Constant(true));
    assertThat(bind("age = 1 and (age = 2 and age = 3)"))
        .isEqualTo(new Bound.And(List.of(a, b, c)));
    assertThat(bind("age = 1 or not (age != 2 and age != 3)"))
        .isEqualTo(new Bound.Or(List.of(a, b, c)));
    assertThat(bind("age = 1 and (false or age = 2 and age = 3)"))
        .isEqualTo(new Bound.And(List.of(a, b, c)));
    assertThat(bind(Predicate.and())).isEqualTo(new Bound.Constant(true));
    assertThat(bind(Predicate.or())).isEqualTo(new Bound.Constant(false));
    assertThat(bind(not(Predicate.or()))).isEqualTo(new Bound.Constant(true));
  }

  @Test
  void aLongChainBuiltByALoopIsFine() {
    Predicate chain = column("age").eq(0);
    List<Bound> expected = new ArrayList<>(List.of(compare("age", Op.EQ, 0, false)));
    for (int i = 1; i < 20_000; i++) {
      chain = i % 2 == 0 ? chain.or(column("age").eq(i)) : not(not(chain).and(column("age").ne(i)));
      expected.add(compare("age", Op.EQ, i, false));
    }
    assertThat(((Bound.Or) bind(chain)).parts()).isEqualTo(expected);
  }

  @Test
  void deepAlternationIsRefusedBeforeTheStackEnds() {
    Predicate deep = column("age").eq(0);
    for (int i = 1; i < 100_000; i++) {
      deep = i % 2 == 0 ? deep.or(column("age").eq(i)) : deep.and(column("age").eq(i));
    }
    Predicate tooDeep = deep;
    assertThatThrownBy(() -> bind(tooDeep))
        .isInstanceOf(FilterException.class)
        .hasMessageContaining("more than 500 levels deep");
  }
}
