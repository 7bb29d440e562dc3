package io.datashard.benchmarks.iceberg;

import io.datashard.benchmarks.scans.Scans;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.StaticTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.hadoop.HadoopFileIO;
import org.apache.iceberg.hadoop.HadoopTables;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.parquet.Parquet;
import org.jspecify.annotations.Nullable;

/** Iceberg Java's generic records, on the same table as ours: it is one of its own format. */
public final class IcebergScans implements Scans {
  private final Configuration hadoop = new Configuration();
  private final HadoopTables tables = new HadoopTables(hadoop);
  private @Nullable Table table;
  private List<Record> kept = List.of();

  @Override
  public void open(String folder) {
    Path metadata = Path.of(folder).toAbsolutePath().resolve("metadata");
    try {
      Path hint = metadata.resolve("version-hint.text");
      String version = Files.readString(hint, StandardCharsets.UTF_8).trim();
      String file = metadata.resolve("v" + version + ".metadata.json").toString();
      table = new BaseTable(new StaticTableOperations(file, new HadoopFileIO(hadoop)), "benchmark");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Table table() {
    return Objects.requireNonNull(table, "no table is open");
  }

  @Override
  public double[] ask(String query, int threads, long low, long high) {
    return switch (query) {
      case "rows-two" -> rowsOfTwo();
      case "rows", "maps" -> rows();
      default -> throw new UnsupportedOperationException(query);
    };
  }

  private double[] rowsOfTwo() {
    long rows = 0;
    long ids = 0;
    long statuses = 0;
    try (CloseableIterable<Record> records =
        IcebergGenerics.read(table()).select("id", "status").build()) {
      for (Record row : records) {
        rows++;
        ids += row.get(0, Long.class);
        statuses += row.get(1, String.class).length();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new double[] {rows, ids, statuses};
  }

  private double[] rows() {
    double[] sums = new double[7];
    try (CloseableIterable<Record> records = IcebergGenerics.read(table()).build()) {
      for (Record row : records) {
        sums[0]++;
        sums[1] += row.get(0, Long.class);
        OffsetDateTime time = row.get(1, OffsetDateTime.class);
        sums[2] += time.toEpochSecond() * 1_000_000 + time.getNano() / 1_000 - FIRST_MICROS;
        sums[3] += row.get(2, Long.class);
        sums[4] += row.get(3, String.class).length();
        sums[5] += row.get(4, Double.class);
        sums[6] += row.get(5, String.class).length();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sums;
  }

  @Override
  public void keep(String shape, int rows) {
    List<Record> all = new ArrayList<>();
    try (CloseableIterable<Record> records = IcebergGenerics.read(table()).build()) {
      for (Record row : records) {
        if (all.size() == rows) {
          break;
        }
        Record copy = GenericRecord.create(table().schema());
        for (int i = 0; i < row.size(); i++) {
          copy.set(i, row.get(i));
        }
        all.add(copy);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    kept = all;
  }

  @Override
  public void write(String folder) {
    String location = "file://" + Path.of(folder).toAbsolutePath();
    Table made = tables.create(table().schema(), PartitionSpec.unpartitioned(), location);
    String file = made.locationProvider().newDataLocation("0.parquet");
    try {
      DataWriter<Record> writer =
          Parquet.writeData(made.io().newOutputFile(file))
              .forTable(made)
              .createWriterFunc(GenericParquetWriter::create)
              .build();
      try (writer) {
        kept.forEach(writer::write);
      }
      made.newFastAppend().appendFile(writer.toDataFile()).commit();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** See {@link Scans#main}. */
  public static void main(String[] args) throws IOException {
    Scans.main(new IcebergScans());
  }
}
