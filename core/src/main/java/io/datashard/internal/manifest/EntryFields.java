package io.datashard.internal.manifest;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which column metrics a reader of manifests wants; all other fields are always read.
 *
 * @param metricsOf field ids; null for all columns
 */
public record EntryFields(@Nullable Set<Integer> metricsOf) {
  /** Everything. */
  public static final EntryFields ALL = new EntryFields(null);

  /** No column metrics. */
  public static final EntryFields WITHOUT_METRICS = new EntryFields(Set.of());

  public EntryFields {
    metricsOf = metricsOf == null ? null : Set.copyOf(metricsOf);
  }

  /** Metrics of these columns only. */
  public static EntryFields metricsOf(Set<Integer> fieldIds) {
    return new EntryFields(fieldIds);
  }
}
