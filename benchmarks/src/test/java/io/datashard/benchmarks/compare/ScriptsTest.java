package io.datashard.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The scripts in Python start: whatever they are made of is there and can be read. */
class ScriptsTest {
  @ParameterizedTest
  @ValueSource(strings = {"run", "buckets", "planning", "scans", "streaming", "small"})
  void theScriptSaysWhatItDoes(String name) throws IOException, InterruptedException {
    assumeTrue(starts("python3", "--version"), "there is no python3");
    Path script = Path.of(System.getProperty("basedir", "")).toAbsolutePath().resolve(name);
    Process process =
        new ProcessBuilder("python3", "-B", script.toString(), "--help")
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said).contains("benchmarks/" + name + " --quick");
  }

  private static boolean starts(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
