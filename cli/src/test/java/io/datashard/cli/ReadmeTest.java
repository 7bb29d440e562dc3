package io.datashard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's shell lines run as they stand, but for where the program and the table lie. */
class ReadmeTest {
  private static final String HEADING = "## The same from a shell\n```sh\n";

  @TempDir private Path folder;

  @Test
  void shellLinesRun() throws Exception {
    Path root = Path.of("").toAbsolutePath().getParent();
    String readme = Files.readString(root.resolve("README.md"));
    int start = readme.indexOf(HEADING) + HEADING.length();
    String script = readme.substring(start, readme.indexOf("```", start));
    assertThat(script).contains("./datashard create").contains("./datashard scan");

    Path program = folder.resolve("datashard");
    Files.writeString(
        program,
        "#!/bin/sh\nexec '"
            + Path.of(System.getProperty("java.home"), "bin", "java")
            + "' -cp '"
            + System.getProperty("java.class.path")
            + "' io.datashard.cli.Main \"$@\"\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    Process shell =
        new ProcessBuilder("sh", "-e", "-c", script.replace("/tmp/tasks", folder + "/tasks"))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(shell.waitFor()).as(output).isZero();
    assertThat(output)
        .contains("\"rows\":1") // append
        .contains("{\"task_id\":\"t1\",\"duration_ms\":150}") // scan
        .contains("\n1\n"); // count
  }
}
