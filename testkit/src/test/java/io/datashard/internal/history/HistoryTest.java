package io.datashard.internal.history;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.error.CorruptTableException;
import io.datashard.internal.metadata.SnapshotRef;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableMetadata.SnapshotLogEntry;
import io.datashard.internal.metadata.TableMetadataJson;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.storage.Storage;
import io.datashard.table.Snapshot;
import io.datashard.testkit.FaultyStorage;
import io.datashard.testkit.FaultyStorage.Verb;
import io.datashard.testkit.MemoryStorage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** I10: heads stay short, and head and archive together say what a plain list says. */
class HistoryTest {
  private static final long START_MILLIS = 1_780_000_000_000L;
  private static final Schema SCHEMA = Schema.builder().required("id", Type.LONG).build();

  private final MemoryStorage disk = new MemoryStorage();

  /** A table whose commits write only what archiving is about, and the plain lists beside it. */
  private final class Model {
    private final Random random;
    private final History writing = new History(disk);
    private final List<Snapshot> all = new ArrayList<>();
    private final List<SnapshotLogEntry> log = new ArrayList<>();
    private TableMetadata head;
    private long millis = START_MILLIS;
    private long version = 1;
    private int cuts;
    private int longestHead;

    /** Whether to archive is asked only so often, to be faster. */
    private int askEvery = 1;

    Model(long seed) {
      random = new Random(seed);
      head =
          TableMetadata.create(
              new UUID(1, 2),
              disk.location(),
              SCHEMA,
              PartitionSpec.UNPARTITIONED,
              Map.of(),
              START_MILLIS);
    }

    /** Ids of ours, or random as others draw them. */
    long newId(boolean ours) {
      return ours
          ? SnapshotIds.of(millis - random.nextInt(100), random.nextLong())
          : random.nextLong() >>> 1;
    }

    void commit(long id, long afterMillis) {
      millis += afterMillis;
      version++;
      long number = head.lastSequenceNumber() + 1;
      Long parent = head.currentSnapshotId();
      Snapshot snapshot =
          new Snapshot(
              id,
              parent,
              number,
              millis,
              disk.location() + "/metadata/manifests/snap-" + id + "-1-" + random.nextLong(),
              0,
              summary(number));
      TableMetadata.Builder next = head.toBuilder();
      int bytes = version % askEvery > 0 ? 0 : TableMetadataJson.write(head).length;
      longestHead = Math.max(longestHead, bytes);
      Optional<Cut> cut = writing.cut(head, bytes, millis, version, random.nextLong());
      if (cut.isPresent()) {
        cuts++;
        cut.get().applyTo(next);
        cut.get().files().forEach(disk::createExclusive);
      }
      next.addSnapshot(snapshot);
      all.add(snapshot);
      log.add(new SnapshotLogEntry(millis, id));
      // As another process would find it.
      head = random.nextInt(20) == 0 ? reread(next.build()) : next.build();
    }

    private TableMetadata reread(TableMetadata metadata) {
      return TableMetadataJson.parse(TableMetadataJson.write(metadata), "head");
    }

    /** Makes a listed snapshot current again, as a rollback does. */
    void rollBack() {
      Snapshot to = head.snapshots().get(random.nextInt(head.snapshots().size()));
      millis += 1;
      List<SnapshotLogEntry> longer = new ArrayList<>(head.snapshotLog());
      longer.add(new SnapshotLogEntry(millis, to.snapshotId()));
      log.add(longer.get(longer.size() - 1));
      head = head.toBuilder().currentSnapshotId(to.snapshotId()).snapshotLog(longer).build();
    }

    void tag() {
      Map<String, SnapshotRef> refs = new LinkedHashMap<>(head.refs());
      if (refs.size() > 4) {
        refs.remove(refs.keySet().stream().filter(n -> n.startsWith("tag")).findAny().get());
      } else {
        Snapshot some = head.snapshots().get(random.nextInt(head.snapshots().size()));
        refs.put("tag " + random.nextLong(), SnapshotRef.tag(some.snapshotId()));
      }
      head = head.toBuilder().refs(refs).build();
    }

    OptionalLong currentAt(long time) {
      for (int i = log.size() - 1; i >= 0; i--) {
        if (log.get(i).timestampMillis() <= time) {
          return OptionalLong.of(log.get(i).snapshotId());
        }
      }
      return OptionalLong.empty();
    }
  }

  private static Map<String, String> summary(long number) {
    Map<String, String> summary = new LinkedHashMap<>();
    summary.put("operation", "append");
    summary.put("added-data-files", "1");
    summary.put("added-records", "1");
    summary.put("added-files-size", "1234");
    summary.put("total-data-files", Long.toString(number));
    summary.put("total-records", Long.toString(number));
    summary.put("total-files-size", Long.toString(1234 * number));
    return summary;
  }

  private static List<Snapshot> listOf(Iterator<Snapshot> snapshots) {
    List<Snapshot> list = new ArrayList<>();
    snapshots.forEachRemaining(list::add);
    return list;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void headAndArchiveSayWhatAPlainListSays(long seed) {
    Model model = new Model(seed);
    Random random = new Random(seed);
    for (int i = 0; i < 1_500; i++) {
      model.commit(model.newId(random.nextInt(50) > 0), random.nextInt(40));
      if (random.nextInt(40) == 0) {
        model.rollBack();
      }
      if (random.nextInt(60) == 0) {
        model.tag();
      }
    }
    String where = "seed " + seed;
    assertThat(model.cuts).as(where).isGreaterThan(50);
    assertThat(model.longestHead).as(where).isLessThan((24 << 10) + 800);
    History cold = new History(disk);
    assertThat(listOf(cold.snapshots(model.head, -1))).as(where).isEqualTo(model.all);
    assertThat(cold.archived(model.head) + model.head.snapshots().size())
        .as(where)
        .isEqualTo(model.all.size());
    for (int i = 0; i < 60; i++) {
      Snapshot some = model.all.get(random.nextInt(model.all.size()));
      assertThat(cold.find(model.head, some.snapshotId())).as(where).contains(some);
      long after = random.nextInt(1_600) - 50;
      assertThat(listOf(cold.snapshots(model.head, after)))
          .as("%s after %d", where, after)
          .isEqualTo(model.all.stream().filter(s -> s.sequenceNumber() > after).toList());
      long time = START_MILLIS - 10 + random.nextInt((int) (model.millis - START_MILLIS) + 20);
      assertThat(cold.currentAt(model.head, time))
          .as("%s at %d", where, time)
          .isEqualTo(model.currentAt(time));
    }
    assertThat(cold.find(model.head, 12345)).isEmpty();
    assertThat(cold.firstMillis(model.head)).hasValue(model.log.get(0).timestampMillis());
    for (SnapshotRef ref : model.head.refs().values()) {
      assertThat(model.head.snapshot(ref.snapshotId())).as("under a branch or tag").isPresent();
    }
    for (Map.Entry<String, String> property : model.head.properties().entrySet()) {
      assertThat(property.getKey()).isEqualTo("datashard.history");
    }
  }

  @Test
  void anySnapshotOfAHundredThousandIsFoundInThreeFiles() {
    Model model = new Model(1);
    model.askEvery = 10;
    for (int i = 0; i < 100_000; i++) {
      model.commit(model.newId(true), 3);
    }
    assertThat(model.longestHead).isLessThan((24 << 10) + 10 * 600);
    assertThat(new History(disk).files(model.head).size()).as("files in use").isLessThan(60);
    Random random = new Random(2);
    for (int i = 0; i < 100; i++) {
      Snapshot some = model.all.get(random.nextInt(model.all.size()));
      FaultyStorage counted = FaultyStorage.counting(disk);
      assertThat(new History(counted).find(model.head, some.snapshotId())).contains(some);
      assertFewOpens(counted, 3);

      counted = FaultyStorage.counting(disk);
      History asked = new History(counted);
      long current = asked.currentAt(model.head, some.timestampMillis()).orElseThrow();
      assertThat(current).isEqualTo(some.snapshotId());
      assertThat(asked.find(model.head, current)).isPresent();
      assertFewOpens(counted, 3);
    }
    FaultyStorage counted = FaultyStorage.counting(disk);
    Iterator<Snapshot> all = new History(counted).snapshots(model.head, -1);
    for (Snapshot expected : model.all.subList(0, 100)) {
      assertThat(all.next()).isEqualTo(expected);
    }
    assertFewOpens(counted, 3);
    long count = 100;
    while (all.hasNext()) {
      assertThat(all.next()).isEqualTo(model.all.get((int) count++));
    }
    assertThat(count).isEqualTo(100_000);
  }

  /** Opens of all kinds are counted: a file read in two pieces may be opened twice. */
  private static void assertFewOpens(FaultyStorage storage, int most) {
    assertThat(storage.calls(Verb.OPEN) + storage.calls(Verb.READ))
        .as("opened: %s", storage.log())
        .isLessThanOrEqualTo(most);
  }

  @Test
  void rareCommitsListMore() {
    Model model = new Model(3);
    for (int i = 0; i < 300; i++) {
      model.commit(model.newId(true), 60_000);
    }
    assertThat(model.head.snapshots()).as("a minute apart").hasSize(300);
    for (int i = 0; i < 40; i++) {
      model.commit(model.newId(true), 10);
    }
    assertThat(model.head.snapshots().size()).as("then a storm").isLessThan(40);
    assertThat(TableMetadataJson.write(model.head).length).isLessThan(25 << 10);
    assertThat(listOf(new History(disk).snapshots(model.head, -1))).isEqualTo(model.all);
  }

  @Test
  void noHeadIsLongerThanAMegabyte() {
    Model model = new Model(11);
    model.askEvery = 20;
    for (int i = 0; i < 2_500; i++) {
      model.commit(model.newId(true), 300_000);
    }
    assertThat(model.longestHead).isBetween((1 << 20) - 30_000, (1 << 20) + 20 * 600);
    assertThat(model.cuts).isPositive();
    assertThat(listOf(new History(disk).snapshots(model.head, -1))).isEqualTo(model.all);
  }

  @Test
  void theSizeOfAHeadCanBeChosen() {
    Map<Integer, Integer> listed = new HashMap<>();
    for (int bytes : new int[] {8 << 10, 100 << 10}) {
      Model model = new Model(bytes);
      model.head =
          model.head.toBuilder()
              .property("datashard.history.head-bytes", Integer.toString(bytes))
              .build();
      for (int i = 0; i < 500; i++) {
        model.commit(model.newId(true), 10);
      }
      assertThat(model.longestHead).isBetween(bytes - 1_600, bytes + 800);
      listed.put(bytes, model.head.snapshots().size());
    }
    assertThat(listed.get(100 << 10)).isGreaterThan(5 * listed.get(8 << 10));
  }

  /** A rollback adds to the log and lists nothing new. */
  @Test
  void theLogIsArchivedTooWhenItGrowsByItself() {
    Model model = new Model(8);
    Random random = new Random(8);
    for (int i = 0; i < 3_000; i++) {
      if (i % 100 == 0) {
        model.commit(model.newId(true), 1);
        assertThat(model.head.snapshotLog().size())
            .isLessThanOrEqualTo(model.head.snapshots().size() + 65);
      }
      model.rollBack();
    }
    assertThat(model.longestHead).isLessThan((24 << 10) + 100 * 80);
    for (int i = 0; i < 100; i++) {
      long time = START_MILLIS - 5 + random.nextInt((int) (model.millis - START_MILLIS) + 10);
      assertThat(new History(disk).currentAt(model.head, time)).isEqualTo(model.currentAt(time));
    }
    assertThat(listOf(new History(disk).snapshots(model.head, -1))).isEqualTo(model.all);
  }

  /** However large the schema and however many tags, not every commit archives a snapshot. */
  @Test
  void whatCannotLeaveTheHeadDoesNotMakeItArchiveAllTheTime() {
    Model model = new Model(4);
    model.head = model.head.toBuilder().property("note", "x".repeat(100_000)).build();
    for (int i = 0; i < 400; i++) {
      model.commit(model.newId(true), 10);
    }
    assertThat(model.cuts).isBetween(10, 60);
    assertThat(model.head.snapshots().size()).isBetween(3, 40);
    assertThat(listOf(new History(disk).snapshots(model.head, -1))).isEqualTo(model.all);
  }

  @Test
  void fieldsThatWeDoNotKnowAreArchivedToo() throws Exception {
    Model model = new Model(5);
    model.commit(model.newId(true), 10);
    String json = new String(TableMetadataJson.write(model.head), UTF_8);
    String marked =
        json.replaceFirst("\"schema-id\":0}\\]", "\"schema-id\":0,\n \"their-field\" : [1,\n2]}]");
    assertThat(marked).isNotEqualTo(json);
    marked = marked.replaceFirst(",\"datashard-crc32\":\"[0-9a-f]{8}\"", "");
    model.head = TableMetadataJson.parse(marked.getBytes(UTF_8), "head");
    for (int i = 0; i < 60; i++) {
      model.commit(model.newId(true), 10);
    }
    assertThat(listOf(new History(disk).snapshots(model.head, -1))).isEqualTo(model.all);
    List<String> texts = new ArrayList<>();
    ArchiveFiles files = new ArchiveFiles(disk);
    for (Segment segment : files.root(Reference.of(model.head)).segments()) {
      try (ArchiveFiles.Opened opened = files.open(segment)) {
        opened.blocks().forEach(block -> texts.add(opened.text(block)));
      }
    }
    assertThat(String.join("", texts)).contains("\"their-field\" : [1, 2]");
  }

  /** Files that are whole and say what is not so: a writer's mistake. */
  @Test
  void aCheckDoesNotBelieveWhatTheFilesSay() {
    Model model = new Model(10);
    for (int i = 0; i < 100; i++) {
      model.commit(model.newId(true), 10);
    }
    assertThat(damages(model.head)).isEmpty();
    List<Snapshot> some = model.all.subList(0, 3);
    List<SnapshotLogEntry> log = model.log.subList(0, 3);
    Extent right = Extent.of(some, log);
    assertThat(damagesOf(Page.write(model.head, some, log), right, model)).isEmpty();
    Extent wrong = Extent.of(model.all.subList(1, 4), log);
    assertThat(damagesOf(Page.write(model.head, some, log), wrong, model))
        .singleElement()
        .asString()
        .contains("The block at 0 holds Extent[snapshots=3, ");
    List<Snapshot> twice = List.of(some.get(0), some.get(1), some.get(0));
    assertThat(damagesOf(Page.write(model.head, twice, log), Extent.of(twice, log), model))
        .singleElement()
        .asString()
        .contains("Snapshot " + some.get(0).snapshotId() + " with sequence number 1 is archived");
    List<SnapshotLogEntry> back =
        List.of(log.get(2), new SnapshotLogEntry(log.get(2).timestampMillis() - 70_000, 5));
    assertThat(damagesOf(Page.write(model.head, some, back), Extent.of(some, back), model))
        .singleElement()
        .asString()
        .contains("The snapshot log runs back");
  }

  private List<String> damages(TableMetadata head) {
    List<String> damages = new ArrayList<>();
    ArchiveCheck check = new ArchiveCheck(disk, (key, what) -> damages.add(key + ": " + what));
    check.check("metadata/v9.metadata.json", head);
    check.forEachSnapshot(head, snapshot -> {});
    return damages;
  }

  /** What is wrong with an archive of one block, whose checksums are right. */
  private List<String> damagesOf(String page, Extent said, Model model) {
    String key = ArchiveFile.keyOf(7, model.random.nextLong(), ArchiveFile.SEGMENT);
    SegmentWriter writer = new SegmentWriter();
    writer.add(page, said);
    SegmentWriter.Written written = writer.finish(key);
    disk.createExclusive(key, ByteBuffer.wrap(written.bytes()));
    Root root = new Root(List.of(written.segment()));
    String rootKey = ArchiveFile.keyOf(7, model.random.nextLong(), ArchiveFile.ROOT);
    disk.createExclusive(rootKey, ByteBuffer.wrap(root.bytes()));
    Reference reference =
        new Reference(
            rootKey,
            root.bytes().length,
            ArchiveFile.checksum(root.bytes(), 0, root.bytes().length),
            root.snapshots());
    return damages(
        model.head.toBuilder().property("datashard.history", reference.toString()).build());
  }

  @Test
  void aDamagedArchiveIsAnErrorThatNamesTheFile() {
    Model model = new Model(6);
    for (int i = 0; i < 400; i++) {
      model.commit(model.newId(true), 10);
    }
    Random random = new Random(6);
    for (String key : new History(disk).files(model.head)) {
      byte[] whole = disk.readWhole(key, -1);
      for (int i = 0; i < 30; i++) {
        byte[] changed =
            switch (i % 3) {
              case 0 -> java.util.Arrays.copyOf(whole, random.nextInt(whole.length));
              case 1 -> java.util.Arrays.copyOf(whole, whole.length + 1 + random.nextInt(9));
              default -> flipped(whole, random);
            };
        disk.damage(key, changed);
        History cold = new History(disk);
        assertThatThrownBy(() -> listOf(cold.snapshots(model.head, -1)))
            .as("%s, change %d", key, i)
            .isInstanceOf(CorruptTableException.class)
            .hasMessageContaining(key);
      }
      disk.delete(key);
      assertThatThrownBy(() -> listOf(new History(disk).snapshots(model.head, -1)))
          .isInstanceOf(CorruptTableException.class)
          .hasMessageContaining(key + " is missing");
      // Commits go on: with a longer head if they must, and nothing that was archived is dropped.
      Model after = new Model(random.nextLong());
      after.head = model.head;
      after.version = 5_000;
      after.millis = model.millis;
      int before = after.head.snapshots().size();
      for (int i = 0; i < 100; i++) {
        after.commit(after.newId(true), 10);
      }
      assertThat(after.head.lastSequenceNumber()).isEqualTo(500);
      disk.createExclusive(key, ByteBuffer.wrap(whole));
      List<Snapshot> expected = new ArrayList<>(model.all);
      expected.addAll(after.all);
      assertThat(before).isLessThan(60);
      assertThat(listOf(new History(disk).snapshots(after.head, -1))).isEqualTo(expected);
    }
  }

  private static byte[] flipped(byte[] whole, Random random) {
    byte[] changed = whole.clone();
    changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
    return changed;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "metadata/history/7-0123456789abcdef.root 10 00000000",
        "metadata/history/7-0123456789abcdef.root 10 0000000 5",
        "metadata/history/7-0123456789abcdef.root -1 00000000 5",
        "metadata/history/7-0123456789abcdef.root 99999999999 00000000 5",
        "metadata/history/7-0123456789abcdef.root 10 00000000 5 6",
        "metadata/history/../7-0123456789abcdef.root 10 00000000 5",
        "/etc/passwd 10 00000000 5",
        "metadata/v7.metadata.json 10 00000000 5",
      })
  void aStrangeReferenceIsRefused(String text) {
    TableMetadata head = new Model(1).head.toBuilder().property("datashard.history", text).build();
    assertThatThrownBy(() -> new History(disk).find(head, 1))
        .isInstanceOf(CorruptTableException.class)
        .hasMessageContaining("The property datashard.history of table memory:///table")
        .hasMessageContaining("'" + text + "'");
  }

  @Test
  void archivesAreNotReadFromElsewhere() {
    String root =
        "datashard-history 1\n" + "metadata/../../x.segment 10 5 00000000 1 1 1 - - - - 0 - -\n";
    byte[] bytes = root.getBytes(UTF_8);
    disk.createExclusive("metadata/history/7-0123456789abcdef.root", ByteBuffer.wrap(bytes));
    Reference reference =
        new Reference(
            "metadata/history/7-0123456789abcdef.root",
            bytes.length,
            ArchiveFile.checksum(bytes, 0, bytes.length),
            1);
    TableMetadata head =
        new Model(1).head.toBuilder().property("datashard.history", reference.toString()).build();
    assertThatThrownBy(() -> new History(disk).find(head, 1))
        .isInstanceOf(CorruptTableException.class)
        .hasMessageContaining("'metadata/../../x.segment' is no file of segments");
  }

  @Test
  void storageIsUsedOnlyForReading() {
    // The commit writes the files, beside its own; a cut alone changes nothing.
    Model model = new Model(9);
    for (int i = 0; i < 100; i++) {
      model.commit(model.newId(true), 10);
    }
    int files = disk.listAll("").size();
    History history = new History(readOnly(disk));
    assertThat(
            history.cut(
                model.head,
                TableMetadataJson.write(model.head).length + 24_000,
                model.millis,
                9,
                9))
        .isPresent();
    assertThat(disk.listAll("")).hasSize(files);
  }

  private static Storage readOnly(Storage storage) {
    return FaultyStorage.planned(
        storage,
        (number, verb, key) ->
            verb == Verb.OPEN || verb == Verb.READ || verb == Verb.READ_RANGE
                ? FaultyStorage.Fault.NONE
                : FaultyStorage.Fault.FAIL);
  }
}
