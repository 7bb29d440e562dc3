package io.datashard.internal.manifest;

import io.datashard.schema.Field;
import io.datashard.schema.Type;
import io.datashard.table.ColumnMetrics;
import io.datashard.table.DataFile;
import io.datashard.table.FileMetrics;
import io.datashard.table.ManifestFile;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The live files of one manifest as columns: what planning a scan looks at, in few bytes, with the
 * metrics of those columns of the table that were asked for. Immutable.
 *
 * <p>Files are known by place, 0 to {@link #size}, in the manifest's order. Paths are kept as bytes
 * without what all of them begin with; partition tuples once each.
 */
public final class ManifestColumns {
  private static final int OBJECT_BYTES = 160;
  private static final int TUPLE_BYTES = 64;
  private static final int VALUE_BYTES = 64;

  /**
   * What the entries were read by. Who reads by something else reads them anew.
   *
   * @param types of the partition values
   */
  record Reading(int specId, long addedSnapshotId, List<@Nullable Type> types) {
    /** By hand: the first comparison of records without costs a short command much of its time. */
    boolean isSame(Reading other) {
      return specId == other.specId
          && addedSnapshotId == other.addedSnapshotId
          && types.equals(other.types);
    }
  }

  /** The part that does not depend on the columns asked for. */
  record Files(
      int size,
      byte[] pathPrefix,
      ByteRuns paths,
      List<String> formats,
      CompactLongs format,
      CompactLongs snapshotIds,
      CompactLongs recordCounts,
      CompactLongs sizes,
      List<List<@Nullable Object>> tuples,
      CompactLongs tuple,
      CompactLongs splitEnds,
      CompactLongs splits,
      CompactLongs sortOrders) {

    private long memoryBytes() {
      long bytes = OBJECT_BYTES + pathPrefix.length + paths.memoryBytes();
      for (CompactLongs each :
          List.of(format, snapshotIds, recordCounts, sizes, tuple, splitEnds, splits, sortOrders)) {
        bytes += each.bytes();
      }
      for (List<@Nullable Object> values : tuples) {
        bytes += TUPLE_BYTES;
        for (Object value : values) {
          bytes += VALUE_BYTES + variableBytes(value);
        }
      }
      return bytes;
    }

    private static long variableBytes(@Nullable Object value) {
      if (value instanceof String text) {
        return 2L * text.length();
      }
      return value instanceof byte[] bytes ? bytes.length : 0;
    }
  }

  private final Reading reading;
  private final Files files;
  private final List<MetricColumn> metrics;
  private final long rows;
  private final long memoryBytes;

  ManifestColumns(Reading reading, Files files, List<MetricColumn> metrics) {
    this.reading = reading;
    this.files = files;
    this.metrics = List.copyOf(metrics);
    long allRows = 0;
    for (int i = 0; i < files.size(); i++) {
      allRows += files.recordCounts().get(i);
    }
    rows = allRows;
    long bytes = files.memoryBytes();
    for (MetricColumn column : metrics) {
      bytes += column.memoryBytes();
    }
    memoryBytes = bytes;
  }

  Files files() {
    return files;
  }

  /** Whether reading the manifest for this list and these specs gives the same files. */
  public boolean isReadBy(ManifestFile from, PartitionTypes types) {
    return reading.isSame(readingOf(from, types));
  }

  static Reading readingOf(ManifestFile from, PartitionTypes types) {
    return new Reading(from.specId(), from.addedSnapshotId(), types.types(from.specId()));
  }

  /** Whether the metrics of all these columns are here, for these types or others. */
  public boolean holds(List<Field> fields) {
    for (Field field : fields) {
      if (!holds(field.id())) {
        return false;
      }
    }
    return true;
  }

  private @Nullable MetricColumn metricsOrNull(Field field) {
    for (MetricColumn column : metrics) {
      if (column.isOf(field)) {
        return column;
      }
    }
    return null;
  }

  private boolean holds(int fieldId) {
    for (MetricColumn column : metrics) {
      if (column.fieldId() == fieldId) {
        return true;
      }
    }
    return false;
  }

  /** Those of the columns whose metrics are not here. */
  List<Field> missing(List<Field> fields) {
    return fields.stream().filter(field -> !holds(field.id())).toList();
  }

  /** The same, its columns made ready for the types of these fields; itself if they are. */
  public ManifestColumns as(List<Field> fields) {
    List<MetricColumn> all = new ArrayList<>();
    boolean changed = false;
    for (MetricColumn column : metrics) {
      MetricColumn wanted = column;
      for (Field field : fields) {
        if (field.id() == column.fieldId() && !column.isOf(field)) {
          wanted = column.as(field.type(), size(), files.recordCounts());
          changed = true;
        }
      }
      all.add(wanted);
    }
    return changed ? new ManifestColumns(reading, files, all) : this;
  }

  /** The same with these columns too. */
  ManifestColumns with(List<MetricColumn> more) {
    List<MetricColumn> all = new ArrayList<>(metrics);
    all.removeIf(old -> more.stream().anyMatch(each -> each.fieldId() == old.fieldId()));
    all.addAll(more);
    return new ManifestColumns(reading, files, all);
  }

  /** The same with the columns that another reading of the same manifest has and this has not. */
  public ManifestColumns joined(ManifestColumns other) {
    List<MetricColumn> more =
        other.metrics.stream().filter(column -> !holds(column.fieldId())).toList();
    return more.isEmpty() || !reading.isSame(other.reading) ? this : with(more);
  }

  /** Of how many columns of the table the metrics are here. */
  public int columnCount() {
    return metrics.size();
  }

  /** How many live files there are. */
  public int size() {
    return files.size();
  }

  /** Rows of all files together. */
  public long rows() {
    return rows;
  }

  /** About what it takes in memory: all arrays, and a guess for the objects around them. */
  public long memoryBytes() {
    return memoryBytes;
  }

  /** Rows of a file. */
  public long recordCount(int file) {
    return files.recordCounts().get(file);
  }

  /** The length of a file. */
  public long fileSizeBytes(int file) {
    return files.sizes().get(file);
  }

  /** The snapshot that added the file. */
  public long snapshotId(int file) {
    return files.snapshotIds().get(file);
  }

  /** How many different partition tuples the files have. */
  public int tupleCount() {
    return files.tuples().size();
  }

  /** Which of the partition tuples a file has. */
  public int tupleOf(int file) {
    return (int) files.tuple().get(file);
  }

  /** A partition tuple: one value for each field of the spec, of the class that Type lists. */
  public List<@Nullable Object> tuple(int number) {
    return files.tuples().get(number);
  }

  /** Where a file is, as the manifest records it. */
  public String location(int file) {
    int start = files.paths().start(file);
    int length = files.paths().end(file) - start;
    byte[] prefix = files.pathPrefix();
    byte[] all = Arrays.copyOf(prefix, prefix.length + length);
    System.arraycopy(files.paths().array(), start, all, prefix.length, length);
    return new String(all, StandardCharsets.UTF_8);
  }

  /**
   * What is recorded of a column.
   *
   * @param field one of those that were asked for
   */
  public MetricColumn metrics(Field field) {
    MetricColumn column = metricsOrNull(field);
    if (column == null) {
      throw new IllegalArgumentException("The metrics of " + field + " were not asked for.");
    }
    return column;
  }

  /**
   * The file as a record.
   *
   * @param fields the columns whose metrics it gets, without their sizes
   */
  public DataFile file(int file, List<Field> fields) {
    Map<Integer, ColumnMetrics> columns = new HashMap<>();
    for (Field field : fields) {
      MetricColumn column = metrics(field);
      if (column.tellsOf(file)) {
        columns.put(field.id(), column.of(file));
      }
    }
    long sortOrder = files.sortOrders().get(file);
    return new DataFile(
        location(file),
        files.formats().get((int) files.format().get(file)),
        reading.specId(),
        tuple(tupleOf(file)),
        new FileMetrics(recordCount(file), fileSizeBytes(file), columns, splitOffsets(file)),
        sortOrder == Long.MIN_VALUE ? null : (Integer) (int) sortOrder);
  }

  private List<Long> splitOffsets(int file) {
    int end = (int) files.splitEnds().get(file);
    List<Long> all = new ArrayList<>();
    for (int i = file == 0 ? 0 : (int) files.splitEnds().get(file - 1); i < end; i++) {
      all.add(files.splits().get(i));
    }
    return all;
  }
}
