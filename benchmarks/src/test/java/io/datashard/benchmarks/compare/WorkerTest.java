package io.datashard.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.error.ConflictException;
import io.datashard.error.OutcomeUnknownException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The orders of {@code benchmarks/run}, answered by DataShard for Java. */
class WorkerTest {
  @TempDir Path folder;

  @Test
  void rowsThatWereAppendedAreRead() {
    OurTable ours = new OurTable();
    Worker<Map<String, @Nullable Object>> worker = new Worker<>(ours);

    assertThat(worker.answer("create\t" + folder.resolve("table"))).isEqualTo("{}");
    assertThat(worker.answer("append\t0\t1\t2\t60000"))
        .matches(
            "\\{\"nanos\": \\[\\d+, \\d+], \"failed\": \\[], \"unknown\": \\[], \"failure\": null}");
    assertThat(worker.answer("append\t2\t10\t3\t60000")).contains("\"failed\": []");
    assertThat(worker.answer("open\t" + folder.resolve("table"))).isEqualTo("{}");

    assertThat(worker.answer("read\t2"))
        .endsWith("\"rows\": 32, \"digest\": \"" + digestOf(32) + "\"}");
    assertThat(worker.answer("ids")).startsWith("{\"ids\": [").contains("31");
  }

  /** What tells that exactly the first rows were read. */
  private static String digestOf(int rows) {
    return Rows.digest(new MapRows(), Rows.of(0, rows));
  }

  @Test
  void theDigestIsThatOfThePythonContenders() {
    assertThat(digestOf(32)).isEqualTo("2b03dc9d");
  }

  @Test
  void anAppendThatIsLateIsNotMade() {
    OurTable ours = new OurTable();
    Worker<Map<String, @Nullable Object>> worker = new Worker<>(ours);
    worker.answer("create\t" + folder.resolve("table"));
    assertThat(worker.answer("append\t0\t1\t5\t0")).contains("\"nanos\": []");
    assertThat(worker.answer("ids")).isEqualTo("{\"ids\": []}");
  }

  @Test
  void anAppendThatFailsIsNotAcknowledged() {
    Worker<Map<String, Object>> worker = new Worker<>(new MapRows());
    assertThat(worker.answer("append\t7\t2\t2\t60000"))
        .contains("\"failed\": [7, 9], \"unknown\": []")
        .contains("\"failure\": \"java.lang.IllegalStateException: \\\"no\\\"\\u000atable\"");
  }

  @Test
  void anAppendThatMayHaveBeenMadeIsNamedAsSuch() {
    Worker<Map<String, Object>> worker =
        new Worker<>(
            new MapRows() {
              @Override
              public boolean isUnknown(RuntimeException failure) {
                return true;
              }
            });
    assertThat(worker.answer("append\t7\t2\t2\t60000"))
        .contains("\"failed\": [], \"unknown\": [7, 9]");
    assertThat(new OurTable().isUnknown(new OutcomeUnknownException("perhaps"))).isTrue();
    assertThat(new OurTable().isUnknown(new ConflictException("no"))).isFalse();
  }

  @Test
  void anOrderThatFailsIsAnError() {
    Worker<Map<String, Object>> worker = new Worker<>(new MapRows());
    assertThat(worker.answer("dance")).contains("\"error\"").contains("There is no order 'dance'.");
  }

  /** Rows without a table. */
  private static class MapRows implements Contender<Map<String, Object>> {
    @Override
    public void create(String table) {}

    @Override
    public void open(String table) {}

    @Override
    public void append(List<Map<String, Object>> rows) {
      throw new IllegalStateException("\"no\"\ntable");
    }

    @Override
    public List<Map<String, Object>> read() {
      return List.of();
    }

    @Override
    public long id(Map<String, Object> row) {
      return (Long) row.get("id");
    }

    @Override
    public String name(Map<String, Object> row) {
      return (String) row.get("name");
    }

    @Override
    public double value(Map<String, Object> row) {
      return (Double) row.get("value");
    }
  }
}
