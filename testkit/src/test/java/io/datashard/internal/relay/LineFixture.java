package io.datashard.internal.relay;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.data.Batch;
import io.datashard.data.BatchBuilder;
import io.datashard.internal.commit.Committer;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.Schema;
import io.datashard.schema.SortOrder;
import io.datashard.schema.Type;
import io.datashard.storage.Storage;
import io.datashard.testkit.MemoryStorage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A table behind a gate, and a machine whose processes have lines to it. */
abstract class LineFixture {
  static final Schema SCHEMA = Schema.builder().required("id", Type.LONG).build();
  static final long EVER = Long.MAX_VALUE;

  static final long SILENCE = Duration.ofMillis(400).toNanos();

  final LoopbackMachine machine = new LoopbackMachine();
  final ExecutorService threads = Executors.newCachedThreadPool();
  final MemoryStorage disk = new MemoryStorage(1);
  final Gate storage = new Gate(disk);

  @BeforeEach
  void create() {
    new Committer(disk, machine.process())
        .create(SCHEMA, PartitionSpec.UNPARTITIONED, SortOrder.UNSORTED, Map.of());
  }

  @AfterEach
  void close() {
    threads.shutdownNow();
    machine.close();
  }

  final Line line(LoopbackMachine.Process process) {
    return lineTo(storage, "table", process);
  }

  static Line lineTo(Storage storage, String key, LoopbackMachine.Process process) {
    Line line = new Line(storage, process, new Committer(storage, process), key, SILENCE);
    line.enter();
    return line;
  }

  static Batch row(long id) {
    BatchBuilder builder = new BatchBuilder(SCHEMA);
    builder.column(0).addLong(id);
    builder.endRow();
    return builder.build();
  }

  final List<Long> rows() {
    return rows(disk, "id");
  }

  /** What a column of numbers holds. */
  static List<Long> rows(Storage storage, String column) {
    try (Table table = DataShard.on(location -> storage).loadTable("t")) {
      return table.scan().toMaps().stream().map(row -> (Long) row.get(column)).toList();
    }
  }
}
