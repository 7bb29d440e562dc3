package io.datashard.internal.parquet;

import io.datashard.data.Column;
import io.datashard.internal.parquet.encode.Bits;
import io.datashard.internal.parquet.encode.Hybrid;
import io.datashard.internal.parquet.encode.Sink;
import io.datashard.schema.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.format.Encoding;
import org.jspecify.annotations.Nullable;

/**
 * One column of the open row group: rows come in, pages come out.
 *
 * <p>The first pages of a row group are held back as values. Then every encoding that suits is
 * tried on one of them, with the codec, and a dictionary on all of them; what ends smallest is kept
 * for the row group. A dictionary that grows too large is closed: later pages are encoded without
 * it. A column that the codec does not make smaller is not compressed.
 */
final class ColumnWriter {
  /** Pages end on multiples of so many rows if they can, so that those of columns line up. */
  private static final int ROWS_STEP = 1024;

  /** Columns of fewer bytes are not worth an experiment, nor a codec. */
  private static final int BYTES_TRIED_MIN = 128;

  /** How much of a page the experiments look at: bytes in plain encoding. */
  private static final int BYTES_TRIED_MAX = 32 << 10;

  /** Of the pages not compressed, every so many-th is tried again: the data may have changed. */
  private static final int PAGES_UNTRIED_MAX = 16;

  private final Field field;
  private final Packer packer;
  private final PendingValues values;
  private final int pageBytes;
  private final int pageRows;
  private final int samplePages;

  // Rows in no page yet.
  private int rows;
  private int nulls;
  private long[] present = {}; // bit per row; only kept up while nulls > 0
  private int pageStartRow;
  private long pageStartBytes;

  // Ends of the pages that wait until an encoding is chosen.
  private final int[] markRows;
  private final int[] markValues;
  private int marks;

  // The row group so far.
  private boolean chosen;
  private boolean coding;
  private boolean compressing;
  private @Nullable Encoding direct;
  private final List<Page> pages = new ArrayList<>(1);
  private long pagesBytes;
  private int pagesUntried;
  private int entriesUsed;
  private final @Nullable BloomFilterBuilder bloom;
  private byte @Nullable [] bloomFilter;

  ColumnWriter(
      Field field,
      Packer packer,
      int pageBytes,
      int pageRows,
      int samplePages,
      int dictionaryBytesMax,
      @Nullable BloomFilterBuilder bloom) {
    this.field = field;
    this.packer = packer;
    this.values = PendingValues.of(field, dictionaryBytesMax);
    this.pageBytes = pageBytes;
    this.pageRows = pageRows;
    this.samplePages = samplePages;
    this.bloom = bloom;
    this.markRows = new int[samplePages];
    this.markValues = new int[samplePages];
  }

  Field field() {
    return field;
  }

  /** Bytes of finished pages and about the bytes of values in none. */
  long bytesHeld() {
    return pagesBytes + values.bytes();
  }

  /** Adds the rows from {@code from} up to {@code to}. */
  void write(Column column, int from, int to) {
    int at = from;
    while (at < to) {
      int pageSoFar = rows - pageStartRow;
      int step = Math.min(ROWS_STEP - pageSoFar % ROWS_STEP, pageRows - pageSoFar);
      int end = Math.min(to, at + step);
      long bytesMost = pageBytes + pageBytes / 4 - (values.bytes() - pageStartBytes);
      int added = values.add(column, at, end, Math.max(1, bytesMost));
      addPresence(column, at, at + added);
      at += added;
      if (values.dictionaryIsFull()) {
        if (rows > 0) {
          endPage();
        }
        stopCoding();
      } else if (pageIsFull()) {
        endPage();
      }
    }
  }

  private boolean pageIsFull() {
    int pageSoFar = rows - pageStartRow;
    long bytes = values.bytes() - pageStartBytes;
    return pageSoFar >= pageRows
        || (bytes >= pageBytes
            && (pageSoFar % ROWS_STEP == 0 || bytes >= pageBytes + pageBytes / 4));
  }

  private void addPresence(Column column, int from, int to) {
    long[] validity = column.validity();
    int more = to - from;
    int newNulls = validity == null ? 0 : more - Bits.count(validity, from, to);
    if (nulls + newNulls > 0) {
      int words = (rows + more + 63) >>> 6;
      if (present.length < words) {
        present = Arrays.copyOf(present, Math.max(words, 2 * present.length));
      }
      if (nulls == 0) {
        Bits.fill(present, 0, rows);
      }
      if (newNulls == 0 || validity == null) {
        Bits.fill(present, rows, rows + more);
      } else {
        Bits.copy(validity, from, present, rows, more);
      }
    }
    nulls += newNulls;
    rows += more;
  }

  private void endPage() {
    if (chosen) {
      encodePage(0, rows, 0, values.count(), nulls);
      clearRows();
      return;
    }
    mark();
    if (marks == samplePages) {
      if (values.bytes() > BYTES_TRIED_MIN) {
        choose(false);
      } // else nearly all is null: choose when there is something to choose from
      encodeMarked();
    }
  }

  private void mark() {
    markRows[marks] = rows;
    markValues[marks] = values.count();
    marks++;
    pageStartRow = rows;
    pageStartBytes = values.bytes();
  }

  private void clearRows() {
    values.clear();
    rows = 0;
    nulls = 0;
    pageStartRow = 0;
    pageStartBytes = 0;
    marks = 0;
  }

  private void encodeMarked() {
    int row = 0;
    int value = 0;
    for (int i = 0; i < marks; i++) {
      int pageNulls = markRows[i] - row - (markValues[i] - value);
      encodePage(row, markRows[i], value, markValues[i], pageNulls);
      row = markRows[i];
      value = markValues[i];
    }
    clearRows();
    if (coding) {
      values.startCoding();
    }
  }

  /**
   * Tries the encodings on the values held back and keeps the best for the row group.
   *
   * @param whole whether these are all values of the row group
   */
  private void choose(boolean whole) {
    chosen = true;
    int count = values.count();
    if (values.bytes() <= BYTES_TRIED_MIN) {
      direct = Encoding.PLAIN;
      return;
    }
    int sample = Math.max(0, marks - 2); // the last page may be short
    int from = sample == 0 ? 0 : markValues[sample - 1];
    int to = markValues[sample];
    if (from == to) { // only nulls in that one
      from = 0;
      to = count;
    }
    to = (int) Math.min(to, from + Math.max(1, (long) count * BYTES_TRIED_MAX / values.bytes()));
    EncodingChoice best = EncodingChoice.of(values, packer, from, to, whole);
    coding = best.encoding() == Encoding.RLE_DICTIONARY;
    if (!coding) {
      direct = best.encoding();
      values.clearDictionary();
    }
    if (best.compressed()) {
      compressAll();
    }
  }

  private void stopCoding() {
    coding = false;
    direct = null;
    values.stopCoding();
  }

  private void encodePage(int rowFrom, int rowTo, int from, int to, int pageNulls) {
    if (coding && !values.code(from, to)) {
      stopCoding();
    }
    if (chosen && !coding && direct == null && from < to) {
      EncodingChoice best = EncodingChoice.direct(values, packer, from, to);
      direct = best.encoding();
      if (best.compressed()) {
        compressAll();
      }
    }
    Sink page = packer.page();
    putLevels(page, rowFrom, rowTo, pageNulls);
    Encoding encoding = Encoding.PLAIN;
    if (coding) {
      encoding = Encoding.RLE_DICTIONARY;
      values.encodeCodes(from, to, page);
      entriesUsed = values.entries();
    } else if (from < to) { // not every reader takes an empty page of every encoding
      encoding = direct == null ? Encoding.PLAIN : direct;
      values.encode(encoding, from, to, page);
      if (bloom != null) {
        values.hash(from, to, bloom);
      }
    }
    addPage(page, rowTo - rowFrom, pageNulls, encoding, values.range(from, to));
  }

  /** Spec: Parquet format, "Data Pages": levels of a v1 page stand behind their length. */
  private void putLevels(Sink page, int rowFrom, int rowTo, int pageNulls) {
    if (field.required()) {
      return;
    }
    page.putInt(0);
    if (pageNulls == 0) {
      Hybrid.putRun(page, 1, rowTo - rowFrom, 1);
    } else {
      Hybrid.putBits(page, present, rowFrom, rowTo);
    }
    page.setInt(0, page.size() - 4);
  }

  private void addPage(Sink page, int pageRowCount, int pageNulls, Encoding encoding, Range range) {
    byte[] payload;
    if (compressing) {
      packer.pack(page.bytes(), page.size());
      payload = packer.packed();
    } else {
      payload = page.copy();
    }
    pages.add(new Page(payload, page.size(), pageRowCount, pageNulls, encoding, range));
    pagesBytes += payload.length;
    if (!compressing && ++pagesUntried == PAGES_UNTRIED_MAX) {
      pagesUntried = 0;
      if (packer.pays(payload.length, packer.packedSize(page))) {
        compressAll();
      }
    }
  }

  /** A chunk has one codec, so pages that were left as they are follow when one is compressed. */
  private void compressAll() {
    if (compressing) {
      return;
    }
    compressing = true;
    pagesBytes = 0;
    for (int i = 0; i < pages.size(); i++) {
      Page page = pages.get(i);
      packer.pack(page.payload, page.plainSize);
      pages.set(i, page.withPayload(packer.packed()));
      pagesBytes += pages.get(i).payload.length;
    }
  }

  /** Ends the row group: the rest becomes pages, and all of them go out. */
  Chunk flush(FileSink out) {
    if (rows > pageStartRow) {
      if (chosen) {
        endPage();
      } else {
        mark();
      }
    }
    if (!chosen) {
      choose(true);
      encodeMarked();
    }
    Codec codec = compressing ? packer.codec() : Codec.NONE;
    Chunk chunk = new ChunkWriter(out, packer, field, codec).write(dictionaryPage(), pages);
    bloomFilter = makeBloomFilter();
    reset();
    return chunk;
  }

  /** The Bloom filter of the row group that was ended last, if it has one. To be asked once. */
  byte @Nullable [] takeBloomFilter() {
    byte[] taken = bloomFilter;
    bloomFilter = null;
    return taken;
  }

  /** None where the dictionary tells the same, or where all is null. */
  private byte @Nullable [] makeBloomFilter() {
    if (bloom == null || bloom.isEmpty()) {
      return null;
    }
    if (entriesUsed > 0) {
      values.hashEntries(entriesUsed, bloom);
    }
    return bloom.build();
  }

  private @Nullable DictionaryPage dictionaryPage() {
    if (entriesUsed == 0) {
      return null;
    }
    Sink page = packer.page();
    values.encodeDictionary(page);
    int plainSize = page.size();
    byte[] payload = page.copy();
    if (compressing) {
      packer.pack(payload, plainSize);
      payload = packer.packed();
    }
    return new DictionaryPage(payload, plainSize, entriesUsed);
  }

  private void reset() {
    clearRows();
    values.clearDictionary();
    chosen = false;
    coding = false;
    compressing = false;
    direct = null;
    pages.clear();
    pagesBytes = 0;
    pagesUntried = 0;
    entriesUsed = 0;
  }
}
