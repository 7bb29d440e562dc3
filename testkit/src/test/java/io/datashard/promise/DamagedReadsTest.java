package io.datashard.promise;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.DataShard;
import io.datashard.Scan;
import io.datashard.Table;
import io.datashard.error.CorruptTableException;
import io.datashard.error.DataShardException;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.storage.Storage;
import io.datashard.testkit.MemoryStorage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * I5: whatever byte of a data file is changed and wherever it is cut, a scan that one thread reads,
 * one that several read and one that streams give the right rows or an error that names the file:
 * with page indexes, with Bloom filters that the scan asks, with dictionaries.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class DamagedReadsTest {
  private static final String BLOOM = "write.parquet.bloom-filter-enabled.column.";
  private static final Schema COLUMNS =
      Schema.builder()
          .required("id", Type.LONG)
          .required("code", Type.STRING)
          .required("kind", Type.INT)
          .optional("note", Type.STRING)
          .build();

  private static final int FILES = 3;
  private static final int ROWS = 90;

  private static Map<String, Object> row(int number) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("id", number * 0x9E3779B97F4A7C15L);
    row.put("code", "code " + Integer.toHexString(number * 0x9E3779B9));
    row.put("kind", number % 4);
    row.put("note", number % 5 == 0 ? null : "note of " + number);
    return row;
  }

  private static MemoryStorage table() {
    MemoryStorage disk = new MemoryStorage(9);
    try (Table table =
        DataShard.on(location -> disk)
            .newTable("t", COLUMNS)
            .property(BLOOM + "id", "true")
            .property(BLOOM + "code", "true")
            .property("write.parquet.page-size-bytes", "1024")
            .create()) {
      for (int file = 0; file < FILES; file++) {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
          rows.add(row(file * ROWS + i));
        }
        table.append(rows);
      }
    }
    return disk;
  }

  /** All rows, one that a Bloom filter must let pass, and those that dictionaries decide. */
  private static final List<String> FILTERS =
      List.of("", "code = '" + row(100).get("code") + "'", "kind = 2 AND id > 0");

  private static final Map<String, Function<Scan, List<Map<String, Object>>>> WAYS =
      Map.of(
          "one thread", scan -> copies(scan.toMaps().stream()),
          "three threads", scan -> copies(scan.parallel(3).toMaps().stream()),
          "streamed", DamagedReadsTest::streamed);

  private static List<Map<String, Object>> streamed(Scan scan) {
    try (Stream<Map<String, Object>> rows = scan.stream()) {
      return copies(rows);
    }
  }

  private static List<Map<String, Object>> copies(Stream<? extends Map<String, Object>> rows) {
    List<Map<String, Object>> copies = new ArrayList<>();
    rows.forEach(row -> copies.add(new LinkedHashMap<>(row)));
    return copies;
  }

  private static Scan scan(Table table, String filter) {
    return filter.isEmpty() ? table.scan() : table.scan().where(filter);
  }

  /** Every third byte; the slow suite tries all. */
  @Test
  void rightRowsOrAnErrorThatNamesTheFile() {
    changeAndCut(3);
  }

  @Test
  @Tag("slow")
  void rightRowsOrAnErrorThatNamesTheFileAtEveryByte() {
    changeAndCut(1);
  }

  private static void changeAndCut(int step) {
    MemoryStorage disk = table();
    Map<String, List<Map<String, Object>>> truth = new LinkedHashMap<>();
    String key = "";
    try (Table table = DataShard.on(location -> disk).loadTable("t")) {
      for (String filter : FILTERS) {
        truth.put(filter, copies(scan(table, filter).toMaps().stream()));
      }
      for (Storage.Listed file : disk.listAll("")) {
        key = file.key().startsWith("data/") ? file.key() : key;
      }
    }
    assertThat(truth.get("")).hasSize(FILES * ROWS);
    assertThat(truth.get(FILTERS.get(1))).hasSize(1);
    byte[] original = disk.readWhole(key, -1);
    Random random = new Random(21);
    int refused = 0;
    int tries = 0;
    for (int at = 0; at < original.length; at += step) {
      byte[] changed = original.clone();
      changed[at] ^= (byte) (1 << random.nextInt(8));
      for (byte[] bad : List.of(changed, Arrays.copyOf(original, at))) {
        disk.damage(key, bad);
        String way = new ArrayList<>(WAYS.keySet()).get(random.nextInt(WAYS.size()));
        String filter = FILTERS.get(random.nextInt(FILTERS.size()));
        String about = way + ", '" + filter + "', byte " + at + ", length " + bad.length;
        tries++;
        try (Table table = DataShard.on(location -> disk).loadTable("t")) {
          assertThat(WAYS.get(way).apply(scan(table, filter)))
              .as(about)
              .isEqualTo(truth.get(filter));
        } catch (CorruptTableException e) {
          assertThat(e.getMessage()).as(about).contains(key);
          refused++;
        } catch (DataShardException e) {
          assertThat(e.getMessage()).as(about).isNotBlank();
          refused++;
        }
      }
    }
    assertThat(refused).as("refused of " + tries).isGreaterThan(tries / 3);
  }
}
