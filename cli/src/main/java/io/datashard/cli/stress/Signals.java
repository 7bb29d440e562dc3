package io.datashard.cli.stress;

import io.datashard.cli.Console;
import io.datashard.cli.FailedException;
import java.io.IOException;

/**
 * How a worker and the process that started it talk: the worker says {@code ready} and waits for a
 * line, and says {@code done} for each append. When its standard input ends, the other one is gone,
 * and so is the worker.
 */
final class Signals {
  static final String READY = "ready";
  static final String DONE = "done";

  private static final long TELL_NANOS = 20_000_000;
  private static long toldNanos = System.nanoTime();

  private Signals() {}

  /** Waits until all start. */
  static void awaitStart(Console console) throws IOException {
    console.out().line(READY);
    console.out().flush();
    int read = console.in().read();
    while (read >= 0 && read != '\n') {
      read = console.in().read();
    }
    if (read < 0) {
      throw new FailedException("The process that started this worker is gone.");
    }
    Thread watch = new Thread(() -> endWith(console), "datashard-stress-watch");
    watch.setDaemon(true);
    watch.start();
  }

  private static void endWith(Console console) {
    try {
      while (console.in().read() >= 0) {
        // Only its end matters.
      }
    } catch (IOException e) {
      // The same as its end.
    }
    Runtime.getRuntime().halt(1);
  }

  /** Tells that one more append was made, soon: only progress is counted by it. */
  static void done(Console console) {
    console.out().line(DONE);
    long now = System.nanoTime();
    if (now - toldNanos > TELL_NANOS) {
      toldNanos = now;
      console.out().flush();
    }
  }
}
