package io.datashard.table;

import java.util.List;

/** What a store was seen to do. */
public record StoreCheck(List<Finding> findings) {
  /** A check of these findings. */
  public StoreCheck {
    findings = List.copyOf(findings);
  }

  /**
   * One thing that was tried.
   *
   * @param what what tables need of the store
   * @param isRight whether the store does it
   * @param seen what was seen, for people
   */
  public record Finding(String what, boolean isRight, String seen) {}

  /** Whether tables can be written there. */
  public boolean isRight() {
    return findings.stream().allMatch(Finding::isRight);
  }
}
