package io.datashard.internal.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.error.CorruptTableException;
import io.datashard.expr.Bound;
import io.datashard.expr.Bound.Facts;
import io.datashard.expr.Predicate;
import io.datashard.expr.RandomFilters;
import io.datashard.internal.scan.ScanPlanner.Settings;
import io.datashard.schema.Field;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.Type;
import io.datashard.storage.LocalStore;
import io.datashard.table.ColumnMetrics;
import io.datashard.table.DataFile;
import io.datashard.table.FileMetrics;
import io.datashard.table.Snapshot;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Manifests large enough to be decoded by several threads: a plan is the same however it is made,
 * and nothing is decoded twice that fits the cache.
 */
class PlanCacheTest {
  private static final int MANIFESTS = 6;
  private static final int FILES = 400;
  private static final Settings PLAIN = new Settings(1, Integer.MAX_VALUE);
  private static final Settings PARALLEL = new Settings(4, 1);

  @TempDir private Path folder;
  private SmallTable table;
  private Snapshot snapshot;

  @BeforeEach
  void create() {
    RandomFilters random = new RandomFilters(1);
    table =
        new SmallTable(
            LocalStore.of(folder).at(folder.resolve("t")),
            RandomFilters.SCHEMA,
            PartitionSpec.UNPARTITIONED);
    for (int m = 0; m < MANIFESTS; m++) {
      List<DataFile> files = new ArrayList<>();
      for (int f = 0; f < FILES; f++) {
        List<Map<Integer, Object>> rows = random.rows();
        Map<Field, Facts> facts = new HashMap<>();
        for (Field field : RandomFilters.SCHEMA.fields()) {
          facts.put(field, random.facts(field, rows));
        }
        DataFile file = table.file("%04d-%08x".formatted(m, f), rows.size(), List.of(), facts);
        files.add(random.oneIn(4) ? spoiled(file, random) : file);
      }
      table.manifest(files.toArray(DataFile[]::new));
      assertThat(table.manifests.get(m).lengthBytes()).isGreaterThan(16 << 10);
    }
    snapshot = table.snapshot(Map.of("operation", "append"));
  }

  /** Statistics as nobody should write them: turned round, cut, missing, counted wrongly. */
  private static DataFile spoiled(DataFile file, RandomFilters random) {
    Map<Integer, ColumnMetrics> columns = new HashMap<>();
    file.metrics()
        .columns()
        .forEach(
            (id, known) -> {
              boolean turned = random.oneIn(4);
              boolean cut = random.oneIn(4) && isOfAnyLength(id);
              boolean miscounted = random.oneIn(4);
              ByteBuffer lower = random.oneIn(8) ? null : turned ? known.upper() : known.lower();
              ByteBuffer upper = random.oneIn(8) ? null : turned ? known.lower() : known.upper();
              columns.put(
                  id,
                  new ColumnMetrics(
                      -1,
                      known.valueCount() + (miscounted ? 1 : 0),
                      random.oneIn(6) ? -1 : known.nullCount() + (miscounted ? 7 : 0),
                      known.nanCount(),
                      cut ? shorter(lower) : lower,
                      cut ? shorter(upper) : upper));
            });
    return new DataFile(
        file.location(),
        file.format(),
        file.specId(),
        file.partition(),
        new FileMetrics(file.recordCount(), file.fileSizeBytes(), columns, List.of()),
        null);
  }

  private static boolean isOfAnyLength(int fieldId) {
    Type type = RandomFilters.SCHEMA.fieldById(fieldId).orElseThrow().type();
    return type == Type.STRING || type == Type.BINARY;
  }

  private static @Nullable ByteBuffer shorter(@Nullable ByteBuffer bound) {
    return bound == null || bound.remaining() == 0
        ? bound
        : bound.duplicate().limit(bound.limit() - 1);
  }

  private SnapshotFiles files(FileCache cache) {
    return SnapshotFiles.of(table.storage, table.metadata, snapshot, cache);
  }

  private FilePlan plan(FileCache cache, Bound filter, Settings settings) {
    return ScanPlanner.plan(
        List.of(ScanPart.all(files(cache))), filter, ScanPlanner.NO_LIMIT, settings);
  }

  private FilePlan plain(Bound filter) {
    return plan(new FileCache(0), filter, PLAIN);
  }

  private static Bound filterOn(int column) {
    Field field = RandomFilters.SCHEMA.field(column);
    return new Bound.IsNull(field, true);
  }

  @Test
  void aPlanIsTheSameHoweverItIsMade() {
    FileCache warm = new FileCache(64 << 20);
    FileCache tiny = new FileCache(300_000);
    RandomFilters random = new RandomFilters(2);
    long skipped = 0;
    for (int i = 0; i < 50; i++) {
      Bound filter = random.predicate(2).bind(RandomFilters.SCHEMA);
      FilePlan expected = plain(filter);
      assertSame(plan(warm, filter, PARALLEL), expected, filter);
      assertSame(plan(warm, filter, PARALLEL), expected, filter);
      assertSame(plan(warm, filter, PLAIN), expected, filter);
      assertSame(plan(tiny, filter, PARALLEL), expected, filter);
      assertSame(plan(new FileCache(0), filter, PARALLEL), expected, filter);
      assertThat(tiny.bytes()).isLessThanOrEqualTo(300_000);
      skipped += expected.counts().filesSkippedByBounds();
    }
    assertThat(skipped).isGreaterThan(3_000);
    assertThat(warm.bytes()).isBetween(1_000_000L, 20_000_000L);
  }

  private static void assertSame(FilePlan plan, FilePlan expected, Bound filter) {
    assertThat(plan.files().stream().map(PlanCacheTest::show))
        .as("%s", filter)
        .isEqualTo(expected.files().stream().map(PlanCacheTest::show).toList());
    assertThat(plan.counts()).as("%s", filter).isEqualTo(expected.counts());
  }

  private static String show(FileTask task) {
    return task.key() + " " + task.recordCount() + " " + task.residual();
  }

  @Test
  void whatIsKnownIsNotReadAndNotDecodedAgain() {
    FileCache cache = new FileCache(64 << 20);
    FilePlan first = plan(cache, filterOn(0), PARALLEL);
    assertThat(first.fetched().files()).isEqualTo(MANIFESTS + 1);
    assertThat(cache.work()).isEqualTo(new FileCache.Work(MANIFESTS, MANIFESTS));

    FilePlan second = plan(cache, filterOn(0), PARALLEL);
    assertThat(second.fetched()).isEqualTo(new FilePlan.Fetched(0, 0));
    plan(cache, Predicate.ALWAYS.bind(RandomFilters.SCHEMA), PARALLEL);
    assertThat(cache.work()).isEqualTo(new FileCache.Work(MANIFESTS, MANIFESTS));

    FilePlan other = plan(cache, new Bound.Or(List.of(filterOn(0), filterOn(2))), PARALLEL);
    assertThat(other.fetched().files()).as("the files are at hand").isZero();
    assertThat(cache.work()).isEqualTo(new FileCache.Work(2 * MANIFESTS, 2 * MANIFESTS));
    plan(cache, filterOn(2), PARALLEL);
    plan(cache, filterOn(0), PARALLEL);
    assertThat(cache.work()).isEqualTo(new FileCache.Work(2 * MANIFESTS, 2 * MANIFESTS));
  }

  @Test
  void filesMakeRoomForWhatWasDecoded() {
    FileCache all = new FileCache(64 << 20);
    plan(all, filterOn(0), PARALLEL);
    long files = table.manifests.stream().mapToLong(each -> each.lengthBytes()).sum();
    FileCache half = new FileCache(all.bytes() - files / 2);
    plan(half, filterOn(0), PARALLEL);
    FilePlan second = plan(half, filterOn(0), PARALLEL);
    assertThat(second.fetched().files()).isZero();
    FilePlan other = plan(half, filterOn(1), PARALLEL);
    assertThat(other.fetched().files()).isBetween(1, MANIFESTS);
    assertThat(half.bytes()).isLessThanOrEqualTo(all.bytes());
  }

  @Test
  void threadsShareTheCache() throws Exception {
    FileCache roomy = new FileCache(64 << 20);
    FileCache tiny = new FileCache(400_000);
    RandomFilters random = new RandomFilters(3);
    List<Bound> filters = new ArrayList<>();
    List<FilePlan> expected = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      filters.add(random.predicate(1).bind(RandomFilters.SCHEMA));
      expected.add(plain(filters.get(i)));
    }
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        int first = t;
        FileCache cache = t % 2 == 0 ? roomy : tiny;
        all.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 2 * filters.size(); i++) {
                    int which = (first + i) % filters.size();
                    FilePlan plan = plan(cache, filters.get(which), PARALLEL);
                    assertSame(plan, expected.get(which), filters.get(which));
                  }
                }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(tiny.bytes()).isLessThanOrEqualTo(400_000);
  }

  @Test
  void damageIsToldByNameInEveryThread() throws Exception {
    Path manifest;
    try (Stream<Path> files = Files.list(folder.resolve("t/metadata"))) {
      manifest = files.filter(file -> file.endsWith("m4.avro")).findFirst().orElseThrow();
    }
    byte[] good = Files.readAllBytes(manifest);
    for (int at = 100; at < good.length; at += good.length / 40) {
      byte[] bad = good.clone();
      bad[at] ^= 4;
      Files.write(manifest, bad);
      assertThatThrownBy(() -> plan(new FileCache(64 << 20), filterOn(0), PARALLEL))
          .isInstanceOf(CorruptTableException.class)
          .hasMessageContaining("m4.avro");
      Files.write(manifest, Arrays.copyOf(good, at));
      assertThatThrownBy(() -> plan(new FileCache(64 << 20), filterOn(0), PARALLEL))
          .isInstanceOf(CorruptTableException.class)
          .hasMessageContaining("m4.avro");
    }
    Files.delete(manifest);
    assertThatThrownBy(() -> plan(new FileCache(64 << 20), filterOn(0), PARALLEL))
        .isInstanceOf(CorruptTableException.class)
        .hasMessageContaining("m4.avro is missing");
    table.put("metadata/m4.avro", ByteBuffer.wrap(good));
    FilePlan again = plan(new FileCache(64 << 20), filterOn(0), PARALLEL);
    assertSame(again, plain(filterOn(0)), filterOn(0));
  }
}
