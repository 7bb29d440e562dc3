package io.datashard.internal.rows;

import io.datashard.error.SchemaMismatchException;
import io.datashard.internal.parquet.FileColumn;
import io.datashard.internal.parquet.ParquetFooter;
import io.datashard.schema.Field;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.PartitionSpec.PartitionField;
import io.datashard.schema.Schema;
import io.datashard.schema.SingleValue;
import io.datashard.schema.Transform;
import io.datashard.schema.Type;
import io.datashard.schema.ValueOrder;
import io.datashard.table.ColumnMetrics;
import io.datashard.table.FileMetrics;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The partition that all rows of an existing file lie in, as its own statistics prove.
 *
 * <p>A column that is null throughout proves null; one without nulls whose bounds are equal proves
 * its value; and where only the transforms of both bounds are equal, all between is, unless the
 * transform is bucket. Bounds of floats prove nothing: they leave out NaN.
 */
final class ImportedPartition {
  private ImportedPartition() {}

  /**
   * One value for each field of the spec.
   *
   * @throws SchemaMismatchException it is not proved; the column and what is known of it are named
   */
  static List<@Nullable Object> of(
      ParquetFooter footer, FileMetrics metrics, Schema schema, PartitionSpec spec, Path source) {
    List<@Nullable Object> partition = new ArrayList<>();
    for (PartitionField field : spec.fields()) {
      if (field.transform().kind() == Transform.Kind.VOID) {
        partition.add(null);
        continue;
      }
      Field column = schema.fieldById(field.sourceId()).orElseThrow();
      boolean isThere =
          footer.columns().stream().map(FileColumn::id).anyMatch(i -> i == column.id());
      ColumnMetrics known = metrics.columns().getOrDefault(column.id(), ColumnMetrics.UNKNOWN);
      boolean isNull = !isThere || known.nullCount() == metrics.recordCount();
      partition.add(isNull ? null : value(field, column, known, schema, source));
    }
    return partition;
  }

  private static Object value(
      PartitionField field, Field column, ColumnMetrics known, Schema schema, Path source) {
    Type type = column.type();
    byte[] lower = known.lowerBytes();
    byte[] upper = known.upperBytes();
    if (type == Type.FLOAT || type == Type.DOUBLE) {
      throw notOne(field, column, "statistics of this type do not tell of NaN", schema, source);
    }
    if (known.nullCount() != 0) {
      String nulls =
          known.nullCount() < 0 ? "it does not say that it has no nulls" : "it has nulls";
      throw notOne(field, column, nulls + " besides values", schema, source);
    }
    if (lower == null || upper == null) {
      throw notOne(field, column, "it has no statistics that tell its bounds", schema, source);
    }
    Object low = SingleValue.fromBytes(type, lower);
    Object high = SingleValue.fromBytes(type, upper);
    Transform transform = field.transform();
    String range =
        "it runs from "
            + Transform.IDENTITY.resultText(type, low)
            + " to "
            + Transform.IDENTITY.resultText(type, high);
    boolean isOne = ValueOrder.compare(type, low, high) == 0;
    if (!isOne && transform.kind() == Transform.Kind.BUCKET) {
      throw notOne(field, column, range + ", so its rows may lie in any bucket", schema, source);
    }
    Object first;
    Object last;
    try {
      first = Objects.requireNonNull(transform.apply(type, low));
      last = Objects.requireNonNull(transform.apply(type, high));
    } catch (IllegalArgumentException e) {
      throw notOne(field, column, e.getMessage(), schema, source);
    }
    if (ValueOrder.compare(transform.resultType(type), first, last) != 0) {
      throw notOne(field, column, range, schema, source);
    }
    return first;
  }

  private static SchemaMismatchException notOne(
      PartitionField field, Field column, @Nullable String why, Schema schema, Path source) {
    return FileImport.mismatch(
        source,
        schema,
        "all its rows must lie in one partition of '"
            + field.name()
            + "', and its column '"
            + column.name()
            + "' does not prove that: "
            + why
            + ". Write one file for each partition, or append its rows instead of the file");
  }
}
