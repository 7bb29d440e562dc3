package io.datashard.cli.stress;

import io.datashard.cli.FailedException;
import io.datashard.cli.JavaProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Many processes at work: all start at once, some are killed and started again, and the run ends
 * when each was told of all its appends that they are done.
 *
 * <p>It ends in any case: a worker that fails ends it, and so do two minutes without any append.
 */
final class StressRun implements AutoCloseable {
  private static final long NANOS = 1_000_000_000L;
  private static final long STALL_NANOS = 120 * NANOS;
  private static final int LOOK_MILLIS = 20;

  private final String workerCommand;
  private final String target;
  private final Path journals;
  private final int appends;
  private final List<Slot> slots = new ArrayList<>();
  private final AtomicLong done = new AtomicLong();
  private final Random random = new Random();
  private long startNanos;
  private long endNanos;
  private int kills;

  /** Watches the run. */
  interface Watcher {
    /** Called now and then. */
    void see(long done, long all, int kills, double seconds);
  }

  /**
   * A run; no process is started yet.
   *
   * @param workerCommand what each process runs
   * @param target the table or file that all of them append to
   * @param journals an empty folder
   * @param appends how many of each worker are to be acknowledged
   */
  StressRun(String workerCommand, String target, Path journals, int processes, int appends) {
    this.workerCommand = workerCommand;
    this.target = target;
    this.journals = journals;
    this.appends = appends;
    for (int i = 0; i < processes; i++) {
      slots.add(new Slot(i));
    }
  }

  /** One worker through all its incarnations. */
  private final class Slot {
    private final int worker;
    private int incarnations;
    private @Nullable Process process;
    private CountDownLatch ready = new CountDownLatch(1);
    private final AtomicInteger doneHere = new AtomicInteger();
    private boolean killedIdle;
    private long finishedNanos;

    Slot(int worker) {
      this.worker = worker;
    }

    private Process running() {
      return Objects.requireNonNull(process, "not started");
    }

    /** Starts a process for what is left to do. */
    void start() throws IOException {
      int from = Journal.count(journals, worker, incarnations, Journal.SENT);
      int left = appends - Journal.count(journals, worker, incarnations, Journal.ACKED);
      int incarnation = incarnations++;
      ready = new CountDownLatch(1);
      doneHere.set(0);
      Process started =
          JavaProcess.of(
                  List.of(
                      workerCommand,
                      target,
                      journals.toString(),
                      Integer.toString(worker),
                      Integer.toString(incarnation),
                      Integer.toString(from),
                      Integer.toString(left)))
              .redirectError(errors(incarnation).toFile())
              .start();
      process = started;
      CountDownLatch startedReady = ready;
      Thread listener =
          new Thread(() -> listen(started, startedReady), "datashard-stress-" + worker);
      listener.setDaemon(true);
      listener.start();
    }

    private Path errors(int incarnation) {
      return journals.resolve(worker + "." + incarnation + ".err");
    }

    private void listen(Process from, CountDownLatch tellReady) {
      try (BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(from.getInputStream(), StandardCharsets.UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          if (line.equals(Signals.READY)) {
            tellReady.countDown();
          } else if (line.equals(Signals.DONE)) {
            done.incrementAndGet();
            doneHere.incrementAndGet();
          }
        }
      } catch (IOException e) {
        // The process was killed in the middle of a line; its journals know better.
      }
      tellReady.countDown();
    }

    void go() throws IOException {
      try {
        OutputStream in = running().getOutputStream();
        in.write('\n');
        in.flush(); // and left open: its end would end the worker
      } catch (IOException e) {
        if (running().isAlive()) {
          throw e;
        }
      }
    }

    boolean isFinished() {
      return finishedNanos != 0;
    }

    /** Looks whether the process ended by itself. */
    void look() throws IOException {
      if (isFinished() || running().isAlive()) {
        return;
      }
      if (running().exitValue() != 0) {
        throw new FailedException(
            "Worker "
                + worker
                + " ended with exit code "
                + running().exitValue()
                + ": "
                + Files.readString(errors(incarnations - 1)).strip());
      }
      finishedNanos = System.nanoTime();
    }

    /** Never twice in a row before the worker got anywhere, or the run might never end. */
    boolean mayBeKilled() {
      return !isFinished() && running().isAlive() && (doneHere.get() > 0 || !killedIdle);
    }

    void killAndRestart() throws IOException, InterruptedException {
      killedIdle = doneHere.get() == 0;
      running().destroyForcibly();
      running().waitFor(); // from here on nothing more comes into its journals
      start();
      go();
    }
  }

  /**
   * Runs until all is sent.
   *
   * @param killNanos every so many nanoseconds one worker is killed and started again; 0 for never
   * @throws FailedException a worker failed by itself, or nothing was appended for long
   */
  void run(long killNanos, Watcher watcher) throws IOException {
    try {
      for (Slot slot : slots) {
        slot.start();
      }
      for (Slot slot : slots) {
        if (!slot.ready.await(60, TimeUnit.SECONDS)) {
          throw new FailedException("Worker " + slot.worker + " did not start within 60 s.");
        }
        slot.look();
      }
      startNanos = System.nanoTime();
      for (Slot slot : slots) {
        slot.go();
      }
      work(killNanos, watcher);
      endNanos = System.nanoTime();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FailedException("The run was interrupted.", e);
    }
  }

  private void work(long killNanos, Watcher watcher) throws IOException, InterruptedException {
    long all = (long) slots.size() * appends;
    long nextKill = startNanos + killNanos;
    long lastDone = 0;
    long lastNanos = startNanos;
    while (true) {
      boolean finished = true;
      for (Slot slot : slots) {
        slot.look();
        finished &= slot.isFinished();
      }
      long now = System.nanoTime();
      watcher.see(done.get(), all, kills, (now - startNanos) / 1e9);
      if (finished) {
        return;
      }
      if (done.get() != lastDone) {
        lastDone = done.get();
        lastNanos = now;
      } else if (now - lastNanos > STALL_NANOS) {
        throw new FailedException(
            "No append was made for "
                + STALL_NANOS / NANOS
                + " s; "
                + done.get()
                + " of "
                + all
                + " were made before.");
      }
      if (killNanos > 0 && now >= nextKill) {
        killOne();
        nextKill += killNanos;
      }
      Thread.sleep(LOOK_MILLIS);
    }
  }

  private void killOne() throws IOException, InterruptedException {
    List<Slot> alive = slots.stream().filter(Slot::mayBeKilled).toList();
    if (!alive.isEmpty()) {
      alive.get(random.nextInt(alive.size())).killAndRestart();
      kills++;
    }
  }

  /** Seconds from the common start to the end of the last worker. */
  double seconds() {
    return (endNanos - startNanos) / 1e9;
  }

  /** How much longer the last worker took than the median one. */
  double lastOverMedian() {
    long[] times =
        slots.stream().mapToLong(slot -> slot.finishedNanos - startNanos).sorted().toArray();
    return (double) times[times.length - 1] / times[(times.length - 1) / 2];
  }

  /** How many workers were killed. */
  int kills() {
    return kills;
  }

  @Override
  public void close() {
    for (Slot slot : slots) {
      if (slot.process != null) {
        slot.running().destroyForcibly();
      }
    }
  }
}
