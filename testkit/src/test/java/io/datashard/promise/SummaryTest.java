package io.datashard.promise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.DataShard;
import io.datashard.NewTable;
import io.datashard.Scan;
import io.datashard.Table;
import io.datashard.error.FilterException;
import io.datashard.error.StorageException;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.schema.ValueOrder;
import io.datashard.table.ColumnSummary;
import io.datashard.table.Committed;
import io.datashard.testkit.FaultyStorage;
import io.datashard.testkit.MemoryStorage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What metadata tells of columns is what reading tells, and where metadata tells it nothing is
 * read.
 */
class SummaryTest {
  private static final String[] FILTERS = {
    "id >= 0",
    "id < 100",
    "id >= 37 and id < 250",
    "word = 'ok'",
    "word in ('ok', 'failed')",
    "d > 1.0",
    "d is nan",
    "f is not null",
    "text is null",
    "text starts with 't1'",
    "i < 25",
    "l between -5 and 20",
    "not (bool = true)",
    "id < 60 or word = 'retried'",
    "id < 0",
  };

  private final MemoryStorage disk = new MemoryStorage();
  private final AtomicInteger opened = new AtomicInteger();
  private final FaultyStorage counting = FaultyStorage.planned(disk, this::opens);

  /** As text, so that byte strings compare. */
  private static String text(ColumnSummary summary) {
    return String.join(
        " ",
        summary.column(),
        summary.type().toString(),
        "rows=" + summary.rows(),
        "nulls=" + summary.nulls(),
        "nans=" + summary.nans(),
        "min=" + text(summary.min()),
        "max=" + text(summary.max()));
  }

  private static String text(@Nullable Object value) {
    return value instanceof byte[] bytes ? HexFormat.of().formatHex(bytes) : String.valueOf(value);
  }

  private static List<String> texts(List<ColumnSummary> summaries) {
    return summaries.stream().map(SummaryTest::text).toList();
  }

  /** By the plainest means: maps, one after another. */
  private static List<String> byRows(Scan scan) {
    List<String> all = new ArrayList<>();
    List<Map<String, @Nullable Object>> rows = scan.parallel(1).toMaps();
    for (Field field : scan.schema().fields()) {
      long nulls = 0;
      long nans = 0;
      @Nullable Object min = null;
      @Nullable Object max = null;
      for (Map<String, @Nullable Object> row : rows) {
        Object value = row.get(field.name());
        if (value == null) {
          nulls++;
        } else if (value.equals(Double.NaN) || value.equals(Float.NaN)) {
          nans++;
        } else {
          min = min == null || ValueOrder.compare(field.type(), value, min) < 0 ? value : min;
          max = max == null || ValueOrder.compare(field.type(), value, max) > 0 ? value : max;
        }
      }
      all.add(
          text(new ColumnSummary(field.name(), field.type(), rows.size(), nulls, nans, min, max)));
    }
    return all;
  }

  private NewTable newTable(String name, Schema schema) {
    return DataShard.on(location -> counting).newTable(name, schema);
  }

  @Test
  void randomTablesOfAllTypes() {
    for (long seed = 0; seed < 8; seed++) {
      AnyValues values = new AnyValues(seed);
      Random random = values.random();
      MemoryStorage own = new MemoryStorage();
      NewTable made =
          DataShard.on(location -> own)
              .newTable("t", AnyValues.SCHEMA)
              .property("write.parquet.row-group-size-bytes", "65536");
      if (random.nextInt(3) == 0) {
        made = made.partitionedBy("word");
      }
      try (Table table = made.create()) {
        Committed middle = null;
        for (int commits = random.nextInt(7); commits >= 0; commits--) {
          values.turn();
          List<Map<String, @Nullable Object>> rows = new ArrayList<>();
          for (int i = random.nextInt(random.nextInt(3) == 0 ? 2_000 : 200); i >= 0; i--) {
            rows.add(values.row());
          }
          Committed last = table.append(rows);
          middle = middle == null || random.nextInt(3) == 0 ? last : middle;
        }
        List<Scan> scans = new ArrayList<>(List.of(table.scan()));
        for (String filter : FILTERS) {
          scans.add(table.scan().where(filter));
        }
        long snapshot = java.util.Objects.requireNonNull(middle).snapshotId();
        scans.add(table.scan().at(snapshot));
        scans.add(table.scan().appendedAfter(snapshot));
        scans.add(table.scan().where("id < 90").select("word", "d", "id"));
        for (int i = 0; i < scans.size(); i++) {
          String about = "seed " + seed + ", scan " + i;
          List<String> expected = byRows(scans.get(i));
          assertThat(texts(scans.get(i).summary())).as(about).isEqualTo(expected);
          assertThat(texts(scans.get(i).parallel(3).summary())).as(about).isEqualTo(expected);
          Scan limited = scans.get(i).limit(random.nextInt(200));
          assertThat(texts(limited.summary())).as(about).isEqualTo(byRows(limited));
        }
      }
    }
  }

  private FaultyStorage.Fault opens(int number, FaultyStorage.Verb verb, String key) {
    if (verb == FaultyStorage.Verb.OPEN && key.startsWith("data/")) {
      opened.incrementAndGet();
    }
    return FaultyStorage.Fault.NONE;
  }

  private long opened() {
    return opened.get();
  }

  private static final Schema LOG =
      Schema.builder()
          .required("id", Type.LONG)
          .optional("status", Type.STRING)
          .optional("value", Type.DOUBLE)
          .optional("note", Type.STRING)
          .build();

  private static List<Map<String, @Nullable Object>> log(int from, int to) {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (int i = from; i < to; i++) {
      Map<String, @Nullable Object> row = new HashMap<>();
      row.put("id", (long) i);
      row.put("status", i % 3 == 0 ? null : "s" + i % 5);
      row.put("value", i / 8.0);
      row.put("note", "a note that is much longer than what manifests keep " + i);
      rows.add(row);
    }
    return rows;
  }

  @Test
  void nothingIsOpenedWhereMetadataDecides() {
    try (Table table = newTable("t", LOG).create()) {
      for (int i = 0; i < 10; i++) {
        table.append(log(i * 100, i * 100 + 100));
      }
      Scan scan = table.scan().select("id", "status", "value");
      long before = opened();
      assertThat(texts(scan.summary()))
          .containsExactly(
              "id long rows=1000 nulls=0 nans=0 min=0 max=999",
              "status string rows=1000 nulls=334 nans=0 min=s0 max=s4",
              "value double rows=1000 nulls=0 nans=0 min=0.0 max=124.875");
      assertThat(texts(scan.where("id >= 300 and id < 500").summary()))
          .startsWith("id long rows=200 nulls=0 nans=0 min=300 max=499");
      assertThat(texts(scan.where("id < 0").summary()))
          .contains("value double rows=0 nulls=0 nans=0 min=null max=null");
      assertThat(opened() - before).isZero();

      assertThat(texts(scan.where("id >= 350 and id < 500").summary()))
          .startsWith("id long rows=150 nulls=0 nans=0 min=350 max=499");
      assertThat(opened() - before).as("the one file that the filter cuts").isEqualTo(1);

      before = opened();
      assertThat(texts(table.scan().select("note").summary()))
          .containsExactly(
              "note string rows=1000 nulls=0 nans=0"
                  + " min=a note that is much longer than what manifests keep 0"
                  + " max=a note that is much longer than what manifests keep 999");
      assertThat(opened() - before).as("manifests cut long texts; footers tell").isEqualTo(10);
    }
  }

  @Test
  void aTableWithoutRowsHasColumns() {
    try (Table table = newTable("t", LOG).create()) {
      assertThat(texts(table.scan().summary()))
          .startsWith("id long rows=0 nulls=0 nans=0 min=null max=null")
          .hasSize(4);
      assertThatThrownBy(() -> table.scan().select("nope").summary())
          .isInstanceOf(FilterException.class);
    }
  }

  @Test
  void aZeroHasNoSign() {
    Schema schema = Schema.builder().optional("f", Type.FLOAT).optional("d", Type.DOUBLE).build();
    try (Table table = newTable("t", schema).create()) {
      table.append(List.of(Map.of("f", -0.0f, "d", -0.0)));
      List<String> expected =
          List.of(
              "f float rows=1 nulls=0 nans=0 min=0.0 max=0.0",
              "d double rows=1 nulls=0 nans=0 min=0.0 max=0.0");
      assertThat(texts(table.scan().summary())).isEqualTo(expected);
      assertThat(texts(table.scan().limit(5).summary())).isEqualTo(expected);
    }
  }

  @Test
  void aTextThatWasCutIsNoValue() {
    Schema schema = Schema.builder().required("s", Type.STRING).build();
    String highest = "b" + "\udbff\udfff".repeat(17);
    try (Table table = newTable("t", schema).create()) {
      table.append(List.of(Map.of("s", highest), Map.of("s", "0123456789abcdefg")));
      assertThat(table.scan().summary().get(0).max()).isEqualTo(highest);
      assertThat(table.scan().summary().get(0).min()).isEqualTo("0123456789abcdefg");
    }
  }

  @Test
  void whatMustBeReadAndIsDamagedIsAnError() {
    try (Table table = newTable("t", LOG).create()) {
      table.append(log(0, 50));
      String key = disk.listAll("data").stream().map(each -> each.key()).findFirst().orElseThrow();
      disk.delete(key);
      assertThat(table.scan().select("id").summary().get(0).rows()).isEqualTo(50);
      for (Scan scan : List.of(table.scan(), table.scan().where("id < 7"))) {
        assertThatThrownBy(scan::summary)
            .isInstanceOf(StorageException.class)
            .hasMessageContaining(key);
      }
    }
  }
}
