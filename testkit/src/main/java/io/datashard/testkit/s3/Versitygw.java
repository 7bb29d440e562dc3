package io.datashard.testkit.s3;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A real S3 server over a local folder: <a
 * href="https://github.com/versity/versitygw">versitygw</a> (Apache-2.0), built from source by the
 * Go on this machine at the first call and kept in the folder given. It listens on the loopback and
 * ends with this process.
 */
public final class Versitygw implements AutoCloseable {
  /** The key id that it takes. */
  public static final String ACCESS_KEY = "VERSITYACCESSKEY0001";

  /** The secret of that key. */
  public static final String SECRET_KEY = "versity/secret+key+for+tests+only+000001";

  /** A bucket that is there. */
  public static final String BUCKET = "lake";

  private static final String MODULE = "github.com/versity/versitygw/cmd/versitygw@v1.8.0";
  private static final int BUILD_MINUTES_MAX = 15;
  private static final int START_MILLIS_MAX = 30_000;

  private final Process process;
  private final Thread atExit;
  private final int port;
  private final Path log;

  /**
   * The program, or why there is none.
   *
   * @param program null if there is none
   */
  public record Outcome(@Nullable Path program, String reason) {
    /** Whether there is one. */
    public boolean isThere() {
      return program != null;
    }
  }

  private Versitygw(Process process, int port, Path log) {
    this.process = process;
    this.port = port;
    this.log = log;
    this.atExit = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /**
   * Builds it, unless it was built before.
   *
   * @param folder where it is kept, such as {@code target/versitygw}
   */
  public static Outcome install(Path folder) {
    Path bin = folder.toAbsolutePath().resolve("bin");
    Path program = bin.resolve("versitygw");
    try {
      Files.createDirectories(bin);
      // Test classes run in several JVMs at once: one of them builds.
      try (FileChannel lock =
              FileChannel.open(
                  folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          var held = lock.lock()) {
        if (Files.isExecutable(program)) {
          return new Outcome(program, "");
        }
        return build(folder, bin, program);
      }
    } catch (IOException e) {
      return new Outcome(null, "it cannot be kept in " + folder + ": " + e);
    }
  }

  private static Outcome build(Path folder, Path bin, Path program) throws IOException {
    System.err.println("Building the S3 server versitygw for the tests into " + bin);
    Path log = folder.resolve("build.log");
    ProcessBuilder builder =
        new ProcessBuilder("go", "install", MODULE)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("GOBIN", bin.toString());
    builder.environment().put("CGO_ENABLED", "0");
    try {
      Process go = builder.start();
      go.getOutputStream().close();
      if (!go.waitFor(BUILD_MINUTES_MAX, TimeUnit.MINUTES)) {
        go.destroyForcibly();
        return new Outcome(
            null, "'go install' took more than " + BUILD_MINUTES_MAX + " minutes; see " + log);
      }
      if (go.exitValue() != 0 || !Files.isExecutable(program)) {
        List<String> said = Files.readAllLines(log);
        return new Outcome(
            null,
            "'go install "
                + MODULE
                + "' failed: "
                + String.join(" / ", said.subList(Math.max(0, said.size() - 3), said.size())));
      }
      return new Outcome(program, "");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while building", e);
    } catch (IOException e) {
      return new Outcome(null, "there is no Go to build it with (" + e.getMessage() + ")");
    }
  }

  /**
   * Starts one over an empty folder, with a bucket in it.
   *
   * @param program from {@link #install}
   * @param data where it keeps objects
   */
  public static Versitygw start(Path program, Path data) {
    try {
      Path root = Files.createDirectories(data.resolve("buckets"));
      Path sidecar = Files.createDirectories(data.resolve("sidecar"));
      Files.createDirectories(root.resolve(BUCKET));
      Path log = data.resolve("versitygw.log");
      int port = freePort();
      List<String> command =
          new ArrayList<>(
              List.of(
                  program.toString(),
                  "--port",
                  "127.0.0.1:" + port,
                  "--quiet",
                  "posix",
                  "--sidecar",
                  sidecar.toString(),
                  root.toString()));
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
      // Not as arguments, which everybody on the machine can read.
      builder.environment().put("ROOT_ACCESS_KEY", ACCESS_KEY);
      builder.environment().put("ROOT_SECRET_KEY", SECRET_KEY);
      Process process = builder.start();
      process.getOutputStream().close();
      Versitygw server = new Versitygw(process, port, log);
      server.awaitListening();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitListening() throws IOException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(START_MILLIS_MAX);
    while (true) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
        return;
      } catch (IOException e) {
        if (!process.isAlive() || System.nanoTime() > end) {
          close();
          throw new IOException("versitygw did not start: " + Files.readString(log), e);
        }
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        close();
        throw new IOException("interrupted while versitygw started", e);
      }
    }
  }

  /** Where it listens. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + port);
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IllegalStateException e) {
      // The JVM is ending already.
    }
  }
}
