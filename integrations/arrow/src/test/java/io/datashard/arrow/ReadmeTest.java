package io.datashard.arrow;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code in this module's README runs, and stands there as it is here. */
class ReadmeTest {
  @TempDir Path folder;

  @Test
  void theCodeRuns() throws Exception {
    Schema schema =
        Schema.builder().required("id", Type.LONG).optional("status", Type.STRING).build();
    try (Table tasks = DataShard.createTable(folder.resolve("tasks"), schema);
        Table copy = DataShard.createTable(folder.resolve("copy"), schema)) {
      tasks.append(List.of(Map.of("id", 1L, "status", "ok"), Map.of("id", 2L)));
      example(tasks, copy);
      assertThat(copy.scan().count()).isEqualTo(2);
    }
  }

  private static void example(Table tasks, Table copy) throws Exception {
    // README
    // Vectors of Arrow's Java library, one batch after another.
    try (BufferAllocator allocator = new RootAllocator();
        ArrowReader reader = Arrow.of(tasks.scan().where("id > 0"), allocator)) {
      while (reader.loadNextBatch()) {
        VectorSchemaRoot root = reader.getVectorSchemaRoot();
        System.out.println(root.getRowCount() + " rows, ids from " + root.getVector("id"));
      }
    }

    // A stream for pandas, Polars, pyarrow, DuckDB, and one appended in one commit.
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ArrowIpc.write(tasks.scan(), out);
    ArrowIpc.append(copy, new ByteArrayInputStream(out.toByteArray()));
    // README ends
  }

  @Test
  void theCodeStandsThere() throws Exception {
    List<String> lines =
        Files.readAllLines(Path.of("src/test/java/io/datashard/arrow/ReadmeTest.java"));
    List<String> code = new ArrayList<>();
    boolean inside = false;
    for (String line : lines) {
      if (line.strip().equals("// README ends")) {
        break;
      }
      if (inside) {
        code.add(line.startsWith("    ") ? line.substring(4) : line);
      }
      inside |= line.strip().equals("// README");
    }
    assertThat(code).isNotEmpty();
    assertThat(Files.readString(Path.of("README.md"))).contains(String.join("\n", code));
  }
}
