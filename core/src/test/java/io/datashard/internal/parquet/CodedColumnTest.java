package io.datashard.internal.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.data.Batch;
import io.datashard.data.Column;
import io.datashard.expr.Bound;
import io.datashard.expr.Predicate;
import io.datashard.expr.RandomFilters;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * A filter finds the same rows by codes as by values, and the same as a plain evaluation row by
 * row; rows made from codes are the rows that were coded.
 */
class CodedColumnTest {
  private static final Schema SCHEMA =
      Schema.builder()
          .optional("i", Type.INT)
          .optional("l", Type.LONG)
          .optional("f", Type.FLOAT)
          .optional("d", Type.DOUBLE)
          .optional("day", Type.DATE)
          .optional("ts", Type.TIMESTAMP)
          .optional("tz", Type.TIMESTAMPTZ)
          .optional("dec", Type.decimal(14, 3))
          .optional("s", Type.STRING)
          .optional("b", Type.BINARY)
          .optional("u", Type.UUID)
          .build();

  @Test
  void filtersOnCodesAreFiltersOnRows() {
    int found = 0;
    for (long seed = 0; seed < 60; seed++) {
      RandomTable table = new RandomTable(seed, SCHEMA, 1 + new Random(seed).nextInt(700));
      Batch batch = table.batch(0, table.rows().size());
      for (int filters = 0; filters < 20; filters++) {
        Predicate predicate = table.predicate(filters % 4);
        Bound bound = predicate.bind(SCHEMA);
        BatchFilter filter = BatchFilter.of(bound, SCHEMA);
        int[] byCodes = new int[batch.rows()];
        int[] byValues = new int[batch.rows()];
        int count = filter.select(run(batch, true), byCodes);
        String about = "seed " + seed + ": " + predicate;
        assertThat(filter.select(run(batch, false), byValues)).as(about).isEqualTo(count);
        List<Integer> expected =
            IntStream.range(0, batch.rows())
                .filter(row -> RandomFilters.evaluate(bound, table.rows().get(row)))
                .boxed()
                .toList();
        assertThat(IntStream.of(byCodes).limit(count).boxed().toList())
            .as(about)
            .isEqualTo(expected);
        found += count;
      }
    }
    assertThat(found).isGreaterThan(10_000);
  }

  @Test
  void rowsMadeFromCodesAreTheRowsThatWereCoded() {
    for (long seed = 100; seed < 140; seed++) {
      RandomTable table = new RandomTable(seed, SCHEMA, 300);
      Batch batch = table.batch(0, 300);
      FilterRun run = run(batch, true);
      int[] some = new Random(seed).ints(0, 300).limit(120).sorted().toArray();
      for (int place = 0; place < SCHEMA.size(); place++) {
        if (run.codes(place) == null) {
          continue;
        }
        Column taken = run.take(place, some, some.length);
        Column all = run.column(place);
        for (int i = 0; i < some.length; i++) {
          assertThat(taken.value(i)).isEqualTo(batch.column(place).value(some[i]));
        }
        for (int row = 0; row < 300; row++) {
          assertThat(all.value(row)).isEqualTo(batch.column(place).value(row));
        }
        assertThat(all.nullCount()).isEqualTo(batch.column(place).nullCount());
      }
    }
  }

  private static FilterRun run(Batch batch, boolean coded) {
    FilterRun run = new FilterRun(batch.rows(), batch.columns().size());
    for (int place = 0; place < batch.columns().size(); place++) {
      Column column = batch.column(place);
      Map<Object, Integer> codes = new HashMap<>();
      List<Integer> firsts = new ArrayList<>();
      int[] rowCodes = new int[batch.rows()];
      for (int row = 0; row < batch.rows(); row++) {
        Object value = column.value(row);
        if (value != null) {
          rowCodes[row] =
              codes.computeIfAbsent(
                  value,
                  ignored -> {
                    firsts.add(0);
                    return firsts.size() - 1;
                  });
          firsts.set(rowCodes[row], row);
        }
      }
      if (!coded || firsts.isEmpty()) {
        run.set(place, column);
        continue;
      }
      int[] entryRows = firsts.stream().mapToInt(Integer::intValue).toArray();
      Column entries = column.take(entryRows, entryRows.length);
      run.set(place, new CodedColumn(entries, rowCodes, batch.rows(), column.validity()));
    }
    return run;
  }
}
