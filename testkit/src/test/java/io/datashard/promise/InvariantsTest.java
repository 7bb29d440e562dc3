package io.datashard.promise;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Every invariant that docs/INVARIANTS.md lists is cited by a test, except those it calls later.
 */
class InvariantsTest {
  private static final Pattern LISTED = Pattern.compile("(?m)^\\*\\*(I\\d+)\\.");
  private static final Pattern CITED = Pattern.compile("\\bI\\d+\\b");

  /** Local tables need no credentials; the stores that do will bring the test. */
  private static final String LATER = "I9";

  @Test
  void everyInvariantIsCitedByATest() throws IOException {
    Path root = Path.of("").toAbsolutePath().getParent();
    TreeSet<String> listed = new TreeSet<>();
    Matcher matcher = LISTED.matcher(Files.readString(root.resolve("docs/INVARIANTS.md")));
    while (matcher.find()) {
      listed.add(matcher.group(1));
    }
    assertThat(listed).hasSize(11).contains("I1", "I11", LATER);
    TreeSet<String> cited = new TreeSet<>();
    for (String folder :
        List.of(
            "core/src/test/java",
            "testkit/src/main/java/io/datashard/testkit/tables",
            "testkit/src/test/java",
            "cli/src/test/java",
            "interop-tests/src/test/java")) {
      Path tests = root.resolve(folder);
      if (Files.isDirectory(tests)) {
        citedBelow(tests, cited);
      }
    }
    listed.remove(LATER);
    assertThat(cited).containsAll(listed);
  }

  private static void citedBelow(Path folder, TreeSet<String> cited) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
        if (!file.endsWith("InvariantsTest.java")) {
          CITED.matcher(Files.readString(file)).results().forEach(r -> cited.add(r.group()));
        }
      }
    }
  }
}
