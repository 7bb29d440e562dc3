package io.datashard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.error.ConflictException;
import io.datashard.error.UnsupportedTableException;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.storage.Disk;
import io.datashard.storage.LocalStore;
import java.io.FileDescriptor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is synced before what, and that nothing is where the table asks for nothing (I2, I3). */
@Timeout(60)
class DurabilityTest {
  private static final Schema SCHEMA =
      Schema.builder().required("id", Type.LONG).optional("text", Type.STRING).build();

  private static final String ANSWERED = "answered";

  @TempDir private Path given;
  private Path folder;
  private LookingOn disk;
  private Tables tables;

  @BeforeEach
  void open() throws Exception {
    folder = given.toRealPath();
    disk = new LookingOn(folder);
    tables = DataShard.on(LocalStore.of(folder).through(disk));
  }

  // fsync

  @Test
  void anAppendSyncsWhatAVersionNamesBeforeItAndTheFolderAfterIt() {
    try (Table table = tables.createTable("t", SCHEMA)) {
      table.append(rows(1));
      List<String> events = eventsOf(() -> table.append(rows(2)));

      checkOrder(events, "t", 3);
      assertThat(events).filteredOn(each -> each.startsWith("sync file")).hasSize(4);
      assertThat(events)
          .filteredOn(each -> each.startsWith("sync folder"))
          .containsExactlyInAnyOrder(
              "sync folder t/data", "sync folder t/metadata/manifests", "sync folder t/metadata");
    }
  }

  @Test
  void aTableInNewFoldersIsSyncedUpToTheFolderThatWasThere() {
    List<String> events = eventsOf(() -> tables.createTable("a/b/t", SCHEMA).close());

    List<String> above = List.of("sync folder .", "sync folder a", "sync folder a/b");
    assertThat(events).containsAll(above).containsSubsequence(headSync("a/b/t"), link("a/b/t", 1));
    assertThat(events.subList(events.indexOf(link("a/b/t", 1)), events.size()))
        .contains("sync folder a/b/t/metadata", "sync folder a/b/t", ANSWERED);

    try (Table table = tables.loadTable("a/b/t")) {
      List<String> first = eventsOf(() -> table.append(rows(1)));
      checkOrder(first, "a/b/t", 2);
      assertThat(first.subList(0, first.indexOf(link("a/b/t", 2))))
          .as("the folders of the first files are new, and a new handle trusts nobody")
          .contains("sync folder a/b/t", "sync folder a/b", "sync folder a/b/t/metadata");
    }
  }

  @Test
  void appendsOfOneMomentShareTheirSyncs() throws Exception {
    int count = 12;
    try (Table table = tables.createTable("t", SCHEMA)) {
      table.append(rows(1));
      disk.events.clear();
      CountDownLatch gathered = new CountDownLatch(1);
      disk.beforeSync = gathered;
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int id = 10 + i;
        threads.add(new Thread(() -> table.append(rows(id))));
      }
      for (Thread each : threads) {
        each.start();
        while (each.getState() != Thread.State.WAITING) {
          Thread.sleep(1);
        }
      }
      gathered.countDown();
      for (Thread each : threads) {
        each.join();
      }
      assertThat(table.version()).as("one for the first, one for all others").isEqualTo(4);
      List<String> events = disk.events;
      checkOrder(events.subList(0, events.indexOf(link("t", 3)) + 2), "t", 3);
      checkOrder(events.subList(events.indexOf(link("t", 3)) + 2, events.size()), "t", 4);
      assertThat(events).filteredOn(each -> each.startsWith("sync file")).hasSize(2 * 4);
      assertThat(table.scan().count()).isEqualTo(count + 1L);
    }
  }

  @Test
  void filesOfLargeAppendsOfTransactionsAndFromElsewhereAreSyncedToo() throws Exception {
    try (Table table = tables.createTable("t", SCHEMA)) {
      checkOrder(eventsOf(() -> table.append(large())), "t", 2);
      checkOrder(
          eventsOf(
              () -> {
                try (Transaction tx = table.newTransaction()) {
                  tx.append(rows(7));
                  tx.setProperty("owner", "me");
                  tx.commit();
                }
              }),
          "t",
          3);
      Path file = Files.copy(dataFile(), folder.resolve("their.parquet"));
      List<String> imported = eventsOf(() -> table.newAppend().files(file).commit());
      assertThat(imported)
          .containsSubsequence("sync file their.parquet", "sync folder t/data", link("t", 4));
      Path inside = Files.copy(dataFile(), folder.resolve("t/data/put-here.parquet"));
      List<String> registered = eventsOf(() -> table.newAppend().files(inside).commit());
      assertThat(registered).containsSubsequence("sync file t/data/put-here.parquet", link("t", 5));
    }
  }

  // os

  @Test
  void atOsNothingIsEverSyncedAndAllElseIsTheSame() throws Exception {
    try (Table table =
        tables.newTable("a/b/t", SCHEMA).property("datashard.durability", "os").create()) {
      table.append(rows(1));
      table.append(large());
      try (Transaction tx = table.newTransaction()) {
        tx.append(rows(7));
        tx.setProperty("owner", "me");
        tx.commit();
      }
      Path file = Files.copy(dataFile(), folder.resolve("their.parquet"));
      table.newAppend().files(file).commit();
      table.updateProperties().set("team", "data").commit();
      Path inside = Files.copy(dataFile(), folder.resolve("a/b/t/data/put-here.parquet"));
      table.newAppend().files(inside).commit();
      try (Table again = tables.createTable("a/b/t", SCHEMA)) {
        again.append(rows(9));
      }
      assertThat(disk.events).noneMatch(each -> each.startsWith("sync"));
      assertThat(disk.events)
          .filteredOn(each -> each.endsWith(".metadata.json"))
          .containsExactlyElementsOf(
              IntStream.rangeClosed(1, 8).mapToObj(i -> link("a/b/t", i)).toList());
      assertThat(filesBelow(folder)).noneMatch(each -> each.contains(".tmp-"));
    }
  }

  @Test
  void theFenceOfACleanUpIsDurableInAnyCase() {
    try (Table table =
        tables.newTable("t", SCHEMA).property("datashard.durability", "os").create()) {
      table.append(rows(1));
      List<String> events = eventsOf(() -> table.removeOrphanFiles().run());

      assertThat(events)
          .filteredOn(each -> !each.startsWith("sync folder"))
          .containsExactly(link("t", 3), "sync file t/metadata/v3.metadata.json", ANSWERED);
      assertThat(events).contains("sync folder t/metadata");
    }
  }

  // For good

  @ParameterizedTest
  @CsvSource({"fsync,os", "os,fsync", "os,", "OS,fsync", ",os"})
  void theLevelOfATableIsNeverChanged(@Nullable String created, @Nullable String wanted) {
    NewTable making = tables.newTable("t", SCHEMA);
    if (created != null) {
      making.property("datashard.durability", created);
    }
    try (Table table = making.create()) {
      table.append(rows(1));
      Set<String> before = filesBelow(folder);
      for (Runnable each :
          List.<Runnable>of(
              () -> changed(table.updateProperties(), wanted).set("owner", "me").commit(),
              () -> {
                try (Transaction tx = table.newTransaction()) {
                  tx.append(large());
                  if (wanted == null) {
                    tx.removeProperty("datashard.durability");
                  } else {
                    tx.setProperty("datashard.durability", wanted);
                  }
                  tx.commit();
                }
              })) {
        assertThatThrownBy(each::run)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage(
                "The table at "
                    + table.location()
                    + " has datashard.durability = '"
                    + (created == null ? "fsync" : created.toLowerCase(Locale.ROOT))
                    + "', which is chosen when a table is created and cannot become '"
                    + (wanted == null ? "fsync" : wanted)
                    + "' later: the files that are there, and writers that have the table open, would"
                    + " not follow. Nothing was committed. Create a new table with '"
                    + (wanted == null ? "fsync" : wanted)
                    + "' and append this one's files or rows to it.");
      }
      assertThat(filesBelow(folder)).isEqualTo(before);
      assertThat(table.properties()).doesNotContainKey("owner");
      table.append(rows(2));
      assertThat(table.scan().count()).isEqualTo(2);
    }
  }

  private static PropertiesUpdate changed(PropertiesUpdate update, @Nullable String wanted) {
    return wanted == null
        ? update.remove("datashard.durability")
        : update.set("datashard.durability", wanted);
  }

  @ParameterizedTest
  @CsvSource({"fsync,FSYNC", "os,os", "OS,os", ",fsync", "fsync,", ","})
  void sayingItOnceMoreIsNoChange(@Nullable String created, @Nullable String again) {
    NewTable making = tables.newTable("t", SCHEMA);
    if (created != null) {
      making.property("datashard.durability", created);
    }
    try (Table table = making.create()) {
      disk.events.clear();
      changed(table.updateProperties(), again).set("owner", "me").commit();
      assertThat(table.properties()).containsEntry("owner", "me");
      table.append(rows(1));
      assertThat(disk.events.stream().anyMatch(each -> each.startsWith("sync")))
          .isEqualTo(!"os".equalsIgnoreCase(created));
    }
  }

  @ParameterizedTest
  @CsvSource({"fsync,os", "os,fsync"})
  void whoeverOpenedATableBeforeAnotherWriterChangedTheLevelOpensItAgain(String from, String to)
      throws Exception {
    try (Table table =
        tables.newTable("t", SCHEMA).property("datashard.durability", from).create()) {
      table.append(rows(1));
      Transaction begun = table.newTransaction();
      begun.append(large());
      writeAsAnother(3, levelChanged(from, to));
      Set<String> before = filesBelow(folder.resolve("t/metadata"));

      for (Runnable each :
          List.<Runnable>of(
              () -> table.append(rows(2)),
              () -> table.append(large()),
              () -> table.updateProperties().set("owner", "me").commit(),
              begun::commit)) {
        assertThatThrownBy(each::run)
            .isInstanceOf(ConflictException.class)
            .hasMessageContaining("datashard.durability = '" + from + "'")
            .hasMessageContaining("in version 3 it is '" + to + "'")
            .hasMessageContaining("Nothing was committed. Close all handles");
      }
      assertThat(filesBelow(folder.resolve("t/metadata"))).isEqualTo(before);
      assertThat(filesBelow(folder.resolve("t/data"))).hasSize(1);
      assertThat(table.scan().count()).isEqualTo(1);

      try (Table again = tables.loadTable("t")) {
        List<String> events = eventsOf(() -> again.append(rows(2)));
        if (to.equals("fsync")) {
          checkOrder(events, "t", 4);
        } else {
          assertThat(events).noneMatch(each -> each.startsWith("sync"));
        }
      }
    }
  }

  // Values

  @Test
  void otherValuesAreRefusedAndNamed() {
    assertThatThrownBy(
            () -> tables.newTable("t", SCHEMA).property("datashard.durability", "disk").create())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'disk'")
        .hasMessageContaining("fsync, os");
    assertThat(folder.resolve("t")).doesNotExist();
    try (Table table = tables.createTable("t", SCHEMA)) {
      assertThatThrownBy(() -> table.updateProperties().set("datashard.durability", "disk"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("fsync, os");
    }
  }

  @Test
  void aTableThatAsksForSomethingUnknownIsReadAndNotWritten() throws Exception {
    try (Table table =
        tables.newTable("t", SCHEMA).property("datashard.durability", "os").create()) {
      table.append(rows(1));
    }
    Path head = folder.resolve("t/metadata/v2.metadata.json");
    String content = Files.readString(head);
    Files.writeString(head, levelChanged("os", "twice"));
    Set<String> before = filesBelow(folder);

    try (Table table = tables.loadTable("t")) {
      assertThat(table.scan().count()).isEqualTo(1);
      for (Runnable each :
          List.<Runnable>of(
              () -> table.append(rows(2)),
              () -> table.updateProperties().set("owner", "me").commit(),
              () -> table.updateProperties().set("datashard.durability", "fsync").commit(),
              table::newTransaction)) {
        assertThatThrownBy(each::run)
            .isInstanceOf(UnsupportedTableException.class)
            .hasMessageContaining("datashard.durability = 'twice'")
            .hasMessageContaining("fsync and os")
            .hasMessageContaining("Nothing was written");
      }
      assertThat(filesBelow(folder)).isEqualTo(before);

      writeAsAnother(3, content);
      assertThat(eventsOf(() -> table.append(rows(2))))
          .contains(link("t", 4))
          .noneMatch(each -> each.startsWith("sync"));
      assertThat(table.scan().count()).isEqualTo(2);
    }
  }

  // Helpers

  /** The second version as another writer would change it. */
  private String levelChanged(String from, String to) throws IOException {
    String content = Files.readString(folder.resolve("t/metadata/v2.metadata.json"));
    String changed =
        content
            .replaceFirst("(\"datashard.durability\"\\s*:\\s*)\"" + from + "\"", "$1\"" + to + "\"")
            .replaceFirst(",\\s*\"datashard-crc32\"\\s*:\\s*\"?[0-9a-f]+\"?", "");
    assertThat(changed).isNotEqualTo(content);
    return changed;
  }

  private void writeAsAnother(int version, String content) throws IOException {
    Path file = folder.resolve("t/metadata/v" + version + ".metadata.json");
    Files.writeString(file, content, StandardOpenOption.CREATE_NEW);
  }

  /**
   * Everything that is synced is synced before the version gets its name, which is durable before
   * the answer.
   */
  private void checkOrder(List<String> events, String table, int version) {
    int link = events.indexOf(link(table, version));
    assertThat(link).as("the link in %s", events).isPositive();
    List<String> before = events.subList(0, link);
    assertThat(before)
        .contains(headSync(table), "sync folder " + table + "/metadata/manifests")
        .filteredOn(each -> each.startsWith("sync file " + table + "/metadata/manifests/"))
        .hasSize(2);
    if (before.stream().anyMatch(each -> each.contains("/data"))) {
      assertThat(before)
          .contains("sync folder " + table + "/data")
          .anyMatch(each -> each.startsWith("sync file " + table + "/data/"));
    }
    List<String> after = new ArrayList<>(events.subList(link + 1, events.size()));
    after.remove(ANSWERED);
    assertThat(after).containsExactly("sync folder " + table + "/metadata");
  }

  private static String headSync(String table) {
    return "sync file " + table + "/metadata/.tmp-*";
  }

  private static String link(String table, int version) {
    return "link " + table + "/metadata/v" + version + ".metadata.json";
  }

  /** What happens until this is answered. */
  private List<String> eventsOf(Runnable work) {
    disk.events.clear();
    work.run();
    disk.events.add(ANSWERED);
    return List.copyOf(disk.events);
  }

  private static List<Map<String, Object>> rows(long id) {
    return List.of(Map.of("id", id, "text", "row " + id));
  }

  /** So many rows that whoever appends them writes the file himself. */
  private static List<Map<String, Object>> large() {
    return IntStream.range(0, 3_000)
        .mapToObj(i -> Map.<String, Object>of("id", (long) i, "text", "x".repeat(100) + i))
        .toList();
  }

  private Path dataFile() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(each -> each.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
  }

  private static Set<String> filesBelow(Path top) {
    try (Stream<Path> all = Files.walk(top)) {
      Set<String> files = new TreeSet<>();
      all.filter(Files::isRegularFile).forEach(each -> files.add(top.relativize(each).toString()));
      return files;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Notes syncs when they are over, and links. */
  private static final class LookingOn implements Disk {
    final List<String> events = Collections.synchronizedList(new ArrayList<>());
    final Path base;
    volatile CountDownLatch beforeSync = new CountDownLatch(0);

    LookingOn(Path base) {
      this.base = base;
    }

    @Override
    public void syncFile(Path file, FileDescriptor open) throws IOException {
      try {
        beforeSync.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      Disk.real().syncFile(file, open);
      events.add("sync file " + name(file));
    }

    @Override
    public void syncFolder(Path folder) throws IOException {
      Disk.real().syncFolder(folder);
      if (folder.startsWith(base)) {
        events.add("sync folder " + name(folder));
      }
    }

    @Override
    public void link(Path existing, Path name) throws IOException {
      Disk.real().link(existing, name);
      events.add("link " + name(name));
    }

    private String name(Path path) {
      String name = base.relativize(path).toString();
      return name.isEmpty() ? "." : name.replaceAll("\\.tmp-[0-9a-f]{32}$", ".tmp-*");
    }
  }
}
