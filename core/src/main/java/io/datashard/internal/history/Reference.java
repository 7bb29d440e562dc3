package io.datashard.internal.history;

import io.datashard.error.CorruptTableException;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableProperties;
import io.datashard.internal.metadata.Words;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * How a head names its archive, in the property {@link TableProperties#HISTORY}.
 *
 * @param key the root's file
 * @param length its bytes
 * @param checksum their CRC-32
 * @param snapshots how many are archived
 */
record Reference(String key, int length, int checksum, long snapshots) {
  private static final int ROOT_BYTES_MAX = 64 << 20;

  /**
   * The one of this version of the table; null if all of its snapshots are listed.
   *
   * @throws CorruptTableException the property says nothing that can be read
   */
  static @Nullable Reference of(TableMetadata metadata) {
    return ArchiveFile.FILES.read(metadata, Reference::read);
  }

  private static Reference read(Words words) {
    String key = words.next();
    if (!ArchiveFile.FILES.isKey(key, ArchiveFile.ROOT)) {
      throw new IllegalArgumentException("'" + key + "' is no file of an archive");
    }
    return new Reference(
        key, (int) words.count(ROOT_BYTES_MAX), words.checksum(), words.count(Long.MAX_VALUE >> 8));
  }

  @Override
  public String toString() {
    return key + " " + length + " " + HexFormat.of().toHexDigits(checksum) + " " + snapshots;
  }
}
