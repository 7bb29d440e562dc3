package io.datashard.internal.manifest;

import io.datashard.internal.manifest.RecordProgram.Step;
import io.datashard.table.DataFile;
import io.datashard.table.FileMetrics;
import io.datashard.table.ManifestFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the entries of one manifest. Made once for a file; used by one thread. Spec: Iceberg
 * table spec, "Manifest Entry Fields", "Data File Fields".
 */
final class EntryDecoder {
  private static final ManifestEntry.Status[] STATUSES = ManifestEntry.Status.values();

  private final ManifestFile from;
  private final EntryLayout layout;
  private final MetricsDecoder metrics;

  /** The format seen last, so that all entries share one string. */
  private String format = "PARQUET";

  EntryDecoder(EntryLayout layout, ManifestFile from, EntryFields fields) {
    this.layout = layout;
    this.from = from;
    metrics = new MetricsDecoder(layout.metrics(), fields);
  }

  /** Reads one entry; ids and sequence numbers are inherited. */
  ManifestEntry read(AvroInput in) {
    int status = -1;
    @Nullable Long snapshotId = null;
    @Nullable Long sequenceNumber = null;
    @Nullable Long fileSequenceNumber = null;
    @Nullable DataFile dataFile = null;
    for (Step step : layout.entry().steps()) {
      if (step.hasValue(in)) {
        switch (step.id()) {
          case EntryLayout.STATUS -> status = in.readInt();
          case EntryLayout.SNAPSHOT_ID -> snapshotId = in.readLong();
          case EntryLayout.SEQUENCE_NUMBER -> sequenceNumber = in.readLong();
          case EntryLayout.FILE_SEQUENCE_NUMBER -> fileSequenceNumber = in.readLong();
          default -> dataFile = readFile(in);
        }
      }
    }
    if (status < 0 || status >= STATUSES.length) {
      throw in.corrupt("an entry has the status " + status);
    }
    if (dataFile == null) {
      throw in.corrupt("an entry has no data_file");
    }
    return new ManifestEntry(
        STATUSES[status],
        snapshotId == null ? (Long) from.addedSnapshotId() : snapshotId,
        inherited(STATUSES[status], sequenceNumber),
        inherited(STATUSES[status], fileSequenceNumber),
        dataFile);
  }

  /**
   * Only added files inherit; a manifest of number 0 was written by format v1, where all numbers
   * are 0. Spec: "Sequence Number Inheritance".
   */
  private @Nullable Long inherited(ManifestEntry.Status status, @Nullable Long number) {
    boolean inherits =
        number == null && (status == ManifestEntry.Status.ADDED || from.sequenceNumber() == 0);
    return inherits ? (Long) from.sequenceNumber() : number;
  }

  private DataFile readFile(AvroInput in) {
    @Nullable String path = null;
    @Nullable String formatName = null;
    List<@Nullable Object> values = List.of();
    long recordCount = -1;
    long sizeBytes = -1;
    List<Long> splitOffsets = List.of();
    @Nullable Integer sortOrderId = null;
    int content = 0;
    boolean encrypted = false;
    metrics.start();
    for (Step step : layout.file().steps()) {
      if (step.hasValue(in)) {
        switch (step.id()) {
          case EntryLayout.CONTENT -> content = in.readInt();
          case EntryLayout.FILE_PATH -> path = in.readString();
          case EntryLayout.FILE_FORMAT -> formatName = format(in.readString());
          case EntryLayout.PARTITION -> values = layout.readPartition(in);
          case EntryLayout.RECORD_COUNT -> recordCount = in.readLong();
          case EntryLayout.FILE_SIZE -> sizeBytes = in.readLong();
          case EntryLayout.KEY_METADATA -> {
            step.type().skip(in);
            encrypted = true;
          }
          case EntryLayout.SPLIT_OFFSETS -> splitOffsets = readLongs(in);
          case EntryLayout.SORT_ORDER_ID -> sortOrderId = in.readInt();
          default -> readMetric(step, in);
        }
      }
    }
    if (path == null || formatName == null || recordCount < 0 || sizeBytes < 0) {
      throw in.corrupt(
          "a data file has the path "
              + path
              + ", the format "
              + formatName
              + ", "
              + recordCount
              + " rows and "
              + sizeBytes
              + " bytes");
    }
    EntryLayout.refuse(in, path, content, encrypted);
    return new DataFile(
        path,
        formatName,
        layout.spec().id(),
        values,
        new FileMetrics(recordCount, sizeBytes, metrics.finish(), splitOffsets),
        sortOrderId);
  }

  private void readMetric(Step step, AvroInput in) {
    MetricsLayout.@Nullable Metric metric = MetricsLayout.metricOf(step.id());
    if (metric == null) {
      step.type().skip(in);
    } else {
      metrics.read(metric, step.type(), in);
    }
  }

  private String format(String name) {
    if (!name.equals(format)) {
      format = name.toUpperCase(Locale.ROOT);
    }
    return format;
  }

  private static List<Long> readLongs(AvroInput in) {
    List<Long> all = new ArrayList<>(1);
    for (long n = in.readBlockCount(1); n != 0; n = in.readBlockCount(1)) {
      for (long i = 0; i < n; i++) {
        all.add(in.readLong());
      }
    }
    return all;
  }
}
