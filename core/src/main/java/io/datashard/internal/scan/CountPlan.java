package io.datashard.internal.scan;

import java.util.List;

/**
 * How many rows a filter keeps, as far as metadata tells.
 *
 * @param certainRows rows of files of which every row is wanted
 * @param filesToLookInto whose wanted rows only their data tells, in manifest order
 * @param counts what was looked at and left out
 */
public record CountPlan(long certainRows, List<FileTask> filesToLookInto, FilePlan.Counts counts) {
  public CountPlan {
    filesToLookInto = List.copyOf(filesToLookInto);
  }
}
