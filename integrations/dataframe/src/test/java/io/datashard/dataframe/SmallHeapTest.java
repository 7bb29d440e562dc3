package io.datashard.dataframe;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.data.Batch;
import io.datashard.data.BatchBuilder;
import io.datashard.schema.Schema;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.dflib.DataFrame;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data frames flow one after another through a heap of 64 MB, however many there are. */
class SmallHeapTest {
  record Event(long id, String status, double value, String payload) {}

  private static final int CHUNK_ROWS = 10_000;

  @TempDir Path folder;

  @Test
  void aMillionRows() throws Exception {
    runWith(1_000_000);
  }

  @Tag("slow")
  @Test
  void tenMillionRows() throws Exception {
    runWith(10_000_000);
  }

  private void runWith(long rows) throws Exception {
    try (Table table = DataShard.createTable(folder.resolve("t"), Schema.of(Event.class))) {
      Iterator<Batch> batches =
          LongStream.iterate(0, first -> first < rows, first -> first + CHUNK_ROWS)
              .mapToObj(first -> batch(table.schema(), first))
              .iterator();
      table.newAppend().batches(() -> batches).commit();
    }
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                InSmallHeap.class.getName(),
                folder.resolve("t").toString(),
                String.valueOf(rows))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(output)).isZero();
  }

  private static Batch batch(Schema schema, long first) {
    BatchBuilder batch = new BatchBuilder(schema);
    for (long id = first; id < first + CHUNK_ROWS; id++) {
      batch.column(0).addLong(id);
      batch.column(1).add("s" + id % 5);
      batch.column(2).addDouble(id * 0.37);
      batch.column(3).add("payload " + id * 7919);
      batch.endRow();
    }
    return batch.build();
  }

  /** What runs in the small heap; any failure ends it with another code than 0. */
  static final class InSmallHeap {
    private InSmallHeap() {}

    public static void main(String[] args) {
      long rows = Long.parseLong(args[1]);
      long seen = 0;
      try (Table table = DataShard.loadTable(Path.of(args[0]));
          Chunks chunks = DataFrames.chunks(table.scan().parallel(2), CHUNK_ROWS)) {
        while (chunks.hasNext()) {
          DataFrame frame = chunks.next();
          if ((Long) frame.getColumn("id").get(0) != seen) {
            throw new IllegalStateException("the chunk after " + seen + " rows begins elsewhere");
          }
          seen += frame.height();
        }
      }
      if (seen != rows) {
        throw new IllegalStateException(seen + " rows, expected " + rows);
      }
    }
  }
}
