package io.datashard.internal.parquet;

import io.datashard.data.Batch;
import io.datashard.data.Column;
import io.datashard.expr.Bound.Facts;
import io.datashard.expr.Bound.Match;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads one row group, late: the filter's columns first, the others only where rows survive.
 *
 * <p>How: the page index, if there is one, leaves ranges of rows. In these, runs of about the
 * wanted number of rows are cut, preferably where a page ends, because byte strings of one page
 * need not be copied. Of each run the filter's columns are decoded and the rows selected; the other
 * columns are then read from the first selected row to the last. Pages that no run touches are
 * never decompressed.
 */
final class RowGroupScan {
  /** Row groups of which less is wanted are read with few large requests. */
  static final long READ_AHEAD_BYTES_MAX = 8 << 20;

  /** Where a request costs next to nothing, so much less is worth an array of its own. */
  private static final long READ_AHEAD_BYTES_NEAR = 256 << 10;

  /** What the values of one batch should take at most; a single row may take more. */
  private static final long BATCH_BYTES_TARGET = 32 << 20;

  private static final int WINDOW_BYTES_MAX = 1 << 20;
  private static final int WINDOW_BYTES_MIN = 128 << 10;
  private static final int WINDOWS_BYTES = 32 << 20;

  /** About what the header of a page takes. */
  private static final int PAGE_HEADER_BYTES = 1 << 10;

  private final ParquetFooter footer;
  private final ScanPlan plan;
  private final int group;
  private final long groupRows;
  private final FileBytes bytes;
  private final Workspace workspace;
  private final BloomFilters blooms;
  private boolean all = true;

  /** Whether no data page is to be read: only what there would be to read is wanted. */
  private boolean unread;

  private final GroupIndexes indexes;
  private final Map<Integer, ColumnCursor> cursors = new LinkedHashMap<>();
  private RowRanges ranges;
  private boolean restOpen;
  private int range;
  private long row;
  private long pagesJudgedTo;
  private boolean pagesMatchAll;

  // What the filter found in the current run and has not been handed out.
  private int[] selected = {};

  /** So many of the first numbers in {@link #selected} are 0, 1, 2 and so on. */
  private int selectsAll;

  private int selectedFrom;
  private int selectedEnd;
  private long runStart;
  private int runRows;
  private @Nullable FilterRun filterColumns;

  /** By field id; none where columns are read late. */
  private final Map<Integer, Column> earlyColumns = new HashMap<>();

  /** A scan of all rows of the group, each of which matches unless {@link #narrow} is called. */
  RowGroupScan(
      ParquetFooter footer, ScanPlan plan, int group, FileBytes bytes, Workspace workspace) {
    this.footer = footer;
    this.plan = plan;
    this.group = group;
    this.groupRows = footer.rowGroupRows(group);
    this.bytes = bytes;
    this.workspace = workspace;
    this.ranges = RowRanges.all(groupRows);
    this.blooms = new BloomFilters(footer, plan, group, bytes);
    this.indexes = new GroupIndexes(footer, plan, group, bytes);
  }

  /**
   * Narrows the rows to those that match, first of all by Bloom filters, page index and
   * dictionaries. To be called before the first row is read.
   *
   * @return what shows that no row matches
   */
  RuledOutBy narrow() {
    all = false;
    if (blooms.any()
        && plan.filter().match(field -> blooms.with(field, facts(field))) == Match.NONE) {
      return RuledOutBy.BLOOM_FILTER;
    }
    if (plan.takes(Shortcut.PAGE_INDEX)) {
      indexes.read(plan.filterSchema(), true);
    }
    if (indexes.haveValues()) {
      ranges = indexes.ranges(blooms);
      if (ranges.list().isEmpty()) {
        return RuledOutBy.PAGE_INDEX;
      }
    }
    if (!ranges.isAll(groupRows)) {
      indexes.read(plan.wanted(), false);
    }
    open(plan.filterSchema());
    return !plan.takes(Shortcut.DICTIONARIES) || plan.compiled().canMatch(this::dictionaryOfAll)
        ? RuledOutBy.NOTHING
        : RuledOutBy.DICTIONARY;
  }

  /** The same without reading data pages ahead; afterwards only {@link #outlook} may be asked. */
  RuledOutBy narrowUnread() {
    unread = true;
    return narrow();
  }

  /** What there is to read. */
  Outlook outlook() {
    indexes.read(Schema.of(uncounted()), false);
    long pages = 0;
    long pagesByIndex = 0;
    List<FileBytes.Range> wanted = new ArrayList<>();
    for (Field field : plan.fields()) {
      FileColumn column = plan.columns().get(field.id());
      if (column != null) {
        StoredChunk chunk = chunk(field, column);
        addRanges(chunk, wanted);
        pages += chunk.pageCount();
        pagesByIndex += chunk.pagesByIndex();
      }
    }
    long bytesToRead = 0;
    for (FileBytes.Range each : wanted) {
      bytesToRead += each.end() - each.start();
    }
    return new Outlook(
        new ReadCounts(0, 0, 0, 0, 0, pages, pagesByIndex, pagesByIndex, 0), bytesToRead);
  }

  /** Columns of which the footer does not say how many pages they have. */
  private List<Field> uncounted() {
    List<Field> all = new ArrayList<>();
    for (Field field : plan.fields()) {
      FileColumn column = plan.columns().get(field.id());
      if (column != null && !footer.chunk(group, column).getMeta_data().isSetEncoding_stats()) {
        all.add(field);
      }
    }
    return all;
  }

  private @Nullable Column dictionaryOfAll(Field field) {
    ColumnCursor cursor = cursors.get(field.id());
    return cursor == null ? null : cursor.dictionaryOfAll();
  }

  private Facts facts(Field field) {
    FileColumn column = plan.columns().get(field.id());
    return column == null ? Stats.onlyNulls(groupRows) : footer.facts(group, column, field.type());
  }

  /** Makes cursors for columns that have none yet, and reads their bytes ahead. */
  private void open(Schema schema) {
    List<FileBytes.Range> wanted = new ArrayList<>();
    for (Field field : schema.fields()) {
      FileColumn column = plan.columns().get(field.id());
      if (column != null && !cursors.containsKey(field.id())) {
        StoredChunk chunk = chunk(field, column);
        if (!unread) {
          addRanges(chunk, wanted);
        } else if (chunk.isWhollyCoded()) {
          wanted.add(new FileBytes.Range(chunk.start(), chunk.firstDataPage()));
        }
        cursors.put(
            field.id(),
            ColumnCursor.named(
                footer.key(),
                group,
                field,
                () ->
                    new ColumnCursor(
                        field,
                        footer.key(),
                        group,
                        new PageReader(chunk, bytes, workspace, windowBytes()))));
      }
    }
    bytes.readAhead(wanted, bytes.isRemote() ? READ_AHEAD_BYTES_MAX : READ_AHEAD_BYTES_NEAR);
  }

  private int windowBytes() {
    if (unread) {
      return PAGE_HEADER_BYTES;
    }
    int fair = WINDOWS_BYTES / Math.max(1, plan.columns().size());
    return Math.max(WINDOW_BYTES_MIN, Math.min(WINDOW_BYTES_MAX, fair));
  }

  private StoredChunk chunk(Field field, FileColumn column) {
    Conversion conversion = column.conversionTo(field.type());
    if (conversion == null) {
      throw new IllegalStateException(field + " from " + column);
    }
    return new StoredChunk(
        column,
        field.type(),
        conversion,
        footer.chunk(group, column).getMeta_data(),
        groupRows,
        footer.ordered(column),
        footer.isSealed(),
        indexes.get(field.id()),
        ranges);
  }

  private void addRanges(StoredChunk chunk, List<FileBytes.Range> wanted) {
    PageIndex index = chunk.index();
    if (index == null || ranges.isAll(groupRows)) {
      wanted.add(new FileBytes.Range(chunk.start(), chunk.end()));
      return;
    }
    wanted.add(new FileBytes.Range(chunk.start(), index.offset(0))); // the dictionary
    for (int page = 0; page < index.pageCount(); page++) {
      if (ranges.intersects(index.firstRow(page), index.endRow(page))) {
        wanted.add(new FileBytes.Range(index.offset(page), index.end(page)));
      }
    }
  }

  /** Ends the reading; returns how many pages there were and how many were passed over. */
  ReadCounts finish() {
    return cursors.values().stream()
        .map(ColumnCursor::finish)
        .reduce(ReadCounts.NONE, ReadCounts::plus);
  }

  /** The next rows that match, or null after the last. */
  @Nullable Batch next() {
    while (selectedFrom == selectedEnd) {
      if (!nextRun()) {
        return null;
      }
    }
    return handOut();
  }

  /** Cuts the next run of rows and selects in it; false after the last row. */
  private boolean nextRun() {
    List<RowRanges.Range> list = ranges.list();
    while (range < list.size() && row >= list.get(range).to()) {
      range++;
    }
    if (range == list.size()) {
      return false;
    }
    row = Math.max(row, list.get(range).from());
    long end = list.get(range).to();
    boolean filtered = !all && !pagesDecide(end);
    if (row >= end) {
      return true; // pages ruled the rest of the range out; look at the next one
    }
    boolean early = !plan.takes(Shortcut.LATE_COLUMNS);
    if (!filtered || early) {
      openRest();
    }
    int rows = runRows(end, filtered);
    runStart = row;
    runRows = rows;
    row += rows;
    filterColumns = null;
    earlyColumns.clear();
    if (selected.length < rows) {
      selected = new int[rows];
      selectsAll = 0;
    }
    selectedFrom = 0;
    if (filtered) {
      FilterRun columns = filterColumns(runStart, rows);
      selectsAll = 0;
      selectedEnd = plan.compiled().select(columns, selected);
      filterColumns = columns;
      if (early) {
        readEarly(runStart, rows);
      }
    } else {
      for (; selectsAll < rows; selectsAll++) {
        selected[selectsAll] = selectsAll;
      }
      selectedEnd = rows;
    }
    return true;
  }

  /**
   * Passes over rows that the statistics in page headers rule out.
   *
   * @param end the end of the range of rows
   * @return whether the statistics say that every row up to the nearest page end matches
   */
  private boolean pagesDecide(long end) {
    while (row < end && row >= pagesJudgedTo) {
      long judgedTo = end;
      for (Field field : plan.filterSchema().fields()) {
        ColumnCursor cursor = cursors.get(field.id());
        if (cursor != null) {
          judgedTo = Math.min(judgedTo, cursor.pageEnd(row));
        }
      }
      Match match =
          plan.takes(Shortcut.PAGE_STATISTICS) ? plan.filter().match(this::pageFacts) : Match.SOME;
      pagesJudgedTo = judgedTo;
      pagesMatchAll = match == Match.ALL;
      if (match == Match.NONE) {
        row = judgedTo;
      }
    }
    return pagesMatchAll;
  }

  private Facts pageFacts(Field field) {
    ColumnCursor cursor = cursors.get(field.id());
    return cursor == null ? Stats.onlyNulls(groupRows) : cursor.pageFacts(row);
  }

  /** How many rows to take at once. */
  private int runRows(long end, boolean filtered) {
    long most = Math.min(plan.batchRowsMax(), end - row);
    if (!filtered && !all) {
      most = Math.min(most, pagesJudgedTo - row);
    }
    double bytesPerRow = 0;
    long nearest = most;
    for (ColumnCursor cursor : cursors.values()) {
      long pageEnd = filtered ? cursor.pageEndIfKnown(row) : cursor.pageEnd(row);
      bytesPerRow += cursor.bytesPerRow();
      long left = pageEnd - row;
      if (pageEnd >= 0 && left < nearest && left >= most / 4) {
        nearest = left;
      }
    }
    return (int) Math.max(1, Math.min(nearest, rowsOf(bytesPerRow)));
  }

  private static long rowsOf(double bytesPerRow) {
    return bytesPerRow <= 0 ? Integer.MAX_VALUE : (long) (BATCH_BYTES_TARGET / bytesPerRow);
  }

  private FilterRun filterColumns(long from, int rows) {
    FilterRun run = new FilterRun(rows, plan.filterSchema().size());
    for (int place = 0; place < plan.filterSchema().size(); place++) {
      Field field = plan.filterSchema().field(place);
      ColumnCursor cursor = cursors.get(field.id());
      CodedColumn codes =
          cursor == null || !plan.takes(Shortcut.CODES) ? null : cursor.readCodes(from, rows);
      if (codes != null) {
        run.set(place, codes);
      } else {
        run.set(
            place, cursor == null ? NullColumns.of(field.type(), rows) : cursor.read(from, rows));
      }
    }
    return run;
  }

  /** Reads all rows of the wanted columns that the filter has not read. */
  private void readEarly(long from, int rows) {
    for (Field field : plan.wanted().fields()) {
      ColumnCursor cursor = cursors.get(field.id());
      if (cursor != null && !isFiltered(field)) {
        earlyColumns.put(field.id(), cursor.read(from, rows));
      }
    }
  }

  private void openRest() {
    if (!restOpen) {
      open(plan.wanted());
      restOpen = true;
    }
  }

  /** Reads the wanted columns of the selected rows, or of the first of them if they are large. */
  private Batch handOut() {
    openRest();
    int from = selectedFrom;
    long firstRow = runStart + selected[from];
    double bytesPerRow = 0;
    for (Field field : plan.wanted().fields()) {
      ColumnCursor cursor = cursors.get(field.id());
      if (cursor != null && !isFiltered(field) && !earlyColumns.containsKey(field.id())) {
        cursor.pageEnd(firstRow);
        bytesPerRow += cursor.bytesPerRow();
      }
    }
    int end = (int) Math.min(selectedEnd, from + Math.max(1, rowsOf(bytesPerRow)));
    selectedFrom = end;
    List<Column> columns = new ArrayList<>();
    for (Field field : plan.wanted().fields()) {
      columns.add(column(field, from, end));
    }
    return new Batch(plan.wanted(), end - from, columns);
  }

  /** Whether the filter has read the column already. */
  private boolean isFiltered(Field field) {
    return filterColumns != null && plan.filterSchema().placeOfId(field.id()) >= 0;
  }

  private Column column(Field field, int from, int end) {
    int count = end - from;
    if (filterColumns != null && isFiltered(field)) {
      int place = plan.filterSchema().placeOfId(field.id());
      return count == runRows
          ? filterColumns.column(place)
          : filterColumns.take(place, places(from, end, 0), count);
    }
    ColumnCursor cursor = cursors.get(field.id());
    if (cursor == null) {
      return NullColumns.of(field.type(), count);
    }
    Column early = earlyColumns.get(field.id());
    if (early != null) {
      return early.take(places(from, end, 0), count);
    }
    int first = selected[from];
    int span = selected[end - 1] - first + 1;
    Column column = cursor.read(runStart + first, span);
    return span == count ? column : column.take(places(from, end, first), count);
  }

  private int[] places(int from, int end, int first) {
    int[] places = new int[end - from];
    for (int i = 0; i < places.length; i++) {
      places[i] = selected[from + i] - first;
    }
    return places;
  }
}
