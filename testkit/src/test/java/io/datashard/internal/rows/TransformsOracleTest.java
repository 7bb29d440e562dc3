package io.datashard.internal.rows;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.WideValues;
import io.datashard.data.Column;
import io.datashard.data.ColumnBuilder;
import io.datashard.schema.Field;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.PartitionSpec.PartitionField;
import io.datashard.schema.Schema;
import io.datashard.schema.Transform;
import io.datashard.schema.Type;
import io.datashard.schema.Values;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.iceberg.PartitionSpecParser;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.transforms.Transforms;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.SerializableFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Promise: every transform of every value is what Iceberg's own library makes of it. */
class TransformsOracleTest {
  private static final int VALUES = 20_000;

  private static final List<Type> TYPES =
      List.of(
          Type.BOOLEAN,
          Type.INT,
          Type.LONG,
          Type.FLOAT,
          Type.DOUBLE,
          Type.decimal(1, 0),
          Type.decimal(9, 2),
          Type.decimal(18, 18),
          Type.decimal(19, 3),
          Type.decimal(38, 10),
          Type.DATE,
          Type.TIME,
          Type.TIMESTAMP,
          Type.TIMESTAMPTZ,
          Type.STRING,
          Type.UUID,
          Type.fixed(7),
          Type.BINARY);

  private static final List<String> TRANSFORMS =
      List.of(
          "identity",
          "bucket[1]",
          "bucket[16]",
          "bucket[999999999]",
          "truncate[1]",
          "truncate[3]",
          "truncate[10]",
          "truncate[999999999]",
          "year",
          "month",
          "day",
          "hour",
          "void");

  static Stream<Arguments> everyTransformOfEveryType() {
    List<Arguments> all = new ArrayList<>();
    for (Type type : TYPES) {
      for (String transform : TRANSFORMS) {
        if (Transform.parse(transform).takes(type)) {
          all.add(Arguments.of(type, transform));
        }
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("everyTransformOfEveryType")
  void valuesAreThoseOfIcebergCore(Type type, String name) {
    Transform transform = Transform.parse(name);
    SerializableFunction<Object, Object> theirs = theirs(type, name);
    Type resultType = transform.resultType(type);
    SplittableRandom random = new SplittableRandom(name.hashCode());
    Field field = new Field(1, "c", type, false, null);
    ColumnBuilder column = new ColumnBuilder(field);
    List<@Nullable Object> results = new ArrayList<>();
    int refused = 0;
    for (int i = 0; i < VALUES; i++) {
      @Nullable Object value = i % 50 == 0 ? null : WideValues.of(type, random);
      @Nullable Object ours;
      try {
        ours = transform.apply(type, value);
      } catch (IllegalArgumentException e) {
        refused++;
        assertThat(isBeyond(transform, type, value)).as("%s of %s", name, value).isTrue();
        continue;
      }
      assertThat(internal(resultType, ours))
          .as("%s of %s", name, value)
          .isEqualTo(theirs.apply(internal(type, value)));
      column.add(value);
      results.add(ours);
    }
    assertThat(refused).as("refused").isLessThan(type.equals(Type.decimal(1, 0)) ? VALUES : 4_000);
    if (transform.kind() != Transform.Kind.VOID) {
      sameAsColumns(transform, column.build(), results);
    }
  }

  /** The same, whole columns at once, also where rows share the entries of a dictionary. */
  private static void sameAsColumns(
      Transform transform, Column column, List<@Nullable Object> results) {
    Column made = Transformed.of(transform, column);
    assertThat(made.type()).isEqualTo(transform.resultType(column.type()));
    for (int row = 0; row < column.size(); row++) {
      assertThat(made.value(row)).isEqualTo(results.get(row));
    }
  }

  /** Where the exact result is out of range, which theirs starts over for, or fails. */
  private static boolean isBeyond(Transform transform, Type type, Object value) {
    if (transform.kind() == Transform.Kind.HOUR) {
      LocalDateTime time =
          type == Type.TIMESTAMP
              ? (LocalDateTime) value
              : LocalDateTime.ofInstant((Instant) value, java.time.ZoneOffset.UTC);
      return Math.abs(time.getYear()) > 240_000;
    }
    BigInteger width = BigInteger.valueOf(transform.parameter());
    BigInteger number =
        value instanceof BigDecimal decimal
            ? decimal.unscaledValue()
            : BigInteger.valueOf(((Number) value).longValue());
    BigInteger exact = number.subtract(number.mod(width));
    BigInteger lowest =
        switch (type.kind()) {
          case INT -> BigInteger.valueOf(Integer.MIN_VALUE);
          case LONG -> BigInteger.valueOf(Long.MIN_VALUE);
          default -> BigInteger.ONE.subtract(BigInteger.TEN.pow(((Type.Decimal) type).precision()));
        };
    return exact.compareTo(lowest) < 0;
  }

  @SuppressWarnings("unchecked")
  private static SerializableFunction<Object, Object> theirs(Type type, String name) {
    return (SerializableFunction<Object, Object>)
        (SerializableFunction<?, ?>) Transforms.fromString(name).bind(theirs(type));
  }

  private static org.apache.iceberg.types.Type theirs(Type type) {
    return Types.fromPrimitiveString(type.jsonName());
  }

  /** The hashes that the spec lists. Spec: Appendix B. */
  @Test
  void hashesOfTheSpec() {
    assertHash(Type.INT, 34, 2017239379);
    assertHash(Type.LONG, 34L, 2017239379);
    assertHash(Type.decimal(9, 2), new BigDecimal("14.20"), -500754589);
    assertHash(Type.DATE, LocalDate.parse("2017-11-16"), -653330422);
    assertHash(Type.TIME, LocalTime.parse("22:31:08"), -662762989);
    assertHash(Type.TIMESTAMP, LocalDateTime.parse("2017-11-16T22:31:08"), -2047944441);
    assertHash(Type.TIMESTAMP, LocalDateTime.parse("2017-11-16T22:31:08.000001"), -1207196810);
    assertHash(Type.TIMESTAMPTZ, Instant.parse("2017-11-16T22:31:08Z"), -2047944441);
    assertHash(Type.STRING, "iceberg", 1210000089);
    assertHash(Type.UUID, UUID.fromString("f79c3e09-677c-4bbd-a479-3f349cb785e7"), 1488055340);
    assertHash(Type.fixed(4), new byte[] {0, 1, 2, 3}, -188683207);
    assertHash(Type.BINARY, new byte[] {0, 1, 2, 3}, -188683207);
  }

  private static void assertHash(Type type, Object value, int hash) {
    Transform bucket = Transform.parse("bucket[999999999]");
    assertThat(bucket.apply(type, value))
        .as("%s %s", type, value)
        .isEqualTo((hash & Integer.MAX_VALUE) % 999_999_999);
  }

  @ParameterizedTest
  @MethodSource("everyTransformOfEveryType")
  void foldersAreThoseOfIcebergCore(Type type, String name) {
    Schema schema = Schema.builder().optional("a/b ü", type).build();
    Transform transform = Transform.parse(name);
    PartitionField field = new PartitionField(1, 1000, "p=\u6f22/..", transform);
    PartitionSpec spec = new PartitionSpec(0, List.of(field));
    org.apache.iceberg.PartitionSpec theirs =
        PartitionSpecParser.fromJson(
            SchemaParser.fromJson(schema.toJson()),
            "{\"spec-id\":0,\"fields\":[{\"name\":\""
                + field.name()
                + "\",\"transform\":\""
                + name
                + "\",\"source-id\":1,\"field-id\":1000}]}");
    SplittableRandom random = new SplittableRandom(7);
    int compared = 0;
    for (int i = 0; i < 2_000; i++) {
      @Nullable Object value = i == 0 ? null : WideValues.of(type, random);
      @Nullable Object result;
      try {
        result = transform.apply(type, value);
      } catch (IllegalArgumentException e) {
        continue;
      }
      String path = PartitionPath.of(schema, spec, Arrays.asList(result));
      // Nothing that a file system, a bucket or a URI sees as more than a name.
      assertThat(path).matches("[A-Za-z0-9.*_%+=-]+/").hasSizeLessThan(200);
      assertThat(path).isNotIn("./", "../");
      if (!path.endsWith("../")) {
        Object theirValue = internal(transform.resultType(type), result);
        assertThat(path).isEqualTo(theirs.partitionToPath(new One(theirValue)) + "/");
        compared++;
      }
    }
    assertThat(compared).isPositive();
  }

  private record One(@Nullable Object value) implements StructLike {
    @Override
    public int size() {
      return 1;
    }

    @Override
    public <T> T get(int place, Class<T> type) {
      return type.cast(value);
    }

    @Override
    public <T> void set(int place, T other) {
      throw new UnsupportedOperationException();
    }
  }

  /** The value as Iceberg's library holds it. */
  private static @Nullable Object internal(Type type, @Nullable Object value) {
    if (value == null) {
      return null;
    }
    return switch (type.kind()) {
      case DATE -> Values.days((LocalDate) value);
      case TIME -> Values.micros((LocalTime) value);
      case TIMESTAMP -> Values.micros((LocalDateTime) value);
      case TIMESTAMPTZ -> Values.micros((Instant) value);
      case FIXED, BINARY -> ByteBuffer.wrap((byte[]) value);
      default -> value;
    };
  }
}
