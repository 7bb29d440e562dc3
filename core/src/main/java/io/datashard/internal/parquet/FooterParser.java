package io.datashard.internal.parquet;

import io.datashard.error.UnsupportedTableException;
import io.datashard.storage.ReadableFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;

/** Reads the bytes of a footer and turns them into checked structures. */
final class FooterParser {
  private static final int MAGIC = 0x31524150; // PAR1
  private static final int MAGIC_ENCRYPTED = 0x45524150; // PARE
  private static final int TAIL_BYTES = 8;
  private static final int FIRST_READ_BYTES = 64 << 10;

  private final ReadableFile file;
  private final long length;
  private byte[] tail = {};
  private boolean whole;

  FooterParser(ReadableFile file) {
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
    whole = length <= ParquetFooter.SMALL_FILE_BYTES;
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
      throw new DamagedException("element " + at + " of its schema has " + children + " children");
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
    long start = ParquetFooter.chunkStart(about);
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
