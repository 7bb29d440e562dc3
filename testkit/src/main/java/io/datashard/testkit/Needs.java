package io.datashard.testkit;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;

/**
 * For tests that need a program which a machine may not have: without it they are skipped and
 * standard error says so, with {@code CI=true} in the environment they fail.
 */
public final class Needs {
  private Needs() {}

  /** Whether absence is a failure here. */
  public static boolean insists() {
    return "true".equalsIgnoreCase(System.getenv("CI"));
  }

  /**
   * Whether a test runs.
   *
   * @param what it needs, for a sentence that starts with it
   * @param missing why that is not there; null if it is
   * @param mend what to do about it, a sentence
   * @param insist whether absence is a failure
   * @param test its name
   * @throws IllegalStateException it is not there and must be
   */
  public static ConditionEvaluationResult decide(
      String what, @Nullable String missing, String mend, boolean insist, String test) {
    if (missing == null) {
      return ConditionEvaluationResult.enabled(what + ": there");
    }
    String reason = what + ": not there: " + missing;
    if (insist) {
      throw new IllegalStateException(
          reason + "\nWith CI=true that is a failure: " + test + " proves nothing without it.");
    }
    String rule = "*".repeat(100);
    System.err.println(rule + "\nSKIPPED: " + test + "\n" + reason + "\n" + mend + "\n" + rule);
    return ConditionEvaluationResult.disabled(reason);
  }
}
