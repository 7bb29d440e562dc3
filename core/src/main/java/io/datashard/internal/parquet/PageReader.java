package io.datashard.internal.parquet;

import io.datashard.expr.Bound.Facts;
import io.datashard.schema.Type;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Statistics;
import org.jspecify.annotations.Nullable;

/**
 * The pages of one column chunk, from front to back. Pages that no row is wanted of are passed over
 * without decompressing them; with an offset index they are not even read. Spec: Parquet format,
 * "Data Pages".
 *
 * <p>Of every page that is used, the checksum is verified if there is one. Nothing is allocated
 * before the sizes it is made from are held against the file, the codec and the footer.
 */
final class PageReader {
  private static final int HEADER_BYTES_FIRST = 1 << 10;
  private static final int HEADER_BYTES_MAX = 64 << 20;

  /** Below this size a page is not held against the size of the chunk, which some writers miss. */
  private static final int PAGE_BYTES_TRUSTED = 8 << 20;

  /** A data page whose header has been read. */
  final class Header {
    final PageHeader header;
    final long body;
    final long firstRow;
    final int rows;
    final Encoding encoding;
    private boolean loaded;

    private Header(PageHeader header, long body, long firstRow, int rows, Encoding encoding) {
      this.header = header;
      this.body = body;
      this.firstRow = firstRow;
      this.rows = rows;
      this.encoding = encoding;
    }

    long endRow() {
      return firstRow + rows;
    }

    /** What a row takes on average, without its dictionary. */
    double bytesPerRow() {
      return rows == 0 ? 0 : (double) header.getUncompressed_page_size() / rows;
    }

    private @Nullable Statistics statistics() {
      return header.isSetData_page_header()
          ? header.getData_page_header().getStatistics()
          : header.getData_page_header_v2().getStatistics();
    }

    /** What the header, or else the column index, says of the page's values. */
    Facts facts(Type wanted) {
      Statistics stats = chunk.sealed() ? null : statistics();
      if (stats == null && chunk.index() != null && chunk.index().hasValues()) {
        return chunk.index().facts(chunk.index().pageOf(firstRow), wanted);
      }
      return Stats.facts(chunk.column(), wanted, rows, stats, chunk.ordered());
    }
  }

  private final StoredChunk chunk;
  private final FileBytes file;
  private final Codec codec;
  private final PageDecoder decoder;
  private final Workspace workspace;
  private final int windowBytes;
  private FileBytes.@Nullable Piece window;
  private long readEnd;
  private long nextOffset;
  private long nextRow;
  private @Nullable Header header;
  private @Nullable DataPage page;
  private @Nullable PageHeader dictionaryHeader;
  private long dictionaryBody;
  private @Nullable Dictionary dictionary;
  private long pagesDecoded;
  private long pagesSkipped;

  /**
   * @param windowBytes how much is read at once where nothing was read ahead
   * @throws NotReadableException there is no decoder for the chunk's codec
   */
  PageReader(StoredChunk chunk, FileBytes file, Workspace workspace, int windowBytes) {
    this.chunk = chunk;
    this.file = file;
    this.codec = Codec.of(codecOf(chunk.about()));
    this.decoder = new PageDecoder(chunk, codec, workspace);
    this.workspace = workspace;
    this.windowBytes = windowBytes;
    this.nextOffset = chunk.start();
    this.readEnd = chunk.end();
  }

  private static CompressionCodec codecOf(ColumnMetaData about) {
    return about.getCodec();
  }

  StoredChunk chunk() {
    return chunk;
  }

  /** Counts the pages, those too that were never reached, when no more rows are wanted. */
  ReadCounts finish() {
    if (window != null) {
      workspace.giveBack(window.bytes());
      window = null;
    }
    page = null;
    decoder.finish();
    if (header != null && !header.loaded) {
      pagesSkipped++;
    }
    if (chunk.index() != null) {
      int next = nextRow < chunk.rows() ? chunk.index().pageOf(nextRow) : chunk.index().pageCount();
      pagesSkipped += chunk.index().pageCount() - next;
    }
    return new ReadCounts(
        0, 0, 0, 0, 0, pagesDecoded + pagesSkipped, chunk.pagesByIndex(), pagesSkipped, 0);
  }

  /** The row after the last one of the page that holds the row, if that needs no reading; or -1. */
  long endRowIfKnown(long row) {
    if (chunk.index() != null) {
      return chunk.index().endRow(chunk.index().pageOf(row));
    }
    return header != null && row >= header.firstRow && row < header.endRow() ? header.endRow() : -1;
  }

  /** What a row takes on average around here, as far as that is known without reading. */
  double bytesPerRow() {
    return header == null ? 0 : header.bytesPerRow();
  }

  /** The page that holds the row, which is not before that of an earlier call. */
  Header find(long row) {
    Header found = header;
    while (found == null || row >= found.endRow()) {
      if (found != null && !found.loaded) {
        pagesSkipped++;
      }
      jump(row);
      found = nextHeader();
      header = found;
      page = null;
    }
    return found;
  }

  /** With an offset index, goes straight to the page that holds the row. */
  private void jump(long row) {
    PageIndex index = chunk.index();
    if (index == null || index.pageCount() == 0) {
      return;
    }
    findDictionary(index);
    int wanted = index.pageOf(row);
    int next = nextRow == 0 ? 0 : index.pageOf(nextRow);
    pagesSkipped += Math.max(0, wanted - next);
    nextOffset = index.offset(wanted);
    nextRow = index.firstRow(wanted);
    int last = wanted;
    while (last + 1 < index.pageCount()
        && chunk.wanted().intersects(index.firstRow(last + 1), index.endRow(last + 1))) {
      last++;
    }
    readEnd = index.end(last);
  }

  /** The dictionary lies before the first page that the index knows. */
  private void findDictionary(PageIndex index) {
    if (index.pageCount() > 0 && dictionaryHeader == null && nextOffset < index.offset(0)) {
      dictionaryHeader = dictionaryHeaderBefore(index.offset(0));
    }
  }

  private @Nullable PageHeader dictionaryHeaderBefore(long firstPage) {
    PageHeader found = new PageHeader();
    long body = readHeader(found, nextOffset);
    nextOffset = firstPage;
    if (found.getType() != PageType.DICTIONARY_PAGE) {
      return null;
    }
    checkSizes(found, body);
    dictionaryBody = body;
    return found;
  }

  /** Reads the header of the next data page; of a dictionary on the way it keeps the place. */
  private Header nextHeader() {
    while (true) {
      if (nextOffset >= chunk.end()) {
        throw new DamagedException(
            "its pages end after " + nextRow + " of " + chunk.rows() + " rows");
      }
      PageHeader next = new PageHeader();
      long body = readHeader(next, nextOffset);
      checkSizes(next, body);
      nextOffset = body + next.getCompressed_page_size();
      switch (next.getType()) {
        case DICTIONARY_PAGE -> {
          if (dictionaryHeader != null || nextRow > 0) {
            throw new DamagedException("it has a second dictionary");
          }
          dictionaryHeader = next;
          dictionaryBody = body;
        }
        case DATA_PAGE, DATA_PAGE_V2 -> {
          return dataHeader(next, body);
        }
        case INDEX_PAGE -> {} // never specified further
      }
    }
  }

  private Header dataHeader(PageHeader next, long body) {
    int rows;
    Encoding encoding;
    if (next.getType() == PageType.DATA_PAGE) {
      DataPageHeader v1 = next.getData_page_header();
      if (v1 == null) {
        throw new DamagedException("a data page has no header of its own");
      }
      rows = v1.getNum_values();
      encoding = v1.getEncoding();
    } else {
      DataPageHeaderV2 v2 = next.getData_page_header_v2();
      if (v2 == null || v2.getNum_rows() != v2.getNum_values()) {
        throw new DamagedException("a data page has other numbers of rows and values");
      }
      rows = v2.getNum_rows();
      encoding = v2.getEncoding();
    }
    if (rows < 0 || rows > chunk.rows() - nextRow) {
      throw new DamagedException(
          "a page of " + rows + " rows where " + (chunk.rows() - nextRow) + " are left");
    }
    if (chunk.sealed()) {
      checkSealed(next, encoding);
    }
    PageIndex index = chunk.index();
    if (index != null && index.endRow(index.pageOf(nextRow)) != nextRow + rows) {
      throw new DamagedException(
          "a page has "
              + rows
              + " rows, the page index says "
              + (index.endRow(index.pageOf(nextRow)) - nextRow));
    }
    Header found = new Header(next, body, nextRow, rows, encoding);
    nextRow += rows;
    return found;
  }

  /**
   * Page headers have no checksum. With another encoding the same bytes can be other values, so
   * where the footer is known to be right a page must be as the footer says.
   */
  private void checkSealed(PageHeader about, Encoding encoding) {
    if (about.getType() != PageType.DATA_PAGE
        || !about.isSetCrc()
        || about.getData_page_header().getDefinition_level_encoding() != Encoding.RLE
        || !isDeclared(encoding)) {
      throw new DamagedException(
          "a page in encoding "
              + encoding
              + " in a chunk of "
              + chunk.about().getEncodings()
              + ", or without a checksum");
    }
  }

  private boolean isDeclared(Encoding encoding) {
    return chunk.about().isSetEncoding_stats()
        ? chunk.about().getEncoding_stats().stream()
            .anyMatch(s -> s.getPage_type() == PageType.DATA_PAGE && s.getEncoding() == encoding)
        : chunk.about().getEncodings().contains(encoding);
  }

  /** Reads the header at this place of the file; returns where the page's body starts. */
  private long readHeader(PageHeader into, long offset) {
    long left = chunk.end() - offset;
    int wanted = 1; // a look at what is in memory costs nothing
    while (true) {
      FileBytes.Piece piece = bytes(offset, (int) Math.min(wanted, left));
      int place = piece.place(offset);
      long there =
          Math.min(
              Math.min(piece.end(), chunk.end()) - offset, Math.max(wanted, HEADER_BYTES_FIRST));
      // A copy, because the header's statistics stay in what they were read from.
      byte[] copy = Arrays.copyOfRange(piece.bytes(), place, (int) (place + there));
      try {
        return offset + ThriftReader.read(into, copy, 0, copy.length);
      } catch (ThriftReader.EndException e) {
        if (there == left || there > HEADER_BYTES_MAX) {
          throw new DamagedException("a page header runs over the end of its chunk", e);
        }
        wanted = (int) Math.min(left, Math.max(HEADER_BYTES_FIRST, there * 8));
        into.clear();
      }
    }
  }

  /** Bytes of the file: from what is in memory, else from a new window. */
  private FileBytes.Piece bytes(long offset, int length) {
    FileBytes.Piece piece = window;
    if (piece != null && piece.holds(offset, offset + length)) {
      return piece;
    }
    piece = file.find(offset, offset + length);
    if (piece == null) {
      long ahead = Math.min(windowBytes, Math.min(chunk.end(), readEnd) - offset);
      int wanted = (int) Math.max(length, ahead);
      piece = file.read(offset, wanted, windowOf(wanted + HybridReader.PADDING_BYTES));
      window = piece;
    }
    return piece;
  }

  /** The window's array, or a larger one in its place. */
  private byte[] windowOf(int length) {
    FileBytes.Piece old = window;
    window = null;
    if (old != null && old.bytes().length >= length) {
      return old.bytes();
    }
    if (old != null) {
      workspace.giveBack(old.bytes());
    }
    return workspace.take(length);
  }

  private void checkSizes(PageHeader about, long body) {
    int packed = about.getCompressed_page_size();
    int plain = about.getUncompressed_page_size();
    long chunkBytes = chunk.about().getTotal_uncompressed_size();
    if (packed < 0
        || packed > Integer.MAX_VALUE - 64
        || packed > chunk.end() - body
        || plain < 0
        || plain > Integer.MAX_VALUE - 64
        || plain > Math.max(chunkBytes, PAGE_BYTES_TRUSTED)
        || plain > Codecs.plainBytesMax(codec, packed)) {
      throw new DamagedException(
          "a page of "
              + packed
              + " bytes, "
              + plain
              + " when decompressed, with "
              + (chunk.end() - body)
              + " left of the chunk ("
              + chunkBytes
              + " when decompressed)");
    }
  }

  /** Decompresses the page that holds the row and goes to the row. */
  DataPage load(long row) {
    Header found = find(row);
    DataPage loaded = page;
    if (loaded == null) {
      loaded = decode(found);
      pagesDecoded++;
      found.loaded = true;
      page = loaded;
    }
    loaded.skipTo(row);
    return loaded;
  }

  private DataPage decode(Header found) {
    boolean coded =
        found.encoding == Encoding.RLE_DICTIONARY || found.encoding == Encoding.PLAIN_DICTIONARY;
    if (coded && dictionary == null) {
      dictionary = readDictionary();
    }
    return decoder.decode(found, body(found.header, found.body), dictionary);
  }

  /** The page's compressed bytes, checked. */
  private FileBytes.Piece body(PageHeader about, long body) {
    int length = about.getCompressed_page_size();
    FileBytes.Piece piece = bytes(body, length);
    if (about.isSetCrc()) {
      CRC32 crc = new CRC32();
      crc.update(piece.bytes(), piece.place(body), length);
      if ((int) crc.getValue() != about.getCrc()) {
        throw new DamagedException(
            String.format(
                java.util.Locale.ROOT,
                "the page at byte %d has the checksum %08x, its header says %08x",
                body,
                (int) crc.getValue(),
                about.getCrc()));
      }
    }
    return piece;
  }

  /**
   * The dictionary of a chunk all of whose data pages use it, or null for other chunks. To be asked
   * before the first row.
   */
  @Nullable Dictionary dictionaryOfAll() {
    if (dictionary == null && chunk.isWhollyCoded()) {
      if (chunk.index() != null) {
        findDictionary(chunk.index());
      } else {
        find(0);
      }
      if (dictionaryHeader != null) {
        dictionary = readDictionary();
      }
    }
    return dictionary;
  }

  private Dictionary readDictionary() {
    PageHeader about = dictionaryHeader;
    if (about == null) {
      throw new DamagedException("a page of codes without a dictionary");
    }
    return decoder.dictionary(about, body(about, dictionaryBody), dictionaryBody);
  }
}
