package io.datashard.internal.ledger;

import io.datashard.error.CorruptTableException;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableProperties;
import io.datashard.internal.metadata.Words;
import java.util.HexFormat;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * How a version names what it knows of sources: a ledger file and a manifest list whose header
 * tells what came after it. Both by key, so that they are found whichever snapshots are listed.
 *
 * @param file the ledger's key; "" as long as there is none
 * @param length its bytes
 * @param checksum their CRC-32
 * @param list the manifest list's key
 */
record Reference(String file, int length, int checksum, String list) {
  static final String FOLDER = "metadata/sources";

  private static final int LENGTH_MAX = 256 << 20;
  private static final String NO_FILE = "-";
  private static final Pattern FILE =
      Pattern.compile("metadata/sources/[1-9][0-9]{0,17}-[0-9a-f]{16}\\.ledger");
  private static final Pattern LIST =
      Pattern.compile("metadata/manifests/[0-9A-Za-z_-]{1,200}\\.avro");

  /** A name nobody else uses, for a ledger written with this version. */
  static String newFile(long version, long random) {
    return FOLDER + "/" + version + "-" + HexFormat.of().toHexDigits(random) + ".ledger";
  }

  /** The number of the version that a file of this name was written for; 0 for other names. */
  static long versionOf(String name) {
    return FILE.matcher(FOLDER + "/" + name).matches()
        ? Long.parseLong(name.substring(0, name.indexOf('-')))
        : 0;
  }

  static int checksumOf(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  /**
   * The one of this version of the table; null if no source was ever used.
   *
   * @throws CorruptTableException the property says nothing that can be read
   */
  static @Nullable Reference of(TableMetadata metadata) {
    String text = metadata.properties().get(TableProperties.SOURCES);
    if (text == null) {
      return null;
    }
    try {
      Words words = new Words(text);
      String file = words.next();
      int length = SourceWords.count(words, LENGTH_MAX);
      String checksum = words.next();
      String list = words.next();
      words.end();
      // Only files of ours below the table are opened (I8).
      if (!file.equals(NO_FILE) && !FILE.matcher(file).matches()
          || !checksum.matches("[0-9a-f]{8}")
          || !LIST.matcher(list).matches()) {
        throw new IllegalArgumentException("it does not name a ledger and a manifest list");
      }
      return new Reference(
          file.equals(NO_FILE) ? "" : file, length, Integer.parseUnsignedInt(checksum, 16), list);
    } catch (IllegalArgumentException e) {
      throw new CorruptTableException(
          "The property "
              + TableProperties.SOURCES
              + " of table "
              + metadata.location()
              + ", which names what is known of sources, is '"
              + text
              + "': "
              + e.getMessage()
              + ". Set it as an earlier metadata file has it.",
          e);
    }
  }

  @Override
  public String toString() {
    return (file.isEmpty() ? NO_FILE : file)
        + " "
        + length
        + " "
        + HexFormat.of().toHexDigits(checksum)
        + " "
        + list;
  }
}
