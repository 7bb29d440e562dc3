package io.datashard.internal.parquet;

import io.datashard.error.CorruptTableException;
import io.datashard.error.UnsupportedTableException;
import io.datashard.expr.Bound.Facts;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.SingleValue;
import io.datashard.schema.Type;
import io.datashard.schema.UuidBounds;
import io.datashard.schema.ValueOrder;
import io.datashard.storage.ReadableFile;
import io.datashard.table.ColumnMetrics;
import io.datashard.table.FileMetrics;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.ColumnOrder;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Statistics;
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
  private static final int MAGIC = 0x31524150; // PAR1
  private static final int MAGIC_ENCRYPTED = 0x45524150; // PARE
  private static final int TAIL_BYTES = 8;
  private static final int FIRST_READ_BYTES = 64 << 10;

  /** Files up to this size are read whole, with one read. */
  static final int SMALL_FILE_BYTES = 256 << 10;

  private final String key;
  private final long length;
  private final byte @Nullable [] wholeFile;
  private final FileMetaData meta;
  private final List<FileColumn> columns;
  private final boolean[] ordered;

  private ParquetFooter(
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
      return new Parser(file).footer(idByName);
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

  /** Reads the bytes and turns them into checked structures. */
  private static final class Parser {
    private final ReadableFile file;
    private final long length;
    private byte[] tail = {};
    private boolean whole;

    Parser(ReadableFile file) {
      this.file = file;
      this.length = file.length();
    }

    ParquetFooter footer(Map<String, Integer> idByName) {
      int metaStart = readTail();
      FileMetaData meta = new FileMetaData();
      ThriftReader.readWhole(meta, tail, metaStart, tail.length - TAIL_BYTES);
      FooterChecksum.verify(meta, tail, metaStart, tail.length - TAIL_BYTES);
      if (meta.isSetEncryption_algorithm()) {
        throw encrypted();
      }
      List<FileColumn> columns = new ArrayList<>();
      int leaves = columns(meta.getSchema(), columns);
      long dataEnd = length - (tail.length - metaStart);
      checkRowGroups(meta, columns, leaves, dataEnd);
      return new ParquetFooter(
          file.key(), length, whole ? tail : null, meta, withIds(columns, idByName), leaves);
    }

    /** Reads the end of the file, or all of it; returns where the metadata start in it. */
    private int readTail() {
      if (length < TAIL_BYTES + 4) {
        throw new DamagedException(length + " bytes are too few for a Parquet file");
      }
      whole = length <= SMALL_FILE_BYTES;
      tail = read(whole ? (int) length : FIRST_READ_BYTES);
      int magic = little(tail, tail.length - 4);
      if (magic == MAGIC_ENCRYPTED) {
        throw encrypted();
      }
      if (magic != MAGIC || (whole && little(tail, 0) != MAGIC)) {
        throw new DamagedException("it does not start and end with PAR1, as Parquet files do");
      }
      int metaLength = little(tail, tail.length - TAIL_BYTES);
      if (metaLength < 0 || metaLength > length - TAIL_BYTES - 4) {
        throw new DamagedException(
            "its footer should be " + metaLength + " bytes long, the file is " + length);
      }
      if (metaLength > tail.length - TAIL_BYTES) {
        byte[] rest = new byte[Math.addExact(metaLength, TAIL_BYTES)];
        int missing = rest.length - tail.length;
        file.read(length - rest.length, rest, 0, missing);
        System.arraycopy(tail, 0, rest, missing, tail.length);
        tail = rest;
      }
      return tail.length - TAIL_BYTES - metaLength;
    }

    private byte[] read(int bytes) {
      byte[] read = new byte[bytes];
      file.read(length - bytes, read, 0, bytes);
      return read;
    }

    private UnsupportedTableException encrypted() {
      return new UnsupportedTableException(
          "Data file "
              + file.key()
              + " is encrypted (Parquet modular encryption), which DataShard does not read. Write it"
              + " again without encryption.");
    }

    /** Collects the top-level columns; returns the number of leaves in the whole schema. */
    private static int columns(List<SchemaElement> schema, List<FileColumn> columns) {
      if (schema.isEmpty()) {
        throw new DamagedException("its schema is empty");
      }
      int at = 1;
      int leaves = 0;
      for (int child = children(schema, 0); child > 0; child--) {
        SchemaElement top = element(schema, at);
        int id = top.isSetField_id() && top.getField_id() > 0 ? top.getField_id() : 0;
        if (!isGroup(top)) {
          boolean repeated = top.getRepetition_type() == FieldRepetitionType.REPEATED;
          columns.add(FileColumn.leaf(checkedLeaf(top), id, leaves, repeated));
          leaves++;
          at++;
          continue;
        }
        columns.add(FileColumn.nested(top.getName(), id));
        for (long open = 1; open > 0; open--) {
          SchemaElement element = element(schema, at++);
          if (isGroup(element)) {
            open += children(schema, at - 1);
          } else {
            leaves++;
          }
        }
      }
      if (at != schema.size()) {
        throw new DamagedException(
            "its schema has " + schema.size() + " elements, " + at + " of them in the tree");
      }
      return leaves;
    }

    private static boolean isGroup(SchemaElement element) {
      return !element.isSetType();
    }

    private static SchemaElement checkedLeaf(SchemaElement leaf) {
      if (!leaf.isSetRepetition_type()) {
        throw new DamagedException(
            "column '" + leaf.getName() + "' is neither required nor optional");
      }
      if (leaf.getType() == org.apache.parquet.format.Type.FIXED_LEN_BYTE_ARRAY
          && leaf.getType_length() < 0) {
        throw new DamagedException(
            "column '" + leaf.getName() + "' has values of " + leaf.getType_length() + " bytes");
      }
      return leaf;
    }

    private static SchemaElement element(List<SchemaElement> schema, int at) {
      if (at >= schema.size()) {
        throw new DamagedException("its schema ends early, after " + at + " elements");
      }
      return schema.get(at);
    }

    private static int children(List<SchemaElement> schema, int at) {
      int children = schema.get(at).getNum_children();
      if (children < 0 || children > schema.size() - 1 - at) {
        throw new DamagedException(
            "element " + at + " of its schema has " + children + " children");
      }
      return children;
    }

    private void checkRowGroups(
        FileMetaData meta, List<FileColumn> columns, int leaves, long dataEnd) {
      long rows = 0;
      for (RowGroup group : meta.getRow_groups()) {
        if (group.getNum_rows() < 0 || group.getColumnsSize() != leaves) {
          throw new DamagedException(
              "a row group has "
                  + group.getNum_rows()
                  + " rows and "
                  + group.getColumnsSize()
                  + " column chunks; the schema has "
                  + leaves
                  + " leaves");
        }
        rows = Math.addExact(rows, group.getNum_rows());
        for (FileColumn column : columns) {
          if (column.place() >= 0) {
            checkChunk(column, group, group.getColumns().get(column.place()), dataEnd);
          }
        }
      }
      if (rows != meta.getNum_rows()) {
        throw new DamagedException(
            "its row groups hold " + rows + " rows, the footer says " + meta.getNum_rows());
      }
    }

    private void checkChunk(FileColumn column, RowGroup group, ColumnChunk chunk, long dataEnd) {
      if (chunk.isSetCrypto_metadata() || chunk.isSetEncrypted_column_metadata()) {
        throw encrypted();
      }
      if (chunk.isSetFile_path() && !chunk.getFile_path().isEmpty()) {
        throw new UnsupportedTableException(
            "Data file "
                + file.key()
                + " keeps column '"
                + column.name()
                + "' in another file, '"
                + chunk.getFile_path()
                + "', which DataShard does not follow. Write it again as one file.");
      }
      if (!chunk.isSetMeta_data()) {
        throw new DamagedException("column '" + column.name() + "' has no metadata");
      }
      ColumnMetaData about = chunk.getMeta_data();
      if (about.getType() != column.physical()
          || about.getNum_values() != group.getNum_rows()
          || about.getTotal_uncompressed_size() < 0) {
        throw new DamagedException(
            "a chunk of column '"
                + column.name()
                + "' holds "
                + about.getNum_values()
                + " values of "
                + about.getType()
                + "; the row group has "
                + group.getNum_rows()
                + " rows, the schema says "
                + column.physical());
      }
      long start = chunkStart(about);
      long size = about.getTotal_compressed_size();
      if (group.getNum_rows() > 0 && (start < 4 || size < 1 || size > dataEnd - start)) {
        throw new DamagedException(
            "a chunk of column '"
                + column.name()
                + "' takes "
                + size
                + " bytes from "
                + start
                + "; the data end at "
                + dataEnd);
      }
    }

    /**
     * Gives columns the ids of the mapping if the file has none at all. Spec: Iceberg table spec,
     * "Column Projection".
     */
    private static List<FileColumn> withIds(List<FileColumn> columns, Map<String, Integer> ids) {
      if (ids.isEmpty() || columns.stream().anyMatch(c -> c.id() > 0)) {
        return columns;
      }
      return columns.stream().map(c -> c.withId(ids.getOrDefault(c.name(), 0))).toList();
    }

    private static int little(byte[] bytes, int at) {
      return (bytes[at] & 0xff)
          | (bytes[at + 1] & 0xff) << 8
          | (bytes[at + 2] & 0xff) << 16
          | bytes[at + 3] << 24;
    }
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
    Map<Integer, ColumnMetrics> metrics = new HashMap<>();
    for (Field field : table.fields()) {
      FileColumn column = find(field);
      if (column != null) {
        metrics.put(field.id(), metrics(column, field.type()));
      }
    }
    return new FileMetrics(rowCount(), length, metrics, splitOffsets());
  }

  private ColumnMetrics metrics(FileColumn column, Type type) {
    long bytes = 0;
    long nulls = 0;
    boolean bounded = type != Type.FLOAT && type != Type.DOUBLE;
    @Nullable Object lower = null;
    @Nullable Object upper = null;
    for (int group = 0; group < rowGroupCount(); group++) {
      if (rowGroupRows(group) == 0) {
        continue;
      }
      ColumnMetaData about = chunk(group, column).getMeta_data();
      bytes = Math.addExact(bytes, about.getTotal_compressed_size());
      Facts facts = facts(group, column, type);
      nulls = nulls < 0 || facts.nulls() < 0 ? -1 : nulls + facts.nulls();
      if (facts.nulls() == facts.rows()) {
        continue;
      }
      if (!bounded || facts.lower() == null || facts.upper() == null || !exact(about)) {
        bounded = false;
        continue;
      }
      lower = lower == null ? facts.lower() : least(type, lower, facts.lower());
      upper = upper == null ? facts.upper() : greatest(type, upper, facts.upper());
    }
    if (!bounded || lower == null || upper == null) {
      return new ColumnMetrics(bytes, rowCount(), nulls, -1, null, null);
    }
    return new ColumnMetrics(
        bytes,
        rowCount(),
        nulls,
        -1,
        lowerBound(type, lower, upper),
        upperBound(type, lower, upper));
  }

  private static @Nullable ByteBuffer lowerBound(Type type, Object lower, Object upper) {
    return type == Type.UUID
        ? wrap(UuidBounds.lower(SingleValue.toBytes(type, lower), SingleValue.toBytes(type, upper)))
        : wrap(SingleValue.toBytes(type, lower));
  }

  private static @Nullable ByteBuffer upperBound(Type type, Object lower, Object upper) {
    return type == Type.UUID
        ? wrap(UuidBounds.upper(SingleValue.toBytes(type, lower), SingleValue.toBytes(type, upper)))
        : wrap(SingleValue.toBytes(type, upper));
  }

  private static boolean exact(ColumnMetaData about) {
    Statistics stats = about.getStatistics();
    return (!stats.isSetIs_min_value_exact() || stats.isIs_min_value_exact())
        && (!stats.isSetIs_max_value_exact() || stats.isIs_max_value_exact());
  }

  private static Object least(Type type, Object a, Object b) {
    return ValueOrder.compare(type, a, b) <= 0 ? a : b;
  }

  private static Object greatest(Type type, Object a, Object b) {
    return ValueOrder.compare(type, a, b) >= 0 ? a : b;
  }

  private static @Nullable ByteBuffer wrap(byte @Nullable [] bytes) {
    return bytes == null ? null : ByteBuffer.wrap(bytes);
  }

  private List<Long> splitOffsets() {
    List<Long> offsets = new ArrayList<>();
    Set<Long> seen = new HashSet<>();
    for (RowGroup group : meta.getRow_groups()) {
      Optional<Long> start =
          group.getColumns().stream()
              .filter(ColumnChunk::isSetMeta_data)
              .map(c -> chunkStart(c.getMeta_data()))
              .min(Long::compare);
      if (group.getNum_rows() > 0 && start.isPresent() && seen.add(start.get())) {
        offsets.add(start.get());
      }
    }
    offsets.sort(null);
    return offsets;
  }
}
