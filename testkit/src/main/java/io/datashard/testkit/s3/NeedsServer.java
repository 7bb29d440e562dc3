package io.datashard.testkit.s3;

import io.datashard.testkit.Needs;
import io.datashard.testkit.s3.RealServer.Kind;
import io.datashard.testkit.s3.RealServer.Outcome;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Tests that need a {@link RealServer}. Without Go they are skipped and standard error says so;
 * with {@code CI=true} in the environment they fail.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(NeedsServer.Condition.class)
public @interface NeedsServer {
  /** Which one. */
  Kind value();

  /** Decides once for each test class. */
  final class Condition implements ExecutionCondition {
    private static final Map<Kind, Outcome> KNOWN = new EnumMap<>(Kind.class);

    /** For JUnit. */
    public Condition() {}

    /** The server of this run, built at the first call into the module's target folder. */
    private static synchronized Outcome get(Kind kind) {
      return KNOWN.computeIfAbsent(
          kind,
          each -> {
            Path target = Path.of(System.getProperty("basedir", "")).resolve("target");
            return RealServer.install(each, target.resolve(each.program()));
          });
    }

    /** Starts one for a test class with this annotation, over an empty folder. */
    public static RealServer start(Kind kind, Path data) {
      Path program = Objects.requireNonNull(get(kind).program(), "the class has no @NeedsServer");
      return RealServer.start(kind, program, data);
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      Kind kind =
          AnnotationSupport.findAnnotation(
                  context.getRequiredTestClass(),
                  NeedsServer.class,
                  context.getEnclosingTestClasses())
              .orElseThrow()
              .value();
      return decide(kind, get(kind), Needs.insists(), context.getDisplayName());
    }

    static ConditionEvaluationResult decide(
        Kind kind, Outcome outcome, boolean insist, String test) {
      return Needs.decide(
          "The S3 server " + kind.program(),
          outcome.isThere() ? null : outcome.reason(),
          "Install Go, and let it reach its module proxy.",
          insist,
          test);
    }
  }
}
