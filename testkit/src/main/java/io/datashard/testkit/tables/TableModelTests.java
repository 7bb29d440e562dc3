package io.datashard.testkit.tables;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.DataShard;
import io.datashard.Scan;
import io.datashard.Table;
import io.datashard.Transaction;
import io.datashard.expr.Predicate;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.table.Committed;
import io.datashard.table.DataFile;
import io.datashard.testkit.RowFilter;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * I3, I5, I10: a table under random appends, transactions and removals says at every snapshot what
 * a plain list in memory says, under any filter, limit, projection and parallelism.
 */
abstract class TableModelTests extends TableTests {
  private static final Schema SCHEMA =
      Schema.builder()
          .required("id", Type.LONG)
          .optional("n", Type.INT)
          .optional("x", Type.DOUBLE)
          .optional("s", Type.STRING)
          .optional("d", Type.decimal(5, 1))
          .optional("day", Type.DATE)
          .optional("at", Type.TIMESTAMPTZ)
          .optional("ok", Type.BOOLEAN)
          .build();

  /** The rows of one data file. */
  private record File(String location, List<Map<String, @Nullable Object>> rows) {}

  /** What a snapshot should hold. */
  private record Expected(long snapshotId, List<Map<String, @Nullable Object>> rows) {}

  private final List<File> live = new ArrayList<>();
  private final List<Expected> past = new ArrayList<>();
  private long nextId;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void tableSaysWhatTheModelSays(long seed) {
    Random random = new Random(seed);
    try (Table table =
        DataShard.on(l -> disk)
            .newTable("t", SCHEMA)
            .property("write.target-file-size-bytes", "65536")
            .property("write.parquet.page-size-bytes", "1024")
            .property("write.parquet.row-group-size-bytes", "65536")
            .create()) {
      for (int step = 0; step < rounds(25); step++) {
        act(table, random);
        check(table, random, "seed " + seed + ", step " + step);
      }
    }
  }

  private void act(Table table, Random random) {
    Committed done;
    if (live.isEmpty() || random.nextInt(4) > 0) {
      done = table.append(rows(random, random.nextInt(10) == 0 ? 6_000 : 1 + random.nextInt(60)));
    } else {
      try (Transaction tx = table.newTransaction()) {
        if (random.nextBoolean()) {
          tx.append(rows(random, 1 + random.nextInt(30)));
        }
        tx.removeFiles(List.of(live.get(random.nextInt(live.size())).location()));
        if (random.nextInt(3) == 0) {
          tx.rollback();
          return;
        }
        done = tx.commit();
      }
    }
    remember(table, done);
  }

  private final Map<Long, Map<String, @Nullable Object>> written = new LinkedHashMap<>();

  private List<Map<String, @Nullable Object>> rows(Random random, int count) {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Map<String, @Nullable Object> row = new LinkedHashMap<>();
      row.put("id", nextId++);
      row.put("n", maybe(random, () -> random.nextInt(20)));
      row.put(
          "x", maybe(random, () -> random.nextInt(8) == 0 ? Double.NaN : random.nextInt(9) / 2.0));
      row.put("s", maybe(random, () -> TEXTS[random.nextInt(TEXTS.length)]));
      row.put("d", maybe(random, () -> BigDecimal.valueOf(random.nextInt(41) - 20, 1)));
      row.put("day", maybe(random, () -> LocalDate.ofEpochDay(random.nextInt(10) - 5)));
      row.put("at", maybe(random, () -> Instant.ofEpochSecond(random.nextInt(10))));
      row.put("ok", maybe(random, random::nextBoolean));
      rows.add(row);
      written.put(nextId - 1, row);
    }
    return rows;
  }

  private static final String[] TEXTS = {
    "", "a", "ab", "abc", "b", "\uD83D\uDE00", "\uFFFF", "zzzzzzzzzzzzzzzzzzzzzzzz", "Z"
  };

  private static @Nullable Object maybe(Random random, Supplier<Object> value) {
    return random.nextInt(6) == 0 ? null : value.get();
  }

  /** The model follows the table's own list of files, and the rows that were given to it. */
  private void remember(Table table, Committed done) {
    live.clear();
    List<Map<String, @Nullable Object>> all = new ArrayList<>();
    for (DataFile file : table.dataFiles(table.currentSnapshot().orElseThrow()).toList()) {
      long first = (Long) file.lowerBound(SCHEMA.field("id")).orElseThrow();
      List<Map<String, @Nullable Object>> rows = new ArrayList<>();
      for (long id = first; id < first + file.recordCount(); id++) {
        rows.add(written.get(id));
      }
      live.add(new File(file.location(), rows));
      all.addAll(rows);
    }
    past.add(new Expected(done.snapshotId(), all));
  }

  private void check(Table table, Random random, String where) {
    Expected expected = past.get(random.nextInt(past.size()));
    Scan scan = table.scan().at(expected.snapshotId());
    assertThat(scan.count()).as(where).isEqualTo(expected.rows().size());
    for (int i = 0; i < 6; i++) {
      Filter filter = filter(random, 2);
      List<Map<String, @Nullable Object>> wanted =
          expected.rows().stream()
              .filter(r -> Boolean.TRUE.equals(filter.test().apply(r)))
              .toList();
      Scan filtered = scan.where(filter.predicate()).parallel(1 + random.nextInt(3));
      String asked = where + ", " + filter.predicate();
      assertThat(filtered.toMaps()).as(asked).isEqualTo(wanted);
      assertThat(filtered.count()).as(asked).isEqualTo(wanted.size());
      int limit = random.nextInt(20);
      assertThat(filtered.limit(limit).select("s", "id").toMaps())
          .as(asked)
          .isEqualTo(
              wanted.stream()
                  .limit(limit)
                  .map(
                      r -> {
                        Map<String, @Nullable Object> two = new LinkedHashMap<>();
                        two.put("s", r.get("s"));
                        two.put("id", r.get("id"));
                        return two;
                      })
                  .toList());
    }
  }

  /** A predicate, and what it means by SQL's three-valued logic; null is unknown. */
  private record Filter(
      Predicate predicate, Function<Map<String, @Nullable Object>, @Nullable Boolean> test) {}

  private static Filter filter(Random random, int depth) {
    int kind = depth == 0 ? 3 : random.nextInt(6);
    if (kind == 0) {
      Filter a = filter(random, depth - 1);
      Filter b = filter(random, depth - 1);
      return new Filter(
          a.predicate().and(b.predicate()), r -> and(a.test().apply(r), b.test().apply(r)));
    }
    if (kind == 1) {
      Filter a = filter(random, depth - 1);
      Filter b = filter(random, depth - 1);
      return new Filter(
          a.predicate().or(b.predicate()),
          r -> not(and(not(a.test().apply(r)), not(b.test().apply(r)))));
    }
    if (kind == 2) {
      Filter a = filter(random, depth - 1);
      return new Filter(Predicate.not(a.predicate()), r -> not(a.test().apply(r)));
    }
    return leaf(random);
  }

  private static @Nullable Boolean not(@Nullable Boolean a) {
    return a == null ? null : !a;
  }

  private static @Nullable Boolean and(@Nullable Boolean a, @Nullable Boolean b) {
    if (Boolean.FALSE.equals(a) || Boolean.FALSE.equals(b)) {
      return false;
    }
    return a == null || b == null ? null : true;
  }

  private static Filter leaf(Random random) {
    List<String> names = SCHEMA.names();
    String name = names.get(random.nextInt(names.size()));
    if (random.nextInt(6) == 0) {
      return new Filter(Predicate.column(name).isNull(), r -> r.get(name) == null);
    }
    if (name.equals("s") && random.nextInt(3) == 0) {
      String prefix = "abc".substring(0, random.nextInt(4));
      return new Filter(
          Predicate.column("s").startsWith(prefix),
          r -> r.get("s") == null ? null : ((String) r.get("s")).startsWith(prefix));
    }
    Object literal =
        switch (name) {
          case "id" -> (long) random.nextInt(3_000);
          case "n" -> random.nextInt(20);
          case "x" -> random.nextInt(9) / 2.0;
          case "s" -> TEXTS[random.nextInt(TEXTS.length)];
          case "d" -> BigDecimal.valueOf(random.nextInt(41) - 20, 1);
          case "day" -> LocalDate.ofEpochDay(random.nextInt(10) - 5);
          case "at" -> Instant.ofEpochSecond(random.nextInt(10));
          default -> random.nextBoolean();
        };
    Predicate.Op op =
        name.equals("ok")
            ? (random.nextBoolean() ? Predicate.Op.EQ : Predicate.Op.NE)
            : Predicate.Op.values()[random.nextInt(6)];
    return new Filter(
        new Predicate.Compare(name, op, literal),
        r -> {
          Object value = r.get(name);
          return value == null ? null : RowFilter.compare(op, value, literal);
        });
  }
}
