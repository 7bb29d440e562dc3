package io.datashard.promise;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Starts a main class of these tests as a process of its own. */
final class RealProcess {
  private RealProcess() {}

  /** What starts it; other words may be put before. */
  static List<String> command(Class<?> main, Object... words) {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m", "-cp"));
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path", ".")));
    command.add(main.getName());
    for (Object word : words) {
      command.add(String.valueOf(word));
    }
    return command;
  }

  /**
   * Starts it.
   *
   * @param said where all that it says goes
   */
  static Process start(File said, Class<?> main, Object... words) throws IOException {
    return new ProcessBuilder(command(main, words))
        .redirectErrorStream(true)
        .redirectOutput(said)
        .start();
  }
}
