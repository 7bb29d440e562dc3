package io.datashard.internal.manifest;

import io.datashard.internal.manifest.ManifestColumns.Files;
import io.datashard.internal.manifest.MetricsLayout.Metric;
import io.datashard.internal.manifest.RecordProgram.Step;
import io.datashard.schema.Field;
import io.datashard.table.ManifestFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the live entries of one manifest into columns. It checks and refuses what {@link
 * EntryDecoder} does, but makes no object for an entry. Used by one thread.
 */
final class ColumnsDecoder {
  private static final int NO_PATH = -1;

  private final ManifestFile from;
  private final EntryLayout layout;

  /** Whether only metrics are wanted, because all else is known. */
  private final boolean metricsOnly;

  private final MetricsBuilder metrics;
  private final Step[] entrySteps;
  private final Step[] fileSteps;

  /** Which of the file's steps are metrics, by place. */
  private final @Nullable Metric[] metricSteps;

  private final ByteRuns.Builder paths = new ByteRuns.Builder();
  private final List<String> formats = new ArrayList<>();
  private final List<byte[]> formatBytes = new ArrayList<>();
  private final List<List<@Nullable Object>> tuples = new ArrayList<>();
  private final Map<ByteBuffer, Integer> tupleByBytes = new HashMap<>();
  private byte[] lastTuple = {};
  private int lastTupleNumber = -1;
  private int size;
  private long[] format = new long[16];
  private long[] snapshotIds = new long[16];
  private long[] recordCounts = new long[16];
  private long[] sizes = new long[16];
  private long[] tuple = new long[16];
  private long[] splitEnds = new long[16];
  private long[] sortOrders = new long[16];
  private long[] splits = new long[16];
  private int splitCount;

  // The entry that is being read.
  private byte[] data = {};
  private int pathStart;
  private int pathLength;
  private int formatNumber;
  private int tupleNumber;
  private long recordCount;
  private long sizeBytes;
  private long sortOrder;
  private int newSplitCount;
  private int content;
  private boolean encrypted;

  /**
   * @param metricsOnly whether nothing but these metrics is wanted
   */
  ColumnsDecoder(EntryLayout layout, ManifestFile from, List<Field> fields, boolean metricsOnly) {
    this.layout = layout;
    this.from = from;
    this.metricsOnly = metricsOnly;
    this.metrics = new MetricsBuilder(layout.metrics(), fields);
    entrySteps = layout.entry().steps().toArray(new Step[0]);
    fileSteps = layout.file().steps().toArray(new Step[0]);
    metricSteps = new Metric[fileSteps.length];
    for (int i = 0; i < fileSteps.length; i++) {
      metricSteps[i] = MetricsLayout.metricOf(fileSteps[i].id());
    }
  }

  /** Reads one entry. */
  void read(AvroInput in) {
    int status = -1;
    long snapshotId = from.addedSnapshotId();
    boolean hasFile = false;
    metrics.start(in);
    for (Step step : entrySteps) {
      if (step.hasValue(in)) {
        switch (step.id()) {
          case EntryLayout.STATUS -> status = in.readInt();
          case EntryLayout.SNAPSHOT_ID -> snapshotId = in.readLong();
          case EntryLayout.SEQUENCE_NUMBER, EntryLayout.FILE_SEQUENCE_NUMBER -> in.readLong();
          default -> {
            if (metricsOnly) {
              readMetrics(in);
            } else {
              readFile(in);
            }
            hasFile = true;
          }
        }
      }
    }
    if (status < 0 || status > ManifestEntry.Status.DELETED.ordinal()) {
      throw in.corrupt("an entry has the status " + status);
    }
    if (!hasFile) {
      throw in.corrupt("an entry has no data_file");
    }
    if (status != ManifestEntry.Status.DELETED.ordinal()) {
      add(snapshotId);
    }
  }

  private void readMetrics(AvroInput in) {
    for (int i = 0; i < fileSteps.length; i++) {
      Step step = fileSteps[i];
      Metric metric = metricSteps[i];
      if (step.hasValue(in)) {
        if (metric == null) {
          step.type().skip(in);
        } else {
          metrics.read(metric, step.type(), in);
        }
      }
    }
  }

  private void readFile(AvroInput in) {
    data = in.data();
    pathStart = NO_PATH;
    formatNumber = -1;
    tupleNumber = -1;
    recordCount = -1;
    sizeBytes = -1;
    sortOrder = Long.MIN_VALUE;
    newSplitCount = splitCount;
    content = 0;
    encrypted = false;
    for (int i = 0; i < fileSteps.length; i++) {
      Step step = fileSteps[i];
      Metric metric = metricSteps[i];
      if (step.hasValue(in)) {
        if (metric != null) {
          metrics.read(metric, step.type(), in);
        } else {
          readField(step, in);
        }
      }
    }
    if (pathStart == NO_PATH || formatNumber < 0 || recordCount < 0 || sizeBytes < 0) {
      throw in.corrupt(
          "a data file has the path "
              + (pathStart == NO_PATH ? null : path())
              + ", the format "
              + (formatNumber < 0 ? null : formats.get(formatNumber))
              + ", "
              + recordCount
              + " rows and "
              + sizeBytes
              + " bytes");
    }
    if (content != 0 || encrypted) {
      EntryLayout.refuse(in, path(), content, encrypted);
    }
    if (tupleNumber < 0) {
      tupleNumber = tupleNumber(new byte[0], List.of());
    }
  }

  private String path() {
    return new String(data, pathStart, pathLength, StandardCharsets.UTF_8);
  }

  private void readField(Step step, AvroInput in) {
    switch (step.id()) {
      case EntryLayout.CONTENT -> content = in.readInt();
      case EntryLayout.FILE_PATH -> {
        pathLength = in.readTextLength();
        pathStart = in.take(pathLength);
      }
      case EntryLayout.FILE_FORMAT -> {
        int length = in.readTextLength();
        formatNumber = formatNumber(in.take(length), length);
      }
      case EntryLayout.PARTITION -> readTuple(step.type(), in);
      case EntryLayout.RECORD_COUNT -> recordCount = in.readLong();
      case EntryLayout.FILE_SIZE -> sizeBytes = in.readLong();
      case EntryLayout.KEY_METADATA -> {
        step.type().skip(in);
        encrypted = true;
      }
      case EntryLayout.SPLIT_OFFSETS -> readSplits(in);
      case EntryLayout.SORT_ORDER_ID -> sortOrder = in.readInt();
      default -> throw new IllegalStateException("No field has the id " + step.id());
    }
  }

  private int formatNumber(int start, int length) {
    for (int i = 0; i < formatBytes.size(); i++) {
      byte[] known = formatBytes.get(i);
      if (known.length == length && Arrays.equals(known, 0, length, data, start, start + length)) {
        return i;
      }
    }
    formatBytes.add(Arrays.copyOfRange(data, start, start + length));
    formats.add(
        new String(data, start, length, StandardCharsets.UTF_8).toUpperCase(Locale.ROOT).intern());
    return formats.size() - 1;
  }

  /** Tuples are decoded once each; the next one is most often the last one again. */
  private void readTuple(AvroType type, AvroInput in) {
    int start = in.position();
    type.skip(in);
    int end = in.position();
    if (lastTupleNumber >= 0 && Arrays.equals(lastTuple, 0, lastTuple.length, data, start, end)) {
      tupleNumber = lastTupleNumber;
      return;
    }
    byte[] bytes = Arrays.copyOfRange(data, start, end);
    Integer known = tupleByBytes.get(ByteBuffer.wrap(bytes));
    if (known == null) {
      AvroInput again = new AvroInput(in.fileName(), data, start, end);
      tupleNumber = tupleNumber(bytes, layout.readPartition(again));
    } else {
      tupleNumber = known;
    }
    lastTuple = bytes;
    lastTupleNumber = tupleNumber;
  }

  private int tupleNumber(byte[] bytes, List<@Nullable Object> values) {
    Integer known = tupleByBytes.putIfAbsent(ByteBuffer.wrap(bytes), tuples.size());
    if (known != null) {
      return known;
    }
    tuples.add(values);
    return tuples.size() - 1;
  }

  private void readSplits(AvroInput in) {
    for (long n = in.readBlockCount(1); n != 0; n = in.readBlockCount(1)) {
      for (long i = 0; i < n; i++) {
        if (newSplitCount == splits.length) {
          splits = Arrays.copyOf(splits, 2 * splits.length);
        }
        splits[newSplitCount++] = in.readLong();
      }
    }
  }

  private void add(long snapshotId) {
    metrics.add();
    if (!metricsOnly) {
      if (size == format.length) {
        grow();
      }
      paths.add(data, pathStart, pathLength);
      format[size] = formatNumber;
      snapshotIds[size] = snapshotId;
      recordCounts[size] = recordCount;
      sizes[size] = sizeBytes;
      tuple[size] = tupleNumber;
      sortOrders[size] = sortOrder;
      splitCount = newSplitCount;
      splitEnds[size] = splitCount;
    }
    size++;
  }

  private void grow() {
    format = Arrays.copyOf(format, 2 * size);
    snapshotIds = Arrays.copyOf(snapshotIds, 2 * size);
    recordCounts = Arrays.copyOf(recordCounts, 2 * size);
    sizes = Arrays.copyOf(sizes, 2 * size);
    tuple = Arrays.copyOf(tuple, 2 * size);
    sortOrders = Arrays.copyOf(sortOrders, 2 * size);
    splitEnds = Arrays.copyOf(splitEnds, 2 * size);
  }

  /** How many live entries were read. */
  int size() {
    return size;
  }

  /** The live files. */
  Files files() {
    int shared = paths.sharedPrefix();
    return new Files(
        size,
        paths.firstBytes(shared),
        paths.build(shared),
        List.copyOf(formats),
        CompactLongs.of(format, size),
        CompactLongs.of(snapshotIds, size),
        CompactLongs.of(recordCounts, size),
        CompactLongs.of(sizes, size),
        List.copyOf(tuples),
        CompactLongs.of(tuple, size),
        CompactLongs.of(splitEnds, size),
        CompactLongs.of(splits, splitCount),
        CompactLongs.of(sortOrders, size));
  }

  /** The metrics of the columns asked for. */
  List<MetricColumn> metrics(CompactLongs rows) {
    return metrics.build(size, rows);
  }
}
