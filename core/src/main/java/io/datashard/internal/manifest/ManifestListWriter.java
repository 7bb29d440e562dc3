package io.datashard.internal.manifest;

import io.datashard.table.ManifestFile;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes a manifest list of format v2. Spec: Iceberg table spec, "Manifest Lists". */
public final class ManifestListWriter {
  private ManifestListWriter() {}

  /**
   * The bytes of a manifest list.
   *
   * @param snapshotId the snapshot it is for
   * @param parentId the snapshot before; null for the first
   * @param sequenceNumber of the snapshot
   * @param manifests in the order to list them
   * @param extraHeader more keys for the file's header, in this order
   * @throws IllegalArgumentException an extra key is one that the spec or Avro uses
   */
  public static byte[] write(
      long snapshotId,
      @Nullable Long parentId,
      long sequenceNumber,
      List<ManifestFile> manifests,
      Map<String, String> extraHeader) {
    throw new UnsupportedOperationException(
        "" + snapshotId + parentId + sequenceNumber + manifests + extraHeader);
  }
}
