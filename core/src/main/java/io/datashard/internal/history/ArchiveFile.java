package io.datashard.internal.history;

import io.datashard.error.CorruptTableException;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/** Names and checksums of the files below {@code metadata/history}. */
public final class ArchiveFile {
  /** Where they lie. */
  public static final String FOLDER = "metadata/history";

  static final String ROOT = ".root";
  static final String SEGMENT = ".segment";

  private static final Pattern NAME =
      Pattern.compile("([1-9][0-9]{0,17})-[0-9a-f]{16}\\.(root|segment)");

  private ArchiveFile() {}

  /**
   * A name nobody else uses.
   *
   * @param version the number of the version it is written for
   */
  static String keyOf(long version, long random, String end) {
    return FOLDER + "/" + version + "-" + HexFormat.of().toHexDigits(random) + end;
  }

  /** The number of the version that a file of this name was written for; 0 for other names. */
  public static long versionOf(String name) {
    Matcher matcher = NAME.matcher(name);
    return matcher.matches() ? Long.parseLong(matcher.group(1)) : 0;
  }

  /** Whether this is the key of such a file (I8). */
  static boolean isKey(String key, String end) {
    return key.startsWith(FOLDER + "/")
        && key.endsWith(end)
        && versionOf(key.substring(FOLDER.length() + 1)) > 0;
  }

  static int checksum(byte[] bytes, int start, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes, start, length);
    return (int) crc.getValue();
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
