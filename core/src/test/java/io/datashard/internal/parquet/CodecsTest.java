package io.datashard.internal.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is compressed comes back, and nothing else ever does. */
class CodecsTest {

  @ParameterizedTest
  @EnumSource(value = Codec.class, mode = EnumSource.Mode.EXCLUDE, names = "LZ4_HADOOP")
  void whatIsCompressedComesBack(Codec codec) {
    try (Codecs codecs = new Codecs()) {
      for (int length : new int[] {0, 1, 2, 7, 100, 1_000, 65_536, 1_000_003}) {
        for (int letters : new int[] {1, 3, 256}) {
          byte[] plain = bytes(length, letters);
          byte[] packed = compressed(codecs, codec, plain);
          assertThat(decompressed(codecs, codec, packed, length))
              .as("%s, %d bytes of %d letters", codec, length, letters)
              .isEqualTo(plain);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(value = Codec.class, mode = EnumSource.Mode.EXCLUDE, names = "LZ4_HADOOP")
  void anotherLengthIsDamage(Codec codec) {
    try (Codecs codecs = new Codecs()) {
      byte[] packed = compressed(codecs, codec, bytes(1_000, 3));
      for (int length : new int[] {0, 1, 999, 1_001, 5_000}) {
        assertThatThrownBy(() -> decompressed(codecs, codec, packed, length))
            .as("%s into %d bytes", codec, length)
            .isInstanceOf(DamagedException.class)
            .hasMessageContaining(String.valueOf(length));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Codec.class)
  void changedOrCutBytesNeverEscape(Codec codec) {
    Codec writer = codec == Codec.LZ4_HADOOP ? Codec.LZ4 : codec;
    try (Codecs codecs = new Codecs()) {
      byte[] plain = bytes(300, 3);
      byte[] packed = compressed(codecs, writer, plain);
      for (int at = 0; at < packed.length; at++) {
        for (int value : new int[] {0, 1, 0x7f, 0x80, 0xff}) {
          byte[] changed = packed.clone();
          changed[at] = (byte) value;
          tryAll(codecs, codec, changed, plain.length);
        }
        tryAll(codecs, codec, Arrays.copyOf(packed, at), plain.length);
      }
    }
  }

  private static void tryAll(Codecs codecs, Codec codec, byte[] packed, int length) {
    byte[] into = new byte[length + 20];
    Arrays.fill(into, (byte) 0x55);
    try {
      codecs.decompress(codec, packed, 0, packed.length, into, 10, length);
    } catch (DamagedException e) {
      assertThat(e).hasMessageContaining(codec.name());
    }
    byte[] untouched = new byte[10];
    Arrays.fill(untouched, (byte) 0x55);
    assertThat(Arrays.copyOf(into, 10)).isEqualTo(untouched);
    assertThat(Arrays.copyOfRange(into, length + 10, length + 20)).isEqualTo(untouched);
  }

  @Test
  void aGzipOfSeveralMembersIsOneText() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    for (String part : new String[] {"one ", "", "two"}) {
      GZIPOutputStream gzip = new GZIPOutputStream(packed);
      gzip.write(part.getBytes(java.nio.charset.StandardCharsets.UTF_8));
      gzip.finish();
    }
    try (Codecs codecs = new Codecs()) {
      assertThat(decompressed(codecs, Codec.GZIP, packed.toByteArray(), 7))
          .asString()
          .isEqualTo("one two");
    }
  }

  @Test
  void lz4IsReadInHadoopsFramesAndWithout() {
    try (Codecs codecs = new Codecs()) {
      byte[] plain = bytes(1_000, 3);
      byte[] first = compressed(codecs, Codec.LZ4, Arrays.copyOf(plain, 600));
      byte[] second = compressed(codecs, Codec.LZ4, Arrays.copyOfRange(plain, 600, 1_000));
      java.nio.ByteBuffer framed =
          java.nio.ByteBuffer.allocate(first.length + second.length + 16)
              .putInt(600)
              .putInt(first.length)
              .put(first)
              .putInt(400)
              .putInt(second.length)
              .put(second);
      assertThat(decompressed(codecs, Codec.LZ4_HADOOP, framed.array(), 1_000)).isEqualTo(plain);
      byte[] bare = compressed(codecs, Codec.LZ4, plain);
      assertThat(decompressed(codecs, Codec.LZ4_HADOOP, bare, 1_000)).isEqualTo(plain);
    }
  }

  @Test
  void propertyNamesAreKnownOrRefused() {
    for (Codec codec : new Codec[] {Codec.NONE, Codec.SNAPPY, Codec.GZIP, Codec.ZSTD, Codec.LZ4}) {
      assertThat(Codec.ofProperty(codec.propertyName())).isEqualTo(codec);
    }
    assertThatThrownBy(() -> Codec.ofProperty("brotli"))
        .hasMessage(
            "Unknown compression codec 'brotli'. Known: zstd, snappy, gzip, lz4, uncompressed.");
  }

  private static byte[] bytes(int length, int letters) {
    Random random = new Random(length * 31L + letters);
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) random.nextInt(letters);
    }
    return bytes;
  }

  private static byte[] compressed(Codecs codecs, Codec codec, byte[] plain) {
    byte[] into = new byte[Codecs.compressedBytesMax(codec, plain.length) + 3];
    int length = codecs.compress(codec, Codecs.LEVEL_DEFAULT, plain, 0, plain.length, into, 3);
    return Arrays.copyOfRange(into, 3, 3 + length);
  }

  private static byte[] decompressed(Codecs codecs, Codec codec, byte[] packed, int length) {
    byte[] shifted = new byte[packed.length + 5];
    System.arraycopy(packed, 0, shifted, 5, packed.length);
    byte[] into = new byte[length + 2];
    codecs.decompress(codec, shifted, 5, packed.length, into, 1, length);
    return Arrays.copyOfRange(into, 1, 1 + length);
  }
}
