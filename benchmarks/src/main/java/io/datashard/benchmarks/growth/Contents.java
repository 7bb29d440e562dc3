package io.datashard.benchmarks.growth;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What lies in a table's folder. */
final class Contents {
  private final int commits;
  private final Kind all = new Kind();
  private final Map<String, Kind> kinds = new TreeMap<>();

  /** Files of one kind. */
  static final class Kind {
    long files;
    long bytes;
    long blocks;
  }

  private Contents(int commits) {
    this.commits = commits;
  }

  /** What lies there after so many commits. */
  static Contents of(Path table, int commits) throws IOException {
    Contents contents = new Contents(commits);
    long block = Files.getFileStore(table).getBlockSize();
    try (Stream<Path> paths = Files.walk(table)) {
      for (Path file : paths.filter(Files::isRegularFile).toList()) {
        try {
          contents.add(kindOf(table, file), Files.size(file), block);
        } catch (IOException e) {
          continue; // cleaned away meanwhile
        }
      }
    }
    return contents;
  }

  private void add(String name, long bytes, long block) {
    for (Kind kind : List.of(all, kinds.computeIfAbsent(name, key -> new Kind()))) {
      kind.files++;
      kind.bytes += bytes;
      // Java cannot ask how many blocks a file has; whole ones are what any file takes at least.
      kind.blocks += (bytes + block - 1) / block * block;
    }
  }

  /** The sum of all lengths, for each commit. */
  long bytesEach() {
    return all.bytes / commits;
  }

  /** The same with every file rounded up to whole blocks. */
  long blocksEach() {
    return all.blocks / commits;
  }

  /** The sum of the lengths of one kind, for each commit. */
  long bytesEach(String kind) {
    Kind of = kinds.get(kind);
    return of == null ? 0 : of.bytes / commits;
  }

  /** The kinds there are, in order. */
  Map<String, Kind> kinds() {
    return kinds;
  }

  private static String kindOf(Path table, Path file) {
    String path = table.relativize(file).toString().replace('\\', '/');
    if (path.startsWith("data/")) {
      return "data files";
    } else if (path.startsWith("metadata/manifests/snap-")) {
      return "manifest lists";
    } else if (path.startsWith("metadata/manifests/")) {
      return "manifests";
    } else if (path.startsWith("metadata/history/")) {
      return "archive";
    }
    return path.endsWith(".metadata.json") ? "versions" : "others";
  }
}
