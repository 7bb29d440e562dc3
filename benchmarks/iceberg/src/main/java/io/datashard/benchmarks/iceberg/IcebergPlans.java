package io.datashard.benchmarks.iceberg;

import io.datashard.benchmarks.planning.Plans;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.hadoop.HadoopTables;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * Iceberg Java as a planner, and the maker of the table that is planned on: data files that need
 * not exist, with counts and bounds of six columns, each manifest one commit.
 */
public final class IcebergPlans implements Plans {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.required(2, "ts", Types.TimestampType.withZone()),
          Types.NestedField.required(3, "user_id", Types.LongType.get()),
          Types.NestedField.required(4, "status", Types.StringType.get()),
          Types.NestedField.optional(5, "value", Types.DoubleType.get()),
          Types.NestedField.optional(6, "payload", Types.StringType.get()));

  private static final long FILE_BYTES = 24_000_000;

  private final HadoopTables tables = new HadoopTables(new Configuration());
  private @Nullable Table table;

  @Override
  public void open(String folder) {
    table = tables.load(location(folder));
  }

  private static String location(String folder) {
    return "file://" + Path.of(folder).toAbsolutePath();
  }

  @Override
  public long plan(long low, long high) {
    if (table == null) {
      throw new IllegalStateException("No table is open.");
    }
    Expression filter =
        Expressions.and(
            Expressions.greaterThanOrEqual("id", low), Expressions.lessThan("id", high));
    long rows = 0;
    try (CloseableIterable<FileScanTask> tasks = table.newScan().filter(filter).planFiles()) {
      for (FileScanTask task : tasks) {
        rows += task.file().recordCount();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }

  /** Makes a table of so many data files of so many rows each, ids ascending. */
  void make(String folder, int files, int manifests, int rows) {
    Table made = tables.create(SCHEMA, PartitionSpec.unpartitioned(), location(folder));
    int number = 0;
    for (int manifest = 1; manifest <= manifests; manifest++) {
      AppendFiles append = made.newFastAppend();
      for (; number < (long) files * manifest / manifests; number++) {
        append.appendFile(file(made, number, rows));
      }
      append.commit();
    }
  }

  private static DataFile file(Table table, int number, int rows) {
    Map<Integer, Long> sizes = new HashMap<>();
    Map<Integer, Long> values = new HashMap<>();
    Map<Integer, Long> nulls = new HashMap<>();
    Map<Integer, ByteBuffer> lower = new HashMap<>();
    Map<Integer, ByteBuffer> upper = new HashMap<>();
    for (Types.NestedField field : SCHEMA.columns()) {
      sizes.put(field.fieldId(), FILE_BYTES / 6);
      values.put(field.fieldId(), (long) rows);
      nulls.put(field.fieldId(), 0L);
      lower.put(field.fieldId(), bound(field, (long) number * rows));
      upper.put(field.fieldId(), bound(field, (long) number * rows + rows - 1));
    }
    Map<Integer, Long> nans = Map.of(5, 0L);
    String name = "%s/data/%032x-0.parquet".formatted(table.location(), number * 0x9e3779b9L);
    return DataFiles.builder(table.spec())
        .withPath(name)
        .withFormat(FileFormat.PARQUET)
        .withFileSizeInBytes(FILE_BYTES)
        .withMetrics(new Metrics((long) rows, sizes, values, nulls, nans, lower, upper))
        .build();
  }

  private static ByteBuffer bound(Types.NestedField field, long number) {
    Type type = field.type();
    Object value =
        switch (type.typeId()) {
          case LONG -> (Object) number;
          case TIMESTAMP -> 1_767_225_600_000_000L + number * 1_000;
          case DOUBLE -> number / 7.0;
          default -> "%016x".formatted(number);
        };
    return Conversions.toByteBuffer(type, value);
  }

  /** {@code make FOLDER FILES MANIFESTS ROWS} makes a table; all else as {@link Plans#main}. */
  public static void main(String[] args) throws IOException {
    IcebergPlans plans = new IcebergPlans();
    if (args.length == 5 && args[0].equals("make")) {
      plans.make(
          args[1], Integer.parseInt(args[2]), Integer.parseInt(args[3]), Integer.parseInt(args[4]));
    } else {
      Plans.main(plans, args);
    }
  }
}
