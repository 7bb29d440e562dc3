package io.datashard.benchmarks.iceberg;

import io.datashard.benchmarks.compare.Contender;
import io.datashard.benchmarks.compare.Worker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.hadoop.HadoopTables;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * Iceberg Java without a catalog: HadoopTables and generic records.
 *
 * <p>Retries of a commit are practically unlimited, since with the default of four most appends of
 * twelve writers would fail; all else is as it comes.
 */
public final class IcebergTable implements Contender<Record> {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "name", Types.StringType.get()),
          Types.NestedField.optional(3, "value", Types.DoubleType.get()));

  private static final Map<String, String> PROPERTIES =
      Map.of(TableProperties.COMMIT_NUM_RETRIES, "1000000");

  private final HadoopTables tables = new HadoopTables(new Configuration());
  private @Nullable Table open;

  @Override
  public void create(String table) {
    open = tables.create(SCHEMA, PartitionSpec.unpartitioned(), PROPERTIES, location(table));
  }

  @Override
  public void open(String table) {
    open = tables.load(location(table));
  }

  private static String location(String table) {
    return "file://" + Path.of(table).toAbsolutePath();
  }

  private Table table() {
    return Objects.requireNonNull(open, "no table is open");
  }

  @Override
  public void append(List<Map<String, Object>> rows) {
    table().newFastAppend().appendFile(write(rows)).commit();
  }

  private DataFile write(List<Map<String, Object>> rows) {
    Table table = table();
    String file = table.locationProvider().newDataLocation(UUID.randomUUID() + ".parquet");
    try {
      DataWriter<Record> writer =
          Parquet.writeData(table.io().newOutputFile(file))
              .forTable(table)
              .createWriterFunc(GenericParquetWriter::create)
              .build();
      try (writer) {
        for (Map<String, Object> row : rows) {
          Record record = GenericRecord.create(table.schema());
          record.set(0, row.get("id"));
          record.set(1, row.get("name"));
          record.set(2, row.get("value"));
          writer.write(record);
        }
      }
      return writer.toDataFile();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public List<Record> read() {
    Table table = table();
    table.refresh();
    List<Record> rows = new ArrayList<>();
    try (CloseableIterable<Record> records = IcebergGenerics.read(table).build()) {
      records.forEach(rows::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }

  @Override
  public long id(Record row) {
    return row.get(0, Long.class);
  }

  @Override
  public @Nullable String name(Record row) {
    return row.get(1, String.class);
  }

  @Override
  public double value(Record row) {
    return row.get(2, Double.class);
  }

  /** Answers orders, see {@link Worker}; with {@code count PATH} prints that table's row count. */
  public static void main(String[] args) throws IOException {
    if (args.length == 2 && args[0].equals("count")) {
      System.out.println(count(args[1]));
    } else {
      Worker.serve(new IcebergTable());
    }
  }

  /** How many rows the table has, from the summary of its newest snapshot. */
  static long count(String table) {
    Table opened = new HadoopTables(new Configuration()).load(location(table));
    return Long.parseLong(opened.currentSnapshot().summary().get("total-records"));
  }
}
