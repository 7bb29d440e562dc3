package io.datashard.internal.parquet;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.Util;

/**
 * Writes the Bloom filters of a row group behind its pages, so that no more than those of one row
 * group wait in memory.
 */
final class BloomSection {
  private BloomSection() {}

  /** Writes a filter and tells the footer where. */
  static void write(byte[] bitset, ColumnMetaData about, FileSink out) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(bitset.length + 32);
    Util.writeBloomFilterHeader(BloomFilter.header(bitset.length), bytes);
    bytes.write(bitset);
    byte[] filter = bytes.toByteArray();
    about.setBloom_filter_offset(out.position());
    about.setBloom_filter_length(filter.length);
    BloomChecksum.put(about, filter, filter.length);
    out.write(filter, 0, filter.length);
  }
}
