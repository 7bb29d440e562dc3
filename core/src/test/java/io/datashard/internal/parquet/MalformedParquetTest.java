package io.datashard.internal.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.datashard.error.CorruptTableException;
import io.datashard.error.DataShardException;
import io.datashard.error.UnsupportedTableException;
import io.datashard.expr.Bound;
import io.datashard.expr.Predicate;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.PageHeader;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A damaged file gives an error that names it, never an untyped one, a hang, memory without end or
 * fewer rows than its footer says (I5). Bytes under a checksum never give other values; the footer
 * and the headers of pages have none, so there a changed byte may change a name or a statistic.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class MalformedParquetTest {
  private static final int[] CHANGES = {0x01, 0x80, 0xff, 0x55, 0x08};
  private static final long ALLOCATED_BYTES_MAX = 64 << 20;
  private static final Bound ALL = new Bound.Constant(true);

  private static final Schema SCHEMA =
      Schema.builder()
          .required("id", Type.LONG)
          .optional("flag", Type.BOOLEAN)
          .optional("number", Type.INT)
          .optional("ratio", Type.DOUBLE)
          .optional("price", Type.decimal(9, 2))
          .optional("big", Type.decimal(30, 2))
          .optional("at", Type.TIMESTAMPTZ)
          .optional("time", Type.TIME)
          .required("status", Type.STRING)
          .optional("note", Type.STRING)
          .optional("key", Type.UUID)
          .build();

  private static byte[] file(Codec codec) {
    RandomTable table = new RandomTable(11, SCHEMA, 60);
    MemoryFile.Open out = new MemoryFile.Open();
    WriteOptions options =
        WriteOptions.DEFAULT.withCompression(codec, Codecs.LEVEL_DEFAULT).withPages(400, 25);
    try (ParquetWriter writer = new ParquetWriter(out, SCHEMA, options)) {
      writer.write(table.batch(0, 60));
      writer.finish();
    }
    return out.bytes();
  }

  private static List<String> read(byte[] bytes, Bound filter) {
    try (ParquetReader reader = ParquetReader.open(new MemoryFile(bytes), Map.of())) {
      List<String> rows =
          ParquetRoundTripTest.rows(reader.read(SCHEMA, filter, 64, 0, reader.rowGroupCount()), 64);
      if (filter == ALL) {
        assertThat((long) rows.size()).isEqualTo(reader.rowCount());
      }
      return rows;
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Codec.class,
      names = {"NONE", "ZSTD"})
  void everyByteChanged(Codec codec) {
    everyByteChanged(codec, 1);
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(
      value = Codec.class,
      names = {"NONE", "ZSTD", "SNAPPY", "GZIP", "LZ4"})
  void everyByteChangedInManyWays(Codec codec) {
    everyByteChanged(codec, CHANGES.length);
  }

  private static void everyByteChanged(Codec codec, int changes) {
    byte[] good = file(codec);
    List<String> rows = read(good, ALL);
    boolean[] underChecksum = underChecksum(good);
    int refused = 0;
    for (int at = 0; at < good.length; at++) {
      for (int way = 0; way < changes; way++) {
        int change = CHANGES[(at + way) % CHANGES.length];
        byte[] bad = good.clone();
        bad[at] ^= (byte) change;
        String about = "byte " + at + " of " + good.length + " ^ " + change;
        List<String> got = readOrRefuse(bad, ALL, about);
        if (got == null) {
          refused++;
        } else if (underChecksum[at]) {
          assertThat(got).as(about).isEqualTo(rows);
        } else {
          assertThat(got).as(about).hasSize(rows.size());
        }
      }
    }
    assertThat(refused).as("changes refused").isGreaterThan(good.length * changes / 2);
  }

  @Test
  void everyByteChangedUnderAFilter() {
    byte[] good = file(Codec.ZSTD);
    Bound filter = Predicate.parse("id > 0 AND status != 'ok' OR number = 7").bind(SCHEMA);
    List<String> rows = read(good, filter);
    boolean[] underChecksum = underChecksum(good);
    for (int at = 0; at < good.length; at++) {
      byte[] bad = good.clone();
      bad[at] ^= (byte) CHANGES[at % CHANGES.length];
      String about = "byte " + at + " of " + good.length;
      List<String> got = readOrRefuse(bad, filter, about);
      if (got != null && underChecksum[at]) {
        assertThat(got).as(about).isEqualTo(rows);
      }
    }
  }

  @Test
  void everyPrefixIsRefused() {
    byte[] good = file(Codec.ZSTD);
    for (int length = 0; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThatThrownBy(() -> read(cut, ALL))
          .as("the first " + length + " bytes")
          .isInstanceOf(CorruptTableException.class)
          .hasMessageContaining("data/some.parquet");
    }
  }

  /** The rows, or null if the file was refused as it should be. */
  private static List<String> readOrRefuse(byte[] bytes, Bound filter, String about) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    try {
      return read(bytes, filter);
    } catch (CorruptTableException | UnsupportedTableException e) {
      assertThat(e).as(about).hasMessageContaining("data/some.parquet");
      return null;
    } catch (DataShardException e) {
      throw new AssertionError(about, e);
    } catch (RuntimeException e) {
      throw new AssertionError(about, e);
    } finally {
      assertThat(threads.getCurrentThreadAllocatedBytes() - before)
          .as("bytes allocated, " + about)
          .isLessThan(ALLOCATED_BYTES_MAX);
    }
  }

  /** Which bytes of the file are those of pages. */
  private static boolean[] underChecksum(byte[] file) {
    boolean[] under = new boolean[file.length];
    ParquetFooter footer = ParquetFooter.read(new MemoryFile(file), Map.of());
    List<PageHeader> headers = new ArrayList<>();
    for (int group = 0; group < footer.rowGroupCount(); group++) {
      for (FileColumn column : footer.columns()) {
        ColumnChunk chunk = footer.chunk(group, column);
        int at = (int) ParquetFooter.chunkStart(chunk.getMeta_data());
        int end = at + (int) chunk.getMeta_data().getTotal_compressed_size();
        while (at < end) {
          PageHeader header = new PageHeader();
          at = ThriftReader.readWhole(header, file, at, end);
          headers.add(header);
          assertThat(header.isSetCrc()).isTrue();
          Arrays.fill(under, at, at + header.getCompressed_page_size(), true);
          at += header.getCompressed_page_size();
        }
      }
    }
    assertThat(headers).hasSizeGreaterThan(SCHEMA.size());
    return under;
  }

  @Test
  void whatIsNoParquetFileIsRefusedByName() {
    byte[] text = "name,age\nanna,7\nbert,9\n".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    assertThatThrownBy(() -> read(text, ALL))
        .hasMessage(
            "Cannot read data file data/some.parquet: it does not start and end with PAR1, as"
                + " Parquet files do. Restore the file from a copy, or remove it from the table.");
  }

  @Test
  void anEncryptedFileIsRefusedByName() {
    byte[] file = file(Codec.NONE);
    file[file.length - 1] = 'E';
    assertThatThrownBy(() -> read(file, ALL))
        .isInstanceOf(UnsupportedTableException.class)
        .hasMessage(
            "Data file data/some.parquet is encrypted (Parquet modular encryption), which DataShard"
                + " does not read. Write it again without encryption.");
  }
}
