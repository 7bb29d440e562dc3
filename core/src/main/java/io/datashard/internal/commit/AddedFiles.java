package io.datashard.internal.commit;

import io.datashard.internal.manifest.EntryFields;
import io.datashard.internal.manifest.ManifestEntry;
import io.datashard.internal.manifest.ManifestReader;
import io.datashard.internal.manifest.ManifestWriter;
import io.datashard.internal.manifest.PartitionTypes;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.storage.Locations;
import io.datashard.table.DataFile;
import io.datashard.table.ManifestFile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * New data files as bytes, for another process: the number of their partition spec, then the
 * manifest that would add them.
 */
public final class AddedFiles {
  private AddedFiles() {}

  /** The files as bytes; all follow the spec of this version. */
  public static ByteBuffer write(TableMetadata metadata, List<DataFile> files) {
    ByteBuffer manifest =
        ManifestWriter.write(
                metadata.schema(),
                metadata.spec(),
                1,
                files.stream().map(ManifestEntry::added).toList())
            .content();
    return ByteBuffer.allocate(Integer.BYTES + manifest.remaining())
        .putInt(metadata.defaultSpecId())
        .put(manifest)
        .flip();
  }

  /**
   * Reads them.
   *
   * @param location of the table: files elsewhere are refused (I8)
   * @throws RuntimeException these bytes tell of no files of this table
   */
  public static List<DataFile> read(TableMetadata metadata, String location, ByteBuffer content) {
    ByteBuffer rest = content.duplicate();
    int specId = rest.getInt();
    byte[] bytes = new byte[rest.remaining()];
    rest.get(bytes);
    PartitionTypes types = PartitionTypes.of(metadata.specs(), metadata.schemas());
    ManifestFile from =
        new ManifestFile(
            "message",
            bytes.length,
            specId,
            ManifestFile.Content.DATA,
            1,
            1,
            1,
            new ManifestFile.Counts(-1, -1, -1, -1, -1, -1),
            List.of());
    List<DataFile> files = new ArrayList<>();
    ManifestReader.read(
        bytes,
        "a message",
        from,
        types,
        EntryFields.ALL,
        (ManifestEntry entry) -> files.add(entry.file()));
    for (DataFile file : files) {
      Locations.keyOf(file.location(), List.of(metadata.location(), location), "a message");
    }
    return files;
  }
}
