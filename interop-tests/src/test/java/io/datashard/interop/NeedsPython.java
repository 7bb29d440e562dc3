package io.datashard.interop;

import io.datashard.testkit.Needs;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Tests that need {@link PythonEnv}. Without it they are skipped and standard error says so; with
 * {@code CI=true} in the environment they fail.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(NeedsPython.Condition.class)
public @interface NeedsPython {
  /** Whether the large writers of {@link PythonEnv#more} are needed too. */
  boolean more() default false;

  /** Decides once for each test class. */
  final class Condition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      ConditionEvaluationResult readers =
          decide(PythonEnv.get(), Needs.insists(), context.getDisplayName());
      boolean more =
          AnnotationSupport.findAnnotation(context.getElement(), NeedsPython.class)
              .map(NeedsPython::more)
              .orElse(false);
      if (readers.isDisabled() || !more) {
        return readers;
      }
      PythonEnv.Outcome outcome = PythonEnv.more();
      return Needs.decide(
          "ClickHouse, Spark and fastparquet in Python",
          outcome.isThere() ? null : outcome.reason(),
          "Install Python 3.11 with its venv module, and let it reach its package index.",
          Needs.insists(),
          context.getDisplayName());
    }

    static ConditionEvaluationResult decide(
        PythonEnv.Outcome outcome, boolean insist, String test) {
      return Needs.decide(
          "The foreign readers in Python",
          outcome.isThere() ? null : outcome.reason(),
          "Install Python 3.11 or newer, with its venv module, and let it reach its package index.",
          insist,
          test);
    }
  }
}
