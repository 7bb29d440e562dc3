package io.datashard.testkit.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.testkit.s3.RealServer.Kind;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Without the real server its tests are skipped, or fail where they must not be. */
class NeedsServerTest {
  private static final RealServer.Outcome NONE = new RealServer.Outcome(null, "there is no Go");

  @Test
  void withTheServerTheyRun() {
    RealServer.Outcome there = new RealServer.Outcome(Path.of("versitygw"), "");
    assertThat(NeedsServer.Condition.decide(Kind.VERSITYGW, there, true, "SomeTest").isDisabled())
        .isFalse();
  }

  @Test
  void withoutItTheyAreSkipped() {
    var result = NeedsServer.Condition.decide(Kind.VERSITYGW, NONE, false, "SomeTest");
    assertThat(result.isDisabled()).isTrue();
    assertThat(result.getReason().orElseThrow()).contains("there is no Go");
  }

  @Test
  void withoutItABuildThatInsistsFails() {
    assertThatThrownBy(() -> NeedsServer.Condition.decide(Kind.VERSITYGW, NONE, true, "SomeTest"))
        .hasMessageContaining("there is no Go")
        .hasMessageContaining("SomeTest proves nothing without it");
  }
}
