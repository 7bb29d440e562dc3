package io.datashard.internal.parquet;

import io.datashard.expr.Bound.Facts;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.SingleValue;
import io.datashard.schema.Type;
import io.datashard.schema.UuidBounds;
import io.datashard.schema.ValueOrder;
import io.datashard.table.ColumnMetrics;
import io.datashard.table.FileMetrics;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Statistics;
import org.jspecify.annotations.Nullable;

/** What a footer says of a file that is adopted as it is. */
final class FooterMetrics {
  private final ParquetFooter footer;

  FooterMetrics(ParquetFooter footer) {
    this.footer = footer;
  }

  FileMetrics of(Schema table) {
    Map<Integer, ColumnMetrics> metrics = new HashMap<>();
    for (Field field : table.fields()) {
      FileColumn column = footer.find(field);
      if (column != null) {
        metrics.put(field.id(), metrics(column, field.type()));
      }
    }
    return new FileMetrics(footer.rowCount(), footer.fileBytes(), metrics, splitOffsets());
  }

  private ColumnMetrics metrics(FileColumn column, Type type) {
    long bytes = 0;
    long nulls = 0;
    boolean bounded = type != Type.FLOAT && type != Type.DOUBLE;
    @Nullable Object lower = null;
    @Nullable Object upper = null;
    for (int group = 0; group < footer.rowGroupCount(); group++) {
      if (footer.rowGroupRows(group) == 0) {
        continue;
      }
      ColumnMetaData about = footer.chunk(group, column).getMeta_data();
      bytes = Math.addExact(bytes, about.getTotal_compressed_size());
      Facts facts = footer.facts(group, column, type);
      nulls = nulls < 0 || facts.nulls() < 0 ? -1 : nulls + facts.nulls();
      if (facts.nulls() == facts.rows()) {
        continue;
      }
      if (!bounded || facts.lower() == null || facts.upper() == null || !exact(about)) {
        bounded = false;
        continue;
      }
      lower = lower == null ? facts.lower() : least(type, lower, facts.lower());
      upper = upper == null ? facts.upper() : greatest(type, upper, facts.upper());
    }
    if (!bounded || lower == null || upper == null) {
      return new ColumnMetrics(bytes, footer.rowCount(), nulls, -1, null, null);
    }
    return new ColumnMetrics(
        bytes,
        footer.rowCount(),
        nulls,
        -1,
        lowerBound(type, lower, upper),
        upperBound(type, lower, upper));
  }

  private static @Nullable ByteBuffer lowerBound(Type type, Object lower, Object upper) {
    return type == Type.UUID
        ? wrap(UuidBounds.lower(SingleValue.toBytes(type, lower), SingleValue.toBytes(type, upper)))
        : wrap(SingleValue.toBytes(type, lower));
  }

  private static @Nullable ByteBuffer upperBound(Type type, Object lower, Object upper) {
    return type == Type.UUID
        ? wrap(UuidBounds.upper(SingleValue.toBytes(type, lower), SingleValue.toBytes(type, upper)))
        : wrap(SingleValue.toBytes(type, upper));
  }

  private static boolean exact(ColumnMetaData about) {
    Statistics stats = about.getStatistics();
    return (!stats.isSetIs_min_value_exact() || stats.isIs_min_value_exact())
        && (!stats.isSetIs_max_value_exact() || stats.isIs_max_value_exact());
  }

  private static Object least(Type type, Object a, Object b) {
    return ValueOrder.compare(type, a, b) <= 0 ? a : b;
  }

  private static Object greatest(Type type, Object a, Object b) {
    return ValueOrder.compare(type, a, b) >= 0 ? a : b;
  }

  private static @Nullable ByteBuffer wrap(byte @Nullable [] bytes) {
    return bytes == null ? null : ByteBuffer.wrap(bytes);
  }

  private List<Long> splitOffsets() {
    List<Long> offsets = new ArrayList<>();
    Set<Long> seen = new HashSet<>();
    for (RowGroup group : footer.rowGroups()) {
      Optional<Long> start =
          group.getColumns().stream()
              .filter(ColumnChunk::isSetMeta_data)
              .map(c -> ParquetFooter.chunkStart(c.getMeta_data()))
              .min(Long::compare);
      if (group.getNum_rows() > 0 && start.isPresent() && seen.add(start.get())) {
        offsets.add(start.get());
      }
    }
    offsets.sort(null);
    return offsets;
  }
}
