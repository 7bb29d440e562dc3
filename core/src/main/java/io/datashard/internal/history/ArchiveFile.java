package io.datashard.internal.history;

import io.datashard.error.CorruptTableException;
import io.datashard.internal.metadata.PropertyFiles;
import io.datashard.internal.metadata.TableProperties;
import java.util.HexFormat;

/** Names and checksums of the files below {@code metadata/history}. */
public final class ArchiveFile {
  /** Where they lie. */
  public static final String FOLDER = "metadata/history";

  static final String ROOT = ".root";
  static final String SEGMENT = ".segment";

  static final PropertyFiles FILES =
      new PropertyFiles(
          TableProperties.HISTORY, "which names its older snapshots", FOLDER, ROOT, SEGMENT);

  private ArchiveFile() {}

  /** A key nobody else uses, for a file written with this version. */
  static String keyOf(long version, long random, String end) {
    return FILES.keyOf(version, random, end);
  }

  static int checksum(byte[] bytes, int start, int length) {
    return PropertyFiles.checksum(bytes, start, length);
  }

  static void check(byte[] bytes, int start, int length, int expected, String what) {
    int found = checksum(bytes, start, length);
    if (found != expected) {
      HexFormat hex = HexFormat.of();
      throw new CorruptTableException(
          what
              + " is damaged: it should have the checksum "
              + hex.toHexDigits(expected)
              + ", it has "
              + hex.toHexDigits(found)
              + ". Restore the file from a copy; newer snapshots can be read without it.");
    }
  }
}
