package io.datashard.internal.manifest;

import io.datashard.schema.PartitionSpec;
import io.datashard.schema.Schema;
import java.util.List;

/**
 * Writes a data manifest of format v2. Spec: Iceberg table spec, "Manifests".
 *
 * <p>For very many entries: {@link #to}, {@link #add} each, {@link #finish}. Small manifests are
 * not compressed; larger ones are deflated block by block, so memory stays bounded.
 */
public final class ManifestWriter {
  /** Takes the bytes of a manifest as they are made. */
  public interface Sink {
    /** Appends {@code length} bytes from {@code start}; the array is reused afterwards. */
    void write(byte[] bytes, int start, int length);
  }

  private ManifestWriter() {}

  /**
   * A whole manifest.
   *
   * @param schema the table's, with the columns that the partition fields are made from
   * @param spec the partition spec of all the files
   * @param snapshotId the snapshot being made; written where an entry names none
   * @throws IllegalArgumentException an entry does not fit the spec, or is EXISTING or DELETED
   *     without sequence numbers
   */
  public static WrittenManifest write(
      Schema schema, PartitionSpec spec, long snapshotId, List<ManifestEntry> entries) {
    throw new UnsupportedOperationException(schema + spec.toString() + snapshotId + entries);
  }

  /** Starts a manifest; parameters as for {@link #write}. */
  public static ManifestWriter to(Sink sink, Schema schema, PartitionSpec spec, long snapshotId) {
    throw new UnsupportedOperationException(schema + spec.toString() + snapshotId + sink);
  }

  /** Writes one entry. */
  public void add(ManifestEntry entry) {
    throw new UnsupportedOperationException(entry.toString());
  }

  /** Writes what is left; nothing may be added afterwards. */
  public ManifestSummary finish() {
    throw new UnsupportedOperationException();
  }
}
