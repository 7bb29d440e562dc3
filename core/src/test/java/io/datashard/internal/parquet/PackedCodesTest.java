package io.datashard.internal.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.data.Validity;
import java.io.ByteArrayOutputStream;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Rows that match are the same by packed codes as by unpacked ones, wherever reading begins. */
class PackedCodesTest {
  /** Codes in runs of both kinds; the reader of what they were encoded as. */
  private static final class Encoded {
    final int[] codes;
    final HybridReader reader;

    Encoded(Random random, int width, int entries, int wanted) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      int[] all = new int[wanted + 600];
      int count = 0;
      while (count < wanted) {
        if (random.nextBoolean()) {
          int run = 1 + random.nextInt(100);
          int code = random.nextInt(entries);
          varint(out, run << 1);
          for (int b = 0; b < (width + 7) / 8; b++) {
            out.write(code >>> 8 * b);
          }
          for (int i = 0; i < run; i++) {
            all[count++] = code;
          }
        } else {
          int groups = 1 + random.nextInt(40);
          varint(out, groups << 1 | 1);
          byte[] packed = new byte[groups * width];
          for (int i = 0; i < groups * 8; i++) {
            int code = random.nextInt(entries);
            all[count++] = code;
            for (int b = 0; b < width; b++) {
              int bit = i * width + b;
              packed[bit >>> 3] |= (byte) ((code >>> b & 1) << (bit & 7));
            }
          }
          out.writeBytes(packed);
        }
      }
      codes = all;
      byte[] bytes = out.toByteArray();
      reader = new HybridReader(bytes, 0, bytes.length, width);
    }
  }

  private static void varint(ByteArrayOutputStream out, int value) {
    int left = value;
    while (left >= 128) {
      out.write(left | 128);
      left >>>= 7;
    }
    out.write(left);
  }

  private static long[] random(Random random, int bits) {
    return random.longs((bits + 63) / 64).toArray();
  }

  @Test
  void packedIsUnpacked() {
    for (int seed = 0; seed < 2_000; seed++) {
      Random random = new Random(seed);
      int width = random.nextInt(9);
      int entries = width == 0 ? 1 : 1 + random.nextInt(1 << width);
      Encoded encoded = new Encoded(random, width, entries, 1_000);
      EntryMatches matches = new EntryMatches(random(random, entries), entries);
      int at = 0;
      while (at < 900) {
        int count = 1 + random.nextInt(random.nextBoolean() ? 10 : 1_000 - at);
        PackedCodes packed = new PackedCodes(encoded.reader.copy(), entries, count);
        assertThat(packed.isNarrow()).isTrue();
        long[] bits = random(random, count);
        long[] kept = bits.clone();
        packed.keep(matches, kept);
        int[] codes = packed.unpack();
        for (int i = 0; i < count; i++) {
          String about = "seed " + seed + ", row " + (at + i);
          assertThat(codes[i]).as(about).isEqualTo(encoded.codes[at + i]);
          boolean expected = Validity.isSet(bits, i) && matches.isSet(codes[i]);
          assertThat(Validity.isSet(kept, i)).as(about).isEqualTo(expected);
        }
        encoded.reader.skip(count);
        at += count;
      }
    }
  }

  @Test
  void aCodeWithoutAnEntryIsAnError() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      int width = 1 + random.nextInt(8);
      Encoded encoded = new Encoded(random, width, 1 << width, 1_000);
      int highest = 0;
      for (int i = 0; i < 1_000; i++) {
        highest = Math.max(highest, encoded.codes[i]);
      }
      PackedCodes right = new PackedCodes(encoded.reader.copy(), highest + 1, 1_000);
      right.keep(new EntryMatches(new long[4], highest + 1), new long[16]);
      right.unpack();
      PackedCodes wrong = new PackedCodes(encoded.reader, highest, 1_000);
      EntryMatches fewer = new EntryMatches(new long[4], highest);
      assertThatThrownBy(() -> wrong.keep(fewer, new long[16]))
          .isInstanceOf(DamagedException.class);
      assertThatThrownBy(wrong::unpack).isInstanceOf(DamagedException.class);
    }
  }

  @Test
  void wideCodesAreNotMatched() {
    byte[] none = new byte[16];
    assertThat(new PackedCodes(new HybridReader(none, 0, 8, 9), 200, 1).isNarrow()).isFalse();
    assertThat(new PackedCodes(new HybridReader(none, 0, 8, 8), 300, 1).isNarrow()).isTrue();
  }
}
