package io.datashard.benchmarks.jmh;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/**
 * A temporary folder below the working directory, since {@code /tmp} may be memory, where syncs
 * cost nothing.
 */
final class Folder {
  private Folder() {}

  static Path create() {
    try {
      Path parent = Files.createDirectories(Path.of("target", "jmh-tables").toAbsolutePath());
      return Files.createTempDirectory(parent, "run");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void delete(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
