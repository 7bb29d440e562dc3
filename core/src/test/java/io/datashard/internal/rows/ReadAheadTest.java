package io.datashard.internal.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.data.Batch;
import io.datashard.data.IntColumn;
import io.datashard.error.CorruptTableException;
import io.datashard.error.StorageException;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pieces read ahead come in order, whatever executors, failures and callers do. */
@Timeout(60)
class ReadAheadTest {
  private static final Schema SCHEMA = Schema.builder().required("id", Type.INT).build();
  private static final long ROOM = 1 << 20;

  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger openMost = new AtomicInteger();
  private final AtomicInteger steps = new AtomicInteger();
  private final AtomicInteger touched = new AtomicInteger();
  private final AtomicInteger closed = new AtomicInteger();
  private final ExecutorService pool = Executors.newCachedThreadPool();

  @AfterEach
  void end() {
    pool.shutdownNow();
  }

  /** Hands out numbers, some batches of them empty, and watches how it is used. */
  private final class Numbers implements Piece {
    private final int from;
    private final int batches;
    private int at;
    private boolean opened;
    private boolean done;
    private boolean busy;
    @Nullable RuntimeException failure;
    int failAt = -1;

    Numbers(int from, int batches) {
      this.from = from;
      this.batches = batches;
    }

    @Override
    public @Nullable Batch next() {
      touched.incrementAndGet();
      assertThat(busy || done).as("two threads in one piece, or a step after its end").isFalse();
      busy = true;
      if (!opened) {
        opened = true;
        openMost.accumulateAndGet(open.incrementAndGet(), Math::max);
      }
      try {
        steps.incrementAndGet();
        if (at == failAt && failure != null) {
          throw failure;
        }
        if (at == batches) {
          return null;
        }
        int number = from + at++;
        return batch(number % 5 == 4 ? new int[0] : new int[] {number});
      } finally {
        busy = false;
      }
    }

    @Override
    public void close() {
      assertThat(busy || done).as("closed twice or while it is read").isFalse();
      done = true;
      closed.incrementAndGet();
      if (opened) {
        open.decrementAndGet();
      }
    }
  }

  private static Batch batch(int[] values) {
    return new Batch(
        SCHEMA, values.length, List.of(new IntColumn(Type.INT, values, values.length, null)));
  }

  private List<Piece> pieces(int count, int batchesEach) {
    List<Piece> pieces = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      pieces.add(new Numbers(i * batchesEach, batchesEach));
    }
    return pieces;
  }

  private static List<Integer> expected(int numbers) {
    List<Integer> all = new ArrayList<>();
    for (int i = 0; i < numbers; i++) {
      if (i % 5 != 4) {
        all.add(i);
      }
    }
    return all;
  }

  private static int number(Batch batch) {
    return ((IntColumn) batch.column(0)).get(0);
  }

  private static List<Integer> all(BatchSource source) {
    List<Integer> all = new ArrayList<>();
    for (Batch batch = source.next(); batch != null; batch = source.next()) {
      all.add(number(batch));
    }
    return all;
  }

  @Test
  void rowsComeInOrderWithAnyNumberOfThreadsAndAnyMemory() {
    for (int threads : new int[] {2, 3, 8}) {
      for (long budget : new long[] {0, 1, 5_000, ROOM}) {
        openMost.set(0);
        try (ReadAhead source = new ReadAhead(pieces(23, 17), threads, pool, budget)) {
          assertThat(all(source)).isEqualTo(expected(23 * 17));
          assertThat(source.next()).isNull();
        }
        assertThat(openMost.get()).isBetween(1, threads);
        assertThat(open).hasValue(0);
      }
    }
    assertThat(closed).hasValue(12 * 23);
  }

  @Test
  void piecesWithoutRowsHoldNothingUp() {
    List<Piece> pieces = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      pieces.add(new Numbers(i, i % 100 == 50 ? 1 : 0));
    }
    try (ReadAhead source = new ReadAhead(pieces, 4, pool, ROOM)) {
      assertThat(all(source)).containsExactly(50, 150, 250, 350, 450, 550, 650, 750, 850, 950);
    }
    assertThat(closed).hasValue(1_000);
  }

  /** Keeps what it is given, until somebody runs it. */
  private static final class Kept implements Executor {
    final Queue<Runnable> tasks = new ArrayDeque<>();

    @Override
    public void execute(Runnable task) {
      tasks.add(task);
    }
  }

  @Test
  void theReaderGoesOnAloneIfTheExecutorNeverRunsAnything() {
    Kept never = new Kept();
    try (ReadAhead source = new ReadAhead(pieces(5, 10), 4, never, ROOM)) {
      assertThat(all(source)).isEqualTo(expected(50));
    }
    assertThat(never.tasks).as("asked for as many helpers as it may have").hasSize(3);
    int before = steps.get();
    never.tasks.forEach(Runnable::run);
    assertThat(steps).as("late helpers find nothing to do").hasValue(before);
  }

  @Test
  void executorsThatRefuseOrFailCostNothingButSpeed() {
    AtomicInteger asked = new AtomicInteger();
    List<RuntimeException> refusals =
        List.of(new RejectedExecutionException("full"), new IllegalStateException("broken"));
    for (RuntimeException refusal : refusals) {
      Executor refusing =
          task -> {
            asked.incrementAndGet();
            throw refusal;
          };
      try (ReadAhead source = new ReadAhead(pieces(5, 10), 4, refusing, ROOM)) {
        assertThat(all(source)).isEqualTo(expected(50));
      }
    }
    assertThat(asked.get()).as("not at every step").isBetween(2, 6);
    ExecutorService ended = Executors.newFixedThreadPool(2);
    ended.shutdown();
    try (ReadAhead source = new ReadAhead(pieces(5, 10), 4, ended, ROOM)) {
      assertThat(all(source)).isEqualTo(expected(50));
    }
    assertThat(open).hasValue(0);
  }

  @Test
  void anExecutorThatRunsTasksInTheCallerIsAsRight() {
    for (int i = 0; i < 20; i++) {
      try (ReadAhead source = new ReadAhead(pieces(7, 13), 2 + i % 4, Runnable::run, i * 1_500L)) {
        assertThat(all(source)).isEqualTo(expected(7 * 13));
      }
    }
    assertThat(open).hasValue(0);
  }

  @Test
  void theReaderMayRunOnTheOnlyThreadOfItsExecutor() throws Exception {
    ExecutorService one = Executors.newFixedThreadPool(1);
    List<Future<List<Integer>>> readers = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      readers.add(
          one.submit(
              () -> {
                try (ReadAhead source = new ReadAhead(pieces(7, 13), 4, one, ROOM)) {
                  return all(source);
                }
              }));
    }
    for (Future<List<Integer>> reader : readers) {
      assertThat(reader.get(30, TimeUnit.SECONDS)).isEqualTo(expected(7 * 13));
    }
    one.shutdown();
    assertThat(one.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
    assertThat(open).hasValue(0);
  }

  @Test
  void anExecutorThatIsShutDownNowInTheMiddleDoesNotDisturb() {
    for (int i = 0; i < 50; i++) {
      ExecutorService dying = Executors.newFixedThreadPool(3);
      try (ReadAhead source = new ReadAhead(pieces(9, 20), 4, dying, 3_000)) {
        List<Integer> rows = new ArrayList<>();
        for (int k = 0; k < i; k++) {
          rows.add(number(java.util.Objects.requireNonNull(source.next())));
        }
        dying.shutdownNow();
        rows.addAll(all(source));
        assertThat(rows).isEqualTo(expected(9 * 20));
      }
    }
    assertThat(open).hasValue(0);
  }

  @Test
  void aFailureComesInItsPlaceAndEndsWhatLiesBehind() {
    Random random = new Random(7);
    for (int i = 0; i < 200; i++) {
      List<Piece> pieces = pieces(9, 10);
      int failing = random.nextInt(9);
      RuntimeException failure = new CorruptTableException("damaged " + i);
      Numbers piece = (Numbers) pieces.get(failing);
      piece.failure = failure;
      piece.failAt = random.nextInt(11);
      int begunBefore = closed.get();
      Executor executor = i % 3 == 0 ? Runnable::run : pool;
      ReadAhead source = new ReadAhead(pieces, 2 + i % 3, executor, i % 2 == 0 ? ROOM : 2_000);
      List<Integer> rows = new ArrayList<>();
      assertThatThrownBy(
              () -> {
                for (Batch batch = source.next(); batch != null; batch = source.next()) {
                  rows.add(number(batch));
                }
              })
          .isSameAs(failure);
      assertThat(rows).isEqualTo(expected(failing * 10 + piece.failAt));
      assertThat(open).as("nothing stays open, though nobody closed").hasValue(0);
      assertThat(closed).hasValue(begunBefore + 9);
      assertThatThrownBy(source::next).isSameAs(failure);
      source.close();
    }
  }

  /** Fails when it is read, when it is closed, or both. */
  private static Piece broken(@Nullable RuntimeException read, @Nullable RuntimeException close) {
    return new Piece() {
      @Override
      public @Nullable Batch next() {
        if (read != null) {
          throw read;
        }
        return null;
      }

      @Override
      public void close() {
        if (close != null) {
          throw close;
        }
      }
    };
  }

  @Test
  void aFailureToCloseIsAFailureButHidesNoneBefore() {
    RuntimeException read = new CorruptTableException("damaged");
    RuntimeException close = new StorageException("cannot be closed");
    List<Executor> executors = List.of(Runnable::run, new Kept());
    for (Executor executor : executors) {
      List<Piece> pieces = List.of(new Numbers(0, 3), broken(null, close), new Numbers(3, 3));
      ReadAhead source = new ReadAhead(pieces, 2, executor, ROOM);
      assertThat(number(java.util.Objects.requireNonNull(source.next()))).isZero();
      assertThatThrownBy(() -> all(source)).isSameAs(close);
      assertThatThrownBy(() -> all(new ReadAhead(List.of(broken(read, close)), 2, executor, ROOM)))
          .isSameAs(read);
    }
  }

  @Test
  void whatLiesBehindAFailureIsNotBegun() {
    RuntimeException failure = new CorruptTableException("damaged");
    List<Piece> pieces = new ArrayList<>(List.of(new Numbers(0, 4), broken(failure, null)));
    pieces.addAll(pieces(20, 3));
    // The helper comes to the failing piece while the reader takes its first step.
    ReadAhead source = new ReadAhead(pieces, 2, Runnable::run, ROOM);
    List<Integer> rows = new ArrayList<>();
    assertThatThrownBy(
            () -> {
              for (Batch batch = source.next(); batch != null; batch = source.next()) {
                rows.add(number(batch));
              }
            })
        .isSameAs(failure);
    assertThat(rows).isEqualTo(expected(4));
    assertThat(steps.get()).as("steps of the first piece, and no other").isLessThanOrEqualTo(5);
  }

  @Test
  void closeWaitsForTheStepThatIsTaken() throws Exception {
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicInteger slowClosed = new AtomicInteger();
    AtomicInteger closedAtStepEnd = new AtomicInteger(-1);
    Piece slow =
        new Piece() {
          @Override
          public Batch next() {
            reading.countDown();
            try {
              goOn.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException("the helper was interrupted", e);
            }
            closedAtStepEnd.set(slowClosed.get());
            return batch(new int[] {7});
          }

          @Override
          public void close() {
            slowClosed.incrementAndGet();
          }
        };
    ReadAhead source = new ReadAhead(List.of(new Numbers(0, 3), slow), 2, pool, ROOM);
    assertThat(source.next()).isNotNull();
    reading.await();
    Thread closer = new Thread(source::close);
    closer.start();
    while (closer.getState() != Thread.State.WAITING && closer.isAlive()) {
      Thread.onSpinWait();
    }
    assertThat(closer.isAlive()).as("waits").isTrue();
    goOn.countDown();
    closer.join();
    assertThat(closedAtStepEnd.get()).as("closed while it was read").isZero();
    assertThat(slowClosed).hasValue(1);
    assertThat(closed).hasValue(1);
    assertThat(source.next()).isNull();
  }

  @Test
  void helpersThatComeAfterTheEndOfAScanTouchNothing() {
    for (int stop = 0; stop < 4; stop++) {
      Kept late = new Kept();
      ReadAhead source = new ReadAhead(pieces(6, 10), 4, late, ROOM);
      for (int i = 0; i < stop; i++) {
        assertThat(source.next()).isNotNull();
      }
      source.close();
      int before = touched.get();
      assertThat(late.tasks.size()).isGreaterThanOrEqualTo(Math.min(stop, 1));
      late.tasks.forEach(Runnable::run);
      assertThat(touched).as("closed after %d", stop).hasValue(before);
    }
  }

  @Test
  void errorsAreHandedOnAsTheyAre() {
    OutOfMemoryError error = new OutOfMemoryError("of a test");
    Piece failing =
        new Piece() {
          @Override
          public @Nullable Batch next() {
            throw error;
          }

          @Override
          public void close() {}
        };
    ReadAhead source = new ReadAhead(List.of(failing, new Numbers(0, 3)), 2, pool, ROOM);
    assertThatThrownBy(source::next).isSameAs(error);
  }

  @Test
  void closingAtAnyBatchLeavesNothingOpenAndNobodyReading() {
    for (int stop = 0; stop <= 72; stop++) {
      closed.set(0);
      ReadAhead source = new ReadAhead(pieces(9, 10), 4, pool, stop * 100L);
      for (int i = 0; i < stop; i++) {
        assertThat(source.next()).isNotNull();
      }
      source.close();
      int steps = this.steps.get();
      assertThat(open).as("stopped after %d", stop).hasValue(0);
      assertThat(closed).hasValue(9);
      assertThat(source.next()).isNull();
      source.close();
      assertThat(this.steps).hasValue(steps);
    }
  }

  @Test
  void anInterruptWhileItWaitsIsAnErrorAndKeepsTheMark() throws Exception {
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Piece slow =
        new Piece() {
          @Override
          public @Nullable Batch next() {
            reading.countDown();
            try {
              goOn.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException("the helper was interrupted", e);
            }
            return null;
          }

          @Override
          public void close() {
            closed.incrementAndGet();
          }
        };
    // The helper takes the only piece that is left while the reader looks at the first one.
    ReadAhead source = new ReadAhead(List.of(new Numbers(0, 1), slow), 2, pool, ROOM);
    assertThat(source.next()).isNotNull();
    reading.await();
    Thread.currentThread().interrupt();
    assertThatThrownBy(source::next)
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("interrupted");
    assertThat(Thread.interrupted()).isTrue();
    goOn.countDown();
    source.close();
    assertThat(closed).hasValue(2);
  }

  @Test
  void queuesHoldNoMoreThanTheirBudget() {
    int threads = 3;
    long batchBytes = BatchBytes.of(batch(new int[] {1}));
    ReadAhead source = new ReadAhead(pieces(50, 10), threads, Runnable::run, 10 * batchBytes);
    // With an executor that runs its tasks at once, all that may lie ready is ready after a call.
    assertThat(source.next()).isNotNull();
    assertThat(steps.get()).isLessThanOrEqualTo((10 + threads + 1) * 5 / 4 + threads);
    source.close();
  }

  @Test
  void whatWasHandedOutMakesRoomForMore() {
    long batchBytes = BatchBytes.of(batch(new int[] {1}));
    ReadAhead source = new ReadAhead(pieces(50, 10), 3, Runnable::run, 10 * batchBytes);
    int aheadMost = 0;
    for (Batch batch = source.next(); batch != null; batch = source.next()) {
      int number = number(batch);
      if (number >= 250 && number < 400) {
        aheadMost = Math.max(aheadMost, steps.get() - closed.get() - number - 1);
      }
    }
    assertThat(aheadMost).as("batches read ahead in the middle").isGreaterThanOrEqualTo(8);
  }
}
