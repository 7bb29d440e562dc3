package io.datashard.internal.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.error.CorruptTableException;
import io.datashard.error.UnsupportedTableException;
import io.datashard.table.ManifestFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.SeekableByteArrayInput;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;

/** What is written into a manifest list is read from it, by us and by Avro's own library. */
class ManifestListTest {

  @Test
  void whatIsWrittenIsRead() throws Exception {
    for (long seed = 0; seed < 200; seed++) {
      RandomManifests random = new RandomManifests(seed);
      List<ManifestFile> manifests = manifests(random, random.random().nextInt(12));
      Map<String, String> extra = new LinkedHashMap<>();
      extra.put("datashard.appends", "42-日本");
      extra.put("a", "");
      Long parent = seed % 2 == 0 ? null : Long.valueOf(-3);

      byte[] bytes = ManifestListWriter.write(5, parent, 9, manifests, extra);

      ManifestList read = ManifestListReader.read(bytes, "snap-5.avro");
      assertThat(read.manifests().stream().map(RandomManifests::show))
          .as("seed %d", seed)
          .containsExactlyElementsOf(manifests.stream().map(RandomManifests::show).toList());
      assertThat(read.header())
          .containsEntry("snapshot-id", "5")
          .containsEntry("parent-snapshot-id", String.valueOf(parent))
          .containsEntry("sequence-number", "9")
          .containsEntry("format-version", "2")
          .containsAllEntriesOf(extra);
      List<String> avroPaths = new ArrayList<>();
      try (DataFileReader<GenericRecord> avro =
          new DataFileReader<>(new SeekableByteArrayInput(bytes), new GenericDatumReader<>())) {
        avro.forEach(one -> avroPaths.add(one.get("manifest_path") + " " + one.get("content")));
      }
      assertThat(avroPaths)
          .as("seed %d", seed)
          .isEqualTo(manifests.stream().map(m -> m.location() + " 0").toList());
    }
  }

  private static List<ManifestFile> manifests(RandomManifests random, int count) {
    List<ManifestFile> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(random.manifest(i));
    }
    return all;
  }

  @Test
  void aLongListIsCompressed() {
    List<ManifestFile> manifests = manifests(new RandomManifests(1), 2_000);
    byte[] bytes = ManifestListWriter.write(5, 4L, 9, manifests, Map.of());
    assertThat(ManifestListReader.read(bytes, "l").manifests()).hasSize(2_000);
    assertThat(new AvroFile(bytes, "l").text("avro.codec")).isEqualTo("deflate");
  }

  @Test
  void aListCutAfterItsHeaderIsNotAnEmptyTable() {
    byte[] whole =
        RandomManifests.unsealed(
            ManifestListWriter.write(5, 4L, 9, manifests(new RandomManifests(3), 2), Map.of()));
    byte[] none = ManifestListWriter.write(5, 4L, 9, List.of(), Map.of());
    assertThat(ManifestListReader.read(none, "l").manifests()).isEmpty();
    assertThatThrownBy(
            () -> ManifestListReader.read(Arrays.copyOf(whole, none.length), "snap-5.avro"))
        .isInstanceOf(CorruptTableException.class)
        .hasMessage("snap-5.avro lists 0 manifests, but its header says 2.");
  }

  @Test
  void deleteManifestsAreRefusedUnlessNothingInThemIsAlive() {
    ManifestFile dead = deletes(new ManifestFile.Counts(0, 0, 3, 0, 0, 9));
    byte[] bytes = ManifestListWriter.write(5, 4L, 9, List.of(dead), Map.of());
    assertThat(ManifestListReader.read(bytes, "l").manifests()).hasSize(1);

    ManifestFile live = deletes(new ManifestFile.Counts(0, 1, 3, 0, 1, 9));
    byte[] refused = ManifestListWriter.write(5, 4L, 9, List.of(live), Map.of());
    assertThatThrownBy(() -> ManifestListReader.read(refused, "snap-5.avro"))
        .isInstanceOf(UnsupportedTableException.class)
        .hasMessageStartingWith("snap-5.avro lists the delete manifest s3://b/d.avro;");
  }

  private static ManifestFile deletes(ManifestFile.Counts counts) {
    return new ManifestFile(
        "s3://b/d.avro", 9, 0, ManifestFile.Content.DELETES, 1, 1, 1, counts, List.of());
  }

  @Test
  void takenHeaderKeysAndMissingCountsAreRefused() {
    assertThatThrownBy(
            () -> ManifestListWriter.write(5, 4L, 9, List.of(), Map.of("snapshot-id", "6")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The header key 'snapshot-id' is taken.");
    assertThatThrownBy(
            () -> ManifestListWriter.write(5, 4L, 9, List.of(), Map.of("avro.codec", "zstandard")))
        .isInstanceOf(IllegalArgumentException.class);
    ManifestFile unknown =
        new ManifestFile(
            "s3://b/m.avro",
            9,
            0,
            ManifestFile.Content.DATA,
            1,
            1,
            1,
            new ManifestFile.Counts(1, -1, 0, 1, 1, 1),
            List.of());
    assertThatThrownBy(() -> ManifestListWriter.write(5, 4L, 9, List.of(unknown), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Manifest s3://b/m.avro has no counts");
  }
}
