package io.datashard.testkit.s3;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Tests that need the real S3 server, {@link Versitygw}. Without Go they are skipped and standard
 * error says so; with {@code CI=true} in the environment they fail.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(NeedsVersitygw.Condition.class)
public @interface NeedsVersitygw {

  /** Decides once for each test class. */
  final class Condition implements ExecutionCondition {
    private static Versitygw.@Nullable Outcome known;

    /** For JUnit. */
    public Condition() {}

    /** The server of this run, built at the first call into the module's target folder. */
    static synchronized Versitygw.Outcome get() {
      Versitygw.Outcome outcome = known;
      if (outcome == null) {
        Path module = Path.of(System.getProperty("basedir", ""));
        outcome = Versitygw.install(module.resolve("target/versitygw"));
        known = outcome;
      }
      return outcome;
    }

    /** The program, for a test class with this annotation. */
    public static Path program() {
      return Objects.requireNonNull(get().program(), "the class has no @NeedsVersitygw");
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      boolean insist = "true".equalsIgnoreCase(System.getenv("CI"));
      return decide(get(), insist, context.getDisplayName());
    }

    static ConditionEvaluationResult decide(
        Versitygw.Outcome outcome, boolean insist, String test) {
      if (outcome.isThere()) {
        return ConditionEvaluationResult.enabled("versitygw is there");
      }
      String reason = "The S3 server versitygw is not there: " + outcome.reason();
      if (insist) {
        throw new IllegalStateException(
            reason + "\nWith CI=true that is a failure: " + test + " proves nothing without it.");
      }
      String rule = "*".repeat(100);
      System.err.println(
          rule
              + "\nSKIPPED: "
              + test
              + "\n"
              + reason
              + "\nInstall Go, and let it reach its module proxy.\n"
              + rule);
      return ConditionEvaluationResult.disabled(reason);
    }
  }
}
