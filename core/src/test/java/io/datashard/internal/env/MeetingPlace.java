package io.datashard.internal.env;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A machine's folder for one test, with a short name: sockets' addresses are short. */
final class MeetingPlace implements AutoCloseable {
  static final String KEY = "table";

  final Path folder;
  final Machine machine;

  MeetingPlace() throws IOException {
    folder = Files.createTempDirectory("ds");
    MachineFolder found = MachineFolder.at(folder);
    machine = new LocalMachine(() -> found);
  }

  /** The files of the first seat. */
  SeatFiles files() throws IOException {
    return MachineFolder.at(folder).seat(KEY, 0);
  }

  /** What lies in the folder. */
  List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Override
  public void close() throws IOException {
    for (String name : names()) {
      Files.deleteIfExists(folder.resolve(name));
    }
    Files.deleteIfExists(folder);
  }
}
