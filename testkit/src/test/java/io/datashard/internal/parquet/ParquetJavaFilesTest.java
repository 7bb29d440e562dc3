package io.datashard.internal.parquet;

import static org.apache.parquet.schema.LogicalTypeAnnotation.*;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.data.Batch;
import io.datashard.error.CorruptTableException;
import io.datashard.error.UnsupportedTableException;
import io.datashard.expr.Bound;
import io.datashard.expr.Predicate;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.SingleValue;
import io.datashard.schema.Type;
import io.datashard.schema.UuidBounds;
import io.datashard.schema.Values;
import io.datashard.storage.NewFile;
import io.datashard.storage.ReadableFile;
import io.datashard.table.ColumnMetrics;
import io.datashard.table.FileMetrics;
import io.datashard.testkit.MemoryStorage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.DelegatingPositionOutputStream;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.OriginalType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** We read what parquet-java writes, of every stored type, encoding, codec and page version. */
class ParquetJavaFilesTest {
  private static final Bound ALL = new Bound.Constant(true);

  /**
   * A column as parquet-java stores it.
   *
   * @param type the type that we read it as
   * @param stored draws the value that goes into the file
   * @param read the value that we must read for it
   */
  private record Stored(
      String name,
      PrimitiveTypeName physical,
      int length,
      LogicalTypeAnnotation meaning,
      OriginalType old,
      Type type,
      Function<Random, Object> stored,
      Function<Object, Object> read) {}

  private static final List<Stored> COLUMNS = new ArrayList<>();

  private static void column(
      String name,
      PrimitiveTypeName physical,
      LogicalTypeAnnotation meaning,
      Type type,
      Function<Random, Object> stored,
      Function<Object, Object> read) {
    COLUMNS.add(new Stored(name, physical, 0, meaning, null, type, stored, read));
  }

  private static void fixed(
      String name,
      int length,
      LogicalTypeAnnotation meaning,
      Type type,
      Function<Random, Object> stored,
      Function<Object, Object> read) {
    COLUMNS.add(new Stored(name, FIXED_LEN_BYTE_ARRAY, length, meaning, null, type, stored, read));
  }

  private static void old(
      String name,
      PrimitiveTypeName physical,
      OriginalType meaning,
      Type type,
      Function<Random, Object> stored,
      Function<Object, Object> read) {
    COLUMNS.add(new Stored(name, physical, 0, null, meaning, type, stored, read));
  }

  private static long micros(Random random) {
    return random.nextLong() % 4_000_000_000_000_000L;
  }

  static {
    Function<Object, Object> same = value -> value;
    column("bool", BOOLEAN, null, Type.BOOLEAN, Random::nextBoolean, same);
    column("runs", BOOLEAN, null, Type.BOOLEAN, r -> r.nextInt(50) > 0, same);
    column("int", INT32, null, Type.INT, Random::nextInt, same);
    column("small", INT32, null, Type.INT, r -> r.nextInt(5), same);
    column("int8", INT32, intType(8, true), Type.INT, r -> r.nextInt(256) - 128, same);
    column("uint16", INT32, intType(16, false), Type.INT, r -> r.nextInt(65_536), same);
    column(
        "uint32",
        INT32,
        intType(32, false),
        Type.LONG,
        Random::nextInt,
        v -> Integer.toUnsignedLong((Integer) v));
    column("long", INT64, null, Type.LONG, Random::nextLong, same);
    column("uint64", INT64, intType(64, false), Type.LONG, r -> r.nextLong() >>> 1, same);
    column("float", FLOAT, null, Type.FLOAT, r -> r.nextInt(9) / (float) r.nextInt(3), same);
    column("double", DOUBLE, null, Type.DOUBLE, Random::nextGaussian, same);
    column("date", INT32, dateType(), Type.DATE, Random::nextInt, v -> Values.date((Integer) v));
    column(
        "timeMillis",
        INT32,
        timeType(false, TimeUnit.MILLIS),
        Type.TIME,
        r -> r.nextInt(86_400_000),
        v -> Values.time((Integer) v * 1_000L));
    column(
        "timeMicros",
        INT64,
        timeType(false, TimeUnit.MICROS),
        Type.TIME,
        r -> r.nextInt(86_400_000) * 1_000L + 1,
        v -> Values.time((Long) v));
    column(
        "timeNanos",
        INT64,
        timeType(false, TimeUnit.NANOS),
        Type.TIME,
        r -> r.nextInt(86_400_000) * 1_000_000L,
        v -> Values.time((Long) v / 1_000));
    for (boolean utc : new boolean[] {false, true}) {
      Type type = utc ? Type.TIMESTAMPTZ : Type.TIMESTAMP;
      Function<Object, Object> read =
          v -> utc ? Values.instant((Long) v) : Values.timestamp((Long) v);
      column(
          "millis" + utc,
          INT64,
          timestampType(utc, TimeUnit.MILLIS),
          type,
          r -> micros(r) / 1_000,
          v -> read.apply((Long) v * 1_000));
      column(
          "micros" + utc,
          INT64,
          timestampType(utc, TimeUnit.MICROS),
          type,
          ParquetJavaFilesTest::micros,
          read);
      column(
          "nanos" + utc,
          INT64,
          timestampType(utc, TimeUnit.NANOS),
          type,
          r -> micros(r) * 1_000,
          v -> read.apply((Long) v / 1_000));
    }
    old(
        "oldMillis",
        INT64,
        OriginalType.TIMESTAMP_MILLIS,
        Type.TIMESTAMPTZ,
        r -> micros(r) / 1_000,
        v -> Values.instant((Long) v * 1_000));
    old("oldUtf8", BINARY, OriginalType.UTF8, Type.STRING, ParquetJavaFilesTest::word, same);
    old("oldEnum", BINARY, OriginalType.ENUM, Type.STRING, r -> "E" + r.nextInt(4), same);
    column(
        "int96",
        INT96,
        null,
        Type.TIMESTAMPTZ,
        r -> r.nextInt() * 1_001L,
        v -> Values.instant((Long) v));
    column("string", BINARY, stringType(), Type.STRING, ParquetJavaFilesTest::word, same);
    column("unique", BINARY, stringType(), Type.STRING, r -> "k" + r.nextLong(), same);
    column("json", BINARY, jsonType(), Type.STRING, r -> "{\"n\":" + r.nextInt(9) + "}", same);
    column("bare", BINARY, null, Type.BINARY, ParquetJavaFilesTest::word, v -> utf8((String) v));
    column("bson", BINARY, bsonType(), Type.BINARY, r -> "b" + r.nextInt(), v -> utf8((String) v));
    fixed("fixed", 5, null, Type.fixed(5), r -> bytes(r, 5), same);
    fixed(
        "uuid",
        16,
        uuidType(),
        Type.UUID,
        r -> Values.bytes(new UUID(r.nextLong(), r.nextLong())),
        v -> Values.uuid((byte[]) v, 0));
    fixed("half", 2, float16Type(), Type.FLOAT, r -> half(r.nextInt(100)), v -> ofHalf((byte[]) v));
    column(
        "decInt",
        INT32,
        decimalType(2, 9),
        Type.decimal(9, 2),
        r -> r.nextInt(1_999_999_999) - 999_999_999,
        v -> BigDecimal.valueOf((Integer) v, 2));
    column(
        "decLong",
        INT64,
        decimalType(4, 18),
        Type.decimal(18, 4),
        r -> r.nextLong() % 1_000_000_000_000_000_000L,
        v -> BigDecimal.valueOf((Long) v, 4));
    fixed(
        "decFixed",
        9,
        decimalType(3, 18),
        Type.decimal(18, 3),
        r -> padded(BigInteger.valueOf(r.nextLong() / 10), 9),
        v -> new BigDecimal(new BigInteger((byte[]) v), 3));
    fixed(
        "decWide",
        16,
        decimalType(10, 38),
        Type.decimal(38, 10),
        r -> padded(new BigInteger(120, r).subtract(BigInteger.ONE.shiftLeft(119)), 16),
        v -> new BigDecimal(new BigInteger((byte[]) v), 10));
    column(
        "decBytes",
        BINARY,
        decimalType(1, 12),
        Type.decimal(12, 1),
        r -> BigInteger.valueOf(r.nextLong() % 999_999_999_999L).toByteArray(),
        v -> new BigDecimal(new BigInteger((byte[]) v), 1));
  }

  private static String word(Random random) {
    return new String[] {"", "ok", "failed", "ünïcödé", "😀", "a longer text of some bytes"}
        [random.nextInt(6)];
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] padded(BigInteger value, int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) (value.signum() < 0 ? -1 : 0));
    byte[] own = value.toByteArray();
    System.arraycopy(own, 0, bytes, length - own.length, own.length);
    return bytes;
  }

  /** Whole numbers below 2,048 have a half each. */
  private static byte[] half(int value) {
    int exponent = value == 0 ? -15 : 31 - Integer.numberOfLeadingZeros(value);
    int fraction = value == 0 ? 0 : (value << 10 - exponent) & 0x3ff;
    int bits = exponent + 15 << 10 | fraction;
    return new byte[] {(byte) bits, (byte) (bits >> 8)};
  }

  private static float ofHalf(byte[] half) {
    int bits = (half[0] & 0xff) | (half[1] & 0xff) << 8;
    int exponent = bits >>> 10;
    return exponent == 0 ? 0 : (1 + (bits & 0x3ff) / 1024f) * (float) Math.pow(2, exponent - 15);
  }

  /** How one file is written. */
  private record Options(
      WriterVersion version,
      CompressionCodecName codec,
      boolean dictionary,
      boolean split,
      int pageBytes,
      long rowGroupBytes,
      boolean checksums) {}

  private static MessageType schema(boolean required, boolean ids) {
    Types.MessageTypeBuilder builder = Types.buildMessage();
    int id = 1;
    for (Stored column : COLUMNS) {
      if (column.name().equals("string")) {
        addNested(builder);
      }
      var primitive =
          required ? Types.required(column.physical()) : Types.optional(column.physical());
      if (column.length() > 0) {
        primitive = primitive.length(column.length());
      }
      if (column.meaning() != null) {
        primitive = primitive.as(column.meaning());
      } else if (column.old() != null) {
        primitive = primitive.as(column.old());
      }
      if (ids) {
        primitive = primitive.id(id);
      }
      id++;
      builder.addField(primitive.named(column.name()));
    }
    return builder.named("rows");
  }

  /** A struct with a list inside and an old-style repeated column, between flat columns. */
  private static void addNested(Types.MessageTypeBuilder builder) {
    builder.addField(
        Types.optionalGroup()
            .addField(Types.optional(INT32).named("inner"))
            .addField(Types.optionalList().optionalElement(BINARY).as(stringType()).named("list"))
            .named("nested"));
    builder.addField(Types.repeated(INT64).named("repeated"));
  }

  private static Schema wanted(boolean required) {
    List<Field> fields = new ArrayList<>();
    for (Stored column : COLUMNS) {
      fields.add(new Field(fields.size() + 1, column.name(), column.type(), required, null));
    }
    return Schema.of(fields);
  }

  /** Rows of stored values; null where there is none. */
  private static List<Object[]> rows(Random random, int count, double nulls) {
    List<Object[]> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Object[] row = new Object[COLUMNS.size()];
      for (int c = 0; c < row.length; c++) {
        row[c] = random.nextDouble() < nulls ? null : COLUMNS.get(c).stored().apply(random);
      }
      rows.add(row);
    }
    return rows;
  }

  private static byte[] write(MessageType schema, List<Object[]> rows, Options options) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (var writer =
        ExampleParquetWriter.builder(output(out))
            .withType(schema)
            .withConf(new PlainParquetConfiguration())
            .withWriterVersion(options.version())
            .withCompressionCodec(options.codec())
            .withDictionaryEncoding(options.dictionary())
            .withDictionaryPageSize(options.pageBytes()) // if small, chunks change to plain pages
            .withByteStreamSplitEncoding(options.split())
            .withPageSize(options.pageBytes())
            .withMinRowCountForPageSizeCheck(10)
            .withRowGroupSize(options.rowGroupBytes())
            .withPageWriteChecksumEnabled(options.checksums())
            .build()) {
      for (int i = 0; i < rows.size(); i++) {
        writer.write(group(schema, rows.get(i), i));
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static Group group(MessageType schema, Object[] row, int number) {
    Group group = new SimpleGroup(schema);
    for (int c = 0; c < row.length; c++) {
      Object value = row[c];
      String name = COLUMNS.get(c).name();
      if (value == null) {
        continue;
      } else if (value instanceof Boolean v) {
        group.add(name, v);
      } else if (value instanceof Integer v) {
        group.add(name, v);
      } else if (name.equals("int96")) {
        group.add(name, int96((Long) value));
      } else if (value instanceof Long v) {
        group.add(name, v);
      } else if (value instanceof Float v) {
        group.add(name, v);
      } else if (value instanceof Double v) {
        group.add(name, v);
      } else if (value instanceof String v) {
        group.add(name, v);
      } else {
        group.add(name, Binary.fromConstantByteArray((byte[]) value));
      }
    }
    for (int i = 0; i < number % 3; i++) {
      group.add("repeated", (long) i);
    }
    if (number % 2 == 0) {
      group.addGroup("nested").add("inner", number);
    }
    return group;
  }

  private static Binary int96(long micros) {
    long days = Math.floorDiv(micros, 86_400_000_000L);
    ByteBuffer bytes = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong((micros - days * 86_400_000_000L) * 1_000).putInt((int) (days + 2_440_588));
    return Binary.fromConstantByteArray(bytes.array());
  }

  private static OutputFile output(ByteArrayOutputStream out) {
    return new OutputFile() {
      @Override
      public PositionOutputStream create(long blockSizeHint) {
        return new DelegatingPositionOutputStream(out) {
          @Override
          public long getPos() {
            return out.size();
          }
        };
      }

      @Override
      public PositionOutputStream createOrOverwrite(long blockSizeHint) {
        return create(blockSizeHint);
      }

      @Override
      public boolean supportsBlockSize() {
        return false;
      }

      @Override
      public long defaultBlockSize() {
        return 0;
      }
    };
  }

  private static ReadableFile file(byte[] bytes) {
    MemoryStorage storage = new MemoryStorage();
    try (NewFile file = storage.create("data/java.parquet")) {
      file.write(bytes, 0, bytes.length);
      file.finish();
      storage.makeDurable(List.of(file));
    }
    return storage.open("data/java.parquet", bytes.length);
  }

  private static List<String> read(byte[] bytes, Schema wanted, Map<String, Integer> ids) {
    List<String> rows = new ArrayList<>();
    try (ParquetReader reader = ParquetReader.open(file(bytes), ids);
        BatchReader batches = reader.read(wanted, ALL, 700, 0, reader.rowGroupCount())) {
      for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
        for (int row = 0; row < batch.rows(); row++) {
          StringBuilder text = new StringBuilder();
          for (int c = 0; c < wanted.size(); c++) {
            text.append(show(batch.column(c).value(row))).append('|');
          }
          rows.add(text.toString());
        }
      }
      assertThat((long) rows.size()).isEqualTo(reader.rowCount());
    }
    return rows;
  }

  private static List<String> expected(List<Object[]> rows) {
    List<String> texts = new ArrayList<>();
    for (Object[] row : rows) {
      StringBuilder text = new StringBuilder();
      for (int c = 0; c < row.length; c++) {
        text.append(show(row[c] == null ? null : COLUMNS.get(c).read().apply(row[c]))).append('|');
      }
      texts.add(text.toString());
    }
    return texts;
  }

  private static String show(Object value) {
    return value instanceof byte[] bytes ? Arrays.toString(bytes) : String.valueOf(value);
  }

  @Test
  void everyTypeInEveryEncoding() {
    CompressionCodecName[] codecs = {
      CompressionCodecName.UNCOMPRESSED,
      CompressionCodecName.SNAPPY,
      CompressionCodecName.GZIP,
      CompressionCodecName.ZSTD,
      CompressionCodecName.LZ4_RAW
    };
    for (long seed = 0; seed < 24; seed++) {
      Random random = new Random(seed);
      double nulls = new double[] {0, 0.1, 0.9, 1}[(int) (seed % 4)];
      Options options =
          new Options(
              random.nextBoolean() ? WriterVersion.PARQUET_1_0 : WriterVersion.PARQUET_2_0,
              codecs[random.nextInt(codecs.length)],
              random.nextInt(3) > 0,
              random.nextInt(3) == 0,
              random.nextBoolean() ? 1 << 20 : 200 + random.nextInt(3_000),
              random.nextBoolean() ? 64 << 20 : 100_000,
              random.nextBoolean());
      List<Object[]> rows = rows(random, random.nextInt(1_500), nulls);
      boolean required = nulls == 0 && random.nextBoolean();
      boolean ids = random.nextBoolean();
      byte[] bytes = write(schema(required, ids), rows, options);
      Schema wanted = wanted(required);
      Map<String, Integer> mapping = new java.util.HashMap<>();
      wanted.fields().forEach(f -> mapping.put(f.name(), f.id()));
      String about = "seed " + seed + ", " + options + ", nulls " + nulls + ", ids " + ids;
      assertThat(read(bytes, wanted, ids ? Map.of("int", 99) : mapping))
          .as(about)
          .isEqualTo(expected(rows));
    }
  }

  private static Options plain(CompressionCodecName codec) {
    return new Options(WriterVersion.PARQUET_1_0, codec, true, false, 1 << 20, 64 << 20, false);
  }

  @Test
  void theSchemaIsTheFiles() {
    byte[] bytes = write(schema(false, true), List.of(), plain(CompressionCodecName.SNAPPY));
    ParquetFooter footer = ParquetFooter.read(file(bytes), Map.of());
    assertThat(footer.schema()).hasToString(wanted(false).toString());
    assertThat(footer.foreignColumns())
        .extracting(FileColumn::name)
        .containsExactly("nested", "repeated");
    assertThat(footer.hasFieldIds()).isTrue();
    assertThat(footer.rowCount()).isZero();
    assertThat(read(bytes, wanted(false), Map.of())).isEmpty();
  }

  @Test
  void withoutIdsNamesCountAndNeverPositions() {
    List<Object[]> rows = rows(new Random(3), 10, 0);
    byte[] bytes = write(schema(false, false), rows, plain(CompressionCodecName.SNAPPY));
    Schema one = Schema.of(List.of(new Field(1, "bool", Type.BOOLEAN, false, null)));
    assertThat(read(bytes, one, Map.of())).hasSize(10).containsOnly("null|");
    int place = COLUMNS.stream().map(Stored::name).toList().indexOf("small");
    Schema renamed = Schema.of(List.of(new Field(1, "renamed", Type.LONG, true, null)));
    assertThat(read(bytes, renamed, Map.of("small", 1)))
        .isEqualTo(rows.stream().map(row -> row[place] + "|").toList());
  }

  @Test
  void aMissingRequiredColumnAndAWrongTypeAreErrors() {
    byte[] bytes =
        write(schema(false, true), rows(new Random(3), 10, 0), plain(CompressionCodecName.SNAPPY));
    Schema missing = Schema.of(List.of(new Field(400, "gone", Type.INT, true, null)));
    assertThatThrownBy(() -> read(bytes, missing, Map.of()))
        .isInstanceOf(CorruptTableException.class)
        .hasMessageStartingWith(
            "Data file data/java.parquet has no column 'gone' (field id 400), which is required.");
    Schema wrong = Schema.of(List.of(new Field(1, "bool", Type.STRING, false, null)));
    assertThatThrownBy(() -> read(bytes, wrong, Map.of()))
        .isInstanceOf(CorruptTableException.class)
        .hasMessage(
            "Data file data/java.parquet stores column 'bool' (field id 1) as BOOLEAN, which cannot"
                + " be read as string. Write it again with the table's types.");
    byte[] holes =
        write(schema(false, true), rows(new Random(3), 10, 1), plain(CompressionCodecName.SNAPPY));
    Schema required = Schema.of(List.of(new Field(1, "bool", Type.BOOLEAN, true, null)));
    assertThatThrownBy(() -> read(holes, required, Map.of()))
        .isInstanceOf(CorruptTableException.class)
        .hasMessageContaining(
            "data/java.parquet: column 'bool', row group 0: it is required, but 10 of rows 0..9");
  }

  @Test
  void promotedTypesAreRead() {
    List<Object[]> rows = rows(new Random(4), 500, 0.2);
    for (boolean dictionary : new boolean[] {true, false}) {
      Options options =
          new Options(
              WriterVersion.PARQUET_1_0,
              CompressionCodecName.SNAPPY,
              dictionary,
              false,
              1 << 20,
              64 << 20,
              true);
      byte[] bytes = write(schema(false, true), rows, options);
      promoted(bytes, rows, "int", Type.LONG, v -> (long) (Integer) v);
      promoted(bytes, rows, "float", Type.DOUBLE, v -> (double) (Float) v);
      promoted(bytes, rows, "decInt", Type.decimal(18, 2), v -> BigDecimal.valueOf((Integer) v, 2));
      promoted(bytes, rows, "decInt", Type.decimal(30, 2), v -> BigDecimal.valueOf((Integer) v, 2));
      promoted(bytes, rows, "decLong", Type.decimal(38, 4), v -> BigDecimal.valueOf((Long) v, 4));
      promoted(
          bytes,
          rows,
          "decBytes",
          Type.decimal(20, 1),
          v -> new BigDecimal(new BigInteger((byte[]) v), 1));
      promoted(bytes, rows, "bare", Type.STRING, v -> v);
    }
  }

  private static void promoted(
      byte[] bytes, List<Object[]> rows, String name, Type type, Function<Object, Object> read) {
    int place = COLUMNS.stream().map(Stored::name).toList().indexOf(name);
    Schema wanted = Schema.of(List.of(new Field(place + 1, name, type, false, null)));
    assertThat(read(bytes, wanted, Map.of()))
        .as(name + " as " + type)
        .isEqualTo(
            rows.stream()
                .map(row -> (row[place] == null ? null : read.apply(row[place])) + "|")
                .toList());
  }

  @Test
  void nanosecondsAreExactOrRefused() {
    MessageType schema =
        Types.buildMessage()
            .addField(
                Types.required(INT64)
                    .as(timestampType(true, TimeUnit.NANOS))
                    .id(1)
                    .named("nanostrue"))
            .named("rows");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (var writer =
        ExampleParquetWriter.builder(output(out))
            .withType(schema)
            .withConf(new PlainParquetConfiguration())
            .build()) {
      writer.write(new SimpleGroup(schema).append("nanostrue", 1_001L));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    Schema wanted = Schema.of(List.of(new Field(1, "at", Type.TIMESTAMPTZ, true, null)));
    assertThatThrownBy(() -> read(out.toByteArray(), wanted, Map.of()))
        .isInstanceOf(UnsupportedTableException.class)
        .hasMessage(
            "Data file data/java.parquet, column 'at', row group 0, holds 1001 ns, which is no whole"
                + " number of microseconds: DataShard does not read that. Write the file again"
                + " without it.");
  }

  @Test
  void metricsOfAnAdoptedFileAreExactOrAbsent() {
    for (long seed = 0; seed < 8; seed++) {
      Random random = new Random(seed);
      double nulls = new double[] {0, 0.3, 1}[(int) (seed % 3)];
      List<Object[]> rows = rows(random, 1 + random.nextInt(2_000), nulls);
      Options options =
          new Options(
              seed % 2 == 0 ? WriterVersion.PARQUET_1_0 : WriterVersion.PARQUET_2_0,
              CompressionCodecName.ZSTD,
              true,
              false,
              1_000,
              100_000,
              true);
      byte[] bytes = write(schema(false, true), rows, options);
      Schema schema = wanted(false);
      ParquetFooter footer = ParquetFooter.read(file(bytes), Map.of());
      FileMetrics metrics = footer.metrics(schema);
      assertThat(metrics.recordCount()).isEqualTo(rows.size());
      assertThat(metrics.fileSizeBytes()).isEqualTo(bytes.length);
      assertThat(metrics.splitOffsets()).hasSize(footer.rowGroupCount()).startsWith(4L).isSorted();
      for (int c = 0; c < COLUMNS.size(); c++) {
        checkMetrics("seed " + seed, schema.field(c), c, rows, metrics);
      }
    }
  }

  private static void checkMetrics(
      String about, Field field, int place, List<Object[]> rows, FileMetrics metrics) {
    ColumnMetrics column = metrics.columns().get(field.id());
    List<Object> values =
        rows.stream()
            .filter(row -> row[place] != null)
            .map(row -> COLUMNS.get(place).read().apply(row[place]))
            .sorted((a, b) -> io.datashard.schema.ValueOrder.compare(field.type(), a, b))
            .toList();
    String what = about + " " + field;
    assertThat(column.valueCount()).as(what).isEqualTo(rows.size());
    assertThat(column.nullCount()).as(what).isEqualTo(rows.size() - values.size());
    assertThat(column.nanCount()).as(what).isEqualTo(-1);
    boolean unordered =
        field.type() == Type.FLOAT || field.type() == Type.DOUBLE || field.name().equals("int96");
    if (unordered || values.isEmpty()) {
      assertThat(column.lower()).as(what).isNull();
      assertThat(column.upper()).as(what).isNull();
    } else if (field.type() == Type.UUID) {
      byte[] min = SingleValue.toBytes(Type.UUID, values.get(0));
      byte[] max = SingleValue.toBytes(Type.UUID, values.get(values.size() - 1));
      assertThat(column.lowerBytes()).as(what).isEqualTo(UuidBounds.lower(min, max));
      assertThat(column.upperBytes()).as(what).isEqualTo(UuidBounds.upper(min, max));
    } else {
      assertThat(column.lowerBytes())
          .as(what)
          .isEqualTo(SingleValue.toBytes(field.type(), values.get(0)));
      assertThat(column.upperBytes())
          .as(what)
          .isEqualTo(SingleValue.toBytes(field.type(), values.get(values.size() - 1)));
    }
  }

  /** Without checksums a changed byte may be another value, but never another count of rows. */
  /** Here page headers have statistics too, which our own files do not. */
  @Test
  void shortcutsChangeNoRow() {
    ReadCounts all = ReadCounts.NONE;
    long kept = 0;
    for (long seed = 0; seed < 8; seed++) {
      Random random = new Random(100 + seed);
      List<Object[]> rows = rows(random, 100 + random.nextInt(500), seed % 3 * 0.3);
      int sorted = random.nextInt(COLUMNS.size());
      if (seed % 2 == 0) {
        rows.sort(ascending(sorted));
      }
      Options options =
          new Options(
              seed % 2 == 0 ? WriterVersion.PARQUET_1_0 : WriterVersion.PARQUET_2_0,
              seed % 4 < 2 ? CompressionCodecName.SNAPPY : CompressionCodecName.UNCOMPRESSED,
              seed % 3 > 0,
              false,
              300 + random.nextInt(2_000),
              seed % 4 == 3 ? 60_000 : 1 << 20,
              true);
      byte[] bytes = write(schema(false, true), rows, options);
      Schema wanted = wanted(false);
      for (int i = 0; i < 6; i++) {
        Bound filter = filter(random, wanted, rows, i < 3 ? sorted : -1).bind(wanted);
        String about = "seed " + seed + ", " + options + ", " + filter;
        List<String> plain = filtered(bytes, wanted, filter, Set.of(), null);
        kept += plain.size();
        ReadCounts[] counts = {ReadCounts.NONE};
        assertThat(filtered(bytes, wanted, filter, Shortcut.ALL, counts))
            .as(about)
            .isEqualTo(plain);
        all = all.plus(counts[0]);
        for (Shortcut one : Shortcut.values()) {
          assertThat(filtered(bytes, wanted, filter, Set.of(one), null))
              .as(about + " by " + one)
              .isEqualTo(plain);
        }
      }
    }
    assertThat(kept).isBetween(1_000L, 20_000L);
    assertThat(all.pagesSkipped()).isGreaterThan(all.pagesByIndex());
    assertThat(all.rowGroupsSkipped()).isPositive();
  }

  private static java.util.Comparator<Object[]> ascending(int place) {
    Type type = COLUMNS.get(place).type();
    return (a, b) ->
        a[place] == null || b[place] == null
            ? (a[place] == null ? 0 : 1) - (b[place] == null ? 0 : 1)
            : io.datashard.schema.ValueOrder.compare(
                type,
                COLUMNS.get(place).read().apply(a[place]),
                COLUMNS.get(place).read().apply(b[place]));
  }

  private static Predicate filter(Random random, Schema schema, List<Object[]> rows, int column) {
    int place = column < 0 ? random.nextInt(COLUMNS.size()) : column;
    Object stored = rows.get(random.nextInt(rows.size()))[place];
    String name = schema.field(place).name();
    Predicate leaf = new Predicate.IsNull(name);
    if (stored != null) {
      Object value = COLUMNS.get(place).read().apply(stored);
      Predicate.Op[] ops = Predicate.Op.values();
      leaf =
          schema.field(place).type() == Type.BOOLEAN
              ? new Predicate.Compare(name, Predicate.Op.EQ, value)
              : new Predicate.Compare(name, ops[random.nextInt(ops.length)], value);
    }
    return switch (random.nextInt(5)) {
      case 0 -> Predicate.not(leaf);
      case 1 -> Predicate.and(leaf, filter(random, schema, rows, -1));
      case 2 -> Predicate.or(leaf, filter(random, schema, rows, -1));
      default -> leaf;
    };
  }

  private static List<String> filtered(
      byte[] bytes,
      Schema wanted,
      Bound filter,
      Set<Shortcut> shortcuts,
      ReadCounts @Nullable [] counts) {
    List<String> rows = new ArrayList<>();
    try (ParquetReader reader = ParquetReader.open(file(bytes), Map.of())) {
      BatchReader batches = reader.read(wanted, filter, 150, shortcuts);
      try (batches) {
        for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
          for (int row = 0; row < batch.rows(); row++) {
            StringBuilder text = new StringBuilder();
            for (int c = 0; c < wanted.size(); c++) {
              text.append(show(batch.column(c).value(row))).append('|');
            }
            rows.add(text.toString());
          }
        }
      }
      if (counts != null) {
        counts[0] = batches.counts();
      }
    }
    return rows;
  }

  @Test
  void damagedFilesAreRefusedOrKeepTheirRows() {
    List<Object[]> rows = rows(new Random(9), 40, 0.2);
    Schema wanted = wanted(false);
    for (WriterVersion version : WriterVersion.values()) {
      for (CompressionCodecName codec :
          new CompressionCodecName[] {
            CompressionCodecName.UNCOMPRESSED, CompressionCodecName.SNAPPY
          }) {
        Options options =
            new Options(
                version, codec, version == WriterVersion.PARQUET_1_0, false, 200, 1 << 20, false);
        byte[] good = write(schema(false, true), rows, options);
        Random random = new Random(5);
        for (int at = random.nextInt(9); at < good.length; at += 9) {
          byte[] bad = good.clone();
          bad[at] = (byte) (random.nextBoolean() ? random.nextInt() : bad[at] ^ 1 << at % 8);
          String about = String.format(Locale.ROOT, "%s, byte %d of %d", options, at, good.length);
          try {
            assertThat(read(bad, wanted, Map.of())).as(about).hasSize(rows.size());
          } catch (CorruptTableException | UnsupportedTableException e) {
            assertThat(e).as(about).hasMessageContaining("data/java.parquet");
          } catch (RuntimeException e) {
            throw new AssertionError(about, e);
          }
        }
      }
    }
  }
}
