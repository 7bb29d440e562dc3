package io.datashard.testkit.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Without the real server its tests are skipped, or fail where they must not be. */
class NeedsVersitygwTest {
  private static final Versitygw.Outcome NONE = new Versitygw.Outcome(null, "there is no Go");

  @Test
  void withTheServerTheyRun() {
    Versitygw.Outcome there = new Versitygw.Outcome(Path.of("versitygw"), "");
    assertThat(NeedsVersitygw.Condition.decide(there, true, "SomeTest").isDisabled()).isFalse();
  }

  @Test
  void withoutItTheyAreSkipped() {
    var result = NeedsVersitygw.Condition.decide(NONE, false, "SomeTest");
    assertThat(result.isDisabled()).isTrue();
    assertThat(result.getReason().orElseThrow()).contains("there is no Go");
  }

  @Test
  void withoutItABuildThatInsistsFails() {
    assertThatThrownBy(() -> NeedsVersitygw.Condition.decide(NONE, true, "SomeTest"))
        .hasMessageContaining("there is no Go")
        .hasMessageContaining("SomeTest proves nothing without it");
  }
}
