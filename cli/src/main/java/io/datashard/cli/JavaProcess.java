package io.datashard.cli;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another process of this very command line: same JVM, same classes, same flags. */
public final class JavaProcess {
  /** Flags that a child takes over; all others, such as agents and heap sizes, stay with us. */
  private static final List<String> KEPT =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel",
          "-XX:-UsePerfData",
          "-XX:SharedArchiveFile",
          "-Xshare",
          "-Xlog:",
          "-Dfile.encoding",
          "--enable-native-access");

  private JavaProcess() {}

  /** A process that runs these words; not started yet. */
  public static ProcessBuilder of(List<String> words) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Many of them share the machine, and none of them keeps much.
    command.addAll(List.of("-Xms8m", "-Xmx256m"));
    for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (KEPT.stream().anyMatch(flag::startsWith)) {
        command.add(flag);
      }
    }
    String classPath = System.getProperty("java.class.path");
    if (classPath.endsWith(".jar") && !classPath.contains(File.pathSeparator)) {
      command.add("-jar"); // so that what its manifest allows is allowed
      command.add(classPath);
    } else {
      command.addAll(List.of("-cp", classPath, Main.class.getName()));
    }
    command.addAll(words);
    return new ProcessBuilder(command);
  }
}
