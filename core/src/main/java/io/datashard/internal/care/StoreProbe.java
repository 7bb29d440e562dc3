package io.datashard.internal.care;

import io.datashard.error.DataShardException;
import io.datashard.internal.env.Env;
import io.datashard.storage.NewFile;
import io.datashard.storage.PutOutcome;
import io.datashard.storage.ReadableFile;
import io.datashard.storage.Storage;
import io.datashard.table.StoreCheck;
import io.datashard.table.StoreCheck.Finding;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Tries what tables need of a store, in a folder of its own below a location, and removes what it
 * made. It does not look inside a table that may be there.
 */
public final class StoreProbe {
  private static final int WRITERS = 8;
  private static final int RACES = 5;
  private static final int LISTED = 25;

  /** More than any store fetches at once when a file is opened. */
  private static final int LARGE_BYTES = 3 << 20;

  private static final int RANGES = 20;
  private static final int TIMED = 5;
  private static final long CLOCK_MILLIS_MAX = 5 * 60 * 1000L;

  private final Storage storage;
  private final Env env;
  private final String folder;
  private final List<Finding> findings = new ArrayList<>();

  /** A probe of the store that this location is in. */
  public StoreProbe(Storage storage, Env env) {
    this.storage = storage;
    this.env = env;
    this.folder = "check-store-" + env.randomHex();
  }

  /** One thing to try; what it returns is what was seen. */
  private interface Trial {
    String run() throws Exception;
  }

  /** What was tried is not right. */
  private static final class Wrong extends Exception {
    private static final long serialVersionUID = 1L;

    Wrong(String seen) {
      super(seen);
    }
  }

  /** Tries everything; what fails is a finding, never an exception. */
  public StoreCheck run() {
    attempt("exclusive create", this::exclusiveCreate);
    attempt("exclusive create, raced", this::race);
    attempt("new files", this::newFile);
    attempt("ranged reads", this::ranges);
    attempt("replaced files", this::replace);
    attempt("listing", this::listing);
    attempt("clock", this::clock);
    attempt("latency", this::latency);
    attempt("removal", this::removal);
    return new StoreCheck(findings);
  }

  private void attempt(String what, Trial trial) {
    try {
      findings.add(new Finding(what, true, trial.run()));
    } catch (DataShardException | Wrong e) {
      findings.add(new Finding(what, false, String.valueOf(e.getMessage())));
    } catch (Exception e) {
      findings.add(new Finding(what, false, e.toString()));
    }
  }

  private String key(String name) {
    return folder + "/" + name;
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private static void require(boolean right, String seen) throws Wrong {
    if (!right) {
      throw new Wrong(seen);
    }
  }

  private String exclusiveCreate() throws Wrong {
    PutOutcome first = storage.createExclusive(key("one"), bytes("first"));
    PutOutcome second = storage.createExclusive(key("one"), bytes("second"));
    require(first == PutOutcome.CREATED, "a new name was said to be taken");
    require(second == PutOutcome.EXISTED, "a taken name was created again");
    byte[] there = storage.read(key("one"), 100).orElse(new byte[0]);
    require(Arrays.equals(there, bytes("first").array()), "a taken name was written over");
    return "a new name is created, a taken one is not";
  }

  private String race() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
    try {
      CyclicBarrier start = new CyclicBarrier(WRITERS);
      List<Future<boolean[]>> writers = new ArrayList<>();
      for (int writer = 0; writer < WRITERS; writer++) {
        String content = "writer " + writer;
        writers.add(
            threads.submit(
                () -> {
                  boolean[] won = new boolean[RACES];
                  for (int race = 0; race < RACES; race++) {
                    start.await();
                    won[race] =
                        storage.createExclusive(key("race-" + race), bytes(content))
                            == PutOutcome.CREATED;
                  }
                  return won;
                }));
      }
      int[] winners = new int[RACES];
      for (Future<boolean[]> writer : writers) {
        boolean[] won = writer.get();
        for (int race = 0; race < RACES; race++) {
          winners[race] += won[race] ? 1 : 0;
        }
      }
      for (int count : winners) {
        require(count == 1, count + " of " + WRITERS + " writers of one name were told they won");
      }
      return "of " + WRITERS + " writers of each of " + RACES + " names one won";
    } catch (ExecutionException e) {
      throw e.getCause() instanceof DataShardException refused ? refused : e;
    } finally {
      threads.shutdownNow();
    }
  }

  private byte[] large() {
    byte[] content = new byte[LARGE_BYTES];
    new Random(1).nextBytes(content);
    return content;
  }

  private String newFile() throws Wrong {
    byte[] content = large();
    try (NewFile file = storage.create(key("large"))) {
      file.write(content, 0, content.length);
      file.finish();
      storage.makeDurable(List.of(file));
    }
    require(
        Arrays.equals(storage.readWhole(key("large"), content.length), content),
        "a file was read back otherwise than it was written");
    return "a file of " + LARGE_BYTES + " bytes was read back as it was written";
  }

  private String ranges() throws Wrong {
    byte[] content = large();
    Random random = new Random(2);
    try (ReadableFile file = storage.open(key("large"), content.length)) {
      for (int i = 0; i < RANGES; i++) {
        int start = random.nextInt(content.length);
        byte[] part = new byte[random.nextInt(Math.min(100_000, content.length - start)) + 1];
        file.read(start, part, 0, Math.min(part.length, content.length - start));
        require(
            Arrays.equals(part, Arrays.copyOfRange(content, start, start + part.length)),
            "bytes from " + start + " were not those of the file");
      }
    }
    return RANGES + " ranges had the bytes of the file";
  }

  private String replace() throws Wrong {
    storage.replace(key("hint"), bytes("old"));
    storage.replace(key("hint"), bytes("new"));
    byte[] there = storage.read(key("hint"), 100).orElse(new byte[0]);
    require(Arrays.equals(there, bytes("new").array()), "a replaced file was read as it was");
    return "a replaced file is read at once";
  }

  private String listing() throws Wrong {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < LISTED; i++) {
      String name = "v" + i;
      storage.createExclusive(key("listed/" + name), bytes(name));
      names.add(name);
      require(
          storage.names(key("listed"), name).contains(name), "a new file was not listed at once");
    }
    List<String> listed =
        storage.names(key("listed"), "v").stream().filter(names::contains).toList();
    require(listed.size() == LISTED, listed.size() + " of " + LISTED + " files were listed");
    storage.delete(key("listed/v0"));
    require(storage.list(key("listed"), "v0").isEmpty(), "a deleted file was listed after it went");
    List<String> sorted = new ArrayList<>(listed);
    sorted.sort(null);
    return "new and deleted files are seen at once; "
        + (listed.equals(sorted) ? "in the order of names" : "in no order");
  }

  private String clock() throws Wrong {
    long before = env.nowMillis();
    storage.createExclusive(key("clock"), bytes("now"));
    long after = env.nowMillis();
    Optional<Storage.Listed> found = storage.find(key("clock"));
    require(found.isPresent(), "a new file was not found");
    long at = found.get().modifiedMillis();
    // Whole seconds are all that some stores tell.
    long offset = at > after ? at - after : at + 999 < before ? at - before : 0;
    require(
        Math.abs(offset) <= CLOCK_MILLIS_MAX,
        "the store's clock differs by " + offset + " ms; set this machine's or the store's");
    return offset == 0
        ? "the store's clock agrees"
        : "the store's clock differs by " + offset + " ms";
  }

  private String latency() {
    long[] creates = new long[TIMED];
    long[] reads = new long[TIMED];
    long[] lists = new long[TIMED];
    for (int i = 0; i < TIMED; i++) {
      String key = key("timed-" + i);
      long start = env.nanoTime();
      storage.createExclusive(key, bytes("x"));
      long created = env.nanoTime();
      storage.read(key, 10);
      long read = env.nanoTime();
      storage.names(folder, "timed-");
      creates[i] = created - start;
      reads[i] = read - created;
      lists[i] = env.nanoTime() - read;
    }
    return String.format(
        Locale.ROOT,
        "create %.1f ms, read %.1f ms, list %.1f ms (medians of %d)",
        median(creates) / 1e6,
        median(reads) / 1e6,
        median(lists) / 1e6,
        TIMED);
  }

  private static long median(long[] nanos) {
    Arrays.sort(nanos);
    return nanos[nanos.length / 2];
  }

  private String removal() throws Wrong {
    for (Storage.Listed each : storage.listAll(folder)) {
      storage.delete(each.key());
    }
    require(storage.listAll(folder).isEmpty(), "deleted files are still there");
    return "nothing is left of the check";
  }
}
