package io.datashard.internal.parquet;

import io.datashard.data.Batch;
import io.datashard.data.BatchBuilder;
import io.datashard.data.BytesColumn;
import io.datashard.data.Column;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.schema.Values;
import io.datashard.storage.NewFile;
import io.datashard.table.FileMetrics;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A random schema, random rows and the file that our writer makes of them, all from one seed. */
final class RandomFile {
  private static final List<Type> TYPES =
      List.of(
          Type.BOOLEAN,
          Type.INT,
          Type.LONG,
          Type.FLOAT,
          Type.DOUBLE,
          Type.decimal(1, 1),
          Type.decimal(9, 2),
          Type.decimal(10, 0),
          Type.decimal(18, 18),
          Type.decimal(19, 4),
          Type.decimal(38, 10),
          Type.DATE,
          Type.TIME,
          Type.TIMESTAMP,
          Type.TIMESTAMPTZ,
          Type.STRING,
          Type.UUID,
          Type.fixed(1),
          Type.fixed(17),
          Type.fixed(300),
          Type.BINARY);

  private static final String[] NAMES = {
    "a", "a.b", "A", "Ünï cödé", "日本", "\uD83D\uDE00", "with space", "x\"y'z`", "\\", "_", "1"
  };

  private static final long DAY_MICROS = 86_400_000_000L;

  final long seed;
  final Random random;
  final Schema schema;

  /** Row by row, column by column. */
  final List<List<@Nullable Object>> rows = new ArrayList<>();

  final WriteOptions options;
  final byte[] bytes;
  final FileMetrics metrics;
  private final List<Shape> shapes = new ArrayList<>();

  /** How the values of one column are. */
  private enum Shape {
    ANY,
    FEW,
    RISING,
    CONSTANT,
    /** Few at first, any later, so that a dictionary grows too large. */
    WIDENING
  }

  RandomFile(long seed, int rowsMax) {
    this.seed = seed;
    random = new Random(seed);
    schema = schema();
    options = options();
    int count = random.nextInt(8) == 0 ? random.nextInt(3) : random.nextInt(rowsMax + 1);
    Out out = new Out();
    try (ParquetWriter writer = new ParquetWriter(out, schema, options)) {
      double[] nulls = nullShares();
      while (rows.size() < count) {
        writer.write(batch(1 + random.nextInt(count - rows.size()), nulls));
      }
      metrics = writer.finish();
    }
    bytes = out.bytes.toByteArray();
  }

  private Schema schema() {
    List<Field> fields = new ArrayList<>();
    List<String> names = new ArrayList<>(List.of(NAMES));
    Collections.shuffle(names, random);
    int columns = 1 + random.nextInt(8);
    for (int i = 0; i < columns; i++) {
      Type type = TYPES.get(random.nextInt(TYPES.size()));
      int id = 100 - 7 * i + random.nextInt(7);
      fields.add(new Field(id, names.get(i), type, random.nextInt(3) == 0, null));
      shapes.add(Shape.values()[random.nextInt(Shape.values().length)]);
    }
    return Schema.of(fields);
  }

  private WriteOptions options() {
    Codec[] codecs = {Codec.ZSTD, Codec.SNAPPY, Codec.GZIP, Codec.LZ4, Codec.NONE};
    WriteOptions some =
        WriteOptions.DEFAULT.withCompression(
            codecs[random.nextInt(codecs.length)], Codecs.LEVEL_DEFAULT);
    if (random.nextBoolean()) {
      some = some.withPages(1 << (5 + random.nextInt(13)), 1 + random.nextInt(2_000));
    }
    if (random.nextInt(3) == 0) {
      some = some.withDictionaryBytesMax(random.nextInt(3) == 0 ? 0 : random.nextInt(5_000));
    }
    if (random.nextInt(3) == 0) {
      some = some.withRowGroupBytesTarget(1 << (8 + random.nextInt(12)));
    }
    return random.nextInt(4) == 0 ? some.withKeyValues(Map.of("ключ", "значение", "a", "")) : some;
  }

  private double[] nullShares() {
    double[] choices = {0, 0, 0.01, 0.3, 0.95, 1};
    return schema.fields().stream()
        .mapToDouble(f -> f.required() ? 0 : choices[random.nextInt(choices.length)])
        .toArray();
  }

  private Batch batch(int count, double[] nulls) {
    BatchBuilder builder = new BatchBuilder(schema);
    for (int i = 0; i < count; i++) {
      List<@Nullable Object> row = new ArrayList<>();
      for (int c = 0; c < schema.size(); c++) {
        Object value = random.nextDouble() < nulls[c] ? null : value(c);
        row.add(value);
        builder.column(c).add(value);
      }
      builder.endRow();
      rows.add(row);
    }
    Batch plain = builder.build();
    List<Column> columns = new ArrayList<>();
    for (Column column : plain.columns()) {
      columns.add(
          column instanceof BytesColumn texts && random.nextBoolean() ? asCodes(texts) : column);
    }
    return new Batch(schema, count, columns);
  }

  /** The same column over a dictionary, as a reader hands out. */
  private static BytesColumn asCodes(BytesColumn column) {
    Map<String, Integer> known = new HashMap<>();
    List<Integer> firsts = new ArrayList<>();
    int[] codes = new int[column.size()];
    for (int row = 0; row < codes.length; row++) {
      int at = row;
      codes[row] =
          known.computeIfAbsent(
              Arrays.toString(column.copy(row)),
              key -> {
                firsts.add(at);
                return firsts.size() - 1;
              });
    }
    int[] places = firsts.stream().mapToInt(i -> i).toArray();
    BytesColumn entries = column.take(places, places.length);
    // Entries hold no nulls; that some come from null rows does not matter.
    BytesColumn dictionary =
        BytesColumn.plain(column.type(), entries.bytes(), offsets(entries), places.length, null);
    return dictionary.asDictionary().withCodes(codes, codes.length, column.validity());
  }

  private static int[] offsets(BytesColumn plain) {
    int[] offsets = new int[plain.entries() + 1];
    for (int i = 0; i < plain.entries(); i++) {
      offsets[i + 1] = plain.end(i);
    }
    return offsets;
  }

  private Object value(int column) {
    Type type = schema.field(column).type();
    int row = rows.size();
    return switch (shapes.get(column)) {
      case ANY -> any(type, random);
      case FEW -> any(type, new Random(random.nextInt(5) * 7919L + column));
      case CONSTANT -> any(type, new Random(seed + column));
      case RISING -> rising(type, row);
      case WIDENING -> any(type, row < 500 ? new Random(random.nextInt(3)) : random);
    };
  }

  private static Object rising(Type type, int row) {
    return switch (type.kind()) {
      case BOOLEAN -> row > 100;
      case INT -> row - 50;
      case LONG -> row * 1_000L;
      case FLOAT -> row / 2f;
      case DOUBLE -> row / 4.0;
      case DECIMAL -> {
        Type.Decimal decimal = (Type.Decimal) type;
        BigInteger limit = BigInteger.TEN.pow(decimal.precision());
        yield new BigDecimal(BigInteger.valueOf(row).mod(limit), decimal.scale());
      }
      case DATE -> LocalDate.ofEpochDay(row / 10);
      case TIME -> Values.time(row * 1_000_003L % DAY_MICROS);
      case TIMESTAMP -> Values.timestamp(row * 60_000_000L);
      case TIMESTAMPTZ -> Values.instant(1_700_000_000_000_000L + row);
      case STRING -> "task-" + row;
      case UUID -> new UUID(0, row);
      case FIXED ->
          Arrays.copyOf(BigInteger.valueOf(row).toByteArray(), ((Type.Fixed) type).length());
      case BINARY -> BigInteger.valueOf(row).toByteArray();
    };
  }

  private static Object any(Type type, Random random) {
    int odd = random.nextInt(10);
    return switch (type.kind()) {
      case BOOLEAN -> random.nextBoolean();
      case INT -> odd == 0 ? Integer.MIN_VALUE : odd == 1 ? Integer.MAX_VALUE : random.nextInt();
      case LONG -> odd == 0 ? Long.MIN_VALUE : odd == 1 ? Long.MAX_VALUE : random.nextLong();
      case FLOAT -> oddFloat(odd, random);
      case DOUBLE -> oddDouble(odd, random);
      case DECIMAL -> decimal((Type.Decimal) type, odd, random);
      case DATE -> LocalDate.ofEpochDay(random.nextInt(2_000_000) - 1_000_000);
      case TIME ->
          odd == 0 ? LocalTime.MIDNIGHT : Values.time((long) (random.nextDouble() * DAY_MICROS));
      case TIMESTAMP -> Values.timestamp(random.nextLong() >> random.nextInt(40));
      case TIMESTAMPTZ -> Values.instant(random.nextLong() >> random.nextInt(40));
      case STRING -> text(odd, random);
      case UUID -> new UUID(random.nextLong(), random.nextLong());
      case FIXED -> bytes(((Type.Fixed) type).length(), odd, random);
      case BINARY -> bytes(random.nextInt(odd == 0 ? 400 : 20), odd, random);
    };
  }

  private static float oddFloat(int odd, Random random) {
    return switch (odd) {
      case 0 -> -0.0f;
      case 1 -> 0.0f;
      case 2 -> random.nextInt(10) == 0 ? Float.NaN : Float.MIN_VALUE;
      case 3 -> random.nextBoolean() ? Float.POSITIVE_INFINITY : Float.NEGATIVE_INFINITY;
      default -> random.nextFloat() * 2 - 1;
    };
  }

  private static double oddDouble(int odd, Random random) {
    return switch (odd) {
      case 0 -> -0.0;
      case 1 -> 0.0;
      case 2 -> random.nextInt(10) == 0 ? Double.NaN : Double.MIN_VALUE;
      case 3 -> random.nextBoolean() ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
      default -> random.nextDouble() * 2 - 1;
    };
  }

  private static BigDecimal decimal(Type.Decimal type, int odd, Random random) {
    BigInteger most = BigInteger.TEN.pow(type.precision()).subtract(BigInteger.ONE);
    BigInteger size =
        odd == 0 ? most : new BigInteger(random.nextInt(most.bitLength()) + 1, random).min(most);
    return new BigDecimal(random.nextBoolean() ? size : size.negate(), type.scale());
  }

  private static String text(int odd, Random random) {
    int length = random.nextInt(odd == 0 ? 150 : 20);
    int[] highest = {0x7f, 0x7ff, 0xffff, Character.MAX_CODE_POINT};
    StringBuilder text = new StringBuilder();
    if (odd == 1) { // cannot be rounded up, or not where it is cut
      text.append(Character.toString(Character.MAX_CODE_POINT).repeat(random.nextInt(90)));
    }
    for (int i = 0; i < length; i++) {
      int point = random.nextInt(highest[random.nextInt(4)] + 1);
      boolean surrogate = point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE;
      text.appendCodePoint(surrogate ? Character.MIN_SURROGATE - 1 : point);
    }
    return text.toString();
  }

  private static byte[] bytes(int length, int odd, Random random) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    if (odd == 1) {
      Arrays.fill(bytes, (byte) 0xff);
    }
    return bytes;
  }

  @Override
  public String toString() {
    return "seed " + seed + ": " + rows.size() + " rows, " + options + "\n" + schema;
  }

  private static final class Out implements NewFile {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    public String key() {
      return "data/random.parquet";
    }

    @Override
    public void write(byte[] from, int start, int length) {
      bytes.write(from, start, length);
    }

    @Override
    public long position() {
      return bytes.size();
    }

    @Override
    public void finish() {}

    @Override
    public void close() {}
  }
}
