package io.datashard.internal.history;

import io.datashard.error.CorruptTableException;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableProperties;
import io.datashard.internal.metadata.Words;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * How a head names its archive, in the property {@link TableProperties#HISTORY}: other writers
 * carry properties along and drop fields that they do not know.
 *
 * @param key the root's file
 * @param length its bytes
 * @param checksum their CRC-32
 * @param snapshots how many are archived
 */
record Reference(String key, int length, int checksum, long snapshots) {
  private static final int ROOT_BYTES_MAX = 64 << 20;

  /** The one of this version of the table; null if all of its snapshots are listed. */
  static @Nullable Reference of(TableMetadata metadata) {
    String text = metadata.properties().get(TableProperties.HISTORY);
    if (text == null) {
      return null;
    }
    try {
      Words words = new Words(text);
      String key = words.next();
      if (!ArchiveFile.isKey(key, ArchiveFile.ROOT)) {
        throw new IllegalArgumentException("'" + key + "' is no file of an archive");
      }
      Reference reference =
          new Reference(
              key,
              (int) words.count(ROOT_BYTES_MAX),
              words.checksum(),
              words.count(Long.MAX_VALUE >> 8));
      words.end();
      return reference;
    } catch (IllegalArgumentException e) {
      throw new CorruptTableException(
          "The property "
              + TableProperties.HISTORY
              + " of table "
              + metadata.location()
              + ", which names its older snapshots, is '"
              + text
              + "': "
              + e.getMessage()
              + ". Set it as an earlier metadata file has it.",
          e);
    }
  }

  @Override
  public String toString() {
    return key + " " + length + " " + HexFormat.of().toHexDigits(checksum) + " " + snapshots;
  }
}
