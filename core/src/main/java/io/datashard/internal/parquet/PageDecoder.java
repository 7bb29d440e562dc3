package io.datashard.internal.parquet;

import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.format.DictionaryPageHeader;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.jspecify.annotations.Nullable;

/**
 * Decompresses the pages of one column chunk and finds their levels and values. Spec: Parquet
 * format, "Data Pages" and "Dictionary Pages".
 */
final class PageDecoder {
  private final StoredChunk chunk;
  private final Codec codec;
  private final Workspace workspace;
  private final Codecs codecs;
  private byte[] buffer = {};

  PageDecoder(StoredChunk chunk, Codec codec, Workspace workspace) {
    this.chunk = chunk;
    this.codec = codec;
    this.workspace = workspace;
    this.codecs = workspace.codecs();
  }

  /**
   * Makes a page's rows readable.
   *
   * @param piece holds the page's body
   * @param dictionary the chunk's, if it is known; needed by a page of codes
   */
  DataPage decode(PageReader.Header found, FileBytes.Piece piece, @Nullable Dictionary dictionary) {
    return found.header.getType() == PageType.DATA_PAGE
        ? decodeV1(found, found.header.getData_page_header(), piece, dictionary)
        : decodeV2(found, found.header.getData_page_header_v2(), piece, dictionary);
  }

  /**
   * Decodes a dictionary page.
   *
   * @param piece holds the page's body
   * @param body where in the file that starts
   */
  Dictionary dictionary(PageHeader about, FileBytes.Piece piece, long body) {
    DictionaryPageHeader more = about.getDictionary_page_header();
    if (more == null) {
      throw new DamagedException("a dictionary page has no header of its own");
    }
    int plain = about.getUncompressed_page_size();
    byte[] into = new byte[plain + HybridReader.PADDING_BYTES];
    codecs.decompress(
        codec, piece.bytes(), piece.place(body), about.getCompressed_page_size(), into, 0, plain);
    return Dictionary.read(
        chunk.column(), chunk.type(), chunk.conversion(), into, plain, more.getNum_values());
  }

  /** Levels and values are compressed together. */
  private DataPage decodeV1(
      PageReader.Header found,
      DataPageHeader v1,
      FileBytes.Piece piece,
      @Nullable Dictionary dictionary) {
    int packed = found.header.getCompressed_page_size();
    int plain = found.header.getUncompressed_page_size();
    byte[] into = target(found.encoding, plain);
    codecs.decompress(codec, piece.bytes(), piece.place(found.body), packed, into, 0, plain);
    int at = 0;
    LevelReader levels = LevelReader.allPresent();
    if (!chunk.column().required()) {
      switch (v1.getDefinition_level_encoding()) {
        case RLE -> {
          int length = plain < 4 ? -1 : Little.getInt(into, 0);
          if (length < 0 || length > plain - 4) {
            throw new DamagedException(
                "definition levels of " + length + " bytes in a page of " + plain);
          }
          at = 4 + length;
          levels = LevelReader.hybrid(into, 4, at);
        }
        case BIT_PACKED -> {
          at = (found.rows + 7) >>> 3;
          if (at > plain) {
            throw new DamagedException(
                "definition levels of " + at + " bytes in a page of " + plain);
          }
          levels = LevelReader.bitPacked(into, 0, found.rows);
        }
        default ->
            throw new DamagedException(
                "definition levels in encoding " + v1.getDefinition_level_encoding());
      }
    }
    return page(found, levels, into, at, plain, dictionary);
  }

  /** Levels come first, not compressed; values may not be either. */
  private DataPage decodeV2(
      PageReader.Header found,
      DataPageHeaderV2 v2,
      FileBytes.Piece piece,
      @Nullable Dictionary dictionary) {
    int packed = found.header.getCompressed_page_size();
    int plain = found.header.getUncompressed_page_size();
    int repetition = v2.getRepetition_levels_byte_length();
    int definition = v2.getDefinition_levels_byte_length();
    int values = repetition + definition;
    if (repetition < 0 || definition < 0 || values < 0 || values > Math.min(packed, plain)) {
      throw new DamagedException(
          "levels of "
              + repetition
              + " and "
              + definition
              + " bytes in a page of "
              + packed
              + " bytes, "
              + plain
              + " when decompressed");
    }
    int from = piece.place(found.body);
    byte[] into = target(found.encoding, plain);
    System.arraycopy(piece.bytes(), from, into, 0, values);
    boolean compressed = !v2.isSetIs_compressed() || v2.isIs_compressed();
    codecs.decompress(
        compressed ? codec : Codec.NONE,
        piece.bytes(),
        from + values,
        packed - values,
        into,
        values,
        plain - values);
    LevelReader levels =
        chunk.column().required()
            ? LevelReader.allPresent()
            : LevelReader.hybrid(into, repetition, values);
    return page(found, levels, into, values, plain, dictionary);
  }

  private DataPage page(
      PageReader.Header found,
      LevelReader levels,
      byte[] bytes,
      int start,
      int end,
      @Nullable Dictionary dictionary) {
    ValueReader values;
    if (found.encoding == Encoding.RLE_DICTIONARY || found.encoding == Encoding.PLAIN_DICTIONARY) {
      if (dictionary == null) {
        throw new DamagedException("a page of codes without a dictionary");
      }
      values = dictionary.rows(bytes, start, end);
    } else {
      values =
          ConvertedValues.of(
              ValueReader.stored(found.encoding, chunk.column(), bytes, start, end),
              chunk.conversion());
    }
    return new DataPage(found.firstRow, found.endRow(), levels, values);
  }

  /** The array to decompress into: a new one if columns will keep it. */
  private byte[] target(Encoding encoding, int length) {
    boolean kept =
        (encoding == Encoding.PLAIN || encoding == Encoding.DELTA_LENGTH_BYTE_ARRAY)
            && chunk.conversion() == Conversion.SAME
            && FileColumn.lane(chunk.type()) == Conversion.Lane.BYTES;
    int size = length + HybridReader.PADDING_BYTES;
    if (kept) {
      return new byte[size];
    }
    if (buffer.length < size) {
      workspace.giveBack(buffer);
      buffer = workspace.take(size);
    }
    return buffer;
  }

  /** To be called when no page is read any more. */
  void finish() {
    workspace.giveBack(buffer);
    buffer = new byte[0];
  }
}
