package io.datashard.internal.manifest;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How one writer laid out the six maps of column metrics of a data file. Spec: Iceberg table spec,
 * "Data File Fields"; Appendix A for maps with int keys.
 */
final class MetricsLayout {
  /** Which metric a map holds. */
  enum Metric {
    SIZE(108, 117),
    VALUES(109, 119),
    NULLS(110, 121),
    NANS(137, 138),
    LOWER(125, 126),
    UPPER(128, 129);

    private static final Metric[] ALL = values();

    final int fieldId;
    final int keyId;

    Metric(int fieldId, int keyId) {
      this.fieldId = fieldId;
      this.keyId = keyId;
    }

    int valueId() {
      return keyId + 1;
    }

    boolean isBound() {
      return this == LOWER || this == UPPER;
    }
  }

  /** Null where the file does not have the map. */
  private final @Nullable RecordProgram[] items = new RecordProgram[Metric.ALL.length];

  private final boolean[] plain = new boolean[Metric.ALL.length];

  /**
   * Lays out the maps of a data file.
   *
   * @throws IllegalArgumentException a map is none
   */
  MetricsLayout(RecordProgram file) {
    for (Metric metric : Metric.ALL) {
      RecordProgram.Step step = file.step(metric.fieldId);
      if (step != null) {
        RecordProgram item = item(metric, step.type());
        items[metric.ordinal()] = item;
        plain[metric.ordinal()] = isPlain(metric, item.steps());
      }
    }
  }

  /** Int keys make an Avro map an array of records of key and value. Spec: Appendix A. */
  private static RecordProgram item(Metric metric, AvroType map) {
    if (map.kind() != AvroType.Kind.ARRAY) {
      throw new IllegalArgumentException(
          "field " + metric.fieldId + " (" + metric + ") is " + map.kind() + ", not a list");
    }
    RecordProgram item = RecordProgram.of(map.items(), id -> true);
    item.required(metric.keyId, metric + " key", AvroType.Kind.INT);
    if (metric.isBound()) {
      item.required(metric.valueId(), metric + " value", AvroType.Kind.BYTES);
    } else {
      item.required(metric.valueId(), metric + " value", AvroType.Kind.LONG, AvroType.Kind.INT);
    }
    return item;
  }

  private static boolean isPlain(Metric metric, List<RecordProgram.Step> steps) {
    return steps.size() == 2
        && steps.get(0).id() == metric.keyId
        && steps.get(0).union() == null
        && steps.get(1).id() == metric.valueId()
        && steps.get(1).union() == null;
  }

  /** The metric that this field of a data file holds, or null. */
  static @Nullable Metric metricOf(int fieldId) {
    for (Metric metric : Metric.ALL) {
      if (metric.fieldId == fieldId) {
        return metric;
      }
    }
    return null;
  }

  /** An item of the map, or null if the file does not have it. */
  @Nullable RecordProgram item(Metric metric) {
    return items[metric.ordinal()];
  }

  /** Whether an item is just a key and a value, as nearly all writers lay it out. */
  boolean isPlain(Metric metric) {
    return plain[metric.ordinal()];
  }
}
