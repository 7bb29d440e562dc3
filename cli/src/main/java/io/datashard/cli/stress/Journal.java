package io.datashard.cli.stress;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What one process wrote down, outside the table: each line an id and how long its append took.
 *
 * <p>Two kinds. {@code .sent}: before the append is asked for, so that a row is explained whose
 * writer was killed before it could write more. {@code .acked}: after the append was acknowledged,
 * so that from then on the row must be in the table. Neither is synced: they must survive the kill
 * of their process, not a power cut, and syncs of theirs would compete with those of the table.
 */
final class Journal implements AutoCloseable {
  static final String SENT = ".sent";
  static final String ACKED = ".acked";

  private final FileChannel file;

  /** One line. */
  record Line(String id, double millis) {}

  private Journal(FileChannel file) {
    this.file = file;
  }

  /** A new journal of one incarnation of one worker. */
  static Journal create(Path folder, int worker, int incarnation, String kind) throws IOException {
    Path path = folder.resolve(worker + "." + incarnation + kind);
    return new Journal(
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
  }

  /** Writes a line down, whole. */
  void write(String id, double millis) throws IOException {
    String line = id + " " + Math.round(millis * 1000) + "\n";
    ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.US_ASCII));
    while (bytes.hasRemaining()) {
      file.write(bytes);
    }
  }

  /** All lines of this kind in a folder; one that was cut by a kill does not count. */
  static List<Line> read(Path folder, String kind) throws IOException {
    List<Line> lines = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(kind)).sorted().toList()) {
        lines.addAll(readFile(file));
      }
    }
    return lines;
  }

  /** How many lines of this kind one worker has written, in all its incarnations. */
  static int count(Path folder, int worker, int incarnations, String kind) throws IOException {
    int count = 0;
    for (int i = 0; i < incarnations; i++) {
      Path file = folder.resolve(worker + "." + i + kind);
      if (Files.exists(file)) {
        count += readFile(file).size();
      }
    }
    return count;
  }

  private static List<Line> readFile(Path file) throws IOException {
    List<Line> lines = new ArrayList<>();
    String text = Files.readString(file);
    int start = 0;
    for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      int space = text.lastIndexOf(' ', end);
      long micros = Long.parseLong(text.substring(space + 1, end));
      lines.add(new Line(text.substring(start, space), micros / 1000.0));
      start = end + 1;
    }
    return lines;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
