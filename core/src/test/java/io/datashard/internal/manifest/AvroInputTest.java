package io.datashard.internal.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.error.CorruptTableException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AvroInputTest {
  private static final String DAMAGED = "damaged";

  private final Random random = new Random(11);

  @Test
  void steppingOverNumbersIsReadingThem() {
    int damaged = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = numbers(1 + random.nextInt(40));
      int start = random.nextInt(3);
      int limit = bytes.length - random.nextInt(Math.min(3, bytes.length - start + 1));
      int count = random.nextInt(30);
      String read = read(new AvroInput("a", bytes, start, Math.max(start, limit)), count);
      String skipped = skip(new AvroInput("a", bytes, start, Math.max(start, limit)), count);
      assertThat(skipped).as("%s numbers from %s of %s", count, start, bytes).isEqualTo(read);
      damaged += read.equals(DAMAGED) ? 1 : 0;
    }
    assertThat(damaged).isBetween(2_000, 18_000);
  }

  @Test
  void aTextIsCheckedToTheEnd() {
    byte[] bytes = "\u0010abcdefg\u0000".getBytes(StandardCharsets.UTF_8);
    for (int i = 1; i <= 8; i++) {
      byte[] bad = bytes.clone();
      bad[i] = (byte) 0xff;
      assertThat(new AvroInput("a", bytes, 0, 9).readTextLength()).isEqualTo(8);
      assertThatThrownBy(() -> new AvroInput("a", bad, 0, 9).readTextLength())
          .isInstanceOf(CorruptTableException.class)
          .hasMessageContaining("not UTF-8");
    }
  }

  /** Mostly of few bytes, some of ten, some of more, which are none. */
  private byte[] numbers(int count) {
    byte[] bytes = new byte[12 * count + 3];
    int at = 3;
    for (int i = 0; i < count; i++) {
      int kind = random.nextInt(60);
      int length = kind == 0 ? 11 : kind < 4 ? 7 + random.nextInt(4) : 1 + random.nextInt(3);
      for (int j = 1; j < length; j++) {
        bytes[at++] = (byte) (0x80 | random.nextInt(128));
      }
      bytes[at++] = (byte) (length == 10 && random.nextBoolean() ? 1 : random.nextInt(128));
    }
    return Arrays.copyOf(bytes, at);
  }

  private static String read(AvroInput in, int count) {
    try {
      for (int i = 0; i < count; i++) {
        in.readLong();
      }
      return "at " + in.position();
    } catch (CorruptTableException e) {
      return DAMAGED;
    }
  }

  private static String skip(AvroInput in, int count) {
    try {
      in.skipLongs(count);
      return "at " + in.position();
    } catch (CorruptTableException e) {
      return DAMAGED;
    }
  }
}
