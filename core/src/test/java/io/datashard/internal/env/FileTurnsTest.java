package io.datashard.internal.env;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** One at a time has the turn of a table, and a process holds few files open for that. */
class FileTurnsTest {
  private final Env env = Env.system();

  @TempDir Path folder;

  @Test
  void oneAtATime() throws Exception {
    // Two of them in one process see each other as two processes do: by the kernel's lock.
    FileTurns mine = new FileTurns(folder);
    FileTurns theirs = new FileTurns(folder);
    for (int i = 0; i < 3; i++) {
      Turn first = mine.of("table", env);
      Turn second = theirs.of("table", env);
      assertThat(first.tryTake()).isTrue();
      assertThat(second.tryTake()).isFalse();
      Turn elsewhere = theirs.of("another table", env);
      assertThat(elsewhere.tryTake()).isTrue();
      elsewhere.close();
      first.close();
      second.await();
      assertThat(mine.of("table", env).tryTake()).isFalse();
      second.close();
      Turn third = mine.of("table", env);
      assertThat(third.tryTake()).isTrue();
      third.close();
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void onlyTheFileThatWasUsedLastStaysOpen() throws IOException {
    FileTurns turns = new FileTurns(folder);
    Turn held = turns.of("held", env);
    assertThat(held.tryTake()).isTrue();
    for (int i = 0; i < 20; i++) {
      Turn turn = turns.of("table " + i % 5, env);
      assertThat(turn.tryTake()).isTrue();
      turn.close();
    }
    assertThat(openFiles()).as("the one that is held, and the last one").hasSize(2);
    held.close();
    assertThat(openFiles()).hasSize(1);
  }

  private List<Path> openFiles() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.map(FileTurnsTest::target).filter(file -> file.startsWith(folder)).toList();
    }
  }

  private static Path target(Path link) {
    try {
      return Files.readSymbolicLink(link);
    } catch (IOException e) {
      return Path.of("closed meanwhile");
    }
  }
}
