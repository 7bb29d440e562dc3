package io.datashard.table;

import io.datashard.schema.Field;
import io.datashard.schema.SingleValue;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One data file of a table, as a manifest records it. Spec: Iceberg table spec, "Manifests", {@code
 * data_file}.
 *
 * @param location where it is, absolute
 * @param format {@code PARQUET}, {@code ORC} or {@code AVRO}
 * @param specId the partition spec its partition values belong to
 * @param partition one value for each field of that spec, of the class that Type lists; empty for
 *     an unpartitioned table
 * @param metrics its size, counts and bounds
 * @param sortOrderId the order its rows have; null if not recorded
 */
public record DataFile(
    String location,
    String format,
    int specId,
    List<@Nullable Object> partition,
    FileMetrics metrics,
    @Nullable Integer sortOrderId) {

  public DataFile {
    partition = Collections.unmodifiableList(new ArrayList<>(partition));
  }

  /** What is equal for two files if they are of one partition of one spec. */
  public Object partitionKey() {
    List<@Nullable Object> key = new ArrayList<>(partition.size() + 1);
    key.add(specId);
    for (Object value : partition) {
      key.add(value instanceof byte[] bytes ? ByteBuffer.wrap(bytes) : value);
    }
    return key;
  }

  /** The number of rows in the file. */
  public long recordCount() {
    return metrics.recordCount();
  }

  /** The length of the file in bytes. */
  public long fileSizeBytes() {
    return metrics.fileSizeBytes();
  }

  /** What is known of the column. */
  public ColumnMetrics column(Field field) {
    return metrics.columns().getOrDefault(field.id(), ColumnMetrics.UNKNOWN);
  }

  /**
   * The column's lower bound as the Java value that Type lists, if there is one.
   *
   * @throws IllegalArgumentException the recorded bytes are no value of the column's type
   */
  public Optional<Object> lowerBound(Field field) {
    byte[] bytes = column(field).lowerBytes();
    return bytes == null
        ? Optional.empty()
        : Optional.of(SingleValue.fromBytes(field.type(), bytes));
  }

  /**
   * The column's upper bound as the Java value that Type lists, if there is one.
   *
   * @throws IllegalArgumentException the recorded bytes are no value of the column's type
   */
  public Optional<Object> upperBound(Field field) {
    byte[] bytes = column(field).upperBytes();
    return bytes == null
        ? Optional.empty()
        : Optional.of(SingleValue.fromBytes(field.type(), bytes));
  }
}
