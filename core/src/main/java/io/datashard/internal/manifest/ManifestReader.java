package io.datashard.internal.manifest;

import io.datashard.table.ManifestFile;
import java.util.function.Consumer;

/**
 * Reads data manifests of format v1 and v2 by any writer. Spec: Iceberg table spec, "Manifests".
 */
public final class ManifestReader {
  private ManifestReader() {}

  /**
   * Hands over every entry, also DELETED ones, in order, with snapshot ids and sequence numbers
   * inherited.
   *
   * @param bytes the whole file
   * @param fileName named in errors
   * @param from what the manifest list says of it
   * @param types the table's partition specs
   * @throws io.datashard.error.CorruptTableException the file is damaged, or is not the one that
   *     the manifest list means (length, counts); some entries may have been handed over before
   * @throws io.datashard.error.UnsupportedTableException it lists delete files or encrypted files
   */
  public static void read(
      byte[] bytes,
      String fileName,
      ManifestFile from,
      PartitionTypes types,
      EntryFields fields,
      Consumer<ManifestEntry> each) {
    throw new UnsupportedOperationException(fileName + bytes.length + from + types + fields + each);
  }
}
