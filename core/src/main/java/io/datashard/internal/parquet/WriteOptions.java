package io.datashard.internal.parquet;

import java.util.Map;

/**
 * How a data file is written.
 *
 * @param compression the codec; a column that it does not make smaller stays uncompressed
 * @param level see {@link Codecs#compress}
 * @param rowGroupBytesTarget encoded bytes of a row group, all of them held in memory until it is
 *     whole; an eighth of the heap if that is less
 * @param pageBytesTarget bytes of a page before compression; less for schemas of many columns
 * @param pageRowsMax rows of a page
 * @param dictionaryBytesMax bytes of one column's dictionary in one row group, before compression
 * @param bloomFilters which columns get one; the values of a column that does are kept as hashes
 *     beside its pages
 * @param keyValues what the footer's key-value metadata holds
 */
public record WriteOptions(
    Codec compression,
    int level,
    long rowGroupBytesTarget,
    int pageBytesTarget,
    int pageRowsMax,
    int dictionaryBytesMax,
    BloomOptions bloomFilters,
    Map<String, String> keyValues) {
  /** What tables use unless their properties say otherwise; measured, see docs/design. */
  public static final WriteOptions DEFAULT =
      new WriteOptions(
          Codec.ZSTD,
          Codecs.LEVEL_DEFAULT,
          16 << 20,
          128 << 10,
          16_384,
          1 << 20,
          BloomOptions.NONE,
          Map.of());

  public WriteOptions {
    if (compression == Codec.LZ4_HADOOP) {
      throw new IllegalArgumentException("LZ4_HADOOP is never written; use LZ4.");
    }
    atLeastOne("rowGroupBytesTarget", rowGroupBytesTarget);
    atLeastOne("pageBytesTarget", pageBytesTarget);
    atLeastOne("pageRowsMax", pageRowsMax);
    if (dictionaryBytesMax < 0) {
      throw new IllegalArgumentException(
          "dictionaryBytesMax must be at least 0, got " + dictionaryBytesMax);
    }
    keyValues = Map.copyOf(keyValues);
  }

  private static void atLeastOne(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1, got " + value);
    }
  }

  /** These options with another codec at the level given. */
  public WriteOptions withCompression(Codec codec, int newLevel) {
    return new WriteOptions(
        codec,
        newLevel,
        rowGroupBytesTarget,
        pageBytesTarget,
        pageRowsMax,
        dictionaryBytesMax,
        bloomFilters,
        keyValues);
  }

  /** These options with row groups of another size. */
  public WriteOptions withRowGroupBytesTarget(long bytes) {
    return new WriteOptions(
        compression,
        level,
        bytes,
        pageBytesTarget,
        pageRowsMax,
        dictionaryBytesMax,
        bloomFilters,
        keyValues);
  }

  /** These options with pages of another size. */
  public WriteOptions withPages(int bytesTarget, int rowsMax) {
    return new WriteOptions(
        compression,
        level,
        rowGroupBytesTarget,
        bytesTarget,
        rowsMax,
        dictionaryBytesMax,
        bloomFilters,
        keyValues);
  }

  /** These options with dictionaries of at most this size; 0 for none. */
  public WriteOptions withDictionaryBytesMax(int bytes) {
    return new WriteOptions(
        compression,
        level,
        rowGroupBytesTarget,
        pageBytesTarget,
        pageRowsMax,
        bytes,
        bloomFilters,
        keyValues);
  }

  /** These options with Bloom filters for other columns. */
  public WriteOptions withBloomFilters(BloomOptions filters) {
    return new WriteOptions(
        compression,
        level,
        rowGroupBytesTarget,
        pageBytesTarget,
        pageRowsMax,
        dictionaryBytesMax,
        filters,
        keyValues);
  }

  /** These options with this key-value metadata. */
  public WriteOptions withKeyValues(Map<String, String> newKeyValues) {
    return new WriteOptions(
        compression,
        level,
        rowGroupBytesTarget,
        pageBytesTarget,
        pageRowsMax,
        dictionaryBytesMax,
        bloomFilters,
        newKeyValues);
  }
}
