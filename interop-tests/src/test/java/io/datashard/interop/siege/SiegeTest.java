package io.datashard.interop.siege;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.interop.NeedsPython;
import io.datashard.interop.PythonEnv;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * I1, I3, I5: real processes that are killed, frozen, cut off from each other and out of disk.
 * Every acknowledged append is there once and whole, in the order of its thread; none that failed
 * is; our readers never see a step back, and no reader half an append.
 */
@Timeout(value = 3, unit = TimeUnit.HOURS)
class SiegeTest {
  @TempDir Path folder;

  private void play(Siege.Plan plan, Path disk) throws IOException, InterruptedException {
    Path work = Files.createDirectories(folder.resolve("work"));
    Path python = plan.foreign() ? PythonEnv.get().python() : null;
    try (Siege siege = new Siege(plan, disk, work, python)) {
      siege.run();
      assertThat(siege.judge()).isEmpty();
    }
  }

  @Test
  void aShortOne() throws Exception {
    play(new Siege.Plan(6, 2, 0, 8, 6, 3, 2, 1, false, 0, 1), folder);
  }

  @Tag("slow")
  @Test
  void threeHundredWriters() throws Exception {
    play(new Siege.Plan(100, 3, 30, 0, 0, 0, 1, 1, false, 0, 2), folder);
  }

  @Tag("slow")
  @Test
  void fiveHundredKills() throws Exception {
    play(new Siege.Plan(12, 2, 0, 400, 500, 0, 1, 1, false, 0, 3), folder);
  }

  /** So many minutes as {@code -Dsiege.minutes} says, 3 if it does not. */
  @Tag("slow")
  @NeedsPython
  @Test
  void everythingAtOnce() throws Exception {
    int minutes = Integer.getInteger("siege.minutes", 3);
    try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"), 4_096)) {
      play(
          new Siege.Plan(12, 2, 0, minutes * 60, minutes * 10, minutes * 6, 3, 2, true, minutes, 4),
          disk.folder());
    }
  }

  /** A file system of its own, which can be full without harm to others. */
  private record SmallDisk(Path folder) implements AutoCloseable {
    static SmallDisk mount(Path folder, int megabytes) throws IOException, InterruptedException {
      Path image = folder.resolveSibling("disk.img");
      Files.createDirectories(folder);
      run("truncate", "-s", megabytes + "M", image.toString());
      run("mkfs.ext4", "-q", "-F", image.toString());
      run("mount", "-o", "loop", image.toString(), folder.toString());
      return new SmallDisk(folder);
    }

    @Override
    public void close() throws IOException {
      try {
        run("umount", folder.toString());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private static void run(String... command) throws IOException, InterruptedException {
      Process process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes());
      assertThat(process.waitFor())
          .as(
              "%s: %s%nThis test needs a disk of its own to fill, and the right to mount one",
              List.of(command), output)
          .isZero();
    }
  }
}
