package io.datashard.internal.scan;

import java.util.List;

/**
 * Which files a scan reads.
 *
 * @param files in manifest order
 * @param counts what was looked at and left out
 * @param fetched what was read to know it
 */
public record FilePlan(List<FileTask> files, Counts counts, Fetched fetched) {
  /**
   * Manifest lists and manifests that were not at hand.
   *
   * @param files how many
   * @param bytes what they have in all
   */
  public record Fetched(int files, long bytes) {}

  /**
   * What planning looked at.
   *
   * @param manifests in the snapshot
   * @param manifestsSkipped not read, by the partition bounds that the manifest list records, or
   *     because no file in them can have been added by a wanted snapshot
   * @param files live ones in the manifests that were looked at, that wanted snapshots added
   * @param filesInSkippedManifests live ones, as the manifest list counts them, in manifests
   *     skipped by partition bounds
   * @param filesSkippedByPartition left out by their partition values
   * @param filesSkippedByBounds left out by their counts and column bounds
   * @param limitReached whether the rest was not looked at, because the files before certainly hold
   *     enough rows, or because no row can be wanted
   */
  public record Counts(
      int manifests,
      int manifestsSkipped,
      long files,
      long filesInSkippedManifests,
      long filesSkippedByPartition,
      long filesSkippedByBounds,
      boolean limitReached) {}

  public FilePlan {
    files = List.copyOf(files);
  }
}
