package io.datashard.internal.parquet;

import io.datashard.expr.Bound.Facts;
import io.datashard.schema.Type;
import java.util.List;
import org.apache.parquet.format.ColumnIndex;
import org.apache.parquet.format.OffsetIndex;
import org.apache.parquet.format.PageLocation;
import org.jspecify.annotations.Nullable;

/**
 * Where the data pages of one column chunk lie, which rows they hold, and perhaps what their values
 * are. Spec: Parquet format, "Page Index".
 */
final class PageIndex {
  private final FileColumn column;
  private final long rows;
  private final List<PageLocation> pages;
  private final @Nullable ColumnIndex values;

  private PageIndex(
      FileColumn column, long rows, List<PageLocation> pages, @Nullable ColumnIndex values) {
    this.column = column;
    this.rows = rows;
    this.pages = pages;
    this.values = values;
  }

  /**
   * Checks an index.
   *
   * @param start where the chunk starts
   * @param end where it ends
   * @throws DamagedException its parts do not fit each other or the chunk
   */
  static PageIndex of(
      FileColumn column,
      long rows,
      long start,
      long end,
      OffsetIndex offsets,
      @Nullable ColumnIndex values) {
    List<PageLocation> pages = offsets.getPage_locations();
    long row = 0;
    long free = start;
    for (int i = 0; i < pages.size(); i++) {
      PageLocation page = pages.get(i);
      long first = page.getFirst_row_index();
      int size = page.getCompressed_page_size();
      if ((i == 0 ? first != 0 : first < row)
          || first > rows
          || page.getOffset() < free
          || size < 1
          || size > end - page.getOffset()) {
        throw new DamagedException(
            "the page index says that page "
                + i
                + " of column '"
                + column.name()
                + "' takes "
                + size
                + " bytes from "
                + page.getOffset()
                + " and starts at row "
                + first
                + " of "
                + rows);
      }
      row = first;
      free = page.getOffset() + size;
    }
    if (pages.isEmpty() && rows > 0) {
      throw new DamagedException("the page index of column '" + column.name() + "' has no pages");
    }
    if (values != null
        && (values.getNull_pagesSize() != pages.size()
            || values.getMin_valuesSize() != pages.size()
            || values.getMax_valuesSize() != pages.size()
            || (values.isSetNull_counts() && values.getNull_countsSize() != pages.size()))) {
      throw new DamagedException(
          "the column index of column '"
              + column.name()
              + "' tells of "
              + values.getNull_pagesSize()
              + " pages, there are "
              + pages.size());
    }
    return new PageIndex(column, rows, pages, values);
  }

  int pageCount() {
    return pages.size();
  }

  long offset(int page) {
    return pages.get(page).getOffset();
  }

  /** Where the page ends in the file. */
  long end(int page) {
    return pages.get(page).getOffset() + pages.get(page).getCompressed_page_size();
  }

  long firstRow(int page) {
    return pages.get(page).getFirst_row_index();
  }

  /** The row after the page's last. */
  long endRow(int page) {
    return page + 1 < pages.size() ? firstRow(page + 1) : rows;
  }

  /** The page that holds the row. */
  int pageOf(long row) {
    int low = 0;
    int high = pages.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (firstRow(middle) <= row) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  /** Whether it says anything of the pages' values. */
  boolean hasValues() {
    return values != null;
  }

  /** What is known of a page's values, read as this type. */
  Facts facts(int page, Type wanted) {
    long pageRows = endRow(page) - firstRow(page);
    if (values == null) {
      return Facts.UNKNOWN;
    }
    if (values.getNull_pages().get(page)) {
      return Stats.onlyNulls(pageRows);
    }
    long nulls = column.required() ? 0 : -1;
    if (nulls < 0 && values.isSetNull_counts()) {
      long counted = values.getNull_counts().get(page);
      nulls = counted >= 0 && counted <= pageRows ? counted : -1;
    }
    return Stats.bounded(
        column,
        wanted,
        pageRows,
        nulls,
        values.getMin_values().get(page),
        values.getMax_values().get(page));
  }
}
