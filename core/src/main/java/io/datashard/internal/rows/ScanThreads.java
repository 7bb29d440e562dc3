package io.datashard.internal.rows;

import io.datashard.internal.env.SharedThreads;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * With how many threads a scan reads, and whose they are. The caller's own is always one of them;
 * the others come from an executor, and a scan goes on without those that do not come.
 */
public final class ScanThreads {
  /** As many as there are processors, for scans that are long enough to be worth it. */
  public static final ScanThreads BY_SIZE = new ScanThreads(0, null);

  /** What one more thread should have to do: some milliseconds. */
  private static final long COST_A_THREAD = 1 << 20;

  /** What one thread may hold in memory; a small heap has room for few. */
  private static final long HEAP_A_THREAD = 32 << 20;

  /** So many rows at most are not worth a second thread. */
  private static final long FEW_ROWS = 65_536;

  private final int count;
  private final @Nullable Executor executor;

  private ScanThreads(int count, @Nullable Executor executor) {
    this.count = count;
    this.executor = executor;
  }

  /** Up to so many threads, at least 1, of the pool that all scans of the process share. */
  public static ScanThreads of(int count) {
    return new ScanThreads(count, null);
  }

  /** Up to so many threads, at least 1, all but the caller's own of this executor. */
  public static ScanThreads of(int count, Executor executor) {
    return new ScanThreads(count, executor);
  }

  /**
   * How many threads read.
   *
   * @param cost bytes of the files, and some more for each file
   * @param limit how many rows are wanted at most
   */
  int countFor(long cost, long limit) {
    long heap = Math.max(1, Runtime.getRuntime().maxMemory() / HEAP_A_THREAD);
    if (count > 0) {
      return (int) Math.min(count, heap);
    }
    if (limit <= FEW_ROWS) {
      return 1;
    }
    long processors = Runtime.getRuntime().availableProcessors();
    return (int) Math.max(1, Math.min(cost / COST_A_THREAD, Math.min(processors, heap)));
  }

  /** Where the threads come from. */
  Executor executor() {
    return executor == null ? SharedThreads.pool() : executor;
  }
}
