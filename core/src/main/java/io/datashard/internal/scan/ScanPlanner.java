package io.datashard.internal.scan;

import io.datashard.error.CorruptTableException;
import io.datashard.error.UnsupportedTableException;
import io.datashard.expr.Bound;
import io.datashard.internal.manifest.EntryFields;
import io.datashard.schema.Field;
import io.datashard.table.DataFile;
import io.datashard.table.ManifestFile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
  private final EntryFields wanted;

  /** By key, the name of the manifest that lists the file, to find files listed twice. */
  private final Map<String, String> seen = new HashMap<>();

  private final Map<Integer, PartitionFacts> partitionsBySpec = new HashMap<>();

  /** The files of the part that is looked at. */
  private SnapshotFiles snapshot;

  private int manifests;
  private int manifestsSkipped;
  private long filesSkippedByPartition;
  private long filesSkippedByBounds;
  private boolean limitReached;

  /**
   * The manifest that files are listed by.
   *
   * @param name where it is, for messages
   * @param partitions what the partition values of its files tell
   */
  private record Listing(String name, PartitionFacts partitions) {}

  private ScanPlanner(List<ScanPart> parts, Bound filter, List<Field> metricsToo) {
    this.parts = parts;
    this.snapshot = parts.get(0).files();
    this.filter = filter;
    this.wanted =
        EntryFields.metricsOf(
            Stream.concat(filter.fields().stream(), metricsToo.stream())
                .map(Field::id)
                .collect(Collectors.toUnmodifiableSet()));
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
    return plan(parts, filter, limit, List.of());
  }

  /**
   * The same, whose tasks have the metrics of these columns too; errors as for {@link #plan(List,
   * Bound, long)}.
   */
  public static FilePlan plan(
      List<ScanPart> parts, Bound filter, long limit, List<Field> metricsToo) {
    ScanPlanner planner = new ScanPlanner(parts, filter, metricsToo);
    List<FileTask> tasks = new ArrayList<>();
    planner.visit(limit, tasks::add);
    return new FilePlan(tasks, planner.counts());
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
    ScanPlanner planner = new ScanPlanner(parts, filter, List.of());
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

  private FilePlan.Counts counts() {
    return new FilePlan.Counts(
        manifests, manifestsSkipped, filesSkippedByPartition, filesSkippedByBounds, limitReached);
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
    List<ManifestFile> all = snapshot.manifests();
    for (int i = 0; i < all.size(); i++) {
      if (limitReached) {
        return;
      }
      if (i % AHEAD == 0) {
        expect(part, all.subList(i, Math.min(all.size(), i + AHEAD)));
      }
      ManifestFile manifest = all.get(i);
      Listing from = listing(manifest);
      if (!part.mayList(manifest) || hasNone(manifest, from)) {
        manifestsSkipped++;
        continue;
      }
      snapshot.forEachLive(
          manifest,
          wanted,
          entry -> {
            boolean isLeftOut = limitReached || !part.has(manifest, entry);
            @Nullable FileTask task = isLeftOut ? null : task(entry.file(), from);
            if (task != null) {
              each.accept(task);
              if (limit >= 0 && task.wantsAllRows()) {
                left[0] -= task.recordCount();
                limitReached = left[0] <= 0;
              }
            }
          });
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
    return new Listing(snapshot.nameOf(manifest), partitions);
  }

  /** The task for a file, or null if none of its rows is wanted. */
  private @Nullable FileTask task(DataFile file, Listing from) {
    Bound open = filter;
    if (from.partitions().tell()) {
      open = from.partitions().residual(filter, file);
      if (isNone(open)) {
        filesSkippedByPartition++;
        return null;
      }
    }
    open = open.residual(field -> ColumnFacts.of(file, field, from.name()));
    if (isNone(open) || file.recordCount() == 0) {
      filesSkippedByBounds++;
      return null;
    }
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
