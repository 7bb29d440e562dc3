package io.datashard.internal.scan;

import io.datashard.error.CorruptTableException;
import io.datashard.error.UnsupportedTableException;
import io.datashard.expr.Bound;
import io.datashard.internal.manifest.ManifestColumns;
import io.datashard.schema.Field;
import io.datashard.table.DataFile;
import io.datashard.table.ManifestFile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * From a snapshot and a predicate to the files to read. Spec: Iceberg table spec, "Scan Planning".
 *
 * <p>Manifests are left out by the partition bounds in the manifest list, files by their partition
 * values and by the counts and bounds of their columns. What cannot be told is read.
 */
public final class ScanPlanner {
  /** No limit. */
  public static final long NO_LIMIT = -1;

  /** So many manifests are fetched side by side from a store that is far away. */
  private static final int AHEAD = 16;

  private final List<ScanPart> parts;
  private final Bound filter;
  private final List<Field> fields;
  private final Settings settings;

  /** By key, the name of the manifest that lists the file, to find files listed twice. */
  private final Map<String, String> seen = new HashMap<>();

  private final Map<Integer, PartitionFacts> partitionsBySpec = new HashMap<>();

  /** What {@link #candidates} found in the manifest that is looked at. */
  private final Map<Bound, long[]> candidatesByFilter = new HashMap<>();

  private @Nullable ManifestColumns candidatesOf;

  /** The files of the part that is looked at. */
  private SnapshotFiles snapshot;

  private int manifests;
  private int manifestsSkipped;
  private long files;
  private long filesInSkippedManifests;
  private long filesSkippedByPartition;
  private long filesSkippedByBounds;
  private boolean limitReached;

  /**
   * The manifest that files are listed by.
   *
   * @param name where it is, for messages
   * @param partitions what the partition values of its files tell
   */
  private static final class Listing {
    private final SnapshotFiles snapshot;
    private final ManifestFile manifest;
    private final PartitionFacts partitions;
    private @Nullable String name;

    Listing(SnapshotFiles snapshot, ManifestFile manifest, PartitionFacts partitions) {
      this.snapshot = snapshot;
      this.manifest = manifest;
      this.partitions = partitions;
    }

    PartitionFacts partitions() {
      return partitions;
    }

    /** Made when it is wanted: most manifests list nothing that is. */
    String name() {
      String made = name;
      if (made == null) {
        made = snapshot.nameOf(manifest);
        name = made;
      }
      return made;
    }
  }

  /**
   * How a plan is made, not what it is.
   *
   * @param threads how many decode manifests at most
   * @param atOnceFrom of so many files in a manifest on, they are first judged all at once, see
   *     {@link Candidates}
   */
  record Settings(int threads, int atOnceFrom) {
    static final Settings BEST = new Settings(Runtime.getRuntime().availableProcessors(), 32);
  }

  private ScanPlanner(
      List<ScanPart> parts, Bound filter, List<Field> metricsToo, Settings settings) {
    this.parts = parts;
    this.snapshot = parts.get(0).files();
    this.filter = filter;
    this.fields = distinct(filter.fields(), metricsToo);
    this.settings = settings;
  }

  private static List<Field> distinct(List<Field> some, List<Field> others) {
    Map<Integer, Field> byId = new LinkedHashMap<>();
    some.forEach(field -> byId.putIfAbsent(field.id(), field));
    others.forEach(field -> byId.putIfAbsent(field.id(), field));
    return List.copyOf(byId.values());
  }

  /**
   * The files that hold the wanted rows.
   *
   * @param parts at least one
   * @param limit how many rows are wanted at most: planning ends as soon as the files of which
   *     every row is wanted hold that many; {@link #NO_LIMIT} for all
   * @throws CorruptTableException a manifest is missing or damaged, a file is listed twice, lies
   *     outside the table or has bounds that are no values of their column
   * @throws UnsupportedTableException a file to read is not Parquet
   */
  public static FilePlan plan(List<ScanPart> parts, Bound filter, long limit) {
    return plan(parts, filter, limit, Settings.BEST);
  }

  static FilePlan plan(List<ScanPart> parts, Bound filter, long limit, Settings settings) {
    return plan(new ScanPlanner(parts, filter, List.of(), settings), limit);
  }

  /**
   * The same, whose tasks have the metrics of these columns too; errors as for {@link #plan(List,
   * Bound, long)}.
   */
  public static FilePlan plan(
      List<ScanPart> parts, Bound filter, long limit, List<Field> metricsToo) {
    return plan(new ScanPlanner(parts, filter, metricsToo, Settings.BEST), limit);
  }

  private static FilePlan plan(ScanPlanner planner, long limit) {
    List<FileTask> tasks = new ArrayList<>();
    planner.visit(limit, tasks::add);
    return new FilePlan(tasks, planner.counts(), planner.fetched());
  }

  /** Of all files of a snapshot; errors as for {@link #plan(List, Bound, long)}. */
  public static FilePlan plan(SnapshotFiles snapshot, Bound filter, long limit) {
    return plan(List.of(ScanPart.all(snapshot)), filter, limit);
  }

  /** Of all files of a snapshot; errors as for {@link #plan(List, Bound, long)}. */
  public static CountPlan count(SnapshotFiles snapshot, Bound filter) {
    return count(List.of(ScanPart.all(snapshot)), filter);
  }

  /**
   * The rows that metadata alone can count, and the files it cannot; errors as for {@link
   * #plan(List, Bound, long)}.
   */
  public static CountPlan count(List<ScanPart> parts, Bound filter) {
    ScanPlanner planner = new ScanPlanner(parts, filter, List.of(), Settings.BEST);
    List<FileTask> open = new ArrayList<>();
    long[] certain = new long[1];
    planner.visit(
        NO_LIMIT,
        task -> {
          if (task.wantsAllRows()) {
            certain[0] = Math.addExact(certain[0], task.recordCount());
          } else {
            open.add(task);
          }
        });
    return new CountPlan(certain[0], open, planner.counts());
  }

  private FilePlan.Fetched fetched() {
    int count = 0;
    long bytes = 0;
    for (ScanPart part : parts) {
      count += part.files().filesRead();
      bytes += part.files().bytesRead();
    }
    return new FilePlan.Fetched(count, bytes);
  }

  private FilePlan.Counts counts() {
    return new FilePlan.Counts(
        manifests,
        manifestsSkipped,
        files,
        filesInSkippedManifests,
        filesSkippedByPartition,
        filesSkippedByBounds,
        limitReached);
  }

  private void visit(long limit, Consumer<FileTask> each) {
    long[] left = {limit};
    limitReached = limit == 0 || isNone(filter);
    for (ScanPart part : parts) {
      manifests += part.files().manifests().size();
    }
    for (ScanPart part : parts) {
      snapshot = part.files();
      visit(part, limit, left, each);
    }
  }

  private void visit(ScanPart part, long limit, long[] left, Consumer<FileTask> each) {
    // Whoever wants a few rows may need no second manifest.
    int threads = limit == NO_LIMIT ? settings.threads() : 1;
    try (ManifestLoads loads = new ManifestLoads(snapshot, new Wanted(part), fields, threads)) {
      while (!limitReached) {
        ManifestLoads.Loaded next = loads.next();
        if (next == null) {
          return;
        }
        visit(part, next.columns(), listing(next.manifest()), limit, left, each);
      }
    }
  }

  private void visit(
      ScanPart part,
      ManifestColumns columns,
      Listing from,
      long limit,
      long[] left,
      Consumer<FileTask> each) {
    if (part.isWhole() && columns.tupleCount() == 1) {
      visit(judge(columns, 0, from), columns, from, limit, left, each);
      return;
    }
    @Nullable Judged[] byTuple = new Judged[columns.tupleCount()];
    for (int file = 0; file < columns.size() && !limitReached; file++) {
      if (!part.hasAddedBy(columns.snapshotId(file))) {
        continue;
      }
      files++;
      int tuple = columns.tupleOf(file);
      Judged judged = byTuple[tuple];
      if (judged == null) {
        judged = judge(columns, tuple, from);
        byTuple[tuple] = judged;
      }
      if (judged.none()) {
        filesSkippedByPartition++;
      } else if (!judged.has(file) || !hand(judged, columns, file, from, limit, left, each)) {
        filesSkippedByBounds++;
      }
    }
  }

  /**
   * The files of a manifest that are all of one partition: those that are passed over cost nothing.
   */
  private void visit(
      Judged judged,
      ManifestColumns columns,
      Listing from,
      long limit,
      long[] left,
      Consumer<FileTask> each) {
    int seen = 0;
    int handed = 0;
    for (int file = judged.next(0); file < columns.size(); file = judged.next(seen)) {
      seen = file + 1;
      handed += hand(judged, columns, file, from, limit, left, each) ? 1 : 0;
      if (limitReached) {
        break;
      }
    }
    seen = limitReached ? seen : columns.size();
    files += seen;
    if (judged.none()) {
      filesSkippedByPartition += seen;
    } else {
      filesSkippedByBounds += seen - handed;
    }
  }

  /** Hands a file over if it may hold a wanted row; returns whether it may. */
  private boolean hand(
      Judged judged,
      ManifestColumns columns,
      int file,
      Listing from,
      long limit,
      long[] left,
      Consumer<FileTask> each) {
    FileTask task = task(columns, file, judged.open(), from);
    if (task == null) {
      return false;
    }
    each.accept(task);
    if (limit >= 0 && task.wantsAllRows()) {
      left[0] -= task.recordCount();
      limitReached = left[0] <= 0;
    }
    return true;
  }

  /**
   * What is known of the files of one partition in one manifest.
   *
   * @param open what its partition values leave to ask
   * @param candidates the files that are to be looked at one by one; null for all
   */
  private record Judged(Bound open, long @Nullable [] candidates) {
    boolean none() {
      return isNone(open);
    }

    boolean has(int file) {
      return candidates == null || Candidates.has(candidates, file);
    }

    /** The first file from this one on that is to be looked at; a large number if none is. */
    int next(int file) {
      if (none()) {
        return Integer.MAX_VALUE;
      }
      return candidates == null ? file : Candidates.next(candidates, file);
    }
  }

  private Judged judge(ManifestColumns columns, int tuple, Listing from) {
    Bound open =
        from.partitions().tell()
            ? from.partitions().residual(filter, columns.tuple(tuple))
            : filter;
    boolean isSettled = columns.size() < settings.atOnceFrom() || open instanceof Bound.Constant;
    return new Judged(open, isSettled ? null : candidates(open, columns));
  }

  /** Partitions of one manifest most often leave the same to ask. */
  private long[] candidates(Bound open, ManifestColumns columns) {
    if (columns.tupleCount() == 1) {
      return Candidates.of(open, columns);
    }
    if (columns != candidatesOf) {
      candidatesOf = columns;
      candidatesByFilter.clear();
    }
    return candidatesByFilter.computeIfAbsent(open, rest -> Candidates.of(rest, columns));
  }

  /** The manifests that may list files of a part that are wanted. Counts those left out. */
  private final class Wanted implements Iterator<ManifestFile> {
    private final ScanPart part;
    private final List<ManifestFile> all;
    private int place;
    private @Nullable ManifestFile next;

    Wanted(ScanPart part) {
      this.part = part;
      this.all = part.files().manifests();
    }

    @Override
    public boolean hasNext() {
      while (next == null && place < all.size()) {
        if (place % AHEAD == 0) {
          expect(part, all.subList(place, Math.min(all.size(), place + AHEAD)));
        }
        ManifestFile manifest = all.get(place++);
        if (!part.mayList(manifest)) {
          manifestsSkipped++;
        } else if (hasNone(manifest, listing(manifest))) {
          manifestsSkipped++;
          ManifestFile.Counts counts = manifest.counts();
          filesInSkippedManifests +=
              Math.max(0, counts.addedFiles()) + Math.max(0, counts.existingFiles());
        } else {
          next = manifest;
        }
      }
      return next != null;
    }

    @Override
    public ManifestFile next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      ManifestFile found = Objects.requireNonNull(next);
      next = null;
      return found;
    }
  }

  /** One alone is read at once anyway. */
  private void expect(ScanPart part, List<ManifestFile> soon) {
    if (soon.size() > 1) {
      snapshot.expect(
          soon.stream()
              .filter(each -> part.mayList(each) && !hasNone(each, listing(each)))
              .toList());
    }
  }

  /** Whether its partitions tell that it lists no file that is wanted. */
  private boolean hasNone(ManifestFile manifest, Listing from) {
    return from.partitions().tell()
        && isNone(from.partitions().residual(filter, manifest, snapshot.listName()));
  }

  private Listing listing(ManifestFile manifest) {
    PartitionFacts partitions =
        partitionsBySpec.computeIfAbsent(
            manifest.specId(),
            id -> PartitionFacts.of(filter, snapshot.specOf(manifest).orElse(null)));
    return new Listing(snapshot, manifest, partitions);
  }

  /** The task for a file, or null if none of its rows is wanted. */
  private @Nullable FileTask task(ManifestColumns columns, int place, Bound filter, Listing from) {
    Bound open = filter.residual(field -> ColumnFacts.of(columns, place, field, from.name()));
    if (isNone(open) || columns.recordCount(place) == 0) {
      return null;
    }
    DataFile file = columns.file(place, fields);
    String key = snapshot.keyOf(file, from.name());
    @Nullable String other = seen.put(key, from.name());
    if (other != null) { // The spec leaves undefined what a scan returns then; rows twice is worse.
      throw new CorruptTableException(
          "The data file "
              + file.location()
              + " is listed twice as live in one snapshot: by "
              + other
              + " and by "
              + from.name()
              + ". Its rows would be returned twice. Read an earlier snapshot, or remove the file"
              + " once with the engine that added it.");
    }
    if (!file.format().equalsIgnoreCase("PARQUET")) {
      throw new UnsupportedTableException(
          "The data file "
              + file.location()
              + " has the format "
              + file.format()
              + "; DataShard reads PARQUET only. "
              + from.name()
              + " lists it.");
    }
    return new FileTask(file, key, open);
  }

  private static boolean isNone(Bound residual) {
    return residual instanceof Bound.Constant constant && !constant.value();
  }
}
