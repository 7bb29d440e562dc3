package io.datashard.internal.rows;

import io.datashard.data.Batch;
import io.datashard.expr.Bound;
import io.datashard.internal.parquet.BatchReader;
import io.datashard.internal.parquet.GroupStats;
import io.datashard.internal.parquet.ParquetReader;
import io.datashard.internal.rows.FileRows.Groups;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.storage.Storage;
import io.datashard.table.ColumnSummary;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Sums up columns of files that manifests do not tell all of: by the footer's statistics where
 * these are exact, and by reading where not, row group by row group.
 */
public final class SummaryScan {
  /** What makes a step that hands nothing out. */
  private static final Batch NOTHING = new Batch(Schema.of(List.of()), 0, List.of());

  private static final Bound ALL_ROWS = new Bound.Constant(true);

  private final Storage storage;
  private final Map<String, Integer> idByName;
  private final int batchRows;
  private final Map<Integer, ColumnTally> tallies;
  private final Map<String, Work> workByKey = new HashMap<>();
  private final List<FileScan.Task> tasks = new ArrayList<>();

  /**
   * A file to look into.
   *
   * @param open the columns that are to be summed up
   * @param nans by field id, how many values of the whole file are NaN, where that is known
   */
  public record Work(FileScan.Task task, List<Field> open, Map<Integer, Long> nans) {
    public Work {
      open = List.copyOf(open);
      nans = Map.copyOf(nans);
    }
  }

  /**
   * Adds to these tallies.
   *
   * @param idByName what column names mean in files without field ids
   * @param tallies by field id
   */
  public SummaryScan(
      Storage storage,
      Map<String, Integer> idByName,
      int batchRows,
      Map<Integer, ColumnTally> tallies) {
    this.storage = storage;
    this.idByName = idByName;
    this.batchRows = batchRows;
    this.tallies = tallies;
  }

  /** Looks into this file too. */
  public void add(Work work) {
    workByKey.put(work.task().key(), work);
    tasks.add(work.task());
  }

  /** Looks into the files; errors as for reading their rows. */
  public void run(ScanThreads threads) {
    FileScan scan = new FileScan(storage, idByName, Schema.of(List.of()), batchRows);
    try (BatchSource all =
        scan.open(tasks, Long.MAX_VALUE, threads, (groups, unused) -> new Sums(groups))) {
      if (all.next() != null) {
        throw new IllegalStateException("A step that sums up hands nothing out.");
      }
    }
  }

  /** Some row groups; adds to the tallies when all of them are done. */
  private final class Sums implements Piece {
    private final List<Groups> all;
    private final Map<Integer, ColumnTally> own = new HashMap<>();
    private int at;

    /** The row group that comes next; -1 before the file was opened. */
    private int group = -1;

    private int endGroup;
    private @Nullable BatchReader reading;

    Sums(List<Groups> all) {
      this.all = all;
    }

    @Override
    public @Nullable Batch next() {
      BatchReader reader = reading;
      if (reader != null) {
        Batch batch = reader.next();
        if (batch == null) {
          endReading();
        } else {
          for (Field field : batch.schema().fields()) {
            tally(field).add(batch.column(batch.schema().placeOfId(field.id())));
          }
        }
        return NOTHING;
      }
      if (at == all.size()) {
        deliver();
        return null;
      }
      Groups groups = all.get(at);
      ParquetReader file = groups.file().reader();
      if (group < 0) {
        group = Math.min(groups.first(), file.rowGroupCount());
        endGroup = Math.min(groups.end(), file.rowGroupCount());
      }
      if (group == endGroup) {
        endFile();
      } else {
        look(file, work(groups), group++);
      }
      return NOTHING;
    }

    private Work work(Groups groups) {
      return Objects.requireNonNull(workByKey.get(groups.file().task().key()));
    }

    /** Decides a row group by its statistics, or begins to read it. */
    private void look(ParquetReader file, Work work, int place) {
      Bound filter = work.task().filter();
      Bound.Match match = GroupStats.match(file, place, filter);
      if (match == Bound.Match.NONE || file.rowGroupRows(place) == 0) {
        return;
      }
      List<Field> toRead = new ArrayList<>();
      for (Field field : work.open()) {
        ColumnSummary known =
            match == Bound.Match.ALL
                ? GroupStats.summary(file, place, field, nans(work, field, file))
                : null;
        if (known == null) {
          toRead.add(field);
        } else {
          tally(field).add(known);
        }
      }
      if (!toRead.isEmpty()) {
        reading =
            file.read(
                Schema.of(toRead),
                match == Bound.Match.ALL ? ALL_ROWS : filter,
                batchRows,
                place,
                place + 1);
      }
    }

    /** Of one row group: none where the whole file has none. */
    private long nans(Work work, Field field, ParquetReader file) {
      Long ofFile = work.nans().get(field.id());
      return ofFile == null || ofFile != 0 && file.rowGroupCount() != 1 ? -1 : ofFile;
    }

    private ColumnTally tally(Field field) {
      return own.computeIfAbsent(field.id(), id -> new ColumnTally(field));
    }

    private void deliver() {
      synchronized (tallies) {
        own.forEach((id, tally) -> Objects.requireNonNull(tallies.get(id)).add(tally.summary()));
      }
    }

    private void endReading() {
      if (reading != null) {
        reading.close();
        reading = null;
      }
    }

    private void endFile() {
      endReading();
      group = -1;
      all.get(at++).file().release();
    }

    @Override
    public void close() {
      while (at < all.size()) {
        endFile();
      }
    }
  }
}
