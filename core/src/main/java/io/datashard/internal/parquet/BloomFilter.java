package io.datashard.internal.parquet;

import org.apache.parquet.format.BloomFilterAlgorithm;
import org.apache.parquet.format.BloomFilterCompression;
import org.apache.parquet.format.BloomFilterHash;
import org.apache.parquet.format.BloomFilterHeader;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.SplitBlockAlgorithm;
import org.apache.parquet.format.Uncompressed;
import org.jspecify.annotations.Nullable;

/**
 * The Bloom filter of one column chunk: which values are certainly not in it. Spec: Parquet format,
 * "Bloom Filter".
 *
 * <p>A filter of moderate size is read whole. Of a larger one only the blocks that are asked for
 * are read, 32 bytes each.
 */
final class BloomFilter {
  /** Filters up to this size, and their headers, are read whole. */
  private static final int WHOLE_BYTES_MAX = 1 << 20;

  /** A header takes about 20 bytes; unknown fields of later versions may come. */
  private static final int HEADER_BYTES_MAX = 512;

  private final FileBytes file;
  private final long start;
  private final int blocks;
  private final FileBytes.@Nullable Piece whole;

  private BloomFilter(FileBytes file, long start, int blocks, FileBytes.@Nullable Piece whole) {
    this.file = file;
    this.start = start;
    this.blocks = blocks;
    this.whole = whole;
  }

  /** The header of a filter of so many bytes. */
  static BloomFilterHeader header(int bytes) {
    return new BloomFilterHeader(
        bytes,
        BloomFilterAlgorithm.BLOCK(new SplitBlockAlgorithm()),
        BloomFilterHash.XXHASH(new org.apache.parquet.format.XxHash()),
        BloomFilterCompression.UNCOMPRESSED(new Uncompressed()));
  }

  /**
   * Reads the header of a chunk's filter, and the filter if it is not large.
   *
   * @param fileBytes the length of the file
   * @param sealed whether the file is ours, whose filters have a checksum
   * @return null if the chunk has no filter, one of a later kind, or one of ours that is too large
   *     to be held against its checksum
   * @throws DamagedException it lies outside the file or contradicts itself
   */
  static @Nullable BloomFilter read(
      ColumnMetaData about, FileBytes file, long fileBytes, boolean sealed) {
    if (!about.isSetBloom_filter_offset()) {
      return null;
    }
    long offset = about.getBloom_filter_offset();
    // Files written before 2022 do not tell the length.
    long length = about.isSetBloom_filter_length() ? about.getBloom_filter_length() : -1;
    if (offset < 4 || offset >= fileBytes || length > fileBytes - offset || length == 0) {
      throw new DamagedException(
          "its Bloom filter takes "
              + (length < 0 ? "some" : String.valueOf(length))
              + " bytes from "
              + offset
              + " in a file of "
              + fileBytes);
    }
    if (sealed && length > WHOLE_BYTES_MAX) {
      return null;
    }
    boolean small = length > 0 && length <= WHOLE_BYTES_MAX;
    int first = (int) (small ? length : Math.min(HEADER_BYTES_MAX, fileBytes - offset));
    FileBytes.Piece piece = bytes(file, offset, first);
    int from = piece.place(offset);
    if (sealed) {
      BloomChecksum.verify(about, piece.bytes(), from, from + first);
    }
    BloomFilterHeader header = new BloomFilterHeader();
    int headerEnd = ThriftReader.readWhole(header, piece.bytes(), from, from + first);
    if (!isKnown(header)) {
      return null;
    }
    long start = offset + headerEnd - from;
    int size = header.getNumBytes();
    long end = length > 0 ? offset + length : fileBytes;
    if (size < SplitBlock.BYTES || size % SplitBlock.BYTES != 0 || size > end - start) {
      throw new DamagedException(
          "its Bloom filter of " + size + " bytes starts at " + start + " and ends by " + end);
    }
    if (!piece.holds(start, start + size)) {
      piece = size > WHOLE_BYTES_MAX ? null : bytes(file, start, size);
    }
    return new BloomFilter(file, start, size / SplitBlock.BYTES, piece);
  }

  private static boolean isKnown(BloomFilterHeader header) {
    return header.getAlgorithm().isSetBLOCK()
        && header.getHash().isSetXXHASH()
        && header.getCompression().isSetUNCOMPRESSED();
  }

  private static FileBytes.Piece bytes(FileBytes file, long start, int length) {
    FileBytes.Piece piece = file.find(start, start + length);
    return piece == null ? file.read(start, length) : piece;
  }

  /** False if no value of the chunk has this hash. */
  boolean mayHold(long hash) {
    long block = start + (long) SplitBlock.of(hash, blocks) * SplitBlock.BYTES;
    FileBytes.Piece piece = whole == null ? bytes(file, block, SplitBlock.BYTES) : whole;
    return SplitBlock.mayHold(piece.bytes(), piece.place(block), hash);
  }
}
