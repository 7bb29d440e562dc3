package io.datashard.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/**
 * Real processes whose system calls are seen, or end otherwise than the kernel says, with {@code
 * strace}. Without it a test is skipped and standard error says so; with {@code CI=true} in the
 * environment it fails.
 */
public final class Strace {
  private Strace() {}

  /**
   * Skips the test that asks, or fails it, if strace cannot be used here.
   *
   * @param test its name
   */
  public static void require(String test) throws InterruptedException {
    String missing = whatIsMissing();
    if (missing.isEmpty()) {
      return;
    }
    String words =
        "The system calls of another process cannot be seen: " + missing + "\nInstall strace.";
    if ("true".equalsIgnoreCase(System.getenv("CI"))) {
      throw new IllegalStateException(words + " With CI=true that is a failure.");
    }
    String rule = "*".repeat(100);
    System.err.println(rule + "\nSKIPPED: " + test + "\n" + words + "\n" + rule);
    Assumptions.abort(words);
  }

  private static String whatIsMissing() throws InterruptedException {
    try {
      Process trial =
          new ProcessBuilder(command(List.of("true"), "-o", "/dev/null", "-e", "trace=fsync"))
              .redirectErrorStream(true)
              .start();
      String said = new String(trial.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return trial.waitFor() == 0 ? "" : said;
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** The same command, with its children, under strace with these options. */
  public static List<String> command(List<String> command, String... options) {
    List<String> words = new ArrayList<>(List.of("strace", "-f"));
    words.addAll(Arrays.asList(options));
    words.addAll(command);
    return words;
  }

  /** The same command on a file system without hard links: the kernel refuses to make any. */
  public static List<String> withoutHardLinks(List<String> command) {
    String links = "?link,linkat";
    return command(
        command,
        "-o",
        "/dev/null",
        "-e",
        "trace=" + links,
        "-e",
        "inject=" + links + ":error=EPERM");
  }
}
