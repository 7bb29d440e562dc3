package io.datashard.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Promise: without the foreign readers the run says so, and on a build server it fails. */
class NeedsPythonTest {
  private static final Path REQUIREMENTS = PythonEnv.SOURCES.resolve("requirements.txt");

  @TempDir Path folder;

  @Test
  void aMissingPythonIsNamed() {
    PythonEnv.Outcome outcome = new PythonEnv("no-such-python-3", folder).install(REQUIREMENTS);

    assertThat(outcome.isThere()).isFalse();
    assertThat(outcome.reason()).isEqualTo("'no-such-python-3' cannot be started");
  }

  @Test
  void whatTheInstallerSaidIsTold() throws Exception {
    // It answers the question for its version, and then has no module venv.
    Path python = folder.resolve("python");
    Files.writeString(
        python,
        "#!/bin/sh\nif [ \"$1\" = -c ]; then echo 3.99.0; else echo no module venv; exit 7; fi\n");
    assertThat(python.toFile().setExecutable(true)).isTrue();

    PythonEnv env = new PythonEnv(python.toString(), folder.resolve("cache"));
    PythonEnv.Outcome outcome = env.install(REQUIREMENTS);

    assertThat(outcome.isThere()).isFalse();
    assertThat(outcome.reason()).contains("-m venv").contains("ended with 7").contains("no module");

    Files.writeString(python, "#!/bin/sh\necho 3.99.0\n");
    assertThat(env.install(REQUIREMENTS).reason())
        .as("a failure stands for a while: other test processes do not try again")
        .isEqualTo(outcome.reason());
  }

  @Test
  void withoutPythonTestsAreSkipped() {
    assertThat(NeedsPython.Condition.decide(missing(), false, "SomeTest").isDisabled()).isTrue();
  }

  @Test
  void onABuildServerTheyFail() {
    assertThatThrownBy(() -> NeedsPython.Condition.decide(missing(), true, "SomeTest"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no python here")
        .hasMessageContaining("CI=true")
        .hasMessageContaining("SomeTest");
  }

  private static PythonEnv.Outcome missing() {
    return new PythonEnv.Outcome(null, "no python here");
  }
}
