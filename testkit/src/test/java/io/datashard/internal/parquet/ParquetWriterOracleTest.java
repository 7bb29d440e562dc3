package io.datashard.internal.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.schema.Field;
import io.datashard.schema.SingleValue;
import io.datashard.schema.Type;
import io.datashard.schema.UuidBounds;
import io.datashard.schema.Values;
import io.datashard.table.ColumnMetrics;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.LongStream;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.expressions.Literal;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.apache.iceberg.parquet.ParquetUtil;
import org.apache.iceberg.util.BinaryUtil;
import org.apache.iceberg.util.UnicodeUtil;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.format.BoundaryOrder;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnIndex;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.OffsetIndex;
import org.apache.parquet.format.Statistics;
import org.apache.parquet.format.Util;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.DelegatingSeekableInputStream;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random files of ours, held against parquet-java, iceberg-parquet and plain brute force: values,
 * page checksums, statistics, page indexes and the metrics that go into manifests.
 */
class ParquetWriterOracleTest {
  private static final List<RandomFile> FILES =
      LongStream.range(0, 150).mapToObj(seed -> new RandomFile(seed, 2_000)).toList();

  @Test
  void parquetJavaReadsWhatWasWritten() throws IOException {
    for (RandomFile file : FILES) {
      List<List<@Nullable Object>> read = rowsByParquetJava(file);
      assertThat(read.stream().map(ParquetWriterOracleTest::shown).toList())
          .as(file.toString())
          .isEqualTo(file.rows.stream().map(ParquetWriterOracleTest::shown).toList());
    }
  }

  @Test
  void statisticsAreExact() throws IOException {
    int bounds = 0;
    for (RandomFile file : FILES) {
      int start = 0;
      FileMetaData footer = footer(file);
      for (var group : nullToEmpty(footer.getRow_groups())) {
        int end = start + (int) group.getNum_rows();
        for (int c = 0; c < file.schema.size(); c++) {
          Type type = file.schema.field(c).type();
          Statistics found = group.getColumns().get(c).getMeta_data().getStatistics();
          String about = "column " + c + ", rows " + start + " to " + end + " of " + file;
          List<Object> values = values(file, c, start, end);
          assertThat(found.getNull_count()).as(about).isEqualTo(end - start - values.size());
          boolean nan = values.stream().anyMatch(Order::isNan);
          assertThat(found.isSetMin_value()).as(about).isEqualTo(found.isSetMax_value());
          if (nan || values.isEmpty()) {
            assertThat(found.isSetMin_value()).as(about).isFalse();
          } else if (found.isSetMin_value()) {
            bounds++;
            Object min = plain(type, found.getMin_value());
            Object max = plain(type, found.getMax_value());
            Object least = Order.min(type, values).orElseThrow();
            Object most = Order.max(type, values).orElseThrow();
            assertThat(Order.compare(type, min, least)).as(about).isLessThanOrEqualTo(0);
            assertThat(Order.compare(type, max, most)).as(about).isGreaterThanOrEqualTo(0);
            assertThat(found.isIs_min_value_exact())
                .as(about)
                .isEqualTo(Order.compare(type, min, least) == 0);
            assertThat(found.isIs_max_value_exact())
                .as(about)
                .isEqualTo(Order.compare(type, max, most) == 0);
            checkZeros(min, max, about);
          } else { // the few bounds that cannot be said
            assertThat(Objects.toString(type))
                .as(about)
                .isIn("string", "binary", "fixed[300]", "uuid");
          }
        }
        start = end;
      }
    }
    assertThat(bounds).isGreaterThan(FILES.size());
  }

  /** Spec: parquet.thrift, ColumnOrder: a zero is -0.0 as lower and 0.0 as upper bound. */
  private static void checkZeros(Object min, Object max, String about) {
    if (min instanceof Double || min instanceof Float) {
      assertThat(min.toString()).as(about).isNotEqualTo("0.0");
      assertThat(max.toString()).as(about).isNotEqualTo("-0.0");
    }
  }

  @Test
  void pageIndexesTellOfEveryPage() throws IOException {
    int pages = 0;
    for (RandomFile file : FILES) {
      int start = 0;
      boolean anyIndex = false;
      int chunkPagesMax = 0;
      for (var group : nullToEmpty(footer(file).getRow_groups())) {
        int rows = (int) group.getNum_rows();
        for (int c = 0; c < file.schema.size(); c++) {
          ColumnChunk chunk = group.getColumns().get(c);
          if (!chunk.isSetOffset_index_offset()) {
            assertThat(chunk.isSetColumn_index_offset()).as(file.toString()).isFalse();
            continue;
          }
          anyIndex = true;
          OffsetIndex offsets =
              Util.readOffsetIndex(
                  in(file, chunk.getOffset_index_offset(), chunk.getOffset_index_length()));
          chunkPagesMax = Math.max(chunkPagesMax, offsets.getPage_locationsSize());
          checkIndex(file, c, start, rows, chunk, offsets);
          pages += offsets.getPage_locationsSize();
        }
        start += rows;
      }
      assertThat(anyIndex)
          .as("a file of single pages needs no index; " + file)
          .isEqualTo(chunkPagesMax > 1);
    }
    assertThat(pages).isGreaterThan(10 * FILES.size());
  }

  private static void checkIndex(
      RandomFile file, int c, int start, int rows, ColumnChunk chunk, OffsetIndex offsets)
      throws IOException {
    Type type = file.schema.field(c).type();
    ColumnIndex index =
        chunk.isSetColumn_index_offset()
            ? Util.readColumnIndex(
                in(file, chunk.getColumn_index_offset(), chunk.getColumn_index_length()))
            : null;
    boolean nan = values(file, c, start, start + rows).stream().anyMatch(Order::isNan);
    if (nan) {
      assertThat(index).as(file.toString()).isNull();
    }
    long place = chunk.getMeta_data().getData_page_offset();
    List<Object> mins = new ArrayList<>();
    List<Object> maxs = new ArrayList<>();
    for (int p = 0; p < offsets.getPage_locationsSize(); p++) {
      var page = offsets.getPage_locations().get(p);
      String about = "page " + p + " of column " + c + " of " + file;
      assertThat(page.getOffset()).as(about).isEqualTo(place);
      place += page.getCompressed_page_size();
      long first = page.getFirst_row_index();
      long end =
          p + 1 < offsets.getPage_locationsSize()
              ? offsets.getPage_locations().get(p + 1).getFirst_row_index()
              : rows;
      assertThat(first).as(about).isLessThan(end);
      var header = Util.readPageHeader(in(file, page.getOffset(), page.getCompressed_page_size()));
      assertThat(header.getData_page_header().getNum_values()).as(about).isEqualTo(end - first);
      assertThat(header.isSetCrc()).as(about).isTrue();
      List<Object> values = values(file, c, start + (int) first, start + (int) end);
      if (index == null) {
        continue;
      }
      assertThat(index.getNull_counts().get(p)).as(about).isEqualTo(end - first - values.size());
      assertThat(index.getNull_pages().get(p)).as(about).isEqualTo(values.isEmpty());
      if (!values.isEmpty()) {
        Object min = plain(type, bytes(index.getMin_values().get(p)));
        Object max = plain(type, bytes(index.getMax_values().get(p)));
        Object least = Order.min(type, values).orElseThrow();
        Object most = Order.max(type, values).orElseThrow();
        assertThat(Order.compare(type, min, least)).as(about).isLessThanOrEqualTo(0);
        assertThat(Order.compare(type, max, most)).as(about).isGreaterThanOrEqualTo(0);
        if (type != Type.STRING && type != Type.BINARY) {
          assertThat(Order.compare(type, min, least)).as(about).isEqualTo(0);
          assertThat(Order.compare(type, max, most)).as(about).isEqualTo(0);
        }
        mins.add(min);
        maxs.add(max);
      }
    }
    long end =
        chunk.getMeta_data().isSetDictionary_page_offset()
            ? chunk.getMeta_data().getDictionary_page_offset()
            : chunk.getMeta_data().getData_page_offset();
    assertThat(place).isEqualTo(end + chunk.getMeta_data().getTotal_compressed_size());
    if (index != null) {
      boolean rising = true;
      boolean falling = true;
      for (int p = 1; p < mins.size(); p++) {
        int min = Order.compare(type, mins.get(p - 1), mins.get(p));
        int max = Order.compare(type, maxs.get(p - 1), maxs.get(p));
        rising &= min <= 0 && max <= 0;
        falling &= min >= 0 && max >= 0;
      }
      assertThat(index.getBoundary_order())
          .as("column %d of %s", c, file)
          .isEqualTo(
              rising
                  ? BoundaryOrder.ASCENDING
                  : falling ? BoundaryOrder.DESCENDING : BoundaryOrder.UNORDERED);
    }
  }

  @Test
  void metricsAreWhatTheRowsSay() {
    for (RandomFile file : FILES) {
      assertThat(file.metrics.recordCount()).isEqualTo(file.rows.size());
      assertThat(file.metrics.fileSizeBytes()).isEqualTo(file.bytes.length);
      for (int c = 0; c < file.schema.size(); c++) {
        Field field = file.schema.field(c);
        String about = "column " + c + " of " + file;
        ColumnMetrics found = file.metrics.columns().get(field.id());
        List<Object> all = values(file, c, 0, file.rows.size());
        long nans = all.stream().filter(Order::isNan).count();
        assertThat(found.valueCount()).as(about).isEqualTo(file.rows.size());
        assertThat(found.nullCount()).as(about).isEqualTo(file.rows.size() - all.size());
        boolean floating = field.type() == Type.FLOAT || field.type() == Type.DOUBLE;
        assertThat(found.nanCount()).as(about).isEqualTo(floating ? nans : -1);
        List<Object> values = all.stream().filter(v -> !Order.isNan(v)).toList();
        if (field.type() == Type.UUID && !values.isEmpty()) {
          byte[] min = SingleValue.toBytes(Type.UUID, Order.min(Type.UUID, values).orElseThrow());
          byte[] max = SingleValue.toBytes(Type.UUID, Order.max(Type.UUID, values).orElseThrow());
          assertThat(found.lowerBytes()).as(about).isEqualTo(UuidBounds.lower(min, max));
          assertThat(found.upperBytes()).as(about).isEqualTo(UuidBounds.upper(min, max));
          continue;
        }
        assertThat(hex(found.lowerBytes()))
            .as(about)
            .isEqualTo(Order.min(field.type(), values).map(v -> lower(field.type(), v)).orElse(""));
        assertThat(hex(found.upperBytes()))
            .as(about)
            .isEqualTo(
                nans > 0
                    ? ""
                    : Order.max(field.type(), values).map(v -> upper(field.type(), v)).orElse(""));
      }
    }
  }

  /** What Iceberg makes of a column's smallest value, in hexadecimal; "" for no bound. */
  private static String lower(Type type, Object min) {
    return switch (type.kind()) {
      case STRING ->
          hex(
              UnicodeUtil.truncateStringMin(Literal.of((CharSequence) min), 16)
                  .value()
                  .toString()
                  .getBytes(StandardCharsets.UTF_8));
      case BINARY -> hex(bytes(BinaryUtil.truncateBinaryMin(literal((byte[]) min), 16).value()));
      case FLOAT -> hex(SingleValue.toBytes(type, (Float) min == 0 ? -0.0f : min));
      case DOUBLE -> hex(SingleValue.toBytes(type, (Double) min == 0 ? -0.0 : min));
      case FIXED -> ((byte[]) min).length > 260 ? "" : hex((byte[]) min);
      default -> hex(SingleValue.toBytes(type, min));
    };
  }

  private static String upper(Type type, Object max) {
    switch (type.kind()) {
      case STRING:
        Literal<CharSequence> text =
            UnicodeUtil.truncateStringMax(Literal.of((CharSequence) max), 16);
        return text == null ? "" : hex(text.value().toString().getBytes(StandardCharsets.UTF_8));
      case BINARY:
        Literal<ByteBuffer> cut = BinaryUtil.truncateBinaryMax(literal((byte[]) max), 16);
        return cut == null ? "" : hex(bytes(cut.value()));
      case FLOAT:
        return hex(SingleValue.toBytes(type, (Float) max == 0 ? 0.0f : max));
      case DOUBLE:
        return hex(SingleValue.toBytes(type, (Double) max == 0 ? 0.0 : max));
      default:
        return lower(type, max);
    }
  }

  private static Literal<ByteBuffer> literal(byte[] bytes) {
    return Literal.of(ByteBuffer.wrap(bytes));
  }

  @Test
  void icebergTakesTheSameCountsFromTheFooter() {
    for (RandomFile file : FILES.subList(0, 30)) { // slow: it reads Hadoop's configuration
      org.apache.iceberg.Metrics theirs =
          ParquetUtil.fileMetrics(
              new InMemoryInputFile("memory:" + file.seed, file.bytes), MetricsConfig.getDefault());
      assertThat(theirs.recordCount()).isEqualTo(file.rows.size());
      for (Field field : file.schema.fields()) {
        String about = field + " of " + file;
        ColumnMetrics ours = file.metrics.columns().get(field.id());
        if (!file.rows.isEmpty()) {
          assertThat(theirs.columnSizes().get(field.id())).as(about).isEqualTo(ours.sizeBytes());
          assertThat(theirs.valueCounts().get(field.id())).as(about).isEqualTo(ours.valueCount());
          assertThat(theirs.nullValueCounts().get(field.id()))
              .as(about)
              .isEqualTo(ours.nullCount());
        }
      }
      assertThat(file.metrics.splitOffsets()).as(file.toString()).isEqualTo(splitOffsets(file));
    }
  }

  private static List<Long> splitOffsets(RandomFile file) {
    try (ParquetFileReader reader = ParquetFileReader.open(new Bytes(file.bytes))) {
      List<Long> offsets = ParquetUtil.getSplitOffsets(reader.getFooter());
      return offsets == null ? List.of() : offsets;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void aChangedPageIsNoticed() throws IOException {
    int noticed = 0;
    for (long seed = 0; seed < 50; seed++) {
      RandomFile file = new RandomFile(seed, 200);
      if (file.rows.isEmpty()) {
        continue;
      }
      long start =
          footer(file)
              .getRow_groups()
              .get(0)
              .getColumns()
              .get(0)
              .getMeta_data()
              .getData_page_offset();
      var in = new ByteArrayInputStream(file.bytes, (int) start, file.bytes.length - (int) start);
      int before = in.available();
      int size = Util.readPageHeader(in).getCompressed_page_size();
      int payload = (int) start + before - in.available();
      file.bytes[payload + file.random.nextInt(size)] ^= 1;
      try {
        rowsByParquetJava(file);
      } catch (RuntimeException e) {
        noticed +=
            String.valueOf(e).contains("CRC") || String.valueOf(e.getCause()).contains("CRC")
                ? 1
                : 0;
        continue;
      }
      assertThat(file).as("a changed page was read").isNull();
    }
    assertThat(noticed).isGreaterThan(30);
  }

  private static List<List<@Nullable Object>> rowsByParquetJava(RandomFile file)
      throws IOException {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    ParquetReadOptions options =
        ParquetReadOptions.builder(new PlainParquetConfiguration())
            .usePageChecksumVerification(true)
            .build();
    try (ParquetFileReader reader = ParquetFileReader.open(new Bytes(file.bytes), options)) {
      MessageType message = reader.getFileMetaData().getSchema();
      assertThat(message.getName()).isEqualTo("table");
      assertThat(reader.getFileMetaData().getKeyValueMetaData())
          .containsAllEntriesOf(file.options.keyValues())
          .hasSize(file.options.keyValues().size() + 1)
          .containsKey("datashard.footer.crc32");
      PageReadStore group = reader.readNextRowGroup();
      while (group != null) {
        int first = rows.size();
        for (long i = 0; i < group.getRowCount(); i++) {
          rows.add(new ArrayList<>());
        }
        ColumnReadStoreImpl columns =
            new ColumnReadStoreImpl(
                group, new Discarding(), message, reader.getFileMetaData().getCreatedBy());
        for (int c = 0; c < file.schema.size(); c++) {
          Field field = file.schema.field(c);
          ColumnDescriptor column = message.getColumns().get(c);
          assertThat(column.getPath()).containsExactly(field.name());
          assertThat(column.getPrimitiveType().getId().intValue()).isEqualTo(field.id());
          ColumnReader values = columns.getColumnReader(column);
          for (int row = first; row < rows.size(); row++) {
            boolean isNull = values.getCurrentDefinitionLevel() < column.getMaxDefinitionLevel();
            rows.get(row).add(isNull ? null : value(field.type(), values));
            values.consume();
          }
        }
        group = reader.readNextRowGroup();
      }
    }
    return rows;
  }

  private static Object value(Type type, ColumnReader values) {
    return switch (type.kind()) {
      case BOOLEAN -> values.getBoolean();
      case INT -> values.getInteger();
      case LONG -> values.getLong();
      case FLOAT -> values.getFloat();
      case DOUBLE -> values.getDouble();
      case DATE -> Values.date(values.getInteger());
      case TIME -> Values.time(values.getLong());
      case TIMESTAMP -> Values.timestamp(values.getLong());
      case TIMESTAMPTZ -> Values.instant(values.getLong());
      case STRING -> values.getBinary().toStringUsingUTF8();
      case UUID -> Values.uuid(values.getBinary().getBytes(), 0);
      case FIXED, BINARY -> values.getBinary().getBytes();
      case DECIMAL -> {
        Type.Decimal decimal = (Type.Decimal) type;
        BigInteger unscaled =
            decimal.precision() <= 9
                ? BigInteger.valueOf(values.getInteger())
                : decimal.precision() <= 18
                    ? BigInteger.valueOf(values.getLong())
                    : new BigInteger(values.getBinary().getBytes());
        yield new BigDecimal(unscaled, decimal.scale());
      }
    };
  }

  /** A bound of Parquet's statistics as a Java value. */
  private static Object plain(Type type, byte[] bytes) {
    ByteBuffer little = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (type instanceof Type.Decimal decimal) {
      BigInteger unscaled =
          decimal.precision() <= 9
              ? BigInteger.valueOf(little.getInt())
              : decimal.precision() <= 18
                  ? BigInteger.valueOf(little.getLong())
                  : new BigInteger(bytes);
      return new BigDecimal(unscaled, decimal.scale());
    }
    if (type == Type.STRING) { // cut between code points, or decoding would change it
      String text = new String(bytes, StandardCharsets.UTF_8);
      assertThat(text.getBytes(StandardCharsets.UTF_8)).isEqualTo(bytes);
      return text;
    }
    return SingleValue.fromBytes(type, bytes);
  }

  private static List<Object> values(RandomFile file, int column, int from, int to) {
    return file.rows.subList(from, to).stream()
        .map(row -> Optional.ofNullable(row.get(column)))
        .flatMap(Optional::stream)
        .toList();
  }

  private static <T> List<T> nullToEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }

  private static FileMetaData footer(RandomFile file) throws IOException {
    int end = file.bytes.length - 8;
    int length = ByteBuffer.wrap(file.bytes, end, 4).order(ByteOrder.LITTLE_ENDIAN).getInt();
    return Util.readFileMetaData(in(file, end - length, length));
  }

  private static ByteArrayInputStream in(RandomFile file, long start, int length) {
    return new ByteArrayInputStream(file.bytes, (int) start, length);
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  private static String hex(byte @Nullable [] bytes) {
    return bytes == null ? "" : "x" + HexFormat.of().formatHex(bytes);
  }

  /** NaNs alike, zeros not, arrays by content. */
  private static List<String> shown(List<@Nullable Object> row) {
    return row.stream()
        .map(v -> v instanceof byte[] b ? Arrays.toString(b) : String.valueOf(v))
        .toList();
  }

  private static final class Discarding extends GroupConverter {
    @Override
    public Converter getConverter(int fieldIndex) {
      return new PrimitiveConverter() {};
    }

    @Override
    public void start() {}

    @Override
    public void end() {}
  }

  /** A file in memory for parquet-java. */
  private static final class Bytes implements InputFile {
    private final byte[] bytes;

    Bytes(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public long getLength() {
      return bytes.length;
    }

    @Override
    public SeekableInputStream newStream() {
      Positioned in = new Positioned(bytes);
      return new DelegatingSeekableInputStream(in) {
        @Override
        public long getPos() {
          return in.position();
        }

        @Override
        public void seek(long newPos) {
          in.position((int) newPos);
        }
      };
    }
  }

  private static final class Positioned extends ByteArrayInputStream {
    Positioned(byte[] bytes) {
      super(bytes);
    }

    int position() {
      return pos;
    }

    void position(int newPos) {
      pos = newPos;
    }
  }
}
