package io.datashard.interop.siege;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Who holds a seat now, as the kernel tells of its locks. */
final class Committers {
  /** {@code 1: POSIX ADVISORY WRITE 4711 fe:00:1234 0 EOF}. */
  private static final Pattern LOCK =
      Pattern.compile("\\d+: POSIX +ADVISORY +WRITE (\\d+) [0-9a-f]+:[0-9a-f]+:(\\d+) .*");

  private Committers() {}

  /** The process ids of those who hold a lock on a seat below these folders. */
  static Set<Long> in(List<Path> machineFolders) throws IOException {
    Set<String> inodes = new HashSet<>();
    for (Path folder : machineFolders) {
      if (!Files.isDirectory(folder)) {
        continue;
      }
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.filter(each -> each.toString().endsWith(".lock")).toList()) {
          inodes.add(String.valueOf(Files.getAttribute(file, "unix:ino")));
        }
      }
    }
    Set<Long> holders = new HashSet<>();
    for (String line : Files.readAllLines(Path.of("/proc/locks"))) {
      Matcher lock = LOCK.matcher(line);
      if (lock.matches() && inodes.contains(lock.group(2))) {
        holders.add(Long.parseLong(lock.group(1)));
      }
    }
    return holders;
  }
}
