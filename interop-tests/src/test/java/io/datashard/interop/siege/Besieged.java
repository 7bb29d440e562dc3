package io.datashard.interop.siege;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A child process that says {@code ready}, may wait for a line, and ends when its input ends. */
final class Besieged {
  private final String name;
  private final Path errors;
  private final Process process;
  private final CountDownLatch ready = new CountDownLatch(1);
  private final List<String> said = new ArrayList<>();
  private volatile boolean frozen;

  private Besieged(String name, Path errors, Process process) {
    this.name = name;
    this.errors = errors;
    this.process = process;
    Thread listener = new Thread(this::listen, "listens to " + name);
    listener.setDaemon(true);
    listener.start();
  }

  /**
   * Starts a Java process of this class path.
   *
   * @param output where what it says on standard error goes
   * @param environment set for it beside ours
   */
  static Besieged java(
      String name, Path output, Map<String, String> environment, String heap, List<String> words)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", heap));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(words);
    return start(name, output, environment, command);
  }

  /** Starts any process. */
  static Besieged start(
      String name, Path output, Map<String, String> environment, List<String> command)
      throws IOException {
    Path errors = output.resolve(name + ".err");
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
    builder.environment().putAll(environment);
    return new Besieged(name, errors, builder.start());
  }

  private void listen() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.equals("ready")) {
          ready.countDown();
        } else {
          synchronized (said) {
            said.add(line);
          }
        }
      }
    } catch (IOException e) {
      // It was killed in the middle of a line.
    }
    ready.countDown();
  }

  String name() {
    return name;
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  boolean isFrozen() {
    return frozen;
  }

  void awaitReady() throws InterruptedException {
    if (!ready.await(300, TimeUnit.SECONDS)) {
      throw new IllegalStateException(name + " is not ready after 300 s");
    }
  }

  /** Lets it begin. */
  void go() throws IOException {
    OutputStream in = process.getOutputStream();
    in.write('\n');
    in.flush();
  }

  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  void freeze() throws IOException, InterruptedException {
    frozen = true;
    signal("STOP");
  }

  void resume() throws IOException, InterruptedException {
    signal("CONT");
    frozen = false;
  }

  private void signal(String which) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + which, String.valueOf(pid())).start().waitFor();
  }

  /** Ends it in good order and returns what it said last; fails if it does not end well. */
  String end() throws IOException, InterruptedException {
    process.getOutputStream().close();
    return awaitEnd();
  }

  /** Waits for an end that comes by itself. */
  String awaitEnd() throws IOException, InterruptedException {
    if (!process.waitFor(300, TimeUnit.SECONDS)) {
      throw new IllegalStateException(name + " does not end");
    }
    if (process.exitValue() != 0) {
      throw new IllegalStateException(
          name + " ended with " + process.exitValue() + ": " + Files.readString(errors));
    }
    synchronized (said) {
      return said.isEmpty() ? "" : said.get(said.size() - 1);
    }
  }
}
