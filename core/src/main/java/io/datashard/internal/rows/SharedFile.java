package io.datashard.internal.rows;

import io.datashard.error.CorruptTableException;
import io.datashard.internal.parquet.ParquetReader;
import io.datashard.storage.ReadableFile;
import io.datashard.storage.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** One data file for all pieces that read it: opened by the first, closed by the last. */
final class SharedFile {
  /** No {@code synchronized}, which would pin virtual threads while the file is read. */
  private final ReentrantLock lock = new ReentrantLock();

  private final FileScan.Task task;
  private final Opening opening;
  private final int place;
  private int users;
  private @Nullable ReadableFile file;
  private @Nullable ParquetReader reader;

  /** How the files of one scan are opened. */
  static final class Opening {
    private final Storage storage;
    private final Map<String, Integer> idByName;
    private final List<FileScan.Task> tasks;
    private final int ahead;
    private final ReadTotals totals;
    private int told;

    /**
     * For these files.
     *
     * @param ahead how many files a store that is far away fetches side by side; 1 for none
     * @param totals counts what is read
     */
    Opening(
        Storage storage,
        Map<String, Integer> idByName,
        List<FileScan.Task> tasks,
        int ahead,
        ReadTotals totals) {
      this.storage = storage;
      this.idByName = idByName;
      this.tasks = tasks;
      this.ahead = ahead;
      this.totals = totals;
    }

    /** The file of this place is opened next; half of those told are read, so the next are told. */
    private synchronized void opening(int place) {
      if (ahead == 1 || place + ahead / 2 < told || told == tasks.size()) {
        return;
      }
      int end = Math.min(tasks.size(), place + ahead);
      List<Storage.Expected> files = new ArrayList<>();
      for (; told < end; told++) {
        FileScan.Task task = tasks.get(told);
        files.add(new Storage.Expected(task.key(), task.lengthBytes()));
      }
      storage.expect(files);
    }
  }

  /**
   * The file of one task.
   *
   * @param place of the task among all of the scan
   * @param users how many will call {@link #release}
   */
  SharedFile(Opening opening, int place, int users) {
    this.opening = opening;
    this.task = opening.tasks.get(place);
    this.place = place;
    this.users = users;
  }

  /** Counts what was read of it. */
  ReadTotals totals() {
    return opening.totals;
  }

  FileScan.Task task() {
    return task;
  }

  /**
   * The reader, opened if it is not.
   *
   * @throws CorruptTableException the file is damaged, or holds other rows than its manifest says
   */
  ParquetReader reader() {
    lock.lock();
    try {
      return reader == null ? open() : reader;
    } finally {
      lock.unlock();
    }
  }

  private ParquetReader open() {
    opening.opening(place);
    ReadableFile opened =
        opening.totals.opened(opening.storage.open(task.key(), task.lengthBytes()));
    file = opened;
    ParquetReader open = ParquetReader.open(opened, opening.idByName);
    reader = open;
    if (open.rowCount() != task.rows()) {
      throw new CorruptTableException(
          opening.storage.location()
              + "/"
              + task.key()
              + " holds "
              + open.rowCount()
              + " rows, its manifest says "
              + task.rows()
              + ". The file was changed after it was committed.");
    }
    return open;
  }

  /** One user less; the last one closes the file. */
  void release() {
    lock.lock();
    try {
      if (--users == 0) {
        if (reader != null) {
          reader.close();
        }
        if (file != null) {
          file.close();
        }
      }
    } finally {
      lock.unlock();
    }
  }
}
