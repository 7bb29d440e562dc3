package io.datashard;

import io.datashard.schema.Type;
import io.datashard.schema.Values;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.util.SplittableRandom;
import java.util.UUID;

/** Random values of any type. */
public final class WideValues {
  private WideValues() {}

  /** Spread over all magnitudes, with the ends of the type and the neighbours of 0 among them. */
  public static Object of(Type type, SplittableRandom random) {
    long bits = wide(random);
    return switch (type.kind()) {
      case BOOLEAN -> random.nextBoolean();
      case INT -> (int) (random.nextInt(8) == 0 ? Math.max(Integer.MIN_VALUE, bits) : bits >> 32);
      case LONG -> bits;
      case FLOAT -> Float.intBitsToFloat((int) bits);
      case DOUBLE -> Double.longBitsToDouble(bits);
      case DECIMAL -> decimal((Type.Decimal) type, random);
      case DATE -> LocalDate.ofEpochDay((int) (bits >> 32 + random.nextInt(20)));
      case TIME -> Values.time(Math.floorMod(bits, 86_400_000_000L));
      case TIMESTAMP -> Values.timestamp(inJavaYears(bits, random));
      case TIMESTAMPTZ -> Values.instant(inJavaYears(bits, random));
      case STRING -> text(random);
      case UUID -> new UUID(bits, wide(random));
      case FIXED -> bytes(((Type.Fixed) type).length(), random);
      case BINARY -> bytes(random.nextInt(random.nextInt(20) == 0 ? 500 : 12), random);
    };
  }

  private static long wide(SplittableRandom random) {
    return switch (random.nextInt(10)) {
      case 0 -> Long.MIN_VALUE + random.nextInt(30);
      case 1 -> Long.MAX_VALUE - random.nextInt(30);
      case 2 -> random.nextInt(-30, 30);
      default -> random.nextLong() >> random.nextInt(64);
    };
  }

  private static long inJavaYears(long bits, SplittableRandom random) {
    return bits >> random.nextInt(16);
  }

  private static BigDecimal decimal(Type.Decimal type, SplittableRandom random) {
    BigInteger end = BigInteger.TEN.pow(1 + random.nextInt(type.precision()));
    byte[] bytes = new byte[17];
    random.nextBytes(bytes);
    BigInteger any = new BigInteger(bytes).mod(end);
    BigInteger unscaled =
        random.nextInt(10) == 0
            ? end.subtract(BigInteger.valueOf(1 + random.nextInt(2))).min(end)
            : any;
    return new BigDecimal(random.nextBoolean() ? unscaled.negate() : unscaled, type.scale());
  }

  private static String text(SplittableRandom random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(random.nextInt(20) == 0 ? 300 : 8); i > 0; i--) {
      int point =
          switch (random.nextInt(6)) {
            case 0 -> random.nextInt(0x10000, 0x110000);
            case 1 -> random.nextInt(0xe000, 0x10000);
            case 2 -> random.nextInt(0, 0xd800);
            case 3 -> "/.\\%= \0".charAt(random.nextInt(7));
            default -> random.nextInt(0, 0x80);
          };
      text.appendCodePoint(point);
    }
    return text.toString();
  }

  private static byte[] bytes(int length, SplittableRandom random) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }
}
