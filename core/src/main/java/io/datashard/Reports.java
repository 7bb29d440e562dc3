package io.datashard;

import io.datashard.internal.parquet.ReadCounts;
import io.datashard.internal.rows.ReadTotals;
import io.datashard.internal.scan.FilePlan;
import io.datashard.internal.scan.FileTask;
import io.datashard.table.ScanReport;

/** Plans and counts as reports. */
final class Reports {
  private Reports() {}

  /**
   * What a report tells of a plan; the plan itself may name very many files.
   *
   * @param bytesLeft of the files to read
   */
  record Planned(FilePlan.Counts files, FilePlan.Fetched fetched, long bytesLeft) {
    static Planned of(FilePlan plan) {
      long bytes = 0;
      for (FileTask task : plan.files()) {
        bytes += task.file().fileSizeBytes();
      }
      return new Planned(plan.counts(), plan.fetched(), bytes);
    }
  }

  /**
   * The report of a scan.
   *
   * @param counts row groups and pages that were read, or that there are to read
   * @param bytesToRead -1 if not known
   */
  static ScanReport of(Planned plan, ReadTotals totals, ReadCounts counts, long bytesToRead) {
    FilePlan.Counts files = plan.files();
    return new ScanReport(
        new ScanReport.Manifests(
            files.manifests(),
            files.manifestsSkipped(),
            plan.fetched().files(),
            plan.fetched().bytes()),
        new ScanReport.Files(
            files.files() + files.filesInSkippedManifests(),
            files.filesSkippedByPartition() + files.filesInSkippedManifests(),
            files.filesSkippedByBounds(),
            plan.bytesLeft(),
            totals.filesOpened()),
        new ScanReport.RowGroups(
            counts.rowGroups(),
            counts.rowGroupsByStatistics(),
            counts.rowGroupsByBloomFilter(),
            counts.rowGroupsByPageIndex(),
            counts.rowGroupsByDictionary()),
        new ScanReport.Pages(
            counts.pages(), counts.pagesByIndex(), counts.pagesSkipped() - counts.pagesByIndex()),
        new ScanReport.Bytes(bytesToRead, totals.bytesRead()),
        files.limitReached());
  }
}
