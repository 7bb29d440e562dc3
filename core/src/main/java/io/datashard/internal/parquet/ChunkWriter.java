package io.datashard.internal.parquet;

import io.datashard.internal.parquet.encode.Sink;
import io.datashard.schema.Field;
import io.datashard.schema.Type;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DictionaryPageHeader;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.PageEncodingStats;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Statistics;
import org.apache.parquet.format.Util;
import org.jspecify.annotations.Nullable;

/** Writes the pages of one chunk behind their headers and describes the chunk for the footer. */
final class ChunkWriter {
  /** Strings and binary in a chunk's statistics are cut to so many bytes. */
  private static final int STATISTICS_BYTES_MAX = 256;

  private final FileSink out;
  private final Packer packer;
  private final Field field;
  private final Codec codec;
  private final PageIndexBuilder index;
  private final Set<Encoding> encodings = EnumSet.of(Encoding.RLE);
  private long plainBytes;
  private long rows;
  private long nulls;
  private Range range = Range.NONE;
  private int codedPages;

  ChunkWriter(FileSink out, Packer packer, Field field, Codec codec) {
    this.out = out;
    this.packer = packer;
    this.field = field;
    this.codec = codec;
    this.index = new PageIndexBuilder(field.type());
  }

  Chunk write(@Nullable DictionaryPage dictionary, List<Page> pages) {
    long start = out.position();
    if (dictionary != null) {
      write(dictionary);
    }
    long dataStart = out.position();
    pages.forEach(this::write);
    long bytes = out.position() - start;
    ColumnMetaData metaData =
        new ColumnMetaData(
            ParquetTypes.physical(field.type()),
            new ArrayList<>(encodings),
            List.of(field.name()),
            codec.format(),
            rows,
            plainBytes,
            bytes,
            dataStart);
    metaData.setStatistics(statistics());
    if (dictionary != null) {
      metaData.setDictionary_page_offset(start);
      metaData.setEncoding_stats(encodingStats(pages));
    }
    ColumnChunk chunk = new ColumnChunk(0);
    chunk.setMeta_data(metaData);
    return new Chunk(field, chunk, bytes, rows, nulls, range, index);
  }

  private void write(DictionaryPage page) {
    encodings.add(Encoding.PLAIN);
    PageHeader header =
        new PageHeader(PageType.DICTIONARY_PAGE, page.plainSize, page.payload.length);
    header.setDictionary_page_header(new DictionaryPageHeader(page.entries, Encoding.PLAIN));
    write(header, page.payload, page.plainSize);
  }

  private void write(Page page) {
    encodings.add(page.encoding);
    PageHeader header = new PageHeader(PageType.DATA_PAGE, page.plainSize, page.payload.length);
    header.setData_page_header(
        new DataPageHeader(page.rows, page.encoding, Encoding.RLE, Encoding.RLE));
    long offset = out.position();
    write(header, page.payload, page.plainSize);
    index.add(offset, Math.toIntExact(out.position() - offset), page);
    rows += page.rows;
    nulls += page.nulls;
    range = range.with(page.range);
    codedPages += page.encoding == Encoding.RLE_DICTIONARY ? 1 : 0;
  }

  private void write(PageHeader header, byte[] payload, int plainSize) {
    CRC32 crc = new CRC32();
    crc.update(payload);
    header.setCrc((int) crc.getValue());
    Sink bytes = packer.page();
    try {
      Util.writePageHeader(header, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a Sink has none
    }
    out.write(bytes.bytes(), 0, bytes.size());
    out.write(payload, 0, payload.length);
    plainBytes += bytes.size() + plainSize;
  }

  /** Spec: parquet.thrift, Statistics. Nothing is said of the bounds of a column with NaN. */
  private Statistics statistics() {
    Statistics statistics = new Statistics();
    statistics.setNull_count(nulls);
    Bounds.Bound min = Bounds.parquetLower(field.type(), range, STATISTICS_BYTES_MAX);
    Bounds.Bound max = Bounds.parquetUpper(field.type(), range, STATISTICS_BYTES_MAX);
    if (field.type() == Type.UUID) {
      Bounds.Bound[] both = Bounds.uuidsOfChunk(range);
      min = both[0];
      max = both[1];
    }
    if (min.bytes != null && max.bytes != null && range.nans() == 0) {
      statistics.setMin_value(min.bytes);
      statistics.setMax_value(max.bytes);
      statistics.setIs_min_value_exact(min.exact);
      statistics.setIs_max_value_exact(max.exact);
    }
    return statistics;
  }

  /** What lets readers know whether the dictionary holds all values. */
  private List<PageEncodingStats> encodingStats(List<Page> pages) {
    List<PageEncodingStats> stats = new ArrayList<>(3);
    stats.add(new PageEncodingStats(PageType.DICTIONARY_PAGE, Encoding.PLAIN, 1));
    stats.add(new PageEncodingStats(PageType.DATA_PAGE, Encoding.RLE_DICTIONARY, codedPages));
    for (Encoding encoding : encodings) {
      int count = (int) pages.stream().filter(p -> p.encoding == encoding).count();
      if (count > 0 && encoding != Encoding.RLE_DICTIONARY) {
        stats.add(new PageEncodingStats(PageType.DATA_PAGE, encoding, count));
      }
    }
    return stats;
  }
}
