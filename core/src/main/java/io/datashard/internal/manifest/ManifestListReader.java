package io.datashard.internal.manifest;

/** Reads manifest lists of format v1 and v2 by any writer. Spec: "Manifest Lists". */
public final class ManifestListReader {
  private ManifestListReader() {}

  /**
   * Reads one manifest list.
   *
   * @param bytes the whole file
   * @param fileName named in errors
   * @throws io.datashard.error.CorruptTableException the file is damaged
   * @throws io.datashard.error.UnsupportedTableException it lists a delete manifest with live
   *     files, or an encrypted manifest
   */
  public static ManifestList read(byte[] bytes, String fileName) {
    throw new UnsupportedOperationException(fileName + bytes.length);
  }
}
