package io.datashard.internal.parquet;

import io.datashard.schema.Type;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.PageEncodingStats;
import org.apache.parquet.format.PageType;
import org.jspecify.annotations.Nullable;

/**
 * Everything about the chunk that does not change while it is read.
 *
 * @param sealed whether the file is ours, whose footer is right and tells how pages are written
 */
record StoredChunk(
    FileColumn column,
    Type type,
    Conversion conversion,
    ColumnMetaData about,
    long rows,
    boolean ordered,
    boolean sealed,
    @Nullable PageIndex index,
    RowRanges wanted) {
  long start() {
    return ParquetFooter.chunkStart(about);
  }

  long end() {
    return start() + about.getTotal_compressed_size();
  }

  /** Where its first data page starts; what lies before is the dictionary. */
  long firstDataPage() {
    long known =
        index != null && index.pageCount() > 0 ? index.offset(0) : about.getData_page_offset();
    return Math.min(end(), Math.max(start(), known));
  }

  /** Whether all its data pages are coded by the dictionary, as far as the footer says. */
  boolean isWhollyCoded() {
    return isWhollyCoded(about);
  }

  /** The same of any chunk. */
  static boolean isWhollyCoded(ColumnMetaData about) {
    return about.isSetEncoding_stats()
        && about.getEncoding_stats().stream()
            .filter(s -> s.getPage_type() != PageType.DICTIONARY_PAGE && s.getCount() > 0)
            .allMatch(
                s ->
                    s.getEncoding() == Encoding.RLE_DICTIONARY
                        || s.getEncoding() == Encoding.PLAIN_DICTIONARY);
  }

  /**
   * Its data pages, by page index or footer; 0 if neither counts them. Our writer leaves the index
   * out of a chunk that has one page.
   */
  long pageCount() {
    if (index != null) {
      return index.pageCount();
    }
    long count = 0;
    if (about.isSetEncoding_stats()) {
      for (PageEncodingStats stats : about.getEncoding_stats()) {
        count +=
            stats.getPage_type() == PageType.DICTIONARY_PAGE ? 0 : Math.max(0, stats.getCount());
      }
    }
    return count == 0 && sealed ? 1 : count;
  }

  /** Of these, those that hold none of the wanted rows by the page index. */
  long pagesByIndex() {
    long count = 0;
    for (int page = 0; index != null && page < index.pageCount(); page++) {
      count += wanted.intersects(index.firstRow(page), index.endRow(page)) ? 0 : 1;
    }
    return count;
  }
}
