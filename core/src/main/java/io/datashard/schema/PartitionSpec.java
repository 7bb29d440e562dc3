package io.datashard.schema;

import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a table's rows are divided among data files. Spec: "Partitioning".
 *
 * @param id the spec's number within its table
 * @param fields the partition fields, in order; empty for an unpartitioned table
 */
public record PartitionSpec(int id, List<PartitionField> fields) {
  /** Partition field ids start here in tables that we create. Spec: "Partition Evolution". */
  public static final int FIELD_ID_FIRST = 1000;

  /** All rows in one partition. */
  public static final PartitionSpec UNPARTITIONED = new PartitionSpec(0, List.of());

  /**
   * One partition field.
   *
   * @param sourceId the field id of the column it is made from
   * @param fieldId its own id, unique among the table's specs
   * @param name its name in manifests and paths
   * @param transform how it is made
   */
  public record PartitionField(int sourceId, int fieldId, String name, Transform transform) {}

  public PartitionSpec {
    fields = List.copyOf(fields);
  }

  /** Whether all rows share one partition. */
  public boolean isUnpartitioned() {
    return fields.stream().allMatch(f -> f.transform().kind() == Transform.Kind.VOID);
  }

  /**
   * The values of the one partition of an unpartitioned spec: null for each field, since fields
   * that were dropped stay as void ones.
   */
  public List<@Nullable Object> onlyPartition() {
    if (!isUnpartitioned()) {
      throw new IllegalStateException("Spec " + id + " divides rows by " + fields + ".");
    }
    return Collections.nCopies(fields.size(), null);
  }
}
