package io.datashard.s3;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Of core, this module knows the rooms {@code storage} and {@code error} and nothing else. */
class S3RoomsTest {
  private static final Set<String> MAY_IMPORT = Set.of("storage", "error", "s3");
  private static final long BYTES_MAX = 10_000_000;

  /** With imports as with names in full; comments are taken out before. */
  private static final Pattern OWN_NAME =
      Pattern.compile("(?<![\\w.])io\\s*\\.\\s*datashard\\s*\\.\\s*(\\w+)");

  @Test
  void onlyStorageAndErrorAreImported() throws IOException {
    Path sources = Path.of(System.getProperty("basedir", "")).resolve("src/main/java");
    Set<String> problems = new TreeSet<>();
    int files = 0;
    try (Stream<Path> all = Files.walk(sources)) {
      for (Path file : all.filter(each -> each.toString().endsWith(".java")).toList()) {
        files++;
        problems.addAll(problemsIn(file.getFileName().toString(), Files.readString(file)));
      }
    }
    assertThat(problems).isEmpty();
    assertThat(files).isPositive();
  }

  @Test
  void aForbiddenImportIsNamed() {
    assertThat(
            problemsIn(
                "S3Store.java",
                """
                /** Not {@link io.datashard.schema.Schema}. */
                import io.datashard.internal.log.VersionLog;
                import io.datashard.storage.Storage;
                // io.datashard.table.Snapshot
                class S3Store { io.datashard.DataShard door; }
                """))
        .containsExactly(
            "s3 must not import DataShard (S3Store.java)",
            "s3 must not import internal (S3Store.java)");
  }

  private static Set<String> problemsIn(String file, String source) {
    String code = source.replaceAll("(?s)/\\*.*?\\*/", " ").replaceAll("//[^\\n]*", " ");
    Set<String> problems = new TreeSet<>();
    Matcher names = OWN_NAME.matcher(code.replaceAll("\\bpackage\\s+[\\w.]+\\s*;", " "));
    while (names.find()) {
      if (!MAY_IMPORT.contains(names.group(1))) {
        problems.add("s3 must not import " + names.group(1) + " (" + file + ")");
      }
    }
    return problems;
  }

  @Test
  void theSdkStaysLight() throws IOException {
    // Written by the build: the jars of the scopes compile and runtime.
    Path list = Path.of(System.getProperty("basedir", "")).resolve("target/runtime-classpath.txt");
    TreeMap<String, Long> jars = new TreeMap<>();
    for (String jar : Files.readString(list).strip().split(File.pathSeparator)) {
      if (jar.contains("software" + File.separator + "amazon")) {
        jars.put(Path.of(jar).getFileName().toString(), Files.size(Path.of(jar)));
      }
    }
    assertThat(jars.keySet()).noneMatch(jar -> jar.matches("(netty|apache|aws-crt).*"));
    assertThat(jars.values().stream().mapToLong(Long::longValue).sum())
        .as("bytes of " + jars)
        .isBetween(1_000_000L, BYTES_MAX);
  }
}
