package io.datashard.internal.parquet;

import io.datashard.expr.Bound;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a scan reads, the same for every row group.
 *
 * @param wanted the columns of the batches
 * @param filter which rows
 * @param filterSchema the columns that the filter looks at
 * @param compiled the filter, for batches of {@code filterSchema}
 * @param asked field ids of the columns that the filter compares with single values
 * @param columns the file's columns by field id, of all the fields above that it has
 * @param batchRowsMax the most rows of a batch
 * @param shortcuts what may be done to read less
 */
record ScanPlan(
    Schema wanted,
    Bound filter,
    Schema filterSchema,
    BatchFilter compiled,
    Set<Integer> asked,
    Map<Integer, FileColumn> columns,
    int batchRowsMax,
    Set<Shortcut> shortcuts) {

  static ScanPlan of(
      ParquetFooter footer,
      Schema wanted,
      Bound filter,
      int batchRowsMax,
      Set<Shortcut> shortcuts) {
    Schema filterSchema = Schema.of(filter.fields());
    Map<Integer, FileColumn> columns = new HashMap<>();
    for (Schema schema : new Schema[] {wanted, filterSchema}) {
      for (Field field : schema.fields()) {
        FileColumn column = footer.find(field);
        if (column != null) {
          columns.put(field.id(), column);
        }
      }
    }
    return new ScanPlan(
        wanted,
        filter,
        filterSchema,
        BatchFilter.of(filter, filterSchema),
        BloomFilters.askedBy(filter),
        Map.copyOf(columns),
        batchRowsMax,
        shortcuts);
  }

  boolean takes(Shortcut shortcut) {
    return shortcuts.contains(shortcut);
  }

  /** Of all columns that are looked at, each once. */
  List<Field> fields() {
    List<Field> all = new ArrayList<>(filterSchema.fields());
    for (Field field : wanted.fields()) {
      if (filterSchema.placeOfId(field.id()) < 0) {
        all.add(field);
      }
    }
    return all;
  }
}
