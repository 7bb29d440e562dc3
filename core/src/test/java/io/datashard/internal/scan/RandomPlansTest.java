package io.datashard.internal.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.expr.Bound;
import io.datashard.expr.Bound.Facts;
import io.datashard.expr.Predicate;
import io.datashard.expr.RandomFilters;
import io.datashard.schema.Field;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.PartitionSpec.PartitionField;
import io.datashard.schema.Transform;
import io.datashard.storage.LocalStore;
import io.datashard.table.DataFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random tables of known rows, with facts as exact as writers make them or looser: a plan leads to
 * exactly the wanted rows.
 */
class RandomPlansTest {
  @TempDir private Path folder;

  /** A snapshot, and the rows of each of its data files by key. */
  private record Known(SnapshotFiles snapshot, Map<String, List<Map<Integer, Object>>> rows) {
    long wantedIn(String key, Predicate predicate) {
      return rows.get(key).stream()
          .filter(row -> Boolean.TRUE.equals(RandomFilters.evaluate(predicate, row)))
          .count();
    }

    long wanted(Predicate predicate) {
      return rows.keySet().stream().mapToLong(key -> wantedIn(key, predicate)).sum();
    }

    /** Each file answers the residual as it would the whole predicate. */
    long found(FilePlan plan, Predicate predicate) {
      long found = 0;
      for (FileTask task : plan.files()) {
        long left =
            rows.get(task.key()).stream()
                .filter(row -> RandomFilters.evaluate(task.residual(), row))
                .count();
        assertThat(left).as("%s", task).isEqualTo(wantedIn(task.key(), predicate));
        found += left;
      }
      return found;
    }
  }

  @Test
  void plansAndCountsHoldExactlyTheWantedRows() {
    long skipped = 0;
    long certain = 0;
    for (long seed = 0; seed < 300; seed++) {
      RandomFilters random = new RandomFilters(seed);
      Known table = table("t" + seed, random);
      Predicate predicate = random.predicate(2);
      Bound filter = predicate.bind(RandomFilters.SCHEMA);
      long wanted = table.wanted(predicate);

      FilePlan plan = ScanPlanner.plan(table.snapshot(), filter, ScanPlanner.NO_LIMIT);
      assertThat(table.found(plan, predicate)).as("seed %d: %s", seed, filter).isEqualTo(wanted);
      CountPlan count = ScanPlanner.count(table.snapshot(), filter);
      long looked =
          count.filesToLookInto().stream().mapToLong(t -> table.wantedIn(t.key(), predicate)).sum();
      assertThat(count.certainRows() + looked).as("seed %d: %s", seed, filter).isEqualTo(wanted);
      for (long limit : new long[] {0, 1, wanted / 2, wanted, wanted + 1}) {
        FilePlan some = ScanPlanner.plan(table.snapshot(), filter, limit);
        assertThat(keys(some))
            .as("seed %d: the first files", seed)
            .isEqualTo(keys(plan).subList(0, some.files().size()));
        assertThat(table.found(some, predicate))
            .as("seed %d: %s up to %d", seed, filter, limit)
            .isBetween(Math.min(limit, wanted), wanted);
      }
      skipped += table.rows().size() - plan.files().size();
      certain += count.certainRows();
    }
    assertThat(skipped).isGreaterThan(300);
    assertThat(certain).isGreaterThan(300);
  }

  private static List<String> keys(FilePlan plan) {
    return plan.files().stream().map(FileTask::key).toList();
  }

  /** Three manifests of three files each, two times of three partitioned by some column. */
  private Known table(String name, RandomFilters random) {
    @Nullable Field by = random.oneIn(3) ? null : random.pick(RandomFilters.SCHEMA.fields());
    PartitionSpec spec =
        by == null
            ? PartitionSpec.UNPARTITIONED
            : new PartitionSpec(
                0, List.of(new PartitionField(by.id(), 1000, "p", Transform.parse("identity"))));
    SmallTable table =
        new SmallTable(LocalStore.of(folder).at(folder.resolve(name)), RandomFilters.SCHEMA, spec);
    Map<String, List<Map<Integer, Object>>> all = new HashMap<>();
    for (int m = 0; m < 3; m++) {
      List<DataFile> files = new ArrayList<>();
      for (int f = 0; f < 3; f++) {
        List<Map<Integer, Object>> rows = random.rows();
        List<@Nullable Object> partition = new ArrayList<>();
        if (by != null) {
          @Nullable Object value = rows.isEmpty() ? null : rows.get(0).get(by.id());
          rows.forEach(row -> row.put(by.id(), value));
          partition.add(value);
        }
        Map<Field, Facts> facts = new HashMap<>();
        for (Field field : RandomFilters.SCHEMA.fields()) {
          facts.put(field, random.facts(field, rows));
        }
        files.add(table.file(m + "-" + f, rows.size(), partition, facts));
        all.put("data/" + m + "-" + f, rows);
      }
      table.manifest(files.toArray(DataFile[]::new));
    }
    return new Known(table.open(), all);
  }
}
