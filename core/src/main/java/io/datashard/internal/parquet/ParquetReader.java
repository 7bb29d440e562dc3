package io.datashard.internal.parquet;

import io.datashard.error.CorruptTableException;
import io.datashard.error.UnsupportedTableException;
import io.datashard.expr.Bound;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.storage.ReadableFile;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One open Parquet file. Any number of threads may read it, each through a {@link BatchReader} of
 * its own.
 *
 * <p>Columns are found by field id, in files without ids through a name mapping, never by position.
 * What is read: all encodings and page versions of the format for columns that are not nested,
 * uncompressed or compressed with zstd, snappy, gzip or LZ4.
 *
 * <p>What is promised of a damaged file. Always: as many rows as the footer counts, or an error
 * that names the file. Where pages have checksums: none of their values is another one. In a file
 * that {@link ParquetWriter} wrote, whose footer and page indexes have checksums too: a changed
 * byte changes nothing that is read, or is an error. In other files a changed byte in the footer
 * may change a name, and one in a statistic may hide rows from a filter.
 *
 * <p>Times in nanoseconds are read if they are whole microseconds and refused otherwise, never
 * rounded.
 */
public final class ParquetReader implements AutoCloseable {
  private final ReadableFile file;
  private final ParquetFooter footer;

  private ParquetReader(ReadableFile file, ParquetFooter footer) {
    this.file = file;
    this.footer = footer;
  }

  /**
   * Reads and checks the footer; a small file is read whole.
   *
   * @param file closed with the reader, and if this fails
   * @param idByName field ids of columns by name, for files without field ids; may be empty
   * @throws CorruptTableException the file is no Parquet file, is cut or contradicts itself
   * @throws UnsupportedTableException it is encrypted, or its columns lie in other files
   */
  public static ParquetReader open(ReadableFile file, Map<String, Integer> idByName) {
    boolean opened = false;
    try {
      ParquetReader reader = new ParquetReader(file, ParquetFooter.read(file, idByName));
      opened = true;
      return reader;
    } finally {
      if (!opened) {
        file.close();
      }
    }
  }

  /** What the file says of itself. */
  public ParquetFooter footer() {
    return footer;
  }

  /** Rows in all. */
  public long rowCount() {
    return footer.rowCount();
  }

  /** How many row groups there are. */
  public int rowGroupCount() {
    return footer.rowGroupCount();
  }

  /** The rows of one row group, from 0. */
  public long rowGroupRows(int group) {
    return footer.rowGroupRows(group);
  }

  /**
   * Reads rows.
   *
   * <p>A wanted column that the file does not have is null in every row.
   *
   * @param wanted the columns of the batches, in this order; may be none, for their row counts
   * @param filter only rows for which it is true; its columns need not be among the wanted
   * @param batchRowsMax the most rows of a batch, at least 1; batches are cut shorter where a page
   *     ends, where rows are large, and by the filter
   * @param firstRowGroup the first row group to read, from 0
   * @param endRowGroup the row group after the last one to read
   * @throws CorruptTableException a required column is missing, or a column is stored as something
   *     that cannot be read as its type
   */
  public BatchReader read(
      Schema wanted, Bound filter, int batchRowsMax, int firstRowGroup, int endRowGroup) {
    return scan(wanted, filter, batchRowsMax, firstRowGroup, endRowGroup, null, Shortcut.ALL);
  }

  /**
   * The same with a workspace of the caller's, which no other reader uses before this one is
   * closed.
   */
  public BatchReader read(
      Schema wanted,
      Bound filter,
      int batchRowsMax,
      int firstRowGroup,
      int endRowGroup,
      Workspace workspace) {
    return scan(wanted, filter, batchRowsMax, firstRowGroup, endRowGroup, workspace, Shortcut.ALL);
  }

  /** The same rows of all row groups, found with no other shortcuts than these. */
  BatchReader read(Schema wanted, Bound filter, int batchRowsMax, Set<Shortcut> shortcuts) {
    return scan(wanted, filter, batchRowsMax, 0, rowGroupCount(), null, shortcuts);
  }

  /**
   * What {@link #read} of all row groups would look at. Reads page indexes, Bloom filters and
   * dictionaries of the filter's columns, and no data page but where its header is needed to find a
   * dictionary.
   *
   * @throws CorruptTableException as for {@link #read}, or the file is damaged
   * @throws UnsupportedTableException the file uses something that is not read
   */
  public Outlook outlook(Schema wanted, Bound filter) {
    try (FileScan scan = scan(wanted, filter, 1, 0, rowGroupCount(), null, Shortcut.ALL)) {
      return scan.outlook();
    }
  }

  private FileScan scan(
      Schema wanted,
      Bound filter,
      int batchRowsMax,
      int firstRowGroup,
      int endRowGroup,
      @Nullable Workspace workspace,
      Set<Shortcut> shortcuts) {
    if (batchRowsMax < 1) {
      throw new IllegalArgumentException("Batches of " + batchRowsMax + " rows.");
    }
    java.util.Objects.checkFromToIndex(firstRowGroup, endRowGroup, rowGroupCount());
    wanted.fields().forEach(this::check);
    filter.fields().forEach(this::check);
    return new FileScan(
        file,
        footer,
        wanted,
        filter,
        batchRowsMax,
        firstRowGroup,
        endRowGroup,
        workspace,
        shortcuts);
  }

  private void check(Field field) {
    if (footer.find(field) == null && field.required() && rowCount() > 0) {
      throw new CorruptTableException(
          "Data file "
              + footer.key()
              + " has no column '"
              + field.name()
              + "' (field id "
              + field.id()
              + "), which is required. It has "
              + footer.columns().stream()
                  .map(c -> "'" + c.name() + "'" + (c.id() > 0 ? " (" + c.id() + ")" : ""))
                  .toList()
              + ". Write it again with that column, or make the column optional.");
    }
  }

  /** Closes the file. */
  @Override
  public void close() {
    file.close();
  }
}
