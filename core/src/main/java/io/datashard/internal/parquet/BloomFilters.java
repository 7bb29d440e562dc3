package io.datashard.internal.parquet;

import io.datashard.expr.Bound;
import io.datashard.expr.Bound.Facts;
import io.datashard.expr.Predicate;
import io.datashard.schema.Field;
import io.datashard.schema.Type;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.parquet.format.ColumnMetaData;
import org.jspecify.annotations.Nullable;

/**
 * The Bloom filters of one row group, for the columns that a predicate compares with single values.
 * They are read when first asked.
 */
final class BloomFilters {
  /** Where a dictionary tells the same, a filter is asked only if it is so much smaller. */
  private static final int TIMES_SMALLER_MIN = 8;

  private final ParquetFooter footer;
  private final ScanPlan plan;
  private final int group;
  private final FileBytes bytes;
  private final Map<Integer, Optional<BloomFilter>> byId = new HashMap<>();

  BloomFilters(ParquetFooter footer, ScanPlan plan, int group, FileBytes bytes) {
    this.footer = footer;
    this.plan = plan;
    this.group = group;
    this.bytes = bytes;
  }

  /** The columns that a predicate asks for single values of, by field id. */
  static Set<Integer> askedBy(Bound filter) {
    Set<Integer> ids = new HashSet<>();
    collect(filter, ids);
    return ids;
  }

  private static void collect(Bound bound, Set<Integer> ids) {
    if (bound instanceof Bound.And and) {
      and.parts().forEach(part -> collect(part, ids));
    } else if (bound instanceof Bound.Or or) {
      or.parts().forEach(part -> collect(part, ids));
    } else if (bound instanceof Bound.In in && in.wanted()) {
      ids.add(in.field().id());
    } else if (bound instanceof Bound.Compare compare && compare.op() == Predicate.Op.EQ) {
      ids.add(compare.field().id());
    }
  }

  /** Whether any of the columns asked for has a filter worth reading. */
  boolean any() {
    return plan.filterSchema().fields().stream().anyMatch(this::hasFilter);
  }

  private boolean hasFilter(Field field) {
    FileColumn column = plan.columns().get(field.id());
    if (column == null
        || !plan.takes(Shortcut.BLOOM_FILTERS)
        || !plan.asked().contains(field.id())) {
      return false;
    }
    ColumnMetaData about = footer.chunk(group, column).getMeta_data();
    if (!about.isSetBloom_filter_offset() || !StoredValues.areKnown(column, field.type())) {
      return false;
    }
    return !StoredChunk.isWhollyCoded(about)
        || (about.isSetBloom_filter_length()
            && about.getTotal_compressed_size() / TIMES_SMALLER_MIN
                >= about.getBloom_filter_length());
  }

  /** The same facts, with what the column's filter knows of single values. */
  Facts with(Field field, Facts facts) {
    FileColumn column = plan.columns().get(field.id());
    if (column == null || !hasFilter(field)) {
      return facts;
    }
    return new Facts(
        facts.rows(),
        facts.nulls(),
        facts.nans(),
        facts.lower(),
        facts.upper(),
        facts.upperIncluded(),
        literal -> mayHold(field, column, literal));
  }

  private boolean mayHold(Field field, FileColumn column, Object literal) {
    BloomFilter filter = byId.computeIfAbsent(field.id(), id -> read(field, column)).orElse(null);
    return filter == null
        || ColumnCursor.named(
            footer.key(), group, field, () -> mayHold(filter, column, field.type(), literal));
  }

  private static boolean mayHold(BloomFilter filter, FileColumn column, Type type, Object literal) {
    byte @Nullable [][] forms = StoredValues.of(column, type, literal);
    if (forms == null) {
      return true;
    }
    for (byte[] form : forms) {
      if (filter.mayHold(XxHash.of(form, 0, form.length))) {
        return true;
      }
    }
    return false;
  }

  private Optional<BloomFilter> read(Field field, FileColumn column) {
    return ColumnCursor.named(
        footer.key(),
        group,
        field,
        () ->
            Optional.ofNullable(
                BloomFilter.read(
                    footer.chunk(group, column).getMeta_data(),
                    bytes,
                    footer.fileBytes(),
                    footer.isSealed())));
  }
}
