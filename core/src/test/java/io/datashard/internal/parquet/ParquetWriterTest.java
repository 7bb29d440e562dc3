package io.datashard.internal.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.data.Batch;
import io.datashard.data.BatchBuilder;
import io.datashard.data.BytesColumn;
import io.datashard.data.IntColumn;
import io.datashard.data.LongColumn;
import io.datashard.error.StorageException;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.SingleValue;
import io.datashard.schema.Type;
import io.datashard.storage.NewFile;
import io.datashard.table.ColumnMetrics;
import io.datashard.table.FileMetrics;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.PageEncodingStats;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Util;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What the writer promises besides the values, which ParquetRoundTripTest and, against
 * parquet-java, ParquetWriterOracleTest hold: sizes, encodings, bounds, and what it refuses.
 */
class ParquetWriterTest {
  private static final Schema LOG =
      Schema.builder()
          .required("task_id", Type.STRING)
          .required("status", Type.STRING)
          .required("duration_ms", Type.LONG)
          .optional("error", Type.STRING)
          .build();

  @Test
  void aFileOfOneRowIsSmallAndOneWrite() throws IOException {
    Out out = new Out();
    FileMetrics metrics;
    try (ParquetWriter writer = new ParquetWriter(out, LOG, WriteOptions.DEFAULT)) {
      writer.write(log(1, new Random(1)));
      metrics = writer.finish();
    }
    assertThat(out.events).containsExactly("write", "finish");
    assertThat(out.bytes.size()).isLessThan(700);
    assertThat(metrics.recordCount()).isEqualTo(1);
    assertThat(metrics.fileSizeBytes()).isEqualTo(out.bytes.size());
    assertThat(metrics.splitOffsets()).containsExactly(4L);
    FileMetaData footer = footer(out);
    assertThat(footer.getRow_groups().get(0).getColumns())
        .as("an index of single pages would repeat the footer")
        .noneMatch(c -> c.isSetOffset_index_offset());
  }

  @Test
  void aFileWithoutRowsHasItsColumns() throws IOException {
    Out out = new Out();
    try (ParquetWriter writer = new ParquetWriter(out, LOG, WriteOptions.DEFAULT)) {
      assertThat(writer.finish().recordCount()).isEqualTo(0);
    }
    FileMetaData footer = footer(out);
    assertThat(footer.getRow_groups()).isEmpty();
    assertThat(footer.getSchema().stream().map(SchemaElement::getName))
        .containsExactly("table", "task_id", "status", "duration_ms", "error");
    assertThat(footer.getSchema().stream().skip(1).map(SchemaElement::getField_id))
        .containsExactly(1, 2, 3, 4);
  }

  @Test
  void encodingsFollowTheData() throws IOException {
    Schema schema =
        Schema.builder()
            .required("rising", Type.LONG)
            .required("few", Type.STRING)
            .required("random", Type.DOUBLE)
            .required("ids", Type.STRING)
            .required("sorted", Type.STRING)
            .build();
    Random random = new Random(1);
    BatchBuilder rows = new BatchBuilder(schema);
    for (int i = 0; i < 50_000; i++) {
      rows.column(0).addLong(1_700_000_000_000_000L + i * 1_000L);
      rows.column(1).add("status-" + random.nextInt(5));
      rows.column(2).add(random.nextDouble());
      rows.column(3).add(new java.util.UUID(random.nextLong(), random.nextLong()).toString());
      rows.column(4).add(String.format("events/2026/01/01/part-%08d", i));
      rows.endRow();
    }
    List<ColumnMetaData> columns = columns(written(rows.build(), WriteOptions.DEFAULT));
    assertThat(dataEncodings(columns.get(0))).containsExactly(Encoding.DELTA_BINARY_PACKED);
    assertThat(dataEncodings(columns.get(1))).containsExactly(Encoding.RLE_DICTIONARY);
    assertThat(dataEncodings(columns.get(2))).containsExactly(Encoding.PLAIN);
    assertThat(columns.get(2).getCodec())
        .as("a few percent less do not pay for decompressing")
        .isEqualTo(CompressionCodec.UNCOMPRESSED);
    assertThat(dataEncodings(columns.get(3))).containsExactly(Encoding.DELTA_LENGTH_BYTE_ARRAY);
    assertThat(columns.get(3).getCodec()).isEqualTo(CompressionCodec.ZSTD);
    assertThat(dataEncodings(columns.get(4))).containsExactly(Encoding.DELTA_BYTE_ARRAY);
    assertThat(columns.get(0).getTotal_compressed_size()).isLessThan(5_000);
    assertThat(columns.get(1).getTotal_compressed_size()).isLessThan(50_000 * 3 / 8 + 1_000);
  }

  private static List<Encoding> dataEncodings(ColumnMetaData column) {
    List<Encoding> encodings = new ArrayList<>(column.getEncodings());
    encodings.remove(Encoding.RLE); // of levels
    if (column.isSetDictionary_page_offset()) {
      encodings.remove(Encoding.PLAIN); // of the dictionary
    }
    return encodings;
  }

  @Test
  void aColumnThatChangesIsStillSmall() throws IOException {
    // Random at first, so left uncompressed, then all the same for much longer.
    Schema schema = Schema.builder().required("x", Type.DOUBLE).build();
    Random random = new Random(1);
    BatchBuilder rows = new BatchBuilder(schema);
    for (int i = 0; i < 1_000_000; i++) {
      rows.column(0).addDouble(i < 100_000 ? random.nextDouble() : 1.0);
      rows.endRow();
    }
    Out out = written(rows.build(), WriteOptions.DEFAULT);
    assertThat(out.bytes.size()).isLessThan(100_000 * 8 + 100_000);
  }

  @Test
  void aDictionaryThatGrowsTooLargeEndsAndThePagesBeforeStay() throws IOException {
    Schema schema = Schema.builder().required("s", Type.STRING).build();
    Random random = new Random(1);
    BatchBuilder rows = new BatchBuilder(schema);
    for (int i = 0; i < 200_000; i++) {
      long x = i < 100_000 ? random.nextInt(100) : random.nextLong();
      rows.column(0).add("value " + x);
      rows.endRow();
    }
    ColumnMetaData column = columns(written(rows.build(), WriteOptions.DEFAULT)).get(0);
    int coded = 0;
    int direct = 0;
    for (PageEncodingStats stats : column.getEncoding_stats()) {
      if (stats.getPage_type() == PageType.DATA_PAGE) {
        coded += stats.getEncoding() == Encoding.RLE_DICTIONARY ? stats.getCount() : 0;
        direct += stats.getEncoding() == Encoding.RLE_DICTIONARY ? 0 : stats.getCount();
      }
    }
    assertThat(coded).isGreaterThan(5);
    assertThat(direct).isGreaterThan(5);
  }

  @Test
  void rowGroupsEndNearTheirTarget() throws IOException {
    Random random = new Random(1);
    WriteOptions options = WriteOptions.DEFAULT.withRowGroupBytesTarget(1 << 20);
    Out out = new Out();
    FileMetrics metrics;
    try (ParquetWriter writer = new ParquetWriter(out, LOG, options)) {
      for (int i = 0; i < 30; i++) {
        writer.write(log(10_000, random));
        assertThat(writer.bytesBuffered()).isLessThan(3 << 19);
        assertThat(writer.bytesEstimated()).isGreaterThanOrEqualTo(writer.bytesBuffered());
      }
      metrics = writer.finish();
    }
    List<Long> starts = new ArrayList<>(metrics.splitOffsets());
    assertThat(starts.size()).isGreaterThan(3);
    for (int i = 1; i < starts.size(); i++) {
      assertThat(starts.get(i) - starts.get(i - 1)).isBetween(1L << 19, 3L << 19);
    }
  }

  @Test
  void hugeValuesEndRowGroupsEarly() {
    Schema schema = Schema.builder().required("blob", Type.BINARY).build();
    byte[] bytes = new byte[1 << 20];
    new Random(1).nextBytes(bytes);
    BytesColumn entry =
        BytesColumn.plain(Type.BINARY, bytes, new int[] {0, bytes.length}, 1, null).asDictionary();
    Batch batch = new Batch(schema, 200, List.of(entry.withCodes(new int[200], 200, null)));
    Out out = new Out();
    try (ParquetWriter writer =
        new ParquetWriter(
            out,
            schema,
            WriteOptions.DEFAULT.withDictionaryBytesMax(100).withRowGroupBytesTarget(4 << 20))) {
      writer.write(batch);
      assertThat(writer.bytesBuffered()).isLessThan(8 << 20);
      assertThat(writer.finish().splitOffsets().size()).isGreaterThan(30);
    }
  }

  @Test
  void longTextsHaveShortBounds() {
    String high = Character.toString(Character.MAX_CODE_POINT);
    checkBounds("a".repeat(17), "b".repeat(17), "a".repeat(16), "b".repeat(15) + "c");
    checkBounds("a".repeat(16), "b".repeat(16), "a".repeat(16), "b".repeat(16));
    checkBounds("", "é".repeat(20), "", "é".repeat(15) + "ê");
    // "y" would be taken for the largest value: what is shorter than the cut is one.
    checkBounds("a", "x" + high.repeat(20), "a", null);
    checkBounds("a", high.repeat(16), "a", high.repeat(16));
    checkBounds("a", high.repeat(17), "a", null);
    // U+D7FF is followed by surrogates, which are no text: the next is U+E000.
    checkBounds("a", "\uD7FF".repeat(17), "a", "\uD7FF".repeat(15) + "\uE000");
    // UTF-16 would say that U+FF5E is larger than U+1F600.
    checkBounds("\uFF5E", "\uD83D\uDE00", "\uFF5E", "\uD83D\uDE00");
  }

  private static void checkBounds(String least, String most, String lower, @Nullable String upper) {
    Schema schema = Schema.builder().required("s", Type.STRING).build();
    BatchBuilder rows = new BatchBuilder(schema);
    for (String value : List.of(most, least)) {
      rows.column(0).add(value);
      rows.endRow();
    }
    ColumnMetrics metrics = metrics(rows.build()).columns().get(1);
    assertThat(text(metrics.lowerBytes())).isEqualTo(lower);
    assertThat(text(metrics.upperBytes())).isEqualTo(upper);
  }

  private static @Nullable String text(byte @Nullable [] bytes) {
    return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
  }

  @Test
  void zerosAndNanInBounds() {
    ColumnMetrics zeros = doubles(0.0, -0.0, 0.0);
    assertThat(zeros.lowerBytes()).isEqualTo(SingleValue.toBytes(Type.DOUBLE, -0.0));
    assertThat(zeros.upperBytes()).isEqualTo(SingleValue.toBytes(Type.DOUBLE, 0.0));
    assertThat(doubles(0.0).lowerBytes()).isEqualTo(SingleValue.toBytes(Type.DOUBLE, -0.0));
    assertThat(doubles(-0.0).upperBytes()).isEqualTo(SingleValue.toBytes(Type.DOUBLE, 0.0));

    ColumnMetrics some = doubles(2.5, Double.NaN, -1.0);
    assertThat(some.nanCount()).isEqualTo(1);
    assertThat(some.lowerBytes()).isEqualTo(SingleValue.toBytes(Type.DOUBLE, -1.0));
    assertThat(some.upper()).as("engines for which NaN is the largest number").isNull();

    ColumnMetrics all = doubles(Double.NaN, Double.NaN);
    assertThat(all.nanCount()).isEqualTo(2);
    assertThat(all.nullCount()).isEqualTo(0);
    assertThat(all.lower()).isNull();
    assertThat(all.upper()).isNull();
  }

  private static ColumnMetrics doubles(double... values) {
    Schema schema = Schema.builder().required("x", Type.DOUBLE).build();
    BatchBuilder rows = new BatchBuilder(schema);
    for (double value : values) {
      rows.column(0).addDouble(value);
      rows.endRow();
    }
    return metrics(rows.build()).columns().get(1);
  }

  @Test
  void decimalsOfAnyLengthAreStoredInTheirWidth() {
    Type type = Type.decimal(20, 2);
    Schema schema = Schema.of(List.of(new Field(1, "d", type, true, null)));
    byte[] bytes = new byte[14]; // -1 in one byte, -1 in 12 bytes, 5 in one byte
    Arrays.fill(bytes, 0, 13, (byte) 0xff);
    bytes[13] = 5;
    BytesColumn column = BytesColumn.plain(type, bytes, new int[] {0, 1, 13, 14}, 3, null);
    ColumnMetrics metrics = metrics(new Batch(schema, 3, List.of(column))).columns().get(1);
    assertThat(metrics.lowerBytes()).isEqualTo(new byte[] {-1});
    assertThat(metrics.upperBytes()).isEqualTo(new byte[] {5});

    bytes[1] = 0; // 12 bytes that do not fit into 9
    assertThatThrownBy(() -> metrics(new Batch(schema, 3, List.of(column))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Column 'd' of decimal(20, 2) holds a value of 12 bytes; it takes at most 9.");
  }

  @Test
  void whatDoesNotFitIsRefused() {
    ParquetWriter writer = new ParquetWriter(new Out(), LOG, WriteOptions.DEFAULT);
    Schema other = Schema.builder().required("task_id", Type.STRING).build();
    assertThatThrownBy(() -> writer.write(new BatchBuilder(other).build()))
        .hasMessage("The file has 4 columns, the batch 1.");

    Schema ints =
        Schema.builder()
            .required("task_id", Type.STRING)
            .required("status", Type.STRING)
            .required("duration_ms", Type.INT)
            .optional("error", Type.STRING)
            .build();
    assertThatThrownBy(() -> writer.write(new BatchBuilder(ints).build()))
        .hasMessage("Column 'duration_ms' is long in the file, int in the batch.");

    Schema id = Schema.builder().required("id", Type.INT).build();
    Batch nulls =
        new Batch(id, 3, List.of(new IntColumn(Type.INT, new int[3], 3, new long[] {0b101})));
    ParquetWriter ids = new ParquetWriter(new Out(), id, WriteOptions.DEFAULT);
    assertThatThrownBy(() -> ids.write(nulls))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Column 'id' is required, but 1 of 3 rows are null.");

    Schema price = Schema.of(List.of(new Field(1, "price", Type.decimal(9, 2), true, null)));
    Batch large =
        new Batch(
            price, 1, List.of(new LongColumn(Type.decimal(9, 2), new long[] {1L << 32}, 1, null)));
    ParquetWriter prices = new ParquetWriter(new Out(), price, WriteOptions.DEFAULT);
    assertThatThrownBy(() -> prices.write(large))
        .hasMessage(
            "Column 'price' of decimal(9, 2) holds the unscaled value 4294967296, which has too"
                + " many digits.");
    assertThatThrownBy(prices::finish)
        .as("half a batch is in the columns")
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void whatIsNotFinishedIsGivenUp() {
    Out out = new Out();
    ParquetWriter writer = new ParquetWriter(out, LOG, WriteOptions.DEFAULT);
    writer.write(log(10, new Random(1)));
    writer.close();
    writer.close();
    assertThat(out.events).containsExactly("close");
    assertThatThrownBy(writer::finish)
        .hasMessage("The writer of data/out.parquet is CLOSED, it should be OPEN.");
  }

  @Test
  void afterAFailedWriteNothingIsFinished() {
    Out out = new Out();
    out.failing = true;
    ParquetWriter writer =
        new ParquetWriter(out, LOG, WriteOptions.DEFAULT.withRowGroupBytesTarget(1 << 16));
    assertThatThrownBy(() -> writer.write(log(100_000, new Random(1))))
        .isInstanceOf(StorageException.class);
    assertThatThrownBy(writer::finish).isInstanceOf(IllegalStateException.class);
    writer.close();
    assertThat(out.events).containsExactly("close");
  }

  @Test
  void createdByNamesTheVersionOfThePom() throws IOException {
    Matcher version =
        Pattern.compile("<version>([\\d.]+)(-SNAPSHOT)?</version>")
            .matcher(Files.readString(Path.of("pom.xml")));
    assertThat(version.find()).isTrue();
    assertThat(ParquetWriter.CREATED_BY)
        .isEqualTo("DataShard for Java version " + version.group(1));
    assertThat(footer(written(log(1, new Random(1)), WriteOptions.DEFAULT)).getCreated_by())
        .isEqualTo(ParquetWriter.CREATED_BY);
  }

  private static Batch log(int rows, Random random) {
    BatchBuilder batch = new BatchBuilder(LOG);
    for (int i = 0; i < rows; i++) {
      boolean failed = random.nextInt(10) == 0;
      batch.column(0).add(Long.toHexString(random.nextLong()));
      batch.column(1).add(failed ? "failed" : "ok");
      batch.column(2).addLong(random.nextInt(10_000));
      batch.column(3).add(failed ? "exit code " + random.nextInt(256) : null);
      batch.endRow();
    }
    return batch.build();
  }

  private static FileMetrics metrics(Batch batch) {
    try (ParquetWriter writer =
        new ParquetWriter(new Out(), batch.schema(), WriteOptions.DEFAULT)) {
      writer.write(batch);
      return writer.finish();
    }
  }

  private static Out written(Batch batch, WriteOptions options) {
    Out out = new Out();
    try (ParquetWriter writer = new ParquetWriter(out, batch.schema(), options)) {
      writer.write(batch);
      writer.finish();
    }
    return out;
  }

  private static List<ColumnMetaData> columns(Out out) throws IOException {
    return footer(out).getRow_groups().get(0).getColumns().stream()
        .map(c -> c.getMeta_data())
        .toList();
  }

  private static FileMetaData footer(Out out) throws IOException {
    byte[] bytes = out.bytes.toByteArray();
    int end = bytes.length - 8;
    int length = ByteBuffer.wrap(bytes, end, 4).order(ByteOrder.LITTLE_ENDIAN).getInt();
    return Util.readFileMetaData(new ByteArrayInputStream(bytes, end - length, length));
  }

  /** Remembers what was asked of it. */
  private static final class Out implements NewFile {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    final List<String> events = new ArrayList<>();
    boolean failing;

    @Override
    public String key() {
      return "data/out.parquet";
    }

    @Override
    public void write(byte[] from, int start, int length) {
      if (failing) {
        throw new StorageException("no space left");
      }
      events.add("write");
      bytes.write(from, start, length);
    }

    @Override
    public long position() {
      return bytes.size();
    }

    @Override
    public void finish() {
      events.add("finish");
    }

    @Override
    public void close() {
      events.add("close");
    }
  }
}
