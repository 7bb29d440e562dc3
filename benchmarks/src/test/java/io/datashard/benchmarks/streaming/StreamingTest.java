package io.datashard.benchmarks.streaming;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamingTest {
  @TempDir Path folder;

  @Test
  void everyShapeSeesEveryRow() {
    ByteArrayOutputStream report = new ByteArrayOutputStream();
    Streaming streaming =
        new Streaming(
            folder.resolve("t"), 20_001, new PrintStream(report, true, StandardCharsets.UTF_8));
    List<String> steps =
        List.of("write", "records", "records-1", "some", "maps", "rows", "batches", "batches-1000");
    steps.forEach(streaming::take);

    assertThat(report.toString(StandardCharsets.UTF_8).lines())
        .hasSize(steps.size())
        .allMatch(line -> line.contains("\"rows\": 20001"));
  }
}
