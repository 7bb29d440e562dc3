package io.datashard.internal.env;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A {@link Partner} as seen from the test that started it. */
final class PartnerProcess implements AutoCloseable {
  private final Process process;
  private final PrintStream in;
  private final BufferedReader out;

  private PartnerProcess(Process process) {
    this.process = process;
    in = new PrintStream(process.getOutputStream(), true, UTF_8);
    out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
  }

  /** How a small JVM with the tests' classes is started. */
  static List<String> java() {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return List.of(
        java, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx64m", "-cp", classPath);
  }

  static PartnerProcess in(Path folder) throws IOException {
    List<String> command = new ArrayList<>(java());
    command.add(Partner.class.getName());
    command.add(folder.toString());
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(new File("/dev/null"));
    PartnerProcess partner = new PartnerProcess(builder.start());
    assertThat(partner.out.readLine()).isEqualTo("ready");
    return partner;
  }

  /** Tells it to do something, the last word of which it answers with. */
  void ask(String what, String answer) throws IOException {
    tell(what);
    expect(answer);
  }

  void tell(String what) {
    in.println(what);
  }

  void expect(String line) throws IOException {
    assertThat(out.readLine()).isEqualTo(line);
  }

  void signal(String name) throws IOException, InterruptedException {
    Process kill =
        new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).inheritIO().start();
    assertThat(kill.waitFor()).isZero();
    while (name.equals("STOP") && !isStopped()) {
      Thread.sleep(1); // its threads stop one by one, a moment after the signal was sent
    }
  }

  /** Whether all its threads stand still, where that can be told. */
  private boolean isStopped() throws IOException {
    Path tasks = Path.of("/proc", String.valueOf(process.pid()), "task");
    if (!Files.isDirectory(tasks)) {
      return true;
    }
    try (Stream<Path> all = Files.list(tasks)) {
      for (Path task : all.toList()) {
        String stat = Files.readString(task.resolve("stat"));
        if (stat.charAt(stat.lastIndexOf(')') + 2) != 'T') {
          return false;
        }
      }
    }
    return true;
  }

  /** Waits for its end. */
  int await() throws InterruptedException {
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  /** Closes its input. */
  void end() {
    in.close();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
