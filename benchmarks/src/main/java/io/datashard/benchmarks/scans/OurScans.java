package io.datashard.benchmarks.scans;

import io.datashard.Batches;
import io.datashard.DataShard;
import io.datashard.RowCursor;
import io.datashard.Scan;
import io.datashard.Table;
import io.datashard.data.Batch;
import io.datashard.data.BytesColumn;
import io.datashard.data.Column;
import io.datashard.data.DoubleColumn;
import io.datashard.data.LongColumn;
import io.datashard.expr.Predicate;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** DataShard for Java. */
public final class OurScans implements Scans {
  static final Schema SCHEMA =
      Schema.builder()
          .optional("id", Type.LONG)
          .optional("ts", Type.TIMESTAMPTZ)
          .optional("user_id", Type.LONG)
          .optional("status", Type.STRING)
          .optional("value", Type.DOUBLE)
          .optional("payload", Type.STRING)
          .build();

  private static final String FAILED = "failed";

  private @Nullable Table table;
  private List<Batch> batches = List.of();
  private List<Map<String, @Nullable Object>> maps = List.of();

  @Override
  public void open(String folder) {
    if (table != null) {
      table.close();
    }
    table = DataShard.loadTable(Path.of(folder));
  }

  private Table table() {
    return Objects.requireNonNull(table, "no table is open");
  }

  @Override
  public double[] ask(String query, int threads, long low, long high) {
    Scan all = table().scan().parallel(threads);
    Predicate failed = Predicate.column("status").eq(FAILED);
    Predicate range = Predicate.column("id").ge(low).and(Predicate.column("id").le(high));
    return switch (query) {
      case "sum" -> sums(all.select("value"));
      case "two" -> sums(all.select("id", "status"));
      case "failed-count" -> new double[] {all.where(failed).count()};
      case "failed" -> sums(all.where(failed));
      case "range" -> sums(all.where(range));
      case "all" -> sums(all);
      case "rows-two" -> rowsOfTwo(all.select("id", "status"));
      case "rows" -> rows(all);
      case "maps" -> maps(all);
      default -> throw new UnsupportedOperationException(query);
    };
  }

  private static double[] sums(Scan scan) {
    long rows = 0;
    double[] sums = new double[scan.schema().size() + 1];
    try (Batches all = scan.batches()) {
      for (Batch batch : all) {
        rows += batch.rows();
        for (int i = 0; i + 1 < sums.length; i++) {
          sums[i + 1] += sum(batch.column(i));
        }
      }
    }
    sums[0] = rows;
    return sums;
  }

  private static double sum(Column column) {
    if (column instanceof DoubleColumn doubles) {
      return sum(doubles);
    }
    if (column instanceof LongColumn longs) {
      return sum(longs, column.type().equals(Type.TIMESTAMPTZ) ? FIRST_MICROS : 0);
    }
    return sum((BytesColumn) column);
  }

  private static double sum(DoubleColumn column) {
    double sum = 0;
    double[] values = column.values();
    boolean anyNull = column.validity() != null;
    for (int i = 0; i < column.size(); i++) {
      sum += anyNull && column.isNull(i) ? 0 : values[i];
    }
    return sum;
  }

  private static double sum(LongColumn column, long zero) {
    long sum = 0;
    long[] values = column.values();
    boolean anyNull = column.validity() != null;
    for (int i = 0; i < column.size(); i++) {
      sum += anyNull && column.isNull(i) ? 0 : values[i] - zero;
    }
    return sum;
  }

  private static double sum(BytesColumn column) {
    int[] codes = column.codes();
    long sum = 0;
    if (codes == null) {
      for (int i = 0; i < column.size(); i++) {
        sum += column.isNull(i) ? 0 : column.end(i) - column.start(i);
      }
      return sum;
    }
    int[] lengths = new int[column.entries()];
    for (int i = 0; i < lengths.length; i++) {
      lengths[i] = column.end(i) - column.start(i);
    }
    boolean anyNull = column.validity() != null;
    for (int i = 0; i < column.size(); i++) {
      sum += anyNull && column.isNull(i) ? 0 : lengths[codes[i]];
    }
    return sum;
  }

  private static double[] rowsOfTwo(Scan scan) {
    long rows = 0;
    long ids = 0;
    long statuses = 0;
    try (RowCursor row = scan.rows()) {
      while (row.next()) {
        rows++;
        ids += row.getLong(0);
        statuses += Objects.requireNonNull(row.getString(1)).length();
      }
    }
    return new double[] {rows, ids, statuses};
  }

  private static double[] rows(Scan scan) {
    long rows = 0;
    long ids = 0;
    long times = 0;
    long users = 0;
    long statuses = 0;
    double values = 0;
    long payloads = 0;
    try (RowCursor row = scan.rows()) {
      while (row.next()) {
        rows++;
        ids += row.getLong(0);
        times += row.getLong(1) - FIRST_MICROS;
        users += row.getLong(2);
        statuses += Objects.requireNonNull(row.getString(3)).length();
        values += row.getDouble(4);
        payloads += Objects.requireNonNull(row.getString(5)).length();
      }
    }
    return new double[] {rows, ids, times, users, statuses, values, payloads};
  }

  private static double[] maps(Scan scan) {
    double[] sums = new double[7];
    try (Stream<Map<String, @Nullable Object>> all = scan.stream()) {
      all.forEach(row -> add(sums, row));
    }
    return sums;
  }

  /** All sums stay below 2 to the 53rd, or are compared to twelve digits. */
  private static void add(double[] sums, Map<String, @Nullable Object> row) {
    sums[0]++;
    sums[1] += (Long) Objects.requireNonNull(row.get("id"));
    Instant time = (Instant) Objects.requireNonNull(row.get("ts"));
    sums[2] += time.getEpochSecond() * 1_000_000 + time.getNano() / 1_000 - FIRST_MICROS;
    sums[3] += (Long) Objects.requireNonNull(row.get("user_id"));
    sums[4] += ((String) Objects.requireNonNull(row.get("status"))).length();
    sums[5] += (Double) Objects.requireNonNull(row.get("value"));
    sums[6] += ((String) Objects.requireNonNull(row.get("payload"))).length();
  }

  @Override
  public void keep(String shape, int rows) {
    batches = new ArrayList<>();
    maps = List.of();
    Scan some = table().scan().limit(rows);
    if (shape.equals("maps")) {
      maps = some.toMaps();
    } else {
      try (Batches all = some.batches()) {
        all.forEach(batches::add);
      }
    }
  }

  @Override
  public void write(String folder) {
    try (Table made = create(folder)) {
      if (maps.isEmpty()) {
        made.newAppend().batches(batches).commit();
      } else {
        made.append(maps);
      }
    }
  }

  /** A table whose commits are not synced, as nobody's files are here. */
  private static Table create(String folder) {
    return DataShard.newTable(Path.of(folder), SCHEMA)
        .property("datashard.durability", "os")
        .create();
  }

  /**
   * {@code import FOLDER FILE...} makes a table of existing Parquet files, {@code own FOLDER
   * FILE...} one that is written from the rows of them; without arguments see {@link Scans#main}.
   */
  public static void main(String[] args) throws IOException {
    if (args.length == 0) {
      Scans.main(new OurScans());
      return;
    }
    Path[] files = Arrays.stream(args).skip(2).map(Path::of).toArray(Path[]::new);
    try (Table made = create(args[1])) {
      switch (args[0]) {
        case "import" -> made.newAppend().files(files).commit();
        case "own" -> {
          for (Path file : files) {
            rewrite(file, made);
          }
        }
        default -> throw new IllegalArgumentException("There is no order '" + args[0] + "'.");
      }
    }
  }

  private static void rewrite(Path file, Table into) {
    Path beside = Path.of(file + "-table");
    try (Table one = create(beside.toString())) {
      one.newAppend().files(file).commit();
      try (Batches rows = one.scan().batches()) {
        into.newAppend().batches(rows).commit();
      }
    }
  }
}
