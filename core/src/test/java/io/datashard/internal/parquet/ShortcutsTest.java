package io.datashard.internal.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.expr.Bound;
import io.datashard.expr.RandomFilters;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Each shortcut alone, each left away, all and none give the same rows, those that the filter is
 * true for: pruned or not, late or early, by entries of dictionaries or by rows.
 */
class ShortcutsTest {
  @Test
  void withAndWithoutEachTheRowsAreTheSame() {
    ReadCounts all = ReadCounts.NONE;
    ReadCounts none = ReadCounts.NONE;
    ReadCounts early = ReadCounts.NONE;
    for (long seed = 0; seed < 60; seed++) {
      RandomTable table = new RandomTable(seed, 1_500);
      Random random = table.random();
      byte[] bytes = ParquetRoundTripTest.write(table, random);
      for (int i = 0; i < 5; i++) {
        Bound filter = table.predicate(3).bind(table.schema());
        List<Field> fields = new ArrayList<>(table.schema().fields());
        Collections.shuffle(fields, random);
        Schema wanted = Schema.of(fields.subList(0, random.nextInt(fields.size() + 1)));
        int batchRows = 1 + random.nextInt(random.nextBoolean() ? 3_000 : 40);
        List<String> expected =
            table.rows().stream()
                .filter(row -> RandomFilters.evaluate(filter, row))
                .map(row -> RandomTable.show(wanted, row))
                .toList();
        for (Set<Shortcut> some : choices()) {
          ReadCounts counts = read(bytes, wanted, filter, batchRows, some, expected);
          if (some.size() == Shortcut.ALL.size()) {
            all = all.plus(counts);
          } else if (some.isEmpty()) {
            none = none.plus(counts);
          } else if (some.equals(without(Shortcut.LATE_COLUMNS))) {
            early = early.plus(counts);
          }
        }
      }
    }
    assertThat(none.rowGroupsSkipped()).as("row groups skipped by no shortcut").isZero();
    assertThat(none.pagesSkipped()).as("pages skipped by no shortcut").isZero();
    assertThat(all.rowGroupsSkipped()).isGreaterThan(100);
    assertThat(all.pagesSkipped()).isGreaterThan(early.pagesSkipped());
    assertThat(early.pagesSkipped()).isGreaterThan(100);
  }

  private static List<Set<Shortcut>> choices() {
    List<Set<Shortcut>> choices = new ArrayList<>(List.of(Shortcut.ALL, Set.of()));
    for (Shortcut one : Shortcut.values()) {
      choices.add(Set.of(one));
      choices.add(without(one));
    }
    return choices;
  }

  private static Set<Shortcut> without(Shortcut one) {
    return EnumSet.complementOf(EnumSet.of(one));
  }

  private static ReadCounts read(
      byte[] bytes,
      Schema wanted,
      Bound filter,
      int batchRows,
      Set<Shortcut> shortcuts,
      List<String> expected) {
    try (ParquetReader reader = ParquetReader.open(new MemoryFile(bytes), Map.of())) {
      BatchReader batches = reader.read(wanted, filter, batchRows, shortcuts);
      assertThat(ParquetRoundTripTest.rows(batches, batchRows))
          .as("%s of %s where %s", shortcuts, wanted, filter)
          .isEqualTo(expected);
      return batches.counts();
    }
  }
}
