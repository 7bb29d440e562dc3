package io.datashard.internal.parquet;

import io.datashard.expr.Bound.Facts;
import io.datashard.expr.Bound.Match;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnIndex;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.OffsetIndex;
import org.jspecify.annotations.Nullable;
import shaded.parquet.org.apache.thrift.TBase;

/** The page indexes of the columns of one row group, as far as they are read. */
final class GroupIndexes {
  private final ParquetFooter footer;
  private final ScanPlan plan;
  private final int group;
  private final long groupRows;
  private final FileBytes bytes;
  private final Map<Integer, PageIndex> byField = new HashMap<>();

  /** None is read yet. */
  GroupIndexes(ParquetFooter footer, ScanPlan plan, int group, FileBytes bytes) {
    this.footer = footer;
    this.plan = plan;
    this.group = group;
    this.groupRows = footer.rowGroupRows(group);
    this.bytes = bytes;
  }

  /** That of the column with this field id, or null if it has none or it was not read. */
  @Nullable PageIndex get(int fieldId) {
    return byField.get(fieldId);
  }

  /** Whether any tells about the values of pages. */
  boolean haveValues() {
    return byField.values().stream().anyMatch(PageIndex::hasValues);
  }

  /** Reads the page indexes of columns of which they are not known, all with one request. */
  void read(Schema schema, boolean withValues) {
    List<FileBytes.Range> wanted = new ArrayList<>();
    Map<Field, FileColumn> missing = new LinkedHashMap<>();
    for (Field field : schema.fields()) {
      FileColumn column = plan.columns().get(field.id());
      if (column != null && !byField.containsKey(field.id())) {
        ColumnChunk chunk = footer.chunk(group, column);
        if (chunk.isSetOffset_index_offset() && chunk.isSetOffset_index_length()) {
          missing.put(field, column);
          wanted.add(offsetIndexRange(chunk));
          if (withValues && hasColumnIndex(chunk)) {
            wanted.add(columnIndexRange(chunk));
          }
        }
      }
    }
    wanted.removeIf(range -> !isInside(range));
    bytes.readAhead(wanted, RowGroupScan.READ_AHEAD_BYTES_MAX);
    missing.forEach(
        (field, column) ->
            byField.put(
                field.id(),
                ColumnCursor.named(footer.key(), group, field, () -> index(column, withValues))));
  }

  private static boolean hasColumnIndex(ColumnChunk chunk) {
    return chunk.isSetColumn_index_offset() && chunk.isSetColumn_index_length();
  }

  private static FileBytes.Range offsetIndexRange(ColumnChunk chunk) {
    long start = chunk.getOffset_index_offset();
    return new FileBytes.Range(start, start + chunk.getOffset_index_length());
  }

  private static FileBytes.Range columnIndexRange(ColumnChunk chunk) {
    long start = chunk.getColumn_index_offset();
    return new FileBytes.Range(start, start + chunk.getColumn_index_length());
  }

  private boolean isInside(FileBytes.Range range) {
    return range.start() >= 4 && range.end() > range.start() && range.end() <= footer.fileBytes();
  }

  private PageIndex index(FileColumn column, boolean withValues) {
    ColumnChunk chunk = footer.chunk(group, column);
    ColumnMetaData about = chunk.getMeta_data();
    OffsetIndex offsets = new OffsetIndex();
    parse(offsets, about, offsetIndexRange(chunk), IndexChecksum::verifyOffsets);
    ColumnIndex values = null;
    if (withValues && hasColumnIndex(chunk)) {
      values = new ColumnIndex();
      parse(values, about, columnIndexRange(chunk), IndexChecksum::verifyValues);
    }
    long start = ParquetFooter.chunkStart(about);
    return PageIndex.of(
        column, groupRows, start, start + about.getTotal_compressed_size(), offsets, values);
  }

  private interface Check {
    void of(ColumnMetaData about, byte[] bytes, int start, int end);
  }

  private void parse(
      TBase<?, ?> into, ColumnMetaData about, FileBytes.Range range, Check checksum) {
    if (!isInside(range)) {
      throw new DamagedException(
          "its page index lies at " + range + " in a file of " + footer.fileBytes() + " bytes");
    }
    FileBytes.Piece piece = bytes.find(range.start(), range.end());
    if (piece == null) {
      piece = bytes.read(range.start(), Math.toIntExact(range.end() - range.start()));
    }
    int start = piece.place(range.start());
    int end = piece.place(range.end());
    checksum.of(about, piece.bytes(), start, end);
    ThriftReader.readWhole(into, piece.bytes(), start, end);
  }

  /**
   * The rows that may match: judges every run of rows in which no column of the filter changes its
   * page.
   */
  RowRanges ranges(BloomFilters blooms) {
    long[] borders = borders();
    RowRanges left = new RowRanges();
    for (int i = 0; i + 1 < borders.length; i++) {
      long border = borders[i];
      if (plan.filter().match(field -> facts(field, border, blooms)) != Match.NONE) {
        left.add(border, borders[i + 1]);
      }
    }
    return left;
  }

  /** The first rows of all pages, each once, and the row after the last. */
  private long[] borders() {
    LongStream.Builder all = LongStream.builder();
    all.add(0);
    all.add(groupRows);
    for (PageIndex index : byField.values()) {
      for (int page = 0; page < index.pageCount(); page++) {
        all.add(index.firstRow(page));
      }
    }
    return all.build().sorted().distinct().toArray();
  }

  private Facts facts(Field field, long inPage, BloomFilters blooms) {
    FileColumn column = plan.columns().get(field.id());
    if (column == null) {
      return Stats.onlyNulls(groupRows);
    }
    PageIndex index = get(field.id());
    return blooms.with(
        field,
        index != null && index.hasValues()
            ? index.facts(index.pageOf(inPage), field.type())
            : footer.facts(group, column, field.type()));
  }
}
