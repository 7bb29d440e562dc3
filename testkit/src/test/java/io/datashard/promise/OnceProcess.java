package io.datashard.promise;

import io.datashard.Append;
import io.datashard.Table;
import io.datashard.error.OutcomeUnknownException;
import io.datashard.error.StorageException;
import io.datashard.storage.LocalStore;
import io.datashard.storage.Storage;
import io.datashard.table.Committed;
import io.datashard.testkit.FaultyStorage;
import io.datashard.testkit.tables.Tables;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A process whose threads each append all numbers of all sources, in an order of their own, and try
 * each again until they are told that it is there. What they are told goes into a journal, a line
 * for each answer: {@code told id version snapshot rows outcome}, {@code unknown id} or {@code
 * refused id}.
 */
final class OnceProcess {
  /** The rows of a source are numbered from {@code source * NUMBERS_MAX} on. */
  static final int NUMBERS_MAX = 10_000;

  private OnceProcess() {}

  /**
   * Table, journal, seed, threads, sources, numbers of each, of how many of a hundred calls the
   * store's answer is lost.
   */
  public static void main(String[] args) throws Exception {
    long seed = Long.parseLong(args[2]);
    int threads = Integer.parseInt(args[3]);
    int sources = Integer.parseInt(args[4]);
    int numbers = Integer.parseInt(args[5]);
    int lostPercent = Integer.parseInt(args[6]);
    Storage folder = LocalStore.inWorkingDirectory().at(args[0]);
    FaultyStorage faulty = FaultyStorage.lostAnswers(seed, lostPercent, folder);
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    try (Table table = Tables.load(lostPercent > 0 ? faulty : folder);
        FileOutputStream journal = new FileOutputStream(args[1])) {
      List<Thread> running = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        Random random = new Random(seed + i);
        Thread thread = new Thread(() -> appendAll(table, journal, random, sources, numbers));
        thread.setUncaughtExceptionHandler((which, failure) -> failures.add(failure));
        thread.start();
        running.add(thread);
      }
      for (Thread each : running) {
        each.join();
      }
    }
    faulty.deliverDelayed();
    failures.forEach(Throwable::printStackTrace);
    System.exit(failures.isEmpty() ? 0 : 1);
  }

  private static void appendAll(
      Table table, FileOutputStream journal, Random random, int sources, int numbers) {
    List<Integer> ids = new ArrayList<>();
    for (int source = 0; source < sources; source++) {
      int first = source * NUMBERS_MAX;
      IntStream.range(first, first + numbers).forEach(ids::add);
    }
    Collections.shuffle(ids, random);
    for (int id : ids) {
      while (!append(table, journal, random, id)) {
        // again
      }
    }
  }

  /** One try, sometimes with little time; false if it has to be made again. */
  private static boolean append(Table table, FileOutputStream journal, Random random, int id) {
    try (Append append = table.newAppend()) {
      append.rows(Tables.rows(id, id + 1)).once("job " + id / NUMBERS_MAX, id % NUMBERS_MAX);
      if (random.nextInt(4) == 0) {
        append.within(Duration.ofMillis(1 + random.nextInt(20)));
      }
      Committed done = append.commit();
      String snapshot = done.snapshot().isPresent() ? "" + done.snapshotId() : "-";
      note(
          journal,
          String.format(
              "told %d %d %s %d %s",
              id, done.version(), snapshot, done.rowsAdded(), done.outcome()));
      return true;
    } catch (OutcomeUnknownException e) {
      note(journal, "unknown " + id);
    } catch (StorageException e) {
      note(journal, "refused " + id);
    }
    return false;
  }

  /** A killed process tears no line and loses none: only a power cut would. */
  private static void note(FileOutputStream journal, String line) {
    try {
      journal.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
