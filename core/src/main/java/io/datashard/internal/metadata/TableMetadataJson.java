package io.datashard.internal.metadata;

/** Table metadata JSON. Spec: Iceberg table spec, Appendix C, "Table Metadata and Snapshots". */
public final class TableMetadataJson {
  private TableMetadataJson() {}

  /**
   * Reads one metadata file.
   *
   * @param fileName named in errors
   * @throws io.datashard.error.CorruptTableException the bytes are no table metadata
   * @throws io.datashard.error.UnsupportedTableException a higher format version, a nested or
   *     unknown column type, an unknown partition transform
   */
  public static TableMetadata parse(byte[] bytes, String fileName) {
    throw new UnsupportedOperationException(fileName + bytes.length);
  }

  /**
   * The bytes of a metadata file, UTF-8, not compressed.
   *
   * @throws io.datashard.error.UnsupportedTableException the table is of format version 1, which is
   *     only read
   */
  public static byte[] write(TableMetadata metadata) {
    throw new UnsupportedOperationException(metadata.location());
  }
}
