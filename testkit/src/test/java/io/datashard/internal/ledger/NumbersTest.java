package io.datashard.internal.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sets of numbers as ranges are the same as sets of numbers. */
class NumbersTest {
  @Test
  void rangesHoldWhatWasAdded() {
    for (long seed = 1; seed <= 200; seed++) {
      Random random = new Random(seed);
      TreeSet<Long> expected = new TreeSet<>();
      Numbers numbers = Numbers.NONE;
      long offset = random.nextBoolean() ? 0 : Long.MAX_VALUE - 60;
      for (int i = 0; i < 40; i++) {
        long first = offset + random.nextInt(60);
        long last = first + random.nextInt((int) Math.min(6, Long.MAX_VALUE - first));
        numbers = numbers.with(first, last);
        for (long each = first; each < last; each++) {
          expected.add(each);
        }
        expected.add(last);
        for (long each = offset; each < offset + 60; each++) {
          assertThat(numbers.has(each))
              .as("seed %d, %d", seed, each)
              .isEqualTo(expected.contains(each));
        }
      }
      long pieces =
          expected.stream().filter(each -> each == 0 || !expected.contains(each - 1)).count();
      assertThat(numbers.ranges())
          .as("seed %d: neighbours are one range", seed)
          .isEqualTo((int) pieces);
      assertThat(Numbers.read(numbers.toString())).as("seed %d", seed).isEqualTo(numbers);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "1-",
        "-1",
        "2-1",
        "1,1",
        "1-3,3",
        "1-3,4",
        "5,3",
        "01",
        "+1",
        "1,,3",
        "1-2-3",
        " 1",
        "9223372036854775808",
        "٣"
      })
  void otherTextsAreRefused(String text) {
    assertThatThrownBy(() -> Numbers.read(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
