package io.datashard.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Values are ordered as their bytes are in files, not as Java would order the objects. */
class ValueOrderTest {

  @Test
  void textIsOrderedAsItsUtf8Bytes() {
    List<String> letters = List.of("", "a", "b", "\uD7FF", "\uE000", "\uFFFF", "😀", "𐀀", "\0");
    for (long seed = 0; seed < 5_000; seed++) {
      Random random = new Random(seed);
      String a = word(letters, random);
      String b = word(letters, random);
      int bytes =
          Arrays.compareUnsigned(
              a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
      assertThat(Integer.signum(ValueOrder.compareText(a, b)))
          .as("seed %d", seed)
          .isEqualTo(Integer.signum(bytes));
    }
  }

  private static String word(List<String> letters, Random random) {
    StringBuilder word = new StringBuilder();
    for (int i = random.nextInt(4); i > 0; i--) {
      word.append(letters.get(random.nextInt(letters.size())));
    }
    return word.toString();
  }

  @Test
  void bytesAndUuidsAreUnsigned() {
    assertThat(ValueOrder.compare(Type.BINARY, new byte[] {-1}, new byte[] {1})).isPositive();
    assertThat(ValueOrder.compare(Type.BINARY, new byte[] {1}, new byte[] {1, 0})).isNegative();
    assertThat(ValueOrder.compare(Type.UUID, new UUID(-1, 0), new UUID(1, 0))).isPositive();
    assertThat(ValueOrder.compare(Type.UUID, new UUID(1, -1), new UUID(1, 1))).isPositive();
  }

  @Test
  void numbersAreOrderedByValue() {
    Type decimal = Type.decimal(9, 2);
    assertThat(ValueOrder.compare(decimal, new BigDecimal("1.50"), new BigDecimal("1.5"))).isZero();
    assertThat(ValueOrder.compare(Type.DOUBLE, -0.0, 0.0)).isZero();
    assertThat(ValueOrder.compare(Type.FLOAT, -0.0f, 0.0f)).isZero();
    assertThat(ValueOrder.compare(Type.DOUBLE, Double.NaN, Double.POSITIVE_INFINITY)).isPositive();
    assertThat(ValueOrder.compare(Type.BOOLEAN, false, true)).isNegative();
  }
}
