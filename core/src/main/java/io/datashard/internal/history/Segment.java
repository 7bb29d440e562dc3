package io.datashard.internal.history;

import io.datashard.internal.metadata.Words;
import java.util.HexFormat;

/**
 * One file of archived snapshots, as the root tells of it: blocks, then their index, a line each.
 *
 * @param key its file
 * @param length its bytes
 * @param indexLength how many of them at the end are the index
 * @param indexChecksum CRC-32 of the index
 * @param extent what it holds
 */
record Segment(String key, long length, int indexLength, int indexChecksum, Extent extent) {
  private static final int INDEX_BYTES_MAX = 64 << 20;

  void write(StringBuilder out) {
    out.append(key).append(' ').append(length).append(' ').append(indexLength).append(' ');
    out.append(HexFormat.of().toHexDigits(indexChecksum)).append(' ');
    extent.write(out);
    out.append('\n');
  }

  static Segment read(String line) {
    Words words = new Words(line);
    String key = words.next();
    if (!ArchiveFile.FILES.isKey(key, ArchiveFile.SEGMENT)) {
      throw new IllegalArgumentException("'" + key + "' is no file of segments");
    }
    long length = words.count(Long.MAX_VALUE);
    int index = (int) words.count(Math.min(INDEX_BYTES_MAX, length));
    Segment segment = new Segment(key, length, index, words.checksum(), Extent.read(words));
    words.end();
    return segment;
  }

  long indexOffset() {
    return length - indexLength;
  }
}
