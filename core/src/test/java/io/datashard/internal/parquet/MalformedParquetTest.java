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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A damaged file gives an error that names it, never an untyped one, a hang, memory without end or
 * fewer rows (I5). Whatever byte of a file of ours is changed, it is refused or read as if nothing
 * had happened: pages, footer and indexes are under checksums, and what the headers of pages say is
 * held against the footer.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class MalformedParquetTest {
  private static final int[] CHANGES = {0x01, 0x80, 0xff, 0x55, 0x08};

  /** The fast suite changes every third byte, in each of these ways by turns; the slow one all. */
  private static final int STEP = 3;

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

  private static final BloomOptions BLOOM_FILTERS =
      new BloomOptions(Map.of("id", 0.01, "price", 0.1, "key", 0.01, "note", 0.1), 1 << 10);

  private static byte[] file(Codec codec) {
    RandomTable table = new RandomTable(11, SCHEMA, 60);
    MemoryFile.Open out = new MemoryFile.Open();
    WriteOptions options =
        WriteOptions.DEFAULT
            .withCompression(codec, Codecs.LEVEL_DEFAULT)
            .withPages(400, 25)
            .withBloomFilters(BLOOM_FILTERS);
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
  void bytesChanged(Codec codec) {
    bytesChanged(codec, 1, STEP);
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(
      value = Codec.class,
      names = {"NONE", "ZSTD", "SNAPPY", "GZIP", "LZ4"})
  void everyByteChangedInManyWays(Codec codec) {
    bytesChanged(codec, CHANGES.length, 1);
  }

  private static void bytesChanged(Codec codec, int changes, int step) {
    byte[] good = file(codec);
    List<String> rows = read(good, ALL);
    int refused = 0;
    int tries = 0;
    for (int at = 0; at < good.length; at += step) {
      for (int way = 0; way < changes; way++) {
        int change = CHANGES[(at + way) % CHANGES.length];
        byte[] bad = good.clone();
        bad[at] ^= (byte) change;
        String about = "byte " + at + " of " + good.length + " ^ " + change;
        List<String> got = readOrRefuse(bad, ALL, about);
        tries++;
        if (got == null) {
          refused++;
        } else {
          assertThat(got).as(about).isEqualTo(rows);
        }
      }
    }
    assertThat(refused).as("changes refused").isGreaterThan(tries / 2);
  }

  @Test
  void bytesChangedUnderAFilter() {
    bytesChangedUnderAFilter(STEP);
  }

  @Test
  @Tag("slow")
  void everyByteChangedUnderAFilter() {
    bytesChangedUnderAFilter(1);
  }

  private static void bytesChangedUnderAFilter(int step) {
    byte[] good = file(Codec.ZSTD);
    Bound filter = Predicate.parse("id > 0 AND status != 'ok' OR number = 7").bind(SCHEMA);
    List<String> rows = read(good, filter);
    assertThat(rows).hasSizeBetween(5, 55);
    for (int at = 0; at < good.length; at += step) {
      byte[] bad = good.clone();
      bad[at] ^= (byte) CHANGES[at % CHANGES.length];
      String about = "byte " + at + " of " + good.length;
      List<String> got = readOrRefuse(bad, filter, about);
      if (got != null) {
        assertThat(got).as(about).isEqualTo(rows);
      }
    }
  }

  /** A bit that a Bloom filter lost would hide rows: filters have a checksum of ours. */
  @Test
  void bytesChangedUnderABloomFilter() {
    bytesChangedUnderABloomFilter(STEP);
  }

  @Test
  @Tag("slow")
  void everyByteChangedUnderABloomFilter() {
    bytesChangedUnderABloomFilter(1);
  }

  private static void bytesChangedUnderABloomFilter(int step) {
    byte[] good = file(Codec.ZSTD);
    Bound filter = Predicate.parse(existing(good)).bind(SCHEMA);
    List<String> rows = read(good, filter);
    for (int at = 0; at < good.length; at += step) {
      byte[] bad = good.clone();
      bad[at] ^= (byte) CHANGES[at % CHANGES.length];
      String about = filter + ", byte " + at + " of " + good.length;
      List<String> got = readOrRefuse(bad, filter, about);
      if (got != null) {
        assertThat(got).as(about).isEqualTo(rows);
      }
    }
  }

  /** A predicate that one row satisfies, by the Bloom filter's leave. */
  private static String existing(byte[] good) {
    try (ParquetReader reader = ParquetReader.open(new MemoryFile(good), Map.of())) {
      var chunk = reader.footer().chunk(0, reader.footer().columns().get(0)).getMeta_data();
      assertThat(chunk.isSetBloom_filter_offset()).isTrue();
    }
    String first = read(good, ALL).get(0);
    return "id = " + first.substring(0, first.indexOf('|'));
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
