package io.datashard.internal.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.datashard.error.CorruptTableException;
import io.datashard.error.UnsupportedTableException;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.Schema;
import io.datashard.table.ManifestFile;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Damage to manifests and manifest lists is refused by name, or changes one value; it never hangs,
 * exhausts memory, escapes as an untyped error or loses entries. Where there is a checksum of ours,
 * all of it is refused.
 */
@Timeout(300) // a hang, not slowness
class DamagedManifestTest {
  private static final String NAME = "metadata/m0.avro";

  private record Sample(
      byte[] bytes, ManifestFile from, PartitionTypes types, int entries, Schema schema) {
    /** Columns must tell the same of the damage as entries, and the same files. */
    int read(byte[] damaged) {
      RandomManifests.assertColumnsAgree(damaged, NAME, from, types, schema.fields());
      List<ManifestEntry> all = new ArrayList<>();
      ManifestReader.read(damaged, NAME, from, types, EntryFields.ALL, all::add);
      return all.size();
    }
  }

  private static Sample sample(long seed, int count) {
    RandomManifests random = new RandomManifests(seed);
    Schema schema = random.schema();
    PartitionSpec spec = random.spec(schema);
    List<ManifestEntry> entries = random.entries(schema, spec, count);
    WrittenManifest written = ManifestWriter.write(schema, spec, 7, entries);
    return new Sample(
        RandomManifests.unsealed(RandomManifests.bytes(written.content())),
        written.summary().at("file:///lake/" + NAME, 8),
        PartitionTypes.of(List.of(spec), List.of(schema)),
        count,
        schema);
  }

  /** One change of each byte; the slow suite tries more, of other manifests too. */
  @Test
  void everyChangedByteOfAManifestIsNamedOrHarmless() {
    everyChangedByteOfAManifest(0, false);
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3})
  void everyByteOfAManifestChangedTwiceIsNamedOrHarmless(long seed) {
    everyChangedByteOfAManifest(seed, true);
  }

  private static void everyChangedByteOfAManifest(long seed, boolean twice) {
    Sample sample = sample(seed, 3);
    everyChangedByte(sample.bytes, sample.entries, sample::read, seed, twice);
  }

  @Test
  void everyChangedByteOfAManifestListIsNamedOrHarmless() {
    for (long seed = 0; seed < 2; seed++) {
      byte[] bytes = list(seed, 4);
      everyChangedByte(
          bytes,
          4,
          damaged -> ManifestListReader.read(damaged, NAME).manifests().size(),
          seed,
          true);
    }
  }

  private static byte[] list(long seed, int count) {
    RandomManifests random = new RandomManifests(seed);
    List<ManifestFile> manifests = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      manifests.add(random.manifest(i));
    }
    return RandomManifests.unsealed(
        ManifestListWriter.write(5, 4L, 9, manifests, Map.of("key", "value")));
  }

  private static void everyChangedByte(
      byte[] good, int count, Function<byte[], Integer> read, long seed, boolean twice) {
    assertThat(read.apply(good)).isEqualTo(count);
    Random random = new Random(seed);
    for (int i = 0; i < good.length; i++) {
      int other = 1 + random.nextInt(255);
      // The lowest bit turns numbers into their neighbours, and a sign round.
      int[] changes = twice ? new int[] {1, other} : new int[] {i % 2 == 0 ? 1 : other};
      for (int change : changes) {
        byte[] bad = good.clone();
        bad[i] ^= (byte) change;
        Integer entries = tryRead(bad, read, seed, i);
        if (entries != null) {
          assertThat(entries)
              .as("seed %d, byte %d ^ %d", seed, i, change)
              .isGreaterThanOrEqualTo(count);
        }
      }
    }
  }

  @Test
  void everyChangedByteUnderAChecksumIsNamedOrIsTheKeyOfTheChecksum() {
    byte[] good = ManifestListWriter.write(5, 4L, 9, List.of(), Map.of());
    int unseen = 0;
    for (int i = 0; i < good.length; i++) {
      byte[] bad = good.clone();
      bad[i] ^= 0x04;
      try {
        ManifestListReader.read(bad, NAME);
        unseen++;
      } catch (CorruptTableException | UnsupportedTableException e) {
        assertThat(e).as("byte %d", i).hasMessageContaining(NAME);
      }
    }
    assertThat(unseen).isEqualTo(AvroChecksum.KEY.length());
  }

  /** The number of entries, or null if the damage was named. */
  private static Integer tryRead(byte[] bad, Function<byte[], Integer> read, long seed, int at) {
    try {
      return read.apply(bad);
    } catch (CorruptTableException | UnsupportedTableException e) {
      assertThat(e).as("seed %d, byte %d", seed, at).hasMessageContaining(NAME);
      return null;
    } catch (RuntimeException | Error e) {
      return fail("seed " + seed + ", byte " + at + " of " + bad.length, e);
    }
  }

  @Test
  void everyPrefixIsNamed() {
    for (long seed = 0; seed < 2; seed++) {
      Sample sample = sample(seed, 2);
      byte[] list = list(seed, 2);
      for (int length = 0; length < sample.bytes.length; length++) {
        byte[] cut = Arrays.copyOf(sample.bytes, length);
        assertThatThrownBy(() -> sample.read(cut))
            .isInstanceOf(CorruptTableException.class)
            .hasMessageContaining(NAME);
      }
      for (int length = 0; length < list.length; length++) {
        byte[] cut = Arrays.copyOf(list, length);
        assertThatThrownBy(() -> ManifestListReader.read(cut, NAME))
            .as("seed %d, length %d", seed, length)
            .isInstanceOf(CorruptTableException.class)
            .hasMessageContaining(NAME);
      }
    }
  }

  /** The length in the list finds cut manifests; the container must find them without it too. */
  @Test
  void everyPrefixOfTheContainerIsNamedUnlessItEndsBetweenBlocks() {
    Sample sample = sample(11, 2);
    int headers = 0;
    for (int length = 0; length < sample.bytes.length; length++) {
      byte[] cut = Arrays.copyOf(sample.bytes, length);
      try {
        new AvroFile(cut, NAME).forEach(in -> in.take(in.remaining()));
        headers++;
      } catch (CorruptTableException e) {
        assertThat(e).hasMessageContaining(NAME);
      }
    }
    assertThat(headers).as("the header alone").isEqualTo(1);
  }

  @Test
  void trailingGarbageIsNamed() {
    byte[] list = list(3, 2);
    for (int more = 1; more < 40; more++) {
      byte[] longer = Arrays.copyOf(list, list.length + more);
      Arrays.fill(longer, list.length, longer.length, (byte) more);
      assertThatThrownBy(() -> ManifestListReader.read(longer, NAME))
          .isInstanceOf(CorruptTableException.class)
          .hasMessageContaining(NAME);
    }
  }

  @Test
  void damageInCompressedBlocksIsNamed() {
    damageInCompressedBlocks(100);
  }

  @Test
  @Tag("slow")
  void muchDamageInCompressedBlocksIsNamed() {
    damageInCompressedBlocks(3_000);
  }

  private static void damageInCompressedBlocks(int rounds) {
    Sample sample = sample(5, 400);
    assertThat(new AvroFile(sample.bytes, NAME).text("avro.codec")).isEqualTo("deflate");
    Random random = new Random(5);
    for (int round = 0; round < rounds; round++) {
      byte[] bad = sample.bytes.clone();
      int at = random.nextInt(bad.length);
      bad[at] ^= (byte) (1 + random.nextInt(255));
      Integer entries = tryRead(bad, sample::read, 5, at);
      if (entries != null) {
        assertThat(entries).as("byte %d", at).isGreaterThanOrEqualTo(sample.entries);
      }
    }
  }

  @Test
  void randomBytesAfterAGoodHeaderAreNamed() {
    Sample sample = sample(2, 0);
    for (long seed = 0; seed < 2_000; seed++) {
      Random random = new Random(seed);
      byte[] data = new byte[1 + random.nextInt(60)];
      random.nextBytes(data);
      AvroOutput block = new AvroOutput(100);
      block.writeRaw(sample.bytes, 0, sample.bytes.length);
      block.writeLong(1 + random.nextInt(data.length));
      block.writeBytes(data);
      block.writeRaw(sample.bytes, sample.bytes.length - 16, 16);
      byte[] bad = block.toByteArray();
      ManifestFile from =
          new ManifestSummary(
                  bad.length, sample.from.specId(), 7, sample.from.counts(), null, List.of())
              .at(NAME, 8);
      Function<byte[], Integer> read =
          bytes -> {
            ByteArrayOutputStream count = new ByteArrayOutputStream();
            ManifestReader.read(
                bytes, NAME, from, sample.types, EntryFields.ALL, entry -> count.write(1));
            return count.size();
          };
      tryRead(bad, read, seed, -1);
    }
  }

  @Test
  void hugeNumbersAllocateNothing() {
    for (long number : new long[] {Long.MAX_VALUE, Long.MIN_VALUE, Integer.MAX_VALUE, -1}) {
      AvroOutput header = new AvroOutput(100);
      header.writeRaw(new byte[] {'O', 'b', 'j', 1}, 0, 4);
      header.writeLong(number);
      header.writeRaw(new byte[64], 0, 64);
      assertThatThrownBy(() -> ManifestListReader.read(header.toByteArray(), NAME))
          .as("%d header keys", number)
          .isInstanceOf(CorruptTableException.class)
          .hasMessageContaining(NAME);

      byte[] empty =
          RandomManifests.unsealed(ManifestListWriter.write(5, 4L, 9, List.of(), Map.of()));
      AvroOutput block = new AvroOutput(100);
      block.writeRaw(empty, 0, empty.length);
      block.writeLong(number);
      block.writeLong(3);
      block.writeRaw(new byte[3], 0, 3);
      block.writeRaw(empty, empty.length - 16, 16);
      assertThatThrownBy(() -> ManifestListReader.read(block.toByteArray(), NAME))
          .as("%d objects", number)
          .isInstanceOf(CorruptTableException.class)
          .hasMessageContaining(NAME);
    }
  }
}
