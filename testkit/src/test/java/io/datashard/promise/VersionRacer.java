package io.datashard.promise;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.datashard.internal.env.Env;
import io.datashard.internal.log.Outcome;
import io.datashard.internal.log.Version;
import io.datashard.internal.log.VersionLog;
import io.datashard.storage.LocalStore;
import java.io.PrintStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * One of two processes that race for every version of a table. They meet in a file that both have
 * in memory, so that they leave within less than a microsecond. Prints {@code WON token} or {@code
 * LOST} for each round.
 */
final class VersionRacer {
  static final int BARRIER_BYTES = 256;

  private static final VarHandle ROUND =
      MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.nativeOrder());

  private VersionRacer() {}

  public static void main(String[] arguments) throws Exception {
    int self = Integer.parseInt(arguments[2]);
    int rounds = Integer.parseInt(arguments[3]);
    PrintStream answers = new PrintStream(System.out, false, UTF_8);
    VersionLog log = new VersionLog(LocalStore.inWorkingDirectory().at(arguments[0]), Env.system());
    try (FileChannel file =
        FileChannel.open(
            Path.of(arguments[1]), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer barrier = file.map(FileChannel.MapMode.READ_WRITE, 0, BARRIER_BYTES);
      for (int round = 1; round <= rounds; round++) {
        Optional<Version> base = log.newest();
        if (base.map(Version::number).orElse(0L) != round - 1) {
          throw new IllegalStateException("round " + round + " found " + base);
        }
        String token = log.newToken();
        byte[] content = ("{\"token\":\"" + token + "\"}").getBytes(UTF_8);
        meet(barrier, self, 2 * round - 1);
        Outcome outcome = log.create(round, content, token, List.of());
        if (outcome == Outcome.WON) {
          log.hint(round);
        }
        answers.println(outcome == Outcome.WON ? "WON " + token : "LOST");
        meet(barrier, self, 2 * round);
      }
    }
    answers.flush();
  }

  /** Both come here with the same step; the slots lie in two cache lines. */
  private static void meet(ByteBuffer barrier, int self, int step) {
    ROUND.setRelease(barrier, self * 128, step);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(100);
    for (int spins = 0; (int) ROUND.getAcquire(barrier, (1 - self) * 128) < step; spins++) {
      if (spins % 1000 == 999) {
        Thread.yield(); // There may be fewer processors than racers.
        if (System.nanoTime() > end) {
          throw new IllegalStateException("the other process did not come to step " + step);
        }
      }
      Thread.onSpinWait();
    }
  }
}
