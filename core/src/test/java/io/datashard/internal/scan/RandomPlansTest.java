package io.datashard.internal.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.expr.Bound;
import io.datashard.expr.Bound.Facts;
import io.datashard.expr.Predicate;
import io.datashard.expr.RandomFilters;
import io.datashard.schema.Field;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.PartitionSpec.PartitionField;
import io.datashard.schema.StoredTransforms;
import io.datashard.schema.Transform;
import io.datashard.storage.LocalStore;
import io.datashard.table.DataFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random tables of known rows, with facts as exact as writers make them or looser: a plan leads to
 * exactly the wanted rows.
 */
class RandomPlansTest {
  private static final List<Transform> TRANSFORMS =
      Stream.of(
              "identity",
              "identity",
              "bucket[2]",
              "bucket[5]",
              "truncate[1]",
              "truncate[2]",
              "truncate[10]",
              "year",
              "month",
              "day",
              "hour",
              "void")
          .map(Transform::parse)
          .toList();

  private static final Object NO_RESULT = new Object();

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
    for (long seed = 0; seed < 400; seed++) {
      RandomFilters random = new RandomFilters(seed);
      Known table = table("t" + seed, random);
      Predicate predicate = random.predicate(2);
      Bound filter = predicate.bind(RandomFilters.SCHEMA);
      long wanted = table.wanted(predicate);

      FilePlan plan = ScanPlanner.plan(table.snapshot(), filter, ScanPlanner.NO_LIMIT);
      assertThat(table.found(plan, predicate)).as("seed %d: %s", seed, filter).isEqualTo(wanted);
      FilePlan atOnce =
          ScanPlanner.plan(
              List.of(ScanPart.all(table.snapshot())),
              filter,
              ScanPlanner.NO_LIMIT,
              new ScanPlanner.Settings(1, 1));
      assertThat(keys(atOnce)).as("seed %d: %s", seed, filter).isEqualTo(keys(plan));
      assertThat(atOnce.counts()).as("seed %d: %s", seed, filter).isEqualTo(plan.counts());
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

  /** Three manifests of three files each, two times of three partitioned by one or two columns. */
  private Known table(String name, RandomFilters random) {
    List<PartitionField> by = new ArrayList<>();
    for (int i = random.oneIn(3) ? 0 : random.oneIn(2) ? 1 : 2; i > 0; i--) {
      Field source = random.pick(RandomFilters.SCHEMA.fields());
      List<Transform> all = TRANSFORMS.stream().filter(t -> t.takes(source.type())).toList();
      by.add(new PartitionField(source.id(), 1000 + by.size(), "p" + i, random.pick(all)));
    }
    PartitionSpec spec = new PartitionSpec(0, by);
    SmallTable table =
        new SmallTable(LocalStore.of(folder).at(folder.resolve(name)), RandomFilters.SCHEMA, spec);
    Map<String, List<Map<Integer, Object>>> all = new HashMap<>();
    for (int m = 0; m < 3; m++) {
      List<DataFile> files = new ArrayList<>();
      for (int f = 0; f < 3; f++) {
        List<Map<Integer, Object>> rows = random.rows();
        List<@Nullable Object> partition = partition(spec, rows, random);
        Map<Field, Facts> facts = new HashMap<>();
        for (Field field : RandomFilters.SCHEMA.fields()) {
          // Without facts of columns, what partitions tell is all there is.
          facts.put(field, by.isEmpty() ? random.facts(field, rows) : Facts.UNKNOWN);
        }
        files.add(table.file(m + "-" + f, rows.size(), partition, facts));
        all.put("data/" + m + "-" + f, rows);
      }
      table.manifest(files.toArray(DataFile[]::new));
    }
    return new Known(table.open(), all);
  }

  /** The partition of the first row that has one; the others get values that belong there too. */
  private static List<@Nullable Object> partition(
      PartitionSpec spec, List<Map<Integer, Object>> rows, RandomFilters random) {
    List<@Nullable Object> partition = new ArrayList<>();
    Map<Integer, List<Object>> fitting = new HashMap<>();
    for (PartitionField by : spec.fields()) {
      Field source = RandomFilters.SCHEMA.fieldById(by.sourceId()).orElseThrow();
      List<Object> before =
          fitting.getOrDefault(by.sourceId(), RandomFilters.VALUES.get(source.name()));
      @Nullable Object first = rows.isEmpty() ? null : rows.get(0).get(source.id());
      @Nullable Object result = result(by.transform(), source, first);
      if (result == NO_RESULT) {
        first = before.get(before.size() - 1);
        rows.get(0).put(source.id(), first);
        result = result(by.transform(), source, first);
      }
      Object wanted = result;
      partition.add(result);
      List<Object> others =
          before.stream()
              .filter(value -> same(result(by.transform(), source, value), wanted))
              .toList();
      fitting.put(source.id(), others);
      boolean isVoid = by.transform().kind() == Transform.Kind.VOID;
      for (Map<Integer, Object> row : rows.subList(Math.min(1, rows.size()), rows.size())) {
        row.put(
            source.id(),
            result == null && !isVoid ? null : others.isEmpty() ? first : random.pick(others));
      }
    }
    return partition;
  }

  private static @Nullable Object result(
      Transform transform, Field source, @Nullable Object value) {
    try {
      return transform.apply(source.type(), value);
    } catch (IllegalArgumentException e) {
      // As Iceberg's Java library truncates the lowest numbers.
      return switch (source.type().kind()) {
        case INT -> (int) StoredTransforms.truncate((Integer) value, transform.parameter());
        case LONG -> (Long) value - Math.floorMod((Long) value, (long) transform.parameter());
        default -> NO_RESULT;
      };
    }
  }

  private static boolean same(@Nullable Object a, @Nullable Object b) {
    return a instanceof byte[] x && b instanceof byte[] y
        ? Arrays.equals(x, y)
        : Objects.equals(a, b);
  }
}
