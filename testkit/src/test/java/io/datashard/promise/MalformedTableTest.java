package io.datashard.promise;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.Table;
import io.datashard.error.DataShardException;
import io.datashard.storage.Storage;
import io.datashard.testkit.MemoryStorage;
import io.datashard.testkit.tables.Tables;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * I5: any byte of any file of a table changed, and any file cut anywhere, gives the right rows or
 * an error of ours: never fewer rows, never another exception.
 */
class MalformedTableTest {
  private static MemoryStorage table() {
    MemoryStorage disk = new MemoryStorage(7);
    try (Table table = Tables.create(disk)) {
      table.append(Tables.rows(0, 3));
      table.append(Tables.rows(3, 6));
    }
    return disk;
  }

  private final List<String> wrong = new ArrayList<>();

  private void check(MemoryStorage disk, String key, byte[] original, byte[] bad, String what) {
    disk.damage(key, bad);
    try (Table table = Tables.load(disk)) {
      List<Map<String, Object>> rows = new ArrayList<>();
      for (Map<String, Object> row : table.scan().toMaps()) {
        rows.add(new HashMap<>(row));
      }
      assertThat(rows).as("%s, %s", key, what).hasSize(6);
      assertThat(rows).as("%s, %s", key, what).isEqualTo(Tables.rows(0, 6));
      assertThat(table.scan().count()).as("%s, %s: count", key, what).isEqualTo(6);
    } catch (AssertionError e) {
      wrong.add(key + ", " + what + ": " + e.getMessage().strip().lines().limit(2).toList());
    } catch (DataShardException e) {
      assertThat(e.getMessage()).as("%s, %s", key, what).isNotBlank();
    } catch (RuntimeException e) {
      wrong.add(key + ", " + what + ": " + e);
    } finally {
      disk.damage(key, original);
    }
  }

  /** Every third one; the slow suite tries all. */
  @Test
  void bytesAndPrefixes() {
    changeAndCut(3);
  }

  @Test
  @Tag("slow")
  void everyByteAndEveryPrefix() {
    changeAndCut(1);
  }

  private void changeAndCut(int step) {
    MemoryStorage disk = table();
    Random random = new Random(1);
    for (Storage.Listed file : disk.listAll("")) {
      boolean superseded = file.key().matches("metadata/v[12]\\.metadata\\.json");
      if (superseded || file.key().endsWith(".text")) {
        continue;
      }
      byte[] original = disk.readWhole(file.key(), -1);
      for (int i = 0; i < original.length; i += step) {
        byte[] bad = original.clone();
        bad[i] ^= (byte) (1 << random.nextInt(8));
        check(disk, file.key(), original, bad, "byte " + i + " changed to " + bad[i]);
        check(disk, file.key(), original, Arrays.copyOf(original, i), "cut after " + i + " bytes");
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(Tables.countsById(disk)).isEqualTo(Tables.once(0, 6));
  }

  @Test
  void theHintNeverMatters() {
    MemoryStorage disk = table();
    byte[] hint = disk.readWhole("metadata/version-hint.text", -1);
    for (String bad : List.of("", "1", "2", "9", "-1", "0", "x", "3\n\n", "99999999999999999999")) {
      disk.damage("metadata/version-hint.text", bad.getBytes(StandardCharsets.UTF_8));
      assertThat(Tables.countsById(disk)).as("hint '%s'", bad).isEqualTo(Tables.once(0, 6));
    }
    disk.damage("metadata/version-hint.text", hint);
    disk.delete("metadata/version-hint.text");
    try (Table table = Tables.load(disk)) {
      table.append(Tables.rows(6, 7));
    }
    assertThat(Tables.countsById(disk)).isEqualTo(Tables.once(0, 7));
  }
}
