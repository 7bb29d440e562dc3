package io.datashard.interop.siege;

import io.datashard.DataShard;
import io.datashard.RowCursor;
import io.datashard.Table;
import io.datashard.error.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * A process that reads until its standard input ends, by a handle that it keeps: no version goes
 * back, no row is there twice, no append by half, and no row that was there is gone (I3, I5). Ends
 * with exit code 1 and a line on standard error at the first that is.
 */
final class SiegeReader {
  private static volatile boolean over;

  private Map<String, BitSet> before = new HashMap<>();
  private long version;
  private long reads;

  private SiegeReader() {}

  /** The table. */
  public static void main(String[] args) throws Exception {
    SiegeReader reader = new SiegeReader();
    try (Table table = DataShard.loadTable(Path.of(args[0]))) {
      System.out.println("ready");
      Thread watch = new Thread(SiegeReader::awaitEnd, "end");
      watch.setDaemon(true);
      watch.start();
      while (!over) {
        try {
          reader.read(table);
        } catch (StorageException e) {
          // A disk that is full, or slow to give up a file; anything else is no such exception.
          System.out.println("cannot read: " + e.getMessage());
        }
        Thread.sleep(20);
      }
    } catch (AssertionError e) {
      System.err.println("After " + reader.reads + " reads: " + e.getMessage());
      System.exit(1);
    }
    System.out.println("reads " + reader.reads);
  }

  private static void awaitEnd() {
    try {
      while (System.in.read() >= 0) {
        // only its end matters
      }
    } catch (IOException e) {
      // the same
    }
    over = true;
  }

  private void read(Table table) {
    Map<String, BitSet> now = new HashMap<>();
    Map<String, Integer> partsOf = new HashMap<>();
    long newest = table.version();
    require(newest >= version, "version " + newest + " came after " + version);
    version = newest;
    try (RowCursor rows = table.scan().rows()) {
      while (rows.next()) {
        String writer = rows.getString("writer");
        int number = rows.getInt("number");
        int part = rows.getInt("part");
        int place = number * 4 + part;
        BitSet seen = now.computeIfAbsent(writer, key -> new BitSet());
        require(!seen.get(place), writer + " " + number + "/" + part + " is there twice");
        seen.set(place);
        String append = writer + " " + number;
        int left = partsOf.merge(append, rows.getInt("parts") - 1, (old, all) -> old - 1);
        if (left == 0) {
          partsOf.remove(append);
        }
      }
    }
    require(partsOf.isEmpty(), "there by half: " + partsOf);
    before.forEach(
        (writer, seen) -> {
          BitSet gone = (BitSet) seen.clone();
          gone.andNot(now.getOrDefault(writer, new BitSet()));
          require(gone.isEmpty(), "gone again is of " + writer + ": " + gone);
        });
    before = now;
    reads++;
  }

  private static void require(boolean right, String otherwise) {
    if (!right) {
      throw new AssertionError(otherwise);
    }
  }
}
