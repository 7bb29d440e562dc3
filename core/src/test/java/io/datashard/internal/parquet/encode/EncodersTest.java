package io.datashard.internal.parquet.encode;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is encoded is decoded to the same by decoders that follow the format's text bit by bit. */
class EncodersTest {
  @Test
  void codesComeBackFromTheHybrid() {
    for (int seed = 0; seed < 2_000; seed++) {
      Random random = new Random(seed);
      int width = 1 + random.nextInt(20);
      int[] values = new int[1 + random.nextInt(300)];
      for (int i = 0; i < values.length; i++) { // runs and none, mixed
        boolean repeat = i > 0 && random.nextInt(10) < seed % 10;
        values[i] = repeat ? values[i - 1] : random.nextInt(1 << width);
      }
      int from = random.nextInt(values.length);
      Sink sink = new Sink(0);
      Hybrid.put(sink, values, from, values.length, width);
      assertThat(new Decoder(sink).hybrid(values.length - from, width))
          .as("seed %d", seed)
          .isEqualTo(Arrays.copyOfRange(values, from, values.length));
    }
  }

  @Test
  void levelsComeBackFromTheHybrid() {
    for (int seed = 0; seed < 2_000; seed++) {
      Random random = new Random(seed);
      int count = 1 + random.nextInt(500);
      long[] bits = new long[count / 64 + 1];
      int[] expected = new int[count];
      for (int i = 0; i < count; i++) {
        boolean repeat = i > 0 && random.nextInt(100) < seed % 100;
        expected[i] = repeat ? expected[i - 1] : random.nextInt(2);
        bits[i / 64] |= (long) expected[i] << i;
      }
      int from = random.nextInt(count);
      int to = from + random.nextInt(count - from) + 1;
      Sink sink = new Sink(0);
      Hybrid.putBits(sink, bits, from, to);
      assertThat(new Decoder(sink).hybrid(to - from, 1))
          .as("seed %d", seed)
          .isEqualTo(Arrays.copyOfRange(expected, from, to));
    }
  }

  @Test
  void aLongRunTakesAFewBytes() {
    Sink sink = new Sink(0);
    Hybrid.put(sink, new int[100_000], 0, 100_000, 17);
    assertThat(sink.size()).isEqualTo(3 + 3);
  }

  @Test
  void widthsHoldTheLargestCode() {
    assertThat(Hybrid.width(0)).isEqualTo(0);
    assertThat(Hybrid.width(1)).isEqualTo(0);
    assertThat(Hybrid.width(2)).isEqualTo(1);
    assertThat(Hybrid.width(256)).isEqualTo(8);
    assertThat(Hybrid.width(257)).isEqualTo(9);
  }

  @Test
  void deltasComeBackEvenIfTheyWrap() {
    for (int seed = 0; seed < 2_000; seed++) {
      Random random = new Random(seed);
      boolean ints = random.nextBoolean();
      int shift = random.nextInt(64);
      long[] values = new long[random.nextInt(400)];
      for (int i = 0; i < values.length; i++) {
        long value =
            switch (random.nextInt(20)) {
              case 0 -> Long.MIN_VALUE;
              case 1 -> Long.MAX_VALUE;
              case 2 -> Integer.MIN_VALUE;
              case 3 -> Integer.MAX_VALUE;
              default -> random.nextLong() >> shift;
            };
        values[i] = ints ? (int) value : value;
      }
      int from = values.length == 0 ? 0 : random.nextInt(values.length);
      Sink sink = new Sink(0);
      if (ints) {
        new Delta().putInts(sink, values, from, values.length);
      } else {
        new Delta().putLongs(sink, values, from, values.length);
      }
      assertThat(new Decoder(sink).delta(ints))
          .as("seed %d", seed)
          .isEqualTo(Arrays.copyOfRange(values, from, values.length));
    }
  }

  @Test
  void evenStepsTakeNextToNothing() {
    long[] rising = new long[10_000];
    Arrays.setAll(rising, i -> 1_700_000_000_000L + i * 1_000L);
    Sink sink = new Sink(0);
    new Delta().putLongs(sink, rising, 0, rising.length);
    assertThat(sink.size()).isLessThan(10_000 / 128 * 7 + 30);
  }

  @Test
  void dictionariesTellBytesApart() {
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      int gap = random.nextBoolean() ? 4 : 0;
      BytesDictionary dictionary = new BytesDictionary(1 << 20, gap);
      Map<String, Integer> expected = new HashMap<>();
      byte[] bytes = new byte[64 + random.nextInt(3)];
      for (int i = 0; i < 2_000; i++) {
        for (int k = 0; k < bytes.length; k++) { // few letters, so that many are nearly the same
          bytes[k] = (byte) random.nextInt(2);
        }
        int start = random.nextInt(bytes.length);
        int end = start + random.nextInt(Math.min(20, bytes.length - start + 1));
        int code = dictionary.code(bytes, start, end);
        String key = HexFormat.of().formatHex(bytes, start, end);
        assertThat(code)
            .as("seed %d, value %d", seed, i)
            .isEqualTo(expected.computeIfAbsent(key, k -> expected.size()));
        assertThat(
                HexFormat.of()
                    .formatHex(dictionary.bytes(), dictionary.start(code), dictionary.end(code)))
            .isEqualTo(key);
      }
      assertThat(dictionary.size()).isEqualTo(expected.size());
    }
  }

  @Test
  void aFullDictionaryTakesNoMore() {
    BytesDictionary texts = new BytesDictionary(14, 4);
    byte[] bytes = "abcdefgh".getBytes(StandardCharsets.UTF_8);
    assertThat(texts.code(bytes, 0, 3)).isEqualTo(0);
    assertThat(texts.code(bytes, 3, 7)).isEqualTo(-1);
    assertThat(texts.code(bytes, 0, 3)).isEqualTo(0);
    assertThat(texts.code(bytes, 3, 6)).isEqualTo(1);
    assertThat(texts.bytesUsed()).isEqualTo(14);

    NumberDictionary numbers = new NumberDictionary(100);
    int[] codes = new int[200];
    assertThat(numbers.code(numbers(0, 90), 0, 90, codes)).isTrue();
    assertThat(numbers.code(numbers(0, 101), 0, 101, codes)).isFalse();
    assertThat(numbers.size()).as("what did not fit left nothing").isEqualTo(90);
    assertThat(numbers.code(numbers(10, 100), 0, 90, codes)).isTrue();
    assertThat(codes[0]).isEqualTo(10);
    assertThat(codes[89]).isEqualTo(99);
  }

  private static long[] numbers(int from, int to) {
    long[] numbers = new long[to - from];
    Arrays.setAll(numbers, i -> (from + i) * 0x1_0000_0001L);
    return numbers;
  }

  @Test
  void bitsAreCopiedAndCounted() {
    for (int seed = 0; seed < 2_000; seed++) {
      Random random = new Random(seed);
      long[] bits = random.longs(5).toArray();
      long[] into = random.longs(5).toArray();
      int from = random.nextInt(300);
      int count = random.nextInt(320 - from);
      int intoFrom = random.nextInt(320 - count + 1);
      long[] before = into.clone();
      Bits.copy(bits, from, into, intoFrom, count);
      int set = 0;
      for (int i = 0; i < 320; i++) {
        boolean inside = i >= intoFrom && i < intoFrom + count;
        boolean expected = inside ? bit(bits, from + i - intoFrom) : bit(before, i);
        assertThat(bit(into, i)).as("seed %d, bit %d", seed, i).isEqualTo(expected);
        set += inside && expected ? 1 : 0;
      }
      assertThat(Bits.count(into, intoFrom, intoFrom + count)).isEqualTo(set);
    }
  }

  private static boolean bit(long[] bits, int at) {
    return (bits[at / 64] >>> at & 1) != 0;
  }

  /** Reads slowly and plainly. */
  private static final class Decoder {
    private final byte[] bytes;
    private int at;

    Decoder(Sink sink) {
      bytes = sink.copy();
    }

    int[] hybrid(int count, int width) {
      int[] values = new int[count];
      int done = 0;
      while (done < count) {
        int header = (int) varint();
        if ((header & 1) == 0) {
          int value = 0;
          for (int i = 0; i < (width + 7) / 8; i++) {
            value |= (bytes[at++] & 0xff) << (8 * i);
          }
          Arrays.fill(values, done, done + header / 2, value);
          done += header / 2;
        } else {
          int start = at;
          for (int i = 0; i < header / 2 * 8; i++) {
            int value = (int) packed(start, i, width);
            if (done < count) { // the last group is filled up
              values[done++] = value;
            }
          }
          at = start + header / 2 * width;
        }
      }
      assertThat(at).as("bytes read").isEqualTo(bytes.length);
      return values;
    }

    long[] delta(boolean ints) {
      int block = (int) varint();
      int miniblocks = (int) varint();
      long[] values = new long[(int) varint()];
      long value = zigzag();
      if (values.length > 0) {
        values[0] = value;
      }
      int done = 1;
      while (done < values.length) {
        long least = zigzag();
        int widths = at;
        at += miniblocks;
        for (int m = 0; m < miniblocks && done < values.length; m++) {
          int width = bytes[widths + m];
          for (int i = 0; i < block / miniblocks; i++) {
            value += least + packed(at, i, width);
            value = ints ? (int) value : value;
            if (done < values.length) {
              values[done++] = value;
            }
          }
          at += block / miniblocks * width / 8;
        }
      }
      assertThat(at).as("bytes read").isEqualTo(bytes.length);
      return values;
    }

    private long packed(int start, int place, int width) {
      long value = 0;
      for (int b = 0; b < width; b++) {
        int bit = place * width + b;
        value |= (long) (bytes[start + bit / 8] >> (bit % 8) & 1) << b;
      }
      return value;
    }

    private long varint() {
      long value = 0;
      for (int shift = 0; ; shift += 7) {
        byte b = bytes[at++];
        value |= (long) (b & 0x7f) << shift;
        if (b >= 0) {
          return value;
        }
      }
    }

    private long zigzag() {
      long value = varint();
      return value >>> 1 ^ -(value & 1);
    }
  }
}
