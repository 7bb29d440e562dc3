package io.datashard.internal.rows;

import io.datashard.data.Batch;
import io.datashard.error.InvalidRowException;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.Schema;
import io.datashard.table.DataFile;
import org.jspecify.annotations.Nullable;

/**
 * Whether the rows of a data file lie in the partition that its manifest claims. Other engines
 * believe the manifest, and leave out files that would have rows for a filter.
 */
public final class PartitionCheck {
  private final Schema columns;
  private final PartitionSpec spec;
  private final DataFile file;
  private final @Nullable Partitioner partitioner;

  /**
   * @param columns of the batches that will come; where they lack one that the spec is made from,
   *     nothing is checked
   */
  public PartitionCheck(Schema columns, PartitionSpec spec, DataFile file) {
    this.columns = columns;
    this.spec = spec;
    this.file = file;
    boolean isKnown =
        spec.fields().stream().allMatch(field -> columns.placeOfId(field.sourceId()) >= 0);
    this.partitioner = spec.isUnpartitioned() || !isKnown ? null : new Partitioner(columns, spec);
  }

  /** Looks at the next rows: what is wrong, or null. */
  public @Nullable String see(Batch batch) {
    if (partitioner == null || batch.rows() == 0) {
      return null;
    }
    try {
      partitioner.partitionsOf(batch);
    } catch (InvalidRowException e) {
      return null; // a value that other writers have a partition for, and we have none
    }
    for (int i = 0; i < partitioner.count(); i++) {
      DataFile found =
          new DataFile(
              file.location(),
              file.format(),
              file.specId(),
              partitioner.values(i),
              file.metrics(),
              null);
      if (!found.partitionKey().equals(file.partitionKey())) {
        return "It has rows of the partition "
            + spec.partitionText(columns, found.partition())
            + ", its manifest says "
            + spec.partitionText(columns, file.partition())
            + ".";
      }
    }
    return null;
  }
}
