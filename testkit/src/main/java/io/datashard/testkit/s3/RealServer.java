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
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A real S3 server over a local folder, built from source by the Go on this machine at the first
 * call and kept in the folder given. It listens on the loopback and ends with this process.
 */
public final class RealServer implements S3Server {
  /** The servers that can be had. */
  public enum Kind {
    /** <a href="https://github.com/versity/versitygw">versitygw</a> (Apache-2.0). */
    VERSITYGW(
        "versitygw",
        "github.com/versity/versitygw/cmd/versitygw@v1.8.0",
        "ROOT_ACCESS_KEY",
        "ROOT_SECRET_KEY"),
    /** <a href="https://github.com/minio/minio">MinIO</a> (AGPL-3.0), only ever run. */
    MINIO(
        "minio",
        "github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c",
        "MINIO_ROOT_USER",
        "MINIO_ROOT_PASSWORD");

    private final String program;
    private final String module;
    private final String keyVariable;
    private final String secretVariable;

    Kind(String program, String module, String keyVariable, String secretVariable) {
      this.program = program;
      this.module = module;
      this.keyVariable = keyVariable;
      this.secretVariable = secretVariable;
    }

    /** What the program is called. */
    public String program() {
      return program;
    }

    /** What is run, over a folder in which the bucket is a folder. */
    private List<String> command(Path binary, Path buckets, Path beside, int port) {
      String address = "127.0.0.1:" + port;
      return switch (this) {
        case VERSITYGW ->
            List.of(
                binary.toString(),
                "--port",
                address,
                "--quiet",
                "posix",
                "--sidecar",
                beside.toString(),
                buckets.toString());
        case MINIO ->
            List.of(
                binary.toString(),
                "server",
                "--quiet",
                "--address",
                address,
                "--config-dir",
                beside.toString(),
                buckets.toString());
      };
    }
  }

  /**
   * The program, or why there is none.
   *
   * @param program null if there is none
   * @param reason "" if there is one
   */
  public record Outcome(@Nullable Path program, String reason) {
    /** Whether there is one. */
    public boolean isThere() {
      return program != null;
    }
  }

  /** The key id that each of them takes. */
  public static final String ACCESS_KEY = "REALACCESSKEY0000001";

  /** The secret of that key. */
  public static final String SECRET_KEY = "real/secret+key+for+tests+only+000000001";

  private static final int BUILD_MINUTES_MAX = 15;
  private static final int START_MILLIS_MAX = 30_000;

  private final Kind kind;
  private final Process process;
  private final Thread atExit;
  private final int port;
  private final Path log;

  private RealServer(Kind kind, Process process, int port, Path log) {
    this.kind = kind;
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
  public static Outcome install(Kind kind, Path folder) {
    Path bin = folder.toAbsolutePath().resolve("bin");
    Path program = bin.resolve(kind.program);
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
        return build(kind, folder, bin, program);
      }
    } catch (IOException e) {
      return new Outcome(null, "it cannot be kept in " + folder + ": " + e);
    }
  }

  private static Outcome build(Kind kind, Path folder, Path bin, Path program) throws IOException {
    System.err.println("Building the S3 server " + kind.program + " for the tests into " + bin);
    Path log = folder.resolve("build.log");
    ProcessBuilder builder =
        new ProcessBuilder("go", "install", kind.module)
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
                + kind.module
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
  public static RealServer start(Kind kind, Path program, Path data) {
    try {
      Path buckets = Files.createDirectories(data.resolve("buckets"));
      Path beside = Files.createDirectories(data.resolve("beside"));
      Files.createDirectories(buckets.resolve(BUCKET));
      Path log = data.resolve("server.log");
      int port = freePort();
      ProcessBuilder builder =
          new ProcessBuilder(kind.command(program, buckets, beside, port))
              .redirectErrorStream(true)
              .redirectOutput(log.toFile());
      // Not as arguments, which everybody on the machine can read. MinIO opens no second port.
      builder
          .environment()
          .putAll(
              Map.of(
                  kind.keyVariable,
                  ACCESS_KEY,
                  kind.secretVariable,
                  SECRET_KEY,
                  "MINIO_BROWSER",
                  "off"));
      Process process = builder.start();
      process.getOutputStream().close();
      RealServer server = new RealServer(kind, process, port, log);
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
          throw new IOException(kind.program + " did not start: " + Files.readString(log), e);
        }
      }
      try {
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        close();
        throw new IOException("interrupted while " + kind.program + " started", e);
      }
    }
  }

  @Override
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + port);
  }

  @Override
  public String accessKey() {
    return ACCESS_KEY;
  }

  @Override
  public String secretKey() {
    return SECRET_KEY;
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
