package io.datashard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What core brings along at run time: at most 20 MB of jars, no Hadoop, no cloud SDK. */
class CoreWeightTest {

  private static final long BYTES_MAX = 20_000_000;
  private static final Pattern UNWANTED =
      Pattern.compile("hadoop|awssdk|aws-|google-cloud|azure|arrow|avro|databind|commons-");

  @Test
  void coreStaysLight() throws IOException {
    // Written by the build: the jars of the scopes compile and runtime.
    Path list = Path.of(System.getProperty("basedir", "")).resolve("target/runtime-classpath.txt");
    Map<String, Long> jars = new TreeMap<>();
    for (String jar : Files.readString(list).strip().split(File.pathSeparator)) {
      jars.put(Path.of(jar).getFileName().toString(), Files.size(Path.of(jar)));
    }

    System.out.printf(Locale.ROOT, "core: %.1f MB in %d jars%n", bytes(jars) / 1e6, jars.size());
    check(jars, BYTES_MAX);
  }

  @Test
  void aHeavyOrUnwantedJarIsNamed() {
    Map<String, Long> jars = Map.of("some-1.jar", 700_000L);
    assertThatThrownBy(() -> check(jars, 699_999))
        .hasMessageContaining("core weighs 700000 bytes, at most 699999: {some-1.jar=700000}");
    assertThatThrownBy(() -> check(Map.of("hadoop-common-3.4.2.jar", 1L), BYTES_MAX))
        .hasMessageContaining("hadoop-common-3.4.2.jar");
  }

  private static void check(Map<String, Long> jars, long bytesMax) {
    assertThat(jars.keySet()).noneMatch(jar -> UNWANTED.matcher(jar).find());
    assertThat(bytes(jars))
        .withFailMessage("core weighs %d bytes, at most %d: %s", bytes(jars), bytesMax, jars)
        .isLessThanOrEqualTo(bytesMax);
  }

  private static long bytes(Map<String, Long> jars) {
    return jars.values().stream().mapToLong(Long::longValue).sum();
  }
}
