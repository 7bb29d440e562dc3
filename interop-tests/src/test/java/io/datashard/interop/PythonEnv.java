package io.datashard.interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A Python virtual environment with the foreign readers, installed by the tests themselves.
 *
 * <p>It lies in the user's cache folder under a name made of the pinned requirements and the Python
 * version, so later runs and other processes find it; a lock file lets one of them install it. A
 * failed installation is not tried again for ten minutes.
 */
public final class PythonEnv {
  /** Where this module lies. */
  static final Path MODULE = Path.of(System.getProperty("basedir", ""));

  static final Path SOURCES = MODULE.resolve("src/test/python").toAbsolutePath();

  private static final Duration INSTALL_MAX = Duration.ofMinutes(15);
  private static final Duration FAILURE_STANDS = Duration.ofMinutes(10);

  /** The interpreter of the environment, or why there is none. */
  public record Outcome(@Nullable Path python, String reason) {
    boolean isThere() {
      return python != null;
    }
  }

  private static @Nullable Outcome known;
  private static @Nullable Outcome knownMore;

  private final String python;
  private final Path cache;

  /**
   * @param python the command that starts Python 3
   * @param cache the folder under which environments are kept
   */
  PythonEnv(String python, Path cache) {
    this.python = python;
    this.cache = cache;
  }

  /** The environment of this run, installed at the first call. */
  public static synchronized Outcome get() {
    Outcome outcome = known;
    if (outcome == null) {
      outcome = new PythonEnv("python3", userCache()).install(SOURCES.resolve("requirements.txt"));
      known = outcome;
    }
    return outcome;
  }

  /** Another environment, with large writers that only the slow suite asks. */
  public static synchronized Outcome more() {
    Outcome outcome = knownMore;
    if (outcome == null) {
      outcome =
          new PythonEnv("python3", userCache()).install(SOURCES.resolve("requirements-more.txt"));
      knownMore = outcome;
    }
    return outcome;
  }

  private static Path userCache() {
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path user =
        xdg == null || xdg.isBlank()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(xdg);
    Path folder = user.resolve("datashard-interop");
    try {
      Files.createDirectories(folder);
      if (Files.isWritable(folder)) {
        return folder.toAbsolutePath();
      }
    } catch (IOException e) {
      // A build account may have no home; the module's own folder does as well.
    }
    return MODULE.resolve("target/python").toAbsolutePath();
  }

  /** Installs the requirements unless they are installed already. */
  Outcome install(Path requirements) {
    try {
      String version = pythonVersion();
      if (version == null) {
        return new Outcome(null, "'" + python + "' cannot be started");
      }
      Files.createDirectories(cache);
      String name = "venv-" + hash(version + "\n" + Files.readString(requirements));
      try (FileChannel lock =
              FileChannel.open(
                  cache.resolve(name + ".lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          var held = lock.lock()) {
        return installLocked(requirements, cache.resolve(name));
      }
    } catch (IOException e) {
      return new Outcome(null, "the Python environment cannot be kept in " + cache + ": " + e);
    }
  }

  private Outcome installLocked(Path requirements, Path folder) throws IOException {
    Path interpreter = folder.resolve("bin/python");
    Path complete = folder.resolve("complete");
    Path failed = folder.resolveSibling(folder.getFileName() + ".failed");
    if (Files.exists(complete)) {
      return new Outcome(interpreter, "");
    }
    if (Files.exists(failed)
        && Files.getLastModifiedTime(failed)
            .toInstant()
            .isAfter(Instant.now().minus(FAILURE_STANDS))) {
      return new Outcome(null, Files.readString(failed));
    }
    deleteTree(folder);
    System.err.println("Installing Python packages for the interop tests into " + folder);
    Path log = folder.resolveSibling(folder.getFileName() + ".log");
    Files.deleteIfExists(log);
    String problem = run(log, List.of(python, "-m", "venv", folder.toString()));
    if (problem == null) {
      problem =
          run(
              log,
              List.of(
                  interpreter.toString(),
                  "-m",
                  "pip",
                  "install",
                  "--quiet",
                  "--no-input",
                  "--disable-pip-version-check",
                  "--retries=3",
                  "--timeout=60",
                  "--requirement",
                  requirements.toString()));
    }
    if (problem != null) {
      Files.writeString(failed, problem);
      return new Outcome(null, problem);
    }
    Files.deleteIfExists(failed);
    Files.createFile(complete);
    return new Outcome(interpreter, "");
  }

  private @Nullable String pythonVersion() throws IOException {
    try {
      Process process =
          new ProcessBuilder(python, "-c", "import sys; print(sys.version, sys.platform)")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.getOutputStream().close();
      String version =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return process.waitFor() == 0 && version.startsWith("3.") ? version : null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while asking for the Python version", e);
    } catch (IOException e) {
      return null; // There is no such command.
    }
  }

  /** Runs a command; null if it went well, else what went wrong with the end of its output. */
  private static @Nullable String run(Path log, List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    process.getOutputStream().close();
    String shown = String.join(" ", new ArrayList<>(command.subList(0, 4)));
    try {
      if (!process.waitFor(INSTALL_MAX.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return "'" + shown + " ...' took more than " + INSTALL_MAX.toMinutes() + " minutes";
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while installing", e);
    }
    if (process.exitValue() == 0) {
      return null;
    }
    List<String> said = Files.readAllLines(log);
    String end = String.join("\n", said.subList(Math.max(0, said.size() - 15), said.size()));
    return "'" + shown + " ...' ended with " + process.exitValue() + ":\n" + end;
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** Deletes a folder and all in it; nothing happens if it is not there. */
  static void deleteTree(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException e)
                throws IOException {
              Files.delete(dir);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
