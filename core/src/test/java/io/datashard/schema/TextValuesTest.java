package io.datashard.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Text is read strictly, and what is written is read back as the same value. */
class TextValuesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "boolean | True | true",
        "int | +0042 | 42",
        "int | -2147483648 | -2147483648",
        "long | 9223372036854775807 | 9223372036854775807",
        "float | 0.1 | 0.1",
        "float | 16777216 | 16777216.0",
        "float | 1e-45 | 1.4E-45",
        "double | 1e6 | 1000000.0",
        "double | -.5 | -0.5",
        "double | 5. | 5.0",
        "double | -0 | -0.0",
        "double | 1.5e300 | 1.5E300",
        "double | 1e-7 | 1.0E-7",
        "double | nan | NaN",
        "double | inf | Infinity",
        "float | -INFINITY | -Infinity",
        "decimal(9, 2) | 1.5 | 1.50",
        "decimal(9, 2) | 1.5000 | 1.50",
        "decimal(9, 2) | -15e3 | -15000.00",
        "decimal(38, 0) | 99999999999999999999999999999999999999 | 99999999999999999999999999999999999999",
        "date | 2017-11-16 | 2017-11-16",
        "date | -0044-03-15 | -0044-03-15",
        "date | +12017-11-16 | +12017-11-16",
        "time | 22:31 | 22:31:00",
        "time | 22:31:08.1 | 22:31:08.100000",
        "time | 22:31:08.123456000 | 22:31:08.123456",
        "timestamp | 2017-11-16 22:31:08 | 2017-11-16T22:31:08",
        "timestamp | 2017-11-16T22:31:08.000001 | 2017-11-16T22:31:08.000001",
        "timestamptz | 2017-11-16T22:31:08Z | 2017-11-16T22:31:08+00:00",
        "timestamptz | 2017-11-16 22:31:08.5+01 | 2017-11-16T21:31:08.500000+00:00",
        "timestamptz | 2017-11-16t22:31-0330 | 2017-11-17T02:01:00+00:00",
        "uuid | F79C3E09-677C-4BBD-A479-3F349CB785E7 | f79c3e09-677c-4bbd-a479-3f349cb785e7",
        "fixed[2] | 00Ff | 00ff",
        "binary | 7e | 7e",
      })
  void textIsReadAndWrittenInOneForm(String type, String text, String written) {
    Type parsed = Type.parse(type);
    Object value = TextValues.parse(parsed, text);
    assertThat(TextValues.format(parsed, value)).isEqualTo(written);
    assertThat(TextValues.parse(parsed, written)).isEqualTo(value);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "boolean|1|boolean cannot hold '1': it is true or false",
        "long|12abc|long cannot hold '12abc': it is whole digits with an optional sign",
        "long|1.5|whole digits",
        "long|1e3|whole digits",
        "long| 1|whole digits",
        "long|~~|whole digits",
        "long|٣|whole digits",
        "int|2147483648|int cannot hold '2147483648': it is out of range",
        "long|9223372036854775808|long cannot hold '9223372036854775808': it is out of range",
        "double|1,5|it is no number",
        "double|0x1p3|it is no number",
        "double|1d|it is no number",
        "double|1e|it is no number",
        "double|.|it is no number",
        "double|1e309|it is out of range",
        "double|1e-400|it is too close to 0",
        "float|1e39|it is out of range",
        "float|16777217|the nearest it holds is 16777216",
        "double|9007199254740993|the nearest it holds is 9007199254740992",
        "decimal(9, 2)|1.005|too many digits after the point",
        "decimal(9, 2)|1e999999999|decimal(9, 2) cannot hold",
        "decimal(9, 2)|1e-999999999|too many digits after the point",
        "decimal(9, 2)|NaN|it is no number",
        "decimal(3, 2)|10|decimal(3, 2) cannot hold BigDecimal 10",
        "date|2024-02-30|there is no such date",
        "date|2024-2-3|a date is written 2017-11-16",
        "date|12024-02-03|there is no such date",
        "date|2024-02-03T00:00:00|a date is written",
        "date|+999999999-01-01|date cannot hold",
        "time|24:00:00|there is no such time of day",
        "time|23:59:60|there is no such time of day",
        "time|1:00|a time of day is written",
        "time|10:00:00.1234567|it is finer than microseconds",
        "time|10:00:00Z|a time of day is written",
        "timestamp|2024-02-03|timestamp cannot hold '2024-02-03': it is written 2017-11-16T22:31:08",
        "timestamp|2024-02-03T10:00:00Z|it has no zone, so leave out Z",
        "timestamp|2024-02-03T10:00:00+01:00|it has no zone, so leave out +01:00",
        "timestamp|2024-02-03T10:00:00 |it ends after the time of day",
        "timestamp|2024-02-03T10:00:00.1234567|it is finer than microseconds",
        "timestamp|+999999999-01-01T00:00:00|timestamp cannot hold",
        "timestamptz|2024-02-03T10:00:00|it needs an offset, for example 2024-02-03T10:00:00Z",
        "timestamptz|2024-02-03T10:00:00 UTC|an offset is written Z or +01:00",
        "timestamptz|2024-02-03T10:00:00+19:00|there is no such offset",
        "timestamptz|2024-02-03T10:00:00+01:00[Europe/Paris]|an offset is written",
        "uuid|1-2-3-4-5|a uuid is written",
        "fixed[2]|00|fixed[2] cannot hold byte[] 1 bytes",
        "binary|123|pairs of hex digits",
        "binary|0x00|pairs of hex digits",
        "string|\uD83D|lone surrogate",
      })
  void whatIsNoValueIsRefusedWithTheReason(String type, String text, String reason) {
    assertThatThrownBy(() -> TextValues.parse(Type.parse(type), text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void hugeNumbersAreRefusedQuickly() {
    String digits = "9".repeat(2_000_000);
    assertThatThrownBy(() -> TextValues.parse(Type.LONG, digits))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("...': it is out of range");
    for (String type : List.of("double", "decimal(38, 2)")) {
      assertThatThrownBy(() -> TextValues.parse(Type.parse(type), digits))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("the number is too long")
          .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300));
    }
  }

  @Test
  void theZeroOfAHugeExponentIsZero() {
    assertThat(Values.canonical(Type.decimal(9, 2), new BigDecimal(BigInteger.ZERO, 2_000_000_000)))
        .isEqualTo(new BigDecimal("0.00"));
  }

  @Test
  void randomValuesComeBackBitByBit() {
    List<Type> types =
        List.of(
            Type.BOOLEAN,
            Type.INT,
            Type.LONG,
            Type.FLOAT,
            Type.DOUBLE,
            Type.decimal(38, 10),
            Type.decimal(9, 0),
            Type.DATE,
            Type.TIME,
            Type.TIMESTAMP,
            Type.TIMESTAMPTZ,
            Type.STRING,
            Type.UUID,
            Type.fixed(5),
            Type.BINARY);
    for (long seed = 0; seed < 5_000; seed++) {
      Random random = new Random(seed);
      Type type = types.get(random.nextInt(types.size()));
      Object value = randomValue(type, random);
      String text = TextValues.format(type, value);
      assertThat(SingleValue.toBytes(type, TextValues.parse(type, text)))
          .as("seed %d: %s %s as %s", seed, type, value, text)
          .isEqualTo(SingleValue.toBytes(type, value));
    }
  }

  private static Object randomValue(Type type, Random random) {
    long bits = random.nextLong() >> random.nextInt(64);
    return switch (type.kind()) {
      case BOOLEAN -> random.nextBoolean();
      case INT -> (int) bits;
      case LONG -> bits;
      case FLOAT -> Float.intBitsToFloat(random.nextInt());
      case DOUBLE ->
          random.nextBoolean() ? Double.longBitsToDouble(random.nextLong()) : bits / 1000.0;
      case DECIMAL -> {
        Type.Decimal decimal = (Type.Decimal) type;
        BigInteger limit = BigInteger.TEN.pow(decimal.precision());
        BigInteger digits = new BigInteger(1 + random.nextInt(130), random).mod(limit);
        yield new BigDecimal(random.nextBoolean() ? digits : digits.negate(), decimal.scale());
      }
      case DATE -> LocalDate.ofEpochDay(random.nextInt());
      case TIME -> LocalTime.ofNanoOfDay(random.nextLong(86_400_000_000L) * 1_000);
      case TIMESTAMP -> Values.timestamp(bits);
      case TIMESTAMPTZ -> Values.instant(bits);
      case STRING -> "text " + Character.toString(random.nextInt(0xD800));
      case UUID -> new UUID(random.nextLong(), random.nextLong());
      case FIXED, BINARY -> {
        byte[] bytes = new byte[type instanceof Type.Fixed fixed ? fixed.length() : 3];
        random.nextBytes(bytes);
        yield bytes;
      }
    };
  }

  @Test
  void theEndsOfEveryTimeTypeComeBack() {
    for (long micros : new long[] {Long.MIN_VALUE, -1, 0, Long.MAX_VALUE}) {
      LocalDateTime local = Values.timestamp(micros);
      Instant instant = Values.instant(micros);
      assertThat(TextValues.parse(Type.TIMESTAMP, TextValues.format(Type.TIMESTAMP, local)))
          .isEqualTo(local);
      assertThat(TextValues.parse(Type.TIMESTAMPTZ, TextValues.format(Type.TIMESTAMPTZ, instant)))
          .isEqualTo(instant);
    }
    assertThat(TextValues.format(Type.UUID, new UUID(0, 0)))
        .isEqualTo("00000000-0000-0000-0000-000000000000");
  }

  @Test
  void aValueOfAnotherClassIsRefused() {
    assertThatThrownBy(() -> TextValues.format(Type.LONG, "3"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("long cannot hold String '3'");
  }
}
