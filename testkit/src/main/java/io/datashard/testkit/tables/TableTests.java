package io.datashard.testkit.tables;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.datashard.Table;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableMetadataJson;
import io.datashard.storage.Locations;
import io.datashard.storage.Storage;
import io.datashard.table.DataFile;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;

/** Tests of one thing that tables promise; {@link TableContract} tells on which store. */
abstract class TableTests {
  private static final int SLOW_STEP = 11;

  /** Where the test's table lies; nothing is there yet. */
  Storage disk;

  abstract TestStore store();

  @BeforeEach
  void beginWithNothing() {
    disk = store().empty(1);
  }

  /** How many rounds to make of those that are made where they cost little. */
  final int rounds(int all) {
    return store().isSlow() ? Math.max(1, all / SLOW_STEP) : all;
  }

  /** How many to make of what costs a request each where some hundreds of them tell no more. */
  final int atMost(int all, int whereSlow) {
    return store().isSlow() ? whereSlow : all;
  }

  /** From one place where something happens to the next one that is tried. */
  final int step() {
    return store().isSlow() ? SLOW_STEP : 1;
  }

  /** Overwrites a file of the test's table. */
  final void damage(String key, byte[] content) {
    store().damage(disk, key, content);
  }

  /** The newest version's metadata. */
  final TableMetadata newest() {
    try (Table table = Tables.load(disk)) {
      String key = "metadata/v" + table.version() + ".metadata.json";
      return TableMetadataJson.parse(disk.readWhole(key, -1), key);
    }
  }

  /** Commits the next version as another engine might, which carries along what it knows. */
  final void commitAsAnother(UnaryOperator<TableMetadata> change) {
    try (Table table = Tables.load(disk)) {
      String json = new String(TableMetadataJson.write(change.apply(newest())), UTF_8);
      String unsigned = json.replaceFirst(",\\s*\"datashard-crc32\"\\s*:\\s*\"?[0-9a-f]+\"?", "");
      if (unsigned.equals(json)) {
        throw new AssertionError("no checksum of ours in " + json);
      }
      disk.createExclusive(
          "metadata/v" + (table.version() + 1) + ".metadata.json",
          ByteBuffer.wrap(unsigned.getBytes(UTF_8)));
    }
  }

  static String keyOf(Storage storage, DataFile file) {
    return keyOf(storage, file.location());
  }

  static String keyOf(Storage storage, String location) {
    return Locations.keyOf(location, List.of(storage.location()), "a test");
  }

  /** The keys of all files. */
  static Set<String> keys(Storage storage) {
    Set<String> keys = new TreeSet<>();
    storage.listAll("").forEach(file -> keys.add(file.key()));
    return keys;
  }
}
