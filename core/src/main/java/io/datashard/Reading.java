package io.datashard;

import io.datashard.data.Batch;
import io.datashard.internal.rows.BatchSource;
import io.datashard.internal.rows.ReadTotals;
import io.datashard.internal.scan.FilePlan;
import io.datashard.table.ScanReport;
import org.jspecify.annotations.Nullable;

/** The rows of a scan as they come out of the files, and what was read for them. */
final class Reading implements BatchSource {
  private final Reports.Planned plan;
  private final ReadTotals totals;
  private final BatchSource source;

  Reading(FilePlan plan, ReadTotals totals, BatchSource source) {
    this.plan = Reports.Planned.of(plan);
    this.totals = totals;
    this.source = source;
  }

  @Override
  public @Nullable Batch next() {
    return source.next();
  }

  @Override
  public void close() {
    source.close();
  }

  /** What was read so far. */
  ScanReport report() {
    return Reports.of(plan, totals, totals.counts(), -1);
  }
}
