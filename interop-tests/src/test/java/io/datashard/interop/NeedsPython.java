package io.datashard.interop;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Tests that need {@link PythonEnv}. Without it they are skipped and standard error says so; with
 * {@code CI=true} in the environment they fail.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(NeedsPython.Condition.class)
public @interface NeedsPython {

  /** Decides once for each test class. */
  final class Condition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      boolean insist = "true".equalsIgnoreCase(System.getenv("CI"));
      return decide(PythonEnv.get(), insist, context.getDisplayName());
    }

    static ConditionEvaluationResult decide(
        PythonEnv.Outcome outcome, boolean insist, String test) {
      if (outcome.isThere()) {
        return ConditionEvaluationResult.enabled("the foreign readers are installed");
      }
      String reason = "The foreign readers in Python are not there: " + outcome.reason();
      if (insist) {
        throw new IllegalStateException(
            reason + "\nWith CI=true that is a failure: " + test + " proves nothing without them.");
      }
      String rule = "*".repeat(100);
      System.err.println(
          rule
              + "\nSKIPPED: "
              + test
              + "\n"
              + reason
              + "\nInstall Python 3.11 or newer, with its"
              + " venv module, and let it reach its package index.\n"
              + rule);
      return ConditionEvaluationResult.disabled(reason);
    }
  }
}
