package io.datashard.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.datashard.Batches;
import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.table.DataFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Promise: data files are at most 1.05 times as large as pyarrow's at the same level of zstd.
 * Writes the figures into {@code target/file-sizes.md}.
 */
@NeedsPython
class FileSizesTest {
  private static final int TASKS = 200_000;

  @TempDir private Path folder;

  @Test
  void filesAreNoLargerThanPyarrows() throws IOException {
    List<String> report = new ArrayList<>();
    report.add("| rows | zstd level | ours, bytes | pyarrow, bytes | ours / pyarrow |");
    report.add("|---|---:|---:|---:|---:|");
    for (int level : new int[] {1, 3}) {
      JsonNode answer =
          PythonWorker.ask(
              PythonWorker.request("sizes_files")
                  .put("folder", folder.toString())
                  .put("level", level)
                  .put("tasks", TASKS));
      for (Map.Entry<String, JsonNode> file : answer.path("files").properties()) {
        JsonNode theirs = file.getValue();
        long ours = ours(file.getKey() + level, theirs, level);
        double ratio = (double) ours / theirs.path("bytes").asLong();
        report.add(
            String.format(
                Locale.ROOT,
                "| %s, %,d | %d | %,d | %,d | %.3f |",
                file.getKey(),
                theirs.path("rows").asLong(),
                level,
                ours,
                theirs.path("bytes").asLong(),
                ratio));
        assertThat(ratio).as("%s at level %d", file.getKey(), level).isBetween(0.5, 1.05);
      }
    }
    assertThat(report).hasSize(2 + 4);
    Files.write(PythonEnv.MODULE.resolve("target/file-sizes.md"), report);
  }

  /** The sum of our data files' lengths for the same rows. */
  private long ours(String name, JsonNode theirs, int level) {
    Schema.Builder columns = Schema.builder();
    for (JsonNode column : theirs.path("columns")) {
      columns.optional(column.path(0).asText(), Type.parse(column.path(1).asText()));
    }
    Schema schema = columns.build();
    try (Table source = DataShard.createTable(folder.resolve("from " + name), schema);
        Table copy =
            DataShard.newTable(folder.resolve("to " + name), schema)
                .property("write.parquet.compression-level", String.valueOf(level))
                .create()) {
      source.newAppend().files(Path.of(theirs.path("path").asText())).commit();
      try (Batches batches = source.scan().batches()) {
        copy.newAppend().batches(batches).commit();
      }
      assertThat(copy.scan().count()).isEqualTo(theirs.path("rows").asLong());
      try (Stream<DataFile> files = copy.dataFiles(copy.currentSnapshot().orElseThrow())) {
        return files.mapToLong(DataFile::fileSizeBytes).sum();
      }
    }
  }
}
