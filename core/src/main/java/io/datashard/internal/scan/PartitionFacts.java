package io.datashard.internal.scan;

import io.datashard.error.CorruptTableException;
import io.datashard.expr.Bound;
import io.datashard.expr.Bound.Facts;
import io.datashard.schema.Field;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.PartitionSpec.PartitionField;
import io.datashard.schema.Transform;
import io.datashard.schema.Type;
import io.datashard.schema.Values;
import io.datashard.table.DataFile;
import io.datashard.table.ManifestFile;
import io.datashard.table.ManifestFile.PartitionSummary;
import org.jspecify.annotations.Nullable;

/** What partition values tell of the columns they are made from by the identity transform. */
final class PartitionFacts {
  private PartitionFacts() {}

  /** Whether partition values tell anything of the columns that the filter looks at. */
  static boolean tellOf(Bound filter, @Nullable PartitionSpec spec) {
    return filter.fields().stream().anyMatch(field -> identityPlace(spec, field) >= 0);
  }

  /** Of all rows of all files of a manifest. */
  static Facts of(
      SnapshotFiles snapshot, ManifestFile manifest, @Nullable PartitionSpec spec, Field field) {
    int place = identityPlace(spec, field);
    // Another number of summaries than of fields does not say which is whose.
    if (spec == null || place < 0 || manifest.partitions().size() != spec.fields().size()) {
      return Facts.UNKNOWN;
    }
    PartitionSummary summary = manifest.partitions().get(place);
    try {
      return new Facts(
          -1,
          summary.containsNull() ? -1 : 0,
          Boolean.FALSE.equals(summary.containsNan()) ? 0 : -1,
          BoundBytes.decode(field.type(), summary.lower()),
          BoundBytes.decode(field.type(), summary.upper()));
    } catch (IllegalArgumentException e) {
      throw new CorruptTableException(
          snapshot.listName()
              + " records for the manifest "
              + manifest.location()
              + " a partition bound that is no value of column '"
              + field.name()
              + "': "
              + e.getMessage(),
          e);
    }
  }

  /** Of all rows of one file: they share one value. */
  static Facts of(DataFile file, @Nullable PartitionSpec spec, Field field) {
    int place = identityPlace(spec, field);
    if (spec == null || place < 0 || file.partition().size() != spec.fields().size()) {
      return Facts.UNKNOWN;
    }
    long rows = file.recordCount();
    @Nullable Object value = file.partition().get(place);
    if (value == null) {
      return new Facts(rows, rows, 0, null, null);
    }
    Object own;
    try {
      own = Values.canonical(field.type(), value);
    } catch (IllegalArgumentException e) {
      return Facts.UNKNOWN; // Of a type that the column had once.
    }
    boolean nan =
        (field.type() == Type.DOUBLE && ((Double) own).isNaN())
            || (field.type() == Type.FLOAT && ((Float) own).isNaN());
    return nan ? new Facts(rows, 0, rows, null, null) : new Facts(rows, 0, 0, own, own);
  }

  private static int identityPlace(@Nullable PartitionSpec spec, Field field) {
    if (spec != null) {
      for (int i = 0; i < spec.fields().size(); i++) {
        PartitionField partition = spec.fields().get(i);
        if (partition.sourceId() == field.id()
            && partition.transform().kind() == Transform.Kind.IDENTITY) {
          return i;
        }
      }
    }
    return -1;
  }
}
