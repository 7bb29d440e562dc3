package io.datashard.internal.rows;

import io.datashard.data.Batch;
import io.datashard.error.CorruptTableException;
import io.datashard.expr.Bound;
import io.datashard.internal.parquet.BatchReader;
import io.datashard.internal.parquet.ParquetReader;
import io.datashard.schema.Schema;
import io.datashard.storage.ReadableFile;
import io.datashard.storage.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Reads planned files: all their matching rows, in the order of the plan and of the rows in each
 * file, by one thread or by several.
 */
public final class FileScan {
  /** So many files are fetched side by side from a store that is far away. */
  private static final int AHEAD = 16;

  private final Storage storage;
  private final Map<String, Integer> idByName;
  private final Schema wanted;
  private final int batchRows;

  /**
   * One file to read.
   *
   * @param key its key in the storage
   * @param lengthBytes what metadata says its length is
   * @param rows what metadata says it holds
   * @param rowGroups about how many row groups it has; 1 if not known
   * @param filter which of its rows are wanted
   */
  public record Task(String key, long lengthBytes, long rows, int rowGroups, Bound filter) {}

  /**
   * A scan of these columns.
   *
   * @param idByName what column names mean in files without field ids
   * @param batchRows how many rows a batch has at most
   */
  public FileScan(Storage storage, Map<String, Integer> idByName, Schema wanted, int batchRows) {
    this.storage = storage;
    this.idByName = Map.copyOf(idByName);
    this.wanted = wanted;
    this.batchRows = batchRows;
  }

  /**
   * The matching rows of these files.
   *
   * @param limit at most so many rows
   * @param threads how many threads read; 1 reads in the caller's own
   */
  public BatchSource open(List<Task> tasks, long limit, int threads) {
    if (limit == 0 || tasks.isEmpty()) {
      return new Empty();
    }
    List<Part> parts = new ArrayList<>();
    // Whoever wants a few rows may need no second file.
    Ahead ahead = new Ahead(tasks, limit == Long.MAX_VALUE ? AHEAD : 1);
    for (int i = 0; i < tasks.size(); i++) {
      parts.addAll(partsOf(tasks.get(i), new Turn(ahead, i), threads));
    }
    BatchSource all =
        threads == 1 || parts.size() == 1
            ? new InOrder(parts)
            : new ParallelParts(parts, Math.min(threads, parts.size()));
    return limit == Long.MAX_VALUE ? all : new Limited(all, limit);
  }

  /** Tells the store which files come next, each once. */
  private final class Ahead {
    private final List<Task> tasks;
    private final int count;
    private int told;

    Ahead(List<Task> tasks, int count) {
      this.tasks = tasks;
      this.count = count;
    }

    /** The file of this place is opened next; half of those told are read, so the next are told. */
    synchronized void opening(int place) {
      if (count == 1 || place + count / 2 < told || told == tasks.size()) {
        return;
      }
      int end = Math.min(tasks.size(), place + count);
      List<Storage.Expected> files = new ArrayList<>();
      for (; told < end; told++) {
        Task task = tasks.get(told);
        files.add(new Storage.Expected(task.key(), task.lengthBytes()));
      }
      storage.expect(files);
    }
  }

  /** A task's place among all of a scan. */
  private record Turn(Ahead ahead, int place) {
    void opening() {
      ahead.opening(place);
    }
  }

  private List<Part> partsOf(Task task, Turn turn, int threads) {
    SharedReader reader = new SharedReader(task, turn);
    int groups = threads == 1 ? 1 : Math.max(1, task.rowGroups());
    reader.parts = groups;
    List<Part> parts = new ArrayList<>(groups);
    for (int i = 0; i < groups; i++) {
      // The last part takes what is left, should metadata know too few row groups.
      parts.add(new Part(reader, i, i + 1 == groups ? Integer.MAX_VALUE : i + 1));
    }
    if (groups == 1) {
      return List.of(new Part(reader, 0, Integer.MAX_VALUE));
    }
    return parts;
  }

  /** Some row groups of one file. */
  final class Part {
    private final SharedReader reader;
    private final int firstGroup;
    private final int endGroup;

    private Part(SharedReader reader, int firstGroup, int endGroup) {
      this.reader = reader;
      this.firstGroup = firstGroup;
      this.endGroup = endGroup;
    }

    /** Opens the file if no other part did. */
    BatchReader open() {
      ParquetReader open = reader.acquire();
      int count = open.rowGroupCount();
      return open.read(
          wanted,
          reader.task.filter(),
          batchRows,
          Math.min(firstGroup, count),
          Math.min(endGroup, count));
    }

    /** Closes the file once every part is done. Called once a part, opened or not. */
    void done() {
      reader.release();
    }
  }

  /** One open file for all its parts, so that its footer is read once. */
  private final class SharedReader {
    /** No {@code synchronized}, which would pin virtual threads while the file is read. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Task task;
    private final Turn turn;
    private int parts;
    private @Nullable ReadableFile file;
    private @Nullable ParquetReader reader;

    SharedReader(Task task, Turn turn) {
      this.task = task;
      this.turn = turn;
    }

    ParquetReader acquire() {
      lock.lock();
      try {
        return reader == null ? open() : reader;
      } finally {
        lock.unlock();
      }
    }

    private ParquetReader open() {
      turn.opening();
      file = storage.open(task.key(), task.lengthBytes());
      ParquetReader open = ParquetReader.open(file, idByName);
      reader = open;
      if (open.rowCount() != task.rows()) {
        throw new CorruptTableException(
            storage.location()
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

    void release() {
      lock.lock();
      try {
        if (--parts == 0) {
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

  private static final class Empty implements BatchSource {
    @Override
    public @Nullable Batch next() {
      return null;
    }

    @Override
    public void close() {}
  }

  /** Part after part, in the caller's thread. */
  private static final class InOrder implements BatchSource {
    private final List<Part> parts;
    private int next;
    private @Nullable BatchReader current;

    InOrder(List<Part> parts) {
      this.parts = parts;
    }

    @Override
    public @Nullable Batch next() {
      while (true) {
        if (current == null) {
          if (next == parts.size()) {
            return null;
          }
          current = parts.get(next).open();
        }
        Batch batch = current.next();
        if (batch == null) {
          endPart();
        } else if (batch.rows() > 0) {
          return batch;
        }
      }
    }

    private void endPart() {
      if (current != null) {
        current.close();
        current = null;
      }
      parts.get(next++).done();
    }

    @Override
    public void close() {
      while (next < parts.size()) {
        endPart();
      }
    }
  }

  /** The first rows only. */
  private static final class Limited implements BatchSource {
    private final BatchSource source;
    private long left;

    Limited(BatchSource source, long limit) {
      this.source = source;
      this.left = limit;
    }

    @Override
    public @Nullable Batch next() {
      if (left == 0) {
        return null;
      }
      Batch batch = source.next();
      if (batch == null) {
        left = 0;
        return null;
      }
      if (batch.rows() > left) {
        batch = batch.slice(0, (int) left);
      }
      left -= batch.rows();
      if (left == 0) {
        source.close();
      }
      return batch;
    }

    @Override
    public void close() {
      source.close();
    }
  }
}
