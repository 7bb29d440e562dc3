package io.datashard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * One command line, run in this process.
 *
 * @param code the exit code
 * @param out standard output
 * @param err standard error
 */
record CommandLineRun(int code, String out, String err) {

  static CommandLineRun of(Object... words) {
    return withInput("", words);
  }

  static CommandLineRun withInput(String input, Object... words) {
    List<String> args = List.of(words).stream().map(String::valueOf).toList();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code =
        Cli.run(args, new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), out, err);
    return new CommandLineRun(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** The output of a command that must succeed without a word on standard error. */
  static String outputOf(Object... words) {
    CommandLineRun run = of(words);
    assertThat(run.err()).as("standard error of %s", List.of(words)).isEmpty();
    assertThat(run.code()).as("exit code of %s", List.of(words)).isZero();
    return run.out();
  }

  /** Creates a table of these columns. */
  static Path table(Path folder, String... columns) {
    Object[] words = new Object[2 + 2 * columns.length];
    words[0] = "create";
    words[1] = folder;
    for (int i = 0; i < columns.length; i++) {
      words[2 + 2 * i] = "--column";
      words[3 + 2 * i] = columns[i];
    }
    outputOf(words);
    return folder;
  }

  /** Appends JSON Lines that must fit. */
  static void append(Path table, String... lines) {
    CommandLineRun run = withInput(String.join("\n", lines) + "\n", "append", table);
    assertThat(run.err()).as("standard error of append").isEmpty();
    assertThat(run.code()).as("exit code of append").isZero();
  }

  /** Asserts the code and the whole of standard error, and that nothing went to standard output. */
  void failedWith(int wanted, String message) {
    assertThat(err).isEqualToNormalizingNewlines(message);
    assertThat(out).isEmpty();
    assertThat(code).isEqualTo(wanted);
  }
}
