package io.datashard.internal.ledger;

import io.datashard.error.CorruptTableException;
import io.datashard.internal.metadata.PropertyFiles;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableProperties;
import io.datashard.internal.metadata.Words;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
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

  private static final String END = ".ledger";
  private static final int LENGTH_MAX = 256 << 20;
  private static final String NO_FILE = "-";
  private static final Pattern LIST =
      Pattern.compile("metadata/manifests/[0-9A-Za-z_-]{1,200}\\.avro");

  private static final PropertyFiles FILES =
      new PropertyFiles(
          TableProperties.SOURCES, "which names what is known of sources", FOLDER, END);

  /** A key nobody else uses, for a ledger written with this version. */
  static String newFile(long version, long random) {
    return FILES.keyOf(version, random, END);
  }

  static int checksumOf(byte[] bytes) {
    return PropertyFiles.checksum(bytes, 0, bytes.length);
  }

  /** The keys of ledgers that neither this version nor any later one names. */
  static List<String> unreached(Collection<String> names, long number, Reference reached) {
    return FILES.unreached(names, number, Set.of(reached.file()));
  }

  /**
   * The one of this version of the table; null if no source was ever used.
   *
   * @throws CorruptTableException the property says nothing that can be read
   */
  static @Nullable Reference of(TableMetadata metadata) {
    return FILES.read(metadata, Reference::read);
  }

  private static Reference read(Words words) {
    String file = words.next();
    int length = SourceWords.count(words, LENGTH_MAX);
    int checksum = words.checksum();
    String list = words.next();
    // Only files of ours below the table are opened (I8).
    if (!file.equals(NO_FILE) && !FILES.isKey(file, END) || !LIST.matcher(list).matches()) {
      throw new IllegalArgumentException("it does not name a ledger and a manifest list");
    }
    return new Reference(file.equals(NO_FILE) ? "" : file, length, checksum, list);
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
