package io.datashard.internal.rows;

import io.datashard.data.Batch;
import io.datashard.expr.Bound;
import io.datashard.internal.parquet.Outlook;
import io.datashard.internal.parquet.Workspaces;
import io.datashard.internal.rows.FileRows.Groups;
import io.datashard.schema.Schema;
import io.datashard.storage.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reads planned files: all their matching rows, in the order of the plan and of the rows in each
 * file, by one thread or by several.
 */
public final class FileScan {
  /** So many files are fetched side by side from a store that is far away. */
  private static final int AHEAD = 16;

  /** What opening a file costs, in bytes of a file that could be read meanwhile. */
  private static final long FILE_COST = 32 << 10;

  private static final long FAR_FILE_COST = 1 << 20;

  /** A piece need not be larger: then handing it to a thread costs next to nothing. */
  private static final long PIECE_COST_MAX = 1 << 20;

  /** So many pieces for each thread make the threads end at about the same time. */
  private static final int PIECES_A_THREAD = 4;

  private final Storage storage;
  private final Map<String, Integer> idByName;
  private final Schema wanted;
  private final int batchRows;
  private final ReadTotals totals = new ReadTotals();

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
   */
  public BatchSource open(List<Task> tasks, long limit, ScanThreads threads) {
    return open(
        tasks,
        limit,
        threads,
        (groups, workspaces) -> new FileRows(wanted, batchRows, groups, workspaces));
  }

  /** What was read so far. */
  public ReadTotals totals() {
    return totals;
  }

  /**
   * What there is to read of these files: opens each, and reads no more than is needed to know it.
   */
  public Outlook outlook(List<Task> tasks) {
    SharedFile.Opening opening = new SharedFile.Opening(storage, idByName, tasks, 1, totals);
    Outlook all = Outlook.NONE;
    for (int i = 0; i < tasks.size(); i++) {
      SharedFile file = new SharedFile(opening, i, 1);
      try {
        all = all.plus(file.reader().outlook(wanted, tasks.get(i).filter()));
      } finally {
        file.release();
      }
    }
    return all;
  }

  /** The same, with pieces of another kind. */
  BatchSource open(
      List<Task> tasks,
      long limit,
      ScanThreads threads,
      BiFunction<List<Groups>, Workspaces, Piece> piece) {
    if (limit == 0 || tasks.isEmpty()) {
      return new InOrder(List.of());
    }
    long cost = 0;
    for (Task task : tasks) {
      cost += costOf(task);
    }
    int count = threads.countFor(cost, limit);
    List<Piece> pieces = new ArrayList<>();
    long pieceCost =
        count == 1
            ? Long.MAX_VALUE
            : Math.min(PIECE_COST_MAX, cost / ((long) count * PIECES_A_THREAD));
    // Whoever wants a few rows may need no second file.
    int ahead = limit == Long.MAX_VALUE ? AHEAD : 1;
    SharedFile.Opening opening = new SharedFile.Opening(storage, idByName, tasks, ahead, totals);
    List<List<Groups>> parts = cut(opening, tasks, pieceCost);
    Workspaces workspaces = new Workspaces(parts.size());
    for (List<Groups> groups : parts) {
      pieces.add(piece.apply(groups, workspaces));
    }
    BatchSource all =
        count == 1 ? new InOrder(pieces) : new ReadAhead(pieces, count, threads.executor());
    return limit == Long.MAX_VALUE ? all : new Limited(all, limit);
  }

  private long costOf(Task task) {
    return task.lengthBytes() + (storage.isRemote() ? FAR_FILE_COST : FILE_COST);
  }

  /** Small files together, large ones by row groups. */
  private List<List<Groups>> cut(SharedFile.Opening opening, List<Task> tasks, long pieceCost) {
    List<List<Groups>> pieces = new ArrayList<>();
    List<Groups> together = new ArrayList<>();
    long togetherCost = 0;
    for (int i = 0; i < tasks.size(); i++) {
      Task task = tasks.get(i);
      long cost = costOf(task);
      if (togetherCost > 0 && togetherCost + cost > pieceCost) {
        pieces.add(together);
        together = new ArrayList<>();
        togetherCost = 0;
      }
      int rowGroups = Math.max(1, task.rowGroups());
      if (rowGroups > 1 && cost > pieceCost) {
        pieces.addAll(rowGroups(opening, i, rowGroups, cost, pieceCost));
      } else {
        together.add(new Groups(new SharedFile(opening, i, 1), 0, Groups.ALL));
        togetherCost += cost;
      }
    }
    if (!together.isEmpty()) {
      pieces.add(together);
    }
    return pieces;
  }

  private static List<List<Groups>> rowGroups(
      SharedFile.Opening opening, int place, int rowGroups, long cost, long pieceCost) {
    int each = (int) Math.max(1, pieceCost / Math.max(1, cost / rowGroups));
    int count = (rowGroups + each - 1) / each;
    SharedFile file = new SharedFile(opening, place, count);
    List<List<Groups>> pieces = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      // The last piece takes what is left, should metadata know too few row groups.
      int end = i + 1 == count ? Groups.ALL : (i + 1) * each;
      pieces.add(List.of(new Groups(file, i * each, end)));
    }
    return pieces;
  }

  /** Piece after piece, in the caller's thread. */
  private static final class InOrder implements BatchSource {
    private final List<Piece> pieces;
    private int at;

    InOrder(List<Piece> pieces) {
      this.pieces = pieces;
    }

    @Override
    public @Nullable Batch next() {
      while (at < pieces.size()) {
        Batch batch = pieces.get(at).next();
        if (batch == null) {
          pieces.get(at++).close();
        } else if (batch.rows() > 0) {
          return batch;
        }
      }
      return null;
    }

    @Override
    public void close() {
      while (at < pieces.size()) {
        pieces.get(at++).close();
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
