package io.datashard.expr;

import static io.datashard.expr.Predicate.column;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.datashard.expr.Bound.Facts;
import io.datashard.expr.Bound.Match;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** NONE and ALL are certain, whatever the facts leave out; what facts can tell, they tell. */
class FactsMatchTest {
  private static final Schema SCHEMA =
      Schema.builder()
          .optional("n", Type.LONG)
          .optional("d", Type.DOUBLE)
          .optional("s", Type.STRING)
          .optional("u", Type.UUID)
          .build();

  @Test
  void noneAndAllAreCertainForRandomRowsFactsAndPredicates() {
    Map<Match, Integer> seen = new EnumMap<>(Match.class);
    for (long seed = 0; seed < 30_000; seed++) {
      RandomFilters random = new RandomFilters(seed);
      List<Map<Integer, Object>> rows = random.rows();
      Predicate predicate = random.predicate(random.oneIn(2) ? 0 : 3);
      Bound bound = predicate.bind(RandomFilters.SCHEMA);
      Map<Integer, Facts> facts = new HashMap<>();
      for (Field field : RandomFilters.SCHEMA.fields()) {
        facts.put(field.id(), random.facts(field, rows));
      }

      Bound residual = bound.residual(field -> facts.get(field.id()));
      long matching = 0;
      for (Map<Integer, Object> row : rows) {
        boolean wanted = Boolean.TRUE.equals(RandomFilters.evaluate(predicate, row));
        if (RandomFilters.evaluate(bound, row) != wanted) {
          fail("seed %d: %s as %s on %s is not %s", seed, predicate, bound, row, wanted);
        }
        if (RandomFilters.evaluate(residual, row) != wanted) {
          fail("seed %d: %s left of %s on %s is not %s", seed, residual, bound, row, wanted);
        }
        matching += wanted ? 1 : 0;
      }
      Match match = bound.match(field -> facts.get(field.id()));
      boolean right =
          switch (match) {
            case NONE -> matching == 0;
            case SOME -> true;
            case ALL -> matching == rows.size();
          };
      if (!right) {
        fail("seed %d: %s gives %s for %s with %s", seed, bound, match, rows, facts);
      }
      seen.merge(match, 1, Integer::sum);
    }
    assertThat(seen.values()).as("each outcome often enough: %s", seen).allMatch(n -> n > 3_000);
  }

  @Test
  void boundsDecideOrdinaryValues() {
    Facts from10To20 = new Facts(5, 0, 0, 10L, 20L);
    assertMatch("n = 9", from10To20, Match.NONE);
    assertMatch("n = 10", from10To20, Match.SOME);
    assertMatch("n != 21", from10To20, Match.ALL);
    assertMatch("n < 10", from10To20, Match.NONE);
    assertMatch("n <= 10", from10To20, Match.SOME);
    assertMatch("n <= 20", from10To20, Match.ALL);
    assertMatch("n > 20", from10To20, Match.NONE);
    assertMatch("n >= 10", from10To20, Match.ALL);
    assertMatch("n between 10 and 20", from10To20, Match.ALL);
    assertMatch("n not between 10 and 20", from10To20, Match.NONE);
    assertMatch("n in (1, 2, 30)", from10To20, Match.NONE);
    assertMatch("n in (1, 15)", from10To20, Match.SOME);
    assertMatch("n not in (1, 30)", from10To20, Match.ALL);
    assertMatch("n = 7", new Facts(5, 0, 0, 7L, 7L), Match.ALL);
    assertMatch("n in (6, 7)", new Facts(5, 0, 0, 7L, 7L), Match.ALL);
    assertMatch("n < 10 or n > 20", from10To20, Match.NONE);
    assertMatch("n is not null and n > 0", from10To20, Match.ALL);
  }

  @Test
  void oneBoundIsEnoughWhereItDecides() {
    assertMatch("n > 20", new Facts(5, 0, 0, null, 20L), Match.NONE);
    assertMatch("n <= 20", new Facts(5, 0, 0, null, 20L), Match.ALL);
    assertMatch("n in (21, 22)", new Facts(5, 0, 0, null, 20L), Match.NONE);
    assertMatch("n in (8, 9)", new Facts(5, 0, 0, 10L, null), Match.NONE);
  }

  @Test
  void nullsKeepARangeFromBeingAll() {
    assertMatch("n >= 10", new Facts(5, 1, 0, 10L, 20L), Match.SOME);
    assertMatch("n >= 10", new Facts(5, -1, 0, 10L, 20L), Match.SOME);
    assertMatch("n is null", new Facts(5, 5, 0, null, null), Match.ALL);
    assertMatch("n is not null", new Facts(5, 5, 0, null, null), Match.NONE);
    assertMatch("n is null", new Facts(5, 0, 0, null, null), Match.NONE);
    assertMatch("n != 3", new Facts(5, 5, 0, null, null), Match.NONE);
    assertMatch("not (n = 3)", new Facts(5, 5, 0, null, null), Match.NONE);
  }

  @Test
  void nanThatMayBeThereCounts() {
    assertMatch("d >= 1", new Facts(5, 0, 0, 1.0, 2.0), Match.ALL);
    assertMatch("d >= 1", new Facts(5, 0, -1, 1.0, 2.0), Match.SOME);
    assertMatch("not (d < 1)", new Facts(5, 0, 3, 1.0, 2.0), Match.ALL);
    assertMatch("not (d < 9)", new Facts(5, 0, -1, 1.0, 2.0), Match.SOME);
    assertMatch("not (d < 9)", new Facts(5, 0, 0, 1.0, 2.0), Match.NONE);
    assertMatch("d is nan", new Facts(5, 2, 3, null, null), Match.SOME);
    assertMatch("d is nan", new Facts(5, 0, 5, null, null), Match.ALL);
    assertMatch("d < 5", new Facts(5, 2, 3, null, null), Match.NONE);
    assertMatch("d < 5", new Facts(5, 0, 0, Double.NaN, 9.0), Match.SOME);
    assertMatch("d > 10", new Facts(5, 0, 0, 8.0, Double.NaN), Match.SOME);
    assertMatch("d < 5", new Facts(5, 0, 0, 8.0, Double.NaN), Match.SOME);
  }

  @Test
  void bothZerosAreOneNumber() {
    assertMatch("d = 0", new Facts(5, 0, 0, -0.0, 0.0), Match.ALL);
    assertMatch("d < 0", new Facts(5, 0, 0, -0.0, 0.0), Match.NONE);
    assertMatch("d >= 0", new Facts(5, 0, 0, -0.0, 7.0), Match.ALL);
    assertMatch("d > -0.0", new Facts(5, 0, 0, 0.0, 0.0), Match.NONE);
  }

  @Test
  void truncatedTextBoundsProveNoEquality() {
    Facts truncated = new Facts(5, 0, 0, "ab", "ac"); // all rows may be "abc"
    assertMatch("s = 'abc'", truncated, Match.SOME);
    assertMatch("s starts with 'a'", truncated, Match.ALL);
    assertMatch("s starts with 'abc'", truncated, Match.SOME);
    assertMatch("s starts with 'b'", truncated, Match.NONE);
    assertMatch("s not starts with 'b'", truncated, Match.ALL);
    assertMatch("s starts with 'aa'", truncated, Match.NONE);
    assertMatch("s starts with 'ac'", truncated, Match.SOME);
    assertMatch("s starts with 'acx'", truncated, Match.NONE);
  }

  @Test
  void textIsComparedByCodePoint() {
    assertMatch("s > '\uFFFD'", new Facts(5, 0, 0, "😀", "😀a"), Match.ALL);
    assertMatch("s <= '\uFFFD'", new Facts(5, 0, 0, "a", "\uE000"), Match.ALL);
    assertMatch("s = '😀'", new Facts(5, 0, 0, "a", "\uFFFD"), Match.NONE);
  }

  @Test
  void uuidBoundsAreUsedWhereBothOrdersOfWritersAgree() {
    UUID low = UUID.fromString("10000000-0000-4000-8000-000000000000");
    UUID high = UUID.fromString("20000000-0000-4000-8000-000000000000");
    String far = "u = '90000000-0000-4000-8000-000000000000'";
    assertMatch(far, new Facts(5, 0, 0, low, high), Match.NONE);
    assertMatch("u = '" + low + "'", new Facts(5, 0, 0, low, low), Match.ALL);
    UUID negative = UUID.fromString("80000000-0000-4000-8000-000000000000");
    assertMatch(far, new Facts(5, 0, 0, low, negative), Match.NONE);
    assertMatch(far, new Facts(5, 0, 0, negative, low), Match.SOME); // signed: it lies between
    assertMatch(far, new Facts(5, 0, 0, null, low), Match.SOME);
  }

  @Test
  void noRowsMatchNothing() {
    Facts empty = new Facts(0, 0, 0, null, null);
    assertMatch("n = 1 or s is null or d is nan", empty, Match.NONE);
    assertMatch("n != 1", new Facts(0, -1, -1, null, null), Match.NONE);
  }

  @Test
  void withoutFactsOnlyConstantsAreCertain() {
    assertMatch("n = 1", Facts.UNKNOWN, Match.SOME);
    assertMatch("n is null", Facts.UNKNOWN, Match.SOME);
    assertMatch("d is not nan", Facts.UNKNOWN, Match.SOME);
    assertMatch("true", Facts.UNKNOWN, Match.ALL);
    assertMatch("false", Facts.UNKNOWN, Match.NONE);
    assertMatch("n = 1 or true", Facts.UNKNOWN, Match.ALL);
  }

  @Test
  void boundsThatExcludeEveryValueAreNotBelieved() {
    assertMatch("n = 15", new Facts(5, 0, 0, 20L, 10L), Match.SOME);
  }

  @Test
  void theResidualAsksOnlyWhatFactsLeaveOpen() {
    Facts from10To20 = new Facts(5, 0, 0, 10L, 20L);
    Function<Field, Facts> facts = field -> field.name().equals("n") ? from10To20 : Facts.UNKNOWN;
    assertThat(bind("n > 5 and s = 'x'").residual(facts)).isEqualTo(bind("s = 'x'"));
    assertThat(bind("n > 50 or s = 'x'").residual(facts)).isEqualTo(bind("s = 'x'"));
    assertThat(bind("n > 5 and (n > 50 or s = 'x' or s is null)").residual(facts))
        .isEqualTo(bind("s = 'x' or s is null"));
    assertThat(bind("n > 50 and s = 'x'").residual(facts)).isEqualTo(new Bound.Constant(false));
    assertThat(bind("n > 5 or s = 'x'").residual(facts)).isEqualTo(new Bound.Constant(true));
    assertThat(bind("n > 15 and s = 'x'").residual(facts)).isEqualTo(bind("n > 15 and s = 'x'"));
  }

  private static Bound bind(String filter) {
    return Predicate.parse(filter).bind(SCHEMA);
  }

  @Test
  void fieldsAreListedOnceInTheOrderTheyAppear() {
    Predicate predicate =
        column("s").isNull().or(column("n").gt(1).and(column("s").startsWith("x")));
    assertThat(predicate.bind(SCHEMA).fields()).extracting(Field::name).containsExactly("s", "n");
    assertThat(Predicate.ALWAYS.bind(SCHEMA).fields()).isEmpty();
  }

  private static void assertMatch(String filter, Facts facts, Match expected) {
    assertThat(Predicate.parse(filter).bind(SCHEMA).match(field -> facts))
        .as("%s with %s", filter, facts)
        .isEqualTo(expected);
  }

  @Test
  void anUpperBoundMayLieJustAboveTheValues() {
    Facts below20 = new Facts(5, 0, 0, 10L, 20L, false, Bound.ANYTHING);
    assertMatch("n = 20", below20, Match.NONE);
    assertMatch("n in (20, 21)", below20, Match.NONE);
    assertMatch("n != 20", below20, Match.ALL);
    assertMatch("n >= 20", below20, Match.NONE);
    assertMatch("n < 20", below20, Match.ALL);
    assertMatch("n < 19", below20, Match.SOME);
    assertMatch("n = 15", new Facts(5, 0, 0, 15L, 15L, false, Bound.ANYTHING), Match.SOME);
  }

  @Test
  void textsThatStartAlikeEndWhereTheNextOnesStart() {
    Facts ab = new Facts(5, 0, 0, "ab", "ac", false, Bound.ANYTHING);
    assertMatch("s starts with 'ab'", ab, Match.ALL);
    assertMatch("s starts with 'a'", ab, Match.ALL);
    assertMatch("not (s starts with 'ab')", ab, Match.NONE);
    assertMatch("s starts with 'abc'", ab, Match.SOME);
    assertMatch("s starts with 'ac'", ab, Match.NONE);
    Facts last = new Facts(5, 0, 0, "\udbff\udfff", null, true, Bound.ANYTHING);
    assertMatch("s starts with '\udbff\udfff'", last, Match.ALL);
    Facts beforeSurrogates = new Facts(5, 0, 0, "\ud7ff", "\ue000", false, Bound.ANYTHING);
    assertMatch("s starts with '\ud7ff'", beforeSurrogates, Match.ALL);
  }

  @Test
  void valuesThatCannotBeThereAreNotLookedFor() {
    Facts even = new Facts(5, 0, 0, null, null, true, value -> (Long) value % 2 == 0);
    assertMatch("n = 3", even, Match.NONE);
    assertMatch("n in (1, 3)", even, Match.NONE);
    assertMatch("n in (1, 4)", even, Match.SOME);
    assertMatch("n not in (1, 3)", even, Match.ALL);
    assertMatch("n > 3", even, Match.SOME);
  }
}
