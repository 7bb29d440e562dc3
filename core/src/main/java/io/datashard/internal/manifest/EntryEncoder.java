package io.datashard.internal.manifest;

import io.datashard.schema.Type;
import io.datashard.schema.UuidBounds;
import io.datashard.schema.Values;
import io.datashard.table.ColumnMetrics;
import io.datashard.table.DataFile;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Writes entries in the layout that {@link ManifestHeader} declares. */
final class EntryEncoder {
  private final ManifestHeader header;
  private final long snapshotId;
  private final PartitionSummaries summaries;

  /** The partition values of the entry being written. */
  private final @Nullable Object[] tuple;

  EntryEncoder(ManifestHeader header, long snapshotId, PartitionSummaries summaries) {
    this.header = header;
    this.snapshotId = snapshotId;
    this.summaries = summaries;
    tuple = new Object[header.types().size()];
  }

  /** Appends one entry; after an exception the output must be cut back to where it was. */
  void write(ManifestEntry entry, AvroOutput out) {
    check(entry);
    out.writeLong(entry.status().ordinal());
    out.writePresent();
    out.writeLong(entry.snapshotId() == null ? snapshotId : entry.snapshotId());
    out.writeOptional(entry.sequenceNumber());
    out.writeOptional(entry.fileSequenceNumber());
    DataFile file = entry.file();
    out.writeLong(0); // content: data
    out.writeString(file.location());
    out.writeString(file.format());
    writePartition(file, out);
    out.writeLong(file.recordCount());
    out.writeLong(file.fileSizeBytes());
    writeMetrics(file.metrics().columns(), out);
    out.writeNull(); // key_metadata
    writeOffsets(file.metrics().splitOffsets(), out);
    out.writeNull(); // equality_ids
    Integer order = file.sortOrderId();
    out.writeOptional(order == null ? null : (Long) order.longValue());
    out.writeNull(); // referenced_data_file
    for (int i = 0; i < tuple.length; i++) {
      summaries.add(i, tuple[i]); // last, when nothing can fail any more
    }
  }

  private void check(ManifestEntry entry) {
    DataFile file = entry.file();
    boolean inherits = entry.sequenceNumber() == null || entry.fileSequenceNumber() == null;
    if (inherits && entry.status() != ManifestEntry.Status.ADDED) {
      throw new IllegalArgumentException(
          file.location()
              + " is "
              + entry.status()
              + " without sequence numbers; only ADDED files inherit them.");
    }
    if (file.specId() != header.spec().id()
        || file.partition().size() != header.spec().fields().size()) {
      throw new IllegalArgumentException(
          file.location()
              + " has "
              + file.partition().size()
              + " partition values of spec "
              + file.specId()
              + "; the manifest is for spec "
              + header.spec().id()
              + " with "
              + header.spec().fields().size()
              + " fields.");
    }
    if (file.recordCount() < 0 || file.fileSizeBytes() < 0) {
      throw new IllegalArgumentException(
          file.location()
              + " has "
              + file.recordCount()
              + " rows and "
              + file.fileSizeBytes()
              + " bytes.");
    }
  }

  private void writePartition(DataFile file, AvroOutput out) {
    for (int i = 0; i < header.types().size(); i++) {
      Object value = file.partition().get(i);
      Type type = header.types().get(i);
      tuple[i] = value == null ? null : Values.canonical(type, value);
      Object canonical = tuple[i];
      if (canonical == null) {
        out.writeNull();
      } else {
        out.writePresent();
        writeValue(type, canonical, out);
      }
    }
  }

  private static void writeValue(Type type, Object value, AvroOutput out) {
    switch (type.kind()) {
      case BOOLEAN -> out.writeBoolean((Boolean) value);
      case INT -> out.writeLong((Integer) value);
      case LONG -> out.writeLong((Long) value);
      case FLOAT -> out.writeFloat((Float) value);
      case DOUBLE -> out.writeDouble((Double) value);
      case DECIMAL -> writeDecimal((Type.Decimal) type, (BigDecimal) value, out);
      case DATE -> out.writeLong(Values.days((LocalDate) value));
      case TIME -> out.writeLong(Values.micros((LocalTime) value));
      case TIMESTAMP -> out.writeLong(Values.micros((LocalDateTime) value));
      case TIMESTAMPTZ -> out.writeLong(Values.micros((Instant) value));
      case STRING -> out.writeString((String) value);
      case UUID -> out.writeRaw(Values.bytes((UUID) value), 0, 16);
      case FIXED -> out.writeRaw((byte[]) value, 0, ((byte[]) value).length);
      case BINARY -> out.writeBytes((byte[]) value);
    }
  }

  /** As a fixed: big-endian, the sign carried on to the left. */
  private static void writeDecimal(Type.Decimal type, BigDecimal value, AvroOutput out) {
    byte[] unscaled = value.unscaledValue().toByteArray();
    byte[] padding = new byte[AvroSchemaJson.decimalBytes(type.precision()) - unscaled.length];
    Arrays.fill(padding, (byte) (value.signum() < 0 ? -1 : 0));
    out.writeRaw(padding, 0, padding.length);
    out.writeRaw(unscaled, 0, unscaled.length);
  }

  private void writeMetrics(Map<Integer, ColumnMetrics> columns, AvroOutput out) {
    int[] ids = new int[columns.size()];
    int n = 0;
    for (int id : columns.keySet()) {
      ids[n++] = id;
    }
    Arrays.sort(ids); // the same metrics give the same bytes
    ColumnMetrics[] metrics = new ColumnMetrics[n];
    for (int i = 0; i < n; i++) {
      metrics[i] = columns.getOrDefault(ids[i], ColumnMetrics.UNKNOWN);
      if (header.isUuid(ids[i])) {
        metrics[i] = withUuidBounds(metrics[i]);
      }
    }
    writeCounts(ids, metrics, ColumnMetrics::sizeBytes, out);
    writeCounts(ids, metrics, ColumnMetrics::valueCount, out);
    writeCounts(ids, metrics, ColumnMetrics::nullCount, out);
    writeCounts(ids, metrics, ColumnMetrics::nanCount, out);
    writeBounds(ids, metrics, true, out);
    writeBounds(ids, metrics, false, out);
  }

  /** Our own bounds hold in either order already; those of entries that others wrote may not. */
  private static ColumnMetrics withUuidBounds(ColumnMetrics known) {
    byte[] min = known.lowerBytes();
    byte[] max = known.upperBytes();
    if (min == null || max == null || min.length != 16 || max.length != 16) {
      return known;
    }
    byte[] lower = UuidBounds.lower(min, max);
    byte[] upper = UuidBounds.upper(min, max);
    return new ColumnMetrics(
        known.sizeBytes(),
        known.valueCount(),
        known.nullCount(),
        known.nanCount(),
        lower == null ? null : ByteBuffer.wrap(lower),
        upper == null ? null : ByteBuffer.wrap(upper));
  }

  private static void writeCounts(
      int[] ids, ColumnMetrics[] metrics, ToLongFunction<ColumnMetrics> count, AvroOutput out) {
    int known = 0;
    for (ColumnMetrics one : metrics) {
      known += count.applyAsLong(one) >= 0 ? 1 : 0;
    }
    if (!startMap(known, out)) {
      return;
    }
    for (int i = 0; i < ids.length; i++) {
      long value = count.applyAsLong(metrics[i]);
      if (value >= 0) {
        out.writeLong(ids[i]);
        out.writeLong(value);
      }
    }
    out.writeLong(0);
  }

  private static void writeBounds(
      int[] ids, ColumnMetrics[] metrics, boolean lower, AvroOutput out) {
    int known = 0;
    for (ColumnMetrics one : metrics) {
      known += bound(one, lower) != null ? 1 : 0;
    }
    if (!startMap(known, out)) {
      return;
    }
    for (int i = 0; i < ids.length; i++) {
      byte[] bytes = lower ? metrics[i].lowerBytes() : metrics[i].upperBytes();
      if (bytes != null) {
        out.writeLong(ids[i]);
        out.writeBytes(bytes);
      }
    }
    out.writeLong(0);
  }

  private static @Nullable ByteBuffer bound(ColumnMetrics metrics, boolean lower) {
    return lower ? metrics.lower() : metrics.upper();
  }

  /** False if the map is absent. */
  private static boolean startMap(int size, AvroOutput out) {
    if (size == 0) {
      out.writeNull();
      return false;
    }
    out.writePresent();
    out.writeLong(size);
    return true;
  }

  private static void writeOffsets(List<Long> offsets, AvroOutput out) {
    if (!startMap(offsets.size(), out)) {
      return;
    }
    for (long offset : offsets) {
      out.writeLong(offset);
    }
    out.writeLong(0);
  }
}
