package io.datashard.internal.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.error.CorruptTableException;
import io.datashard.error.UnsupportedTableException;
import io.datashard.expr.Bound;
import io.datashard.expr.Predicate;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.table.ColumnMetrics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.parquet.format.AesGcmV1;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.ColumnOrder;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.ConvertedType;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.EncryptionAlgorithm;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.LogicalType;
import org.apache.parquet.format.NullType;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Statistics;
import org.apache.parquet.format.TypeDefinedOrder;
import org.apache.parquet.format.Util;
import org.junit.jupiter.api.Test;

/**
 * What no writer at hand writes any more, or never should: files of one column and one row group,
 * put together by hand.
 */
class HandMadeFileTest {
  private static final Bound ALL = new Bound.Constant(true);

  /** One file in the making; what a test does not set is an optional INT32 column in one page. */
  private static final class Making {
    final SchemaElement column = new SchemaElement("c");
    final List<byte[]> pages = new ArrayList<>();
    final ColumnMetaData about = new ColumnMetaData();
    final ColumnChunk chunk = new ColumnChunk(0);
    final FileMetaData meta = new FileMetaData(1, new ArrayList<>(), 0, new ArrayList<>());
    Consumer<Making> lie = making -> {};
    long rows;

    Making() {
      column.setType(org.apache.parquet.format.Type.INT32);
      column.setRepetition_type(FieldRepetitionType.OPTIONAL);
      column.setField_id(1);
      about.setEncodings(List.of(Encoding.PLAIN));
      about.setPath_in_schema(List.of("c"));
      about.setCodec(CompressionCodec.UNCOMPRESSED);
    }

    /** Adds a data page of version 1. */
    Making page(int pageRows, Encoding levels, Encoding encoding, byte[] body, int plainLength) {
      PageHeader header = new PageHeader(PageType.DATA_PAGE, plainLength, body.length);
      header.setData_page_header(new DataPageHeader(pageRows, encoding, levels, Encoding.RLE));
      return page(header, body, pageRows);
    }

    Making page(PageHeader header, byte[] body, int pageRows) {
      pages.add(joined(thrift(out -> Util.writePageHeader(header, out)), body));
      rows += pageRows;
      return this;
    }

    byte[] bytes() {
      byte[] data = joined(pages.toArray(byte[][]::new));
      about.setType(column.getType());
      about.setNum_values(rows);
      about.setTotal_compressed_size(data.length);
      if (!about.isSetTotal_uncompressed_size()) {
        about.setTotal_uncompressed_size(data.length);
      }
      about.setData_page_offset(4);
      chunk.setMeta_data(about);
      SchemaElement root = new SchemaElement("rows");
      root.setNum_children(1);
      meta.setSchema(List.of(root, column));
      meta.setNum_rows(rows);
      meta.setRow_groups(List.of(new RowGroup(List.of(chunk), data.length, rows)));
      lie.accept(this);
      byte[] footer = thrift(out -> Util.writeFileMetaData(meta, out));
      byte[] length = little(footer.length);
      byte[] magic = "PAR1".getBytes(StandardCharsets.US_ASCII);
      return joined(magic, data, footer, length, magic);
    }
  }

  private interface Writing {
    void to(ByteArrayOutputStream out) throws IOException;
  }

  private static byte[] thrift(Writing writing) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      writing.to(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.write(part, 0, part.length);
    }
    return out.toByteArray();
  }

  private static byte[] little(int... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : values) {
      bytes.putInt(value);
    }
    return bytes.array();
  }

  private static byte[] little(long... values) {
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 8).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      bytes.putLong(value);
    }
    return bytes.array();
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static List<String> read(byte[] file, Type type, Bound filter) {
    Schema wanted = Schema.of(List.of(new Field(1, "c", type, false, null)));
    try (ParquetReader reader = ParquetReader.open(new MemoryFile(file), Map.of())) {
      return ParquetRoundTripTest.rows(
          reader.read(wanted, filter, 100, 0, reader.rowGroupCount()), 100);
    }
  }

  private static List<String> read(byte[] file, Type type) {
    return read(file, type, ALL);
  }

  /** Levels 1 0 1 1 in the hybrid: three values in four rows. */
  private static final byte[] LEVELS_1011 = joined(little(2), bytes(3, 0b1101));

  private static Making fourRows() {
    byte[] body = joined(LEVELS_1011, little(7, 8, 9));
    return new Making().page(4, Encoding.RLE, Encoding.PLAIN, body, body.length);
  }

  @Test
  void plainNumbersWithNulls() {
    assertThat(read(fourRows().bytes(), Type.INT)).containsExactly("7|", "null|", "8|", "9|");
  }

  @Test
  void levelsInTheDeprecatedPacking() {
    // Highest bit first; twelve rows, so that the second byte is not full.
    byte[] body = joined(bytes(0b1011_0000, 0b0001_0000), little(1, 2, 3, 4));
    Making file = new Making().page(12, Encoding.BIT_PACKED, Encoding.PLAIN, body, body.length);
    assertThat(read(file.bytes(), Type.INT))
        .containsExactly(
            "1|", "null|", "2|", "3|", "null|", "null|", "null|", "null|", "null|", "null|",
            "null|", "4|");
  }

  @Test
  void timestampsOfOldFilesAreWhatTheTableSays() {
    for (ConvertedType converted :
        new ConvertedType[] {ConvertedType.TIMESTAMP_MILLIS, ConvertedType.TIMESTAMP_MICROS}) {
      boolean millis = converted == ConvertedType.TIMESTAMP_MILLIS;
      Making file = new Making();
      file.column.setType(org.apache.parquet.format.Type.INT64);
      file.column.setRepetition_type(FieldRepetitionType.REQUIRED);
      file.column.setConverted_type(converted);
      byte[] body = little(millis ? 1_500L : 1_500_000L);
      file.page(1, Encoding.RLE, Encoding.PLAIN, body, body.length);
      assertThat(read(file.bytes(), Type.TIMESTAMP)).containsExactly("1970-01-01T00:00:01.500|");
      assertThat(read(file.bytes(), Type.TIMESTAMPTZ)).containsExactly("1970-01-01T00:00:01.500Z|");
    }
  }

  @Test
  void aPageOfVersion2ThatIsNotCompressed() {
    Making file = new Making();
    file.about.setCodec(CompressionCodec.SNAPPY);
    byte[] levels = bytes(3, 0b1101);
    byte[] body = joined(levels, little(7, 8, 9));
    PageHeader header = new PageHeader(PageType.DATA_PAGE_V2, body.length, body.length);
    DataPageHeaderV2 more = new DataPageHeaderV2(4, 1, 4, Encoding.PLAIN, levels.length, 0);
    more.setIs_compressed(false);
    header.setData_page_header_v2(more);
    file.page(header, body, 4);
    assertThat(read(file.bytes(), Type.INT)).containsExactly("7|", "null|", "8|", "9|");
  }

  @Test
  void aColumnOfNoTypeIsNull() {
    byte[] body = joined(little(2), bytes(8, 0));
    Making file = new Making().page(4, Encoding.RLE, Encoding.PLAIN, body, body.length);
    file.column.setLogicalType(LogicalType.UNKNOWN(new NullType()));
    assertThat(read(file.bytes(), Type.STRING)).containsExactly("null|", "null|", "null|", "null|");
    ParquetFooter footer = ParquetFooter.read(new MemoryFile(file.bytes()), Map.of());
    assertThat(footer.schema().size()).isZero();
    assertThat(footer.foreignColumns().get(0).holdsOnlyNull()).isTrue();
  }

  @Test
  void whatIsNotReadIsRefusedByName() {
    Making brotli = fourRows();
    brotli.about.setCodec(CompressionCodec.BROTLI);
    refused(brotli, "holds pages compressed with BROTLI: DataShard does not read that.");
    byte[] body = joined(LEVELS_1011, little(7, 8, 9));
    Making packed = new Making().page(4, Encoding.RLE, Encoding.BIT_PACKED, body, body.length);
    refused(packed, "holds pages in encoding BIT_PACKED: DataShard does not read that.");
    Making encrypted = fourRows();
    encrypted.meta.setEncryption_algorithm(EncryptionAlgorithm.AES_GCM_V1(new AesGcmV1()));
    refused(encrypted, "is encrypted (Parquet modular encryption)");
    Making elsewhere = fourRows();
    elsewhere.chunk.setFile_path("../../other.parquet");
    refused(elsewhere, "keeps column 'c' in another file, '../../other.parquet'");
  }

  private static void refused(Making file, String why) {
    assertThatThrownBy(() -> read(file.bytes(), Type.INT))
        .isInstanceOf(UnsupportedTableException.class)
        .hasMessageContaining("data/some.parquet")
        .hasMessageContaining(why);
  }

  @Test
  void liesAreFoundBeforeTheyCostMemory() {
    corrupt(file -> file.about.setNum_values(5), "holds 5 values of INT32");
    corrupt(file -> rows(file, 5), "its pages end after 4 of 5 rows");
    corrupt(file -> rows(file, 3), "a page of 4 rows where 3 are left");
    corrupt(file -> file.meta.setNum_rows(5), "its row groups hold 4 rows, the footer says 5");
    corrupt(file -> file.about.setTotal_compressed_size(1 << 30), "a chunk of column 'c' takes");
    page(Encoding.PLAIN, joined(LEVELS_1011, little(7, 8)), "3 values of 4 bytes wanted");
    page(Encoding.PLAIN, joined(little(1 << 30), bytes(3)), "definition levels of 1073741824");
    page(Encoding.PLAIN, joined(little(2), bytes(8, 2)), "a definition level of 2, at most 1");
    page(Encoding.RLE_DICTIONARY, joined(LEVELS_1011, bytes(1, 2)), "without a dictionary");
    page(
        Encoding.DELTA_BINARY_PACKED,
        joined(LEVELS_1011, bytes(0x80, 0x80, 0x80, 0x10, 4, 3, 0)),
        "delta blocks of 33554432 values");
  }

  private static void rows(Making file, long rows) {
    file.about.setNum_values(rows);
    file.meta.getRow_groups().get(0).setNum_rows(rows);
    file.meta.setNum_rows(rows);
  }

  private static void page(Encoding encoding, byte[] body, String why) {
    Making file = new Making().page(4, Encoding.RLE, encoding, body, body.length);
    assertThatThrownBy(() -> read(file.bytes(), Type.INT))
        .isInstanceOf(CorruptTableException.class)
        .hasMessageStartingWith(
            "Cannot read data file data/some.parquet: column 'c', row group 0: ")
        .hasMessageContaining(why);
  }

  private static void corrupt(Consumer<Making> lie, String why) {
    Making file = fourRows();
    file.lie = lie;
    assertThatThrownBy(() -> read(file.bytes(), Type.INT))
        .isInstanceOf(CorruptTableException.class)
        .hasMessageContaining("data/some.parquet")
        .hasMessageContaining(why);
  }

  @Test
  void boundsThatCannotBeTrustedAreLeftOut() {
    Making file = fourRows();
    Statistics stats = new Statistics();
    stats.setNull_count(1);
    stats.setMin_value(little(7));
    stats.setMax_value(little(9));
    file.about.setStatistics(stats);

    // Without column orders nobody knows in which order the new bounds are.
    assertThat(metrics(file, Type.INT).lower()).isNull();
    assertThat(metrics(file, Type.INT).nullCount()).isEqualTo(1);
    file.meta.setColumn_orders(List.of(ColumnOrder.TYPE_ORDER(new TypeDefinedOrder())));
    assertThat(metrics(file, Type.INT).lowerBytes()).isEqualTo(little(7));
    assertThat(metrics(file, Type.LONG).upperBytes()).isEqualTo(little(9L));

    stats.setIs_max_value_exact(false);
    assertThat(metrics(file, Type.INT).upper()).isNull();
    stats.setIs_max_value_exact(true);
    assertThat(metrics(file, Type.INT).upperBytes()).isEqualTo(little(9));

    stats.setNull_count(-3);
    assertThat(metrics(file, Type.INT).nullCount()).isEqualTo(-1);
    stats.setMin_value(bytes(1, 2));
    assertThat(metrics(file, Type.INT).lower()).isNull();
    assertThat(metrics(file, Type.INT).upper()).isNull();
  }

  @Test
  void deprecatedBoundsCountForSignedNumbersOnly() {
    Making file = fourRows();
    Statistics stats = new Statistics();
    stats.setMin(little(7));
    stats.setMax(little(9));
    file.about.setStatistics(stats);
    assertThat(metrics(file, Type.INT).lowerBytes()).isEqualTo(little(7));
    Bound seven =
        Predicate.parse("c < 7").bind(Schema.builder().optional(1, "c", Type.INT).build());
    assertThat(read(file.bytes(), Type.INT, seven)).isEmpty();

    file.column.setConverted_type(ConvertedType.UINT_32);
    assertThat(metrics(file, Type.LONG).lower()).isNull();
  }

  private static ColumnMetrics metrics(Making file, Type type) {
    ParquetFooter footer = ParquetFooter.read(new MemoryFile(file.bytes()), Map.of());
    Schema schema = Schema.of(List.of(new Field(1, "c", type, false, null)));
    return java.util.Objects.requireNonNull(footer.metrics(schema).columns().get(1));
  }
}
