package io.datashard.internal.parquet;

import io.datashard.error.CorruptTableException;
import io.datashard.error.UnsupportedTableException;
import io.datashard.expr.Bound.Facts;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.storage.ReadableFile;
import io.datashard.table.FileMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.ColumnOrder;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.jspecify.annotations.Nullable;

/**
 * What a Parquet file says of itself, checked: its columns, row groups and statistics. Immutable.
 *
 * <p>Checked are magic bytes, lengths, the tree of the schema, that all counts of rows agree and
 * that every column chunk lies inside the file. Footers carry no checksum: a changed byte in a name
 * or in a statistic cannot be seen.
 *
 * <p>Spec: Parquet format, "File Format" and {@code parquet.thrift}.
 */
public final class ParquetFooter {
  /** Files up to this size are read whole, with one read. */
  static final int SMALL_FILE_BYTES = 256 << 10;

  private final String key;
  private final long length;
  private final byte @Nullable [] wholeFile;
  private final FileMetaData meta;
  private final List<FileColumn> columns;
  private final boolean[] ordered;

  ParquetFooter(
      String key,
      long length,
      byte @Nullable [] wholeFile,
      FileMetaData meta,
      List<FileColumn> columns,
      int leaves) {
    this.key = key;
    this.length = length;
    this.wholeFile = wholeFile;
    this.meta = meta;
    this.columns = List.copyOf(columns);
    this.ordered = new boolean[leaves];
    List<ColumnOrder> orders = meta.isSetColumn_orders() ? meta.getColumn_orders() : List.of();
    for (int i = 0; i < leaves && i < orders.size(); i++) {
      ordered[i] = orders.get(i).isSetTYPE_ORDER();
    }
  }

  /**
   * Reads and checks the footer: one read for a small file, else one or two.
   *
   * @param idByName field ids of top-level columns by name, for files without field ids; may be
   *     empty
   * @throws CorruptTableException the file is no Parquet file, is cut or contradicts itself
   * @throws UnsupportedTableException it is encrypted, or its columns lie in other files
   */
  public static ParquetFooter read(ReadableFile file, Map<String, Integer> idByName) {
    try {
      return new FooterParser(file).footer(idByName);
    } catch (DamagedException | ArithmeticException | IndexOutOfBoundsException e) {
      throw corrupt(file.key(), e.getMessage(), e);
    }
  }

  static CorruptTableException corrupt(String key, @Nullable String what, Throwable cause) {
    return new CorruptTableException(
        "Cannot read data file "
            + key
            + ": "
            + what
            + ". Restore the file from a copy, or remove it from the table.",
        cause);
  }

  /** Where the chunk's first page starts. */
  static long chunkStart(ColumnMetaData about) {
    long data = about.getData_page_offset();
    long dictionary = about.isSetDictionary_page_offset() ? about.getDictionary_page_offset() : 0;
    return dictionary > 0 && dictionary < data ? dictionary : data;
  }

  /** The file's key, for messages. */
  public String key() {
    return key;
  }

  /** The length of the file in bytes. */
  public long fileBytes() {
    return length;
  }

  /** The file's bytes, if it is small. */
  byte @Nullable [] wholeFile() {
    return wholeFile;
  }

  /** Rows in all. */
  public long rowCount() {
    return meta.getNum_rows();
  }

  /** How many row groups there are. */
  public int rowGroupCount() {
    return meta.getRow_groupsSize();
  }

  /** The rows of one row group, from 0. */
  public long rowGroupRows(int group) {
    return meta.getRow_groups().get(group).getNum_rows();
  }

  ColumnChunk chunk(int group, FileColumn column) {
    return meta.getRow_groups().get(group).getColumns().get(column.place());
  }

  /** The program that wrote the file, as it calls itself, or "". */
  public String createdBy() {
    return meta.isSetCreated_by() ? meta.getCreated_by() : "";
  }

  /** All columns at the top level, nested and foreign ones too, in the file's order. */
  public List<FileColumn> columns() {
    return columns;
  }

  /** Whether the file gives its columns field ids, or the name mapping did. */
  public boolean hasFieldIds() {
    return columns.stream().anyMatch(c -> c.id() > 0);
  }

  /**
   * The columns that tables have a type for, in the file's order, with the field ids that the file
   * or the name mapping gives; columns without one are numbered past the highest. Columns that
   * tables have no type for are in {@link #foreignColumns}.
   *
   * @throws UnsupportedTableException names or ids repeat
   */
  public Schema schema() {
    int next = columns.stream().mapToInt(FileColumn::id).max().orElse(0) + 1;
    List<Field> fields = new ArrayList<>();
    try {
      for (FileColumn column : columns) {
        Type type = column.type();
        if (type != null && isName(column.name())) {
          int id = column.id() > 0 ? column.id() : next++;
          fields.add(new Field(id, column.name(), type, column.required(), null));
        }
      }
      return Schema.of(fields);
    } catch (IllegalArgumentException e) {
      throw new UnsupportedTableException(
          "Data file " + key + " cannot be read as a table: " + e.getMessage(), e);
    }
  }

  /** The columns that {@link #schema} leaves out. */
  public List<FileColumn> foreignColumns() {
    return columns.stream().filter(c -> c.type() == null || !isName(c.name())).toList();
  }

  private static boolean isName(String name) {
    try {
      return new Field(1, name, Type.INT, false, null).name().equals(name);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /**
   * The file's column that holds this column of a table, by field id, or null if it has none.
   *
   * @throws CorruptTableException two columns of the file have the id, or the stored values cannot
   *     be read as the column's type
   */
  @Nullable FileColumn find(Field field) {
    FileColumn found = null;
    for (FileColumn column : columns) {
      if (column.id() == field.id()) {
        if (found != null) {
          throw new CorruptTableException(
              "Data file "
                  + key
                  + " has two columns with the field id "
                  + field.id()
                  + ": '"
                  + found.name()
                  + "' and '"
                  + column.name()
                  + "'. Write it again.");
        }
        found = column;
      }
    }
    if (found != null && !found.readableAs(field.type())) {
      throw new CorruptTableException(
          "Data file "
              + key
              + " stores column '"
              + field.name()
              + "' (field id "
              + field.id()
              + ") as "
              + found.storedAs()
              + ", which cannot be read as "
              + field.type()
              + ". Write it again with the table's types.");
    }
    return found == null || found.holdsOnlyNull() ? null : found;
  }

  /** What the statistics of one row group say of a column, read as this type. */
  Facts facts(int group, FileColumn column, Type wanted) {
    ColumnMetaData about = chunk(group, column).getMeta_data();
    return Stats.facts(
        column,
        wanted,
        rowGroupRows(group),
        about.isSetStatistics() ? about.getStatistics() : null,
        ordered[column.place()]);
  }

  /**
   * Whether the footer had a checksum, which only ours have, and it was right: what it says of
   * pages and indexes can be relied on.
   */
  boolean isSealed() {
    return FooterChecksum.isIn(meta);
  }

  /** Whether bounds of this column follow the order that the format defines. */
  boolean ordered(FileColumn column) {
    return ordered[column.place()];
  }

  /**
   * Counts, bounds, sizes and split offsets as a manifest records them, for a file that is adopted
   * as it is.
   *
   * <p>Bounds are given only where every row group has them and none says that they are cut short;
   * never for float and double, whose statistics do not say whether there are NaNs. NaN counts are
   * absent.
   *
   * @param table the columns to tell of; matched by field id
   */
  public FileMetrics metrics(Schema table) {
    return new FooterMetrics(this).of(table);
  }

  List<RowGroup> rowGroups() {
    return meta.getRow_groups();
  }
}
