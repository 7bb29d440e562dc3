package io.datashard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.testkit.Strace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * I1: where there are no hard links a commit is refused and says what to do, and the table stays
 * whole. Real processes, to whom the kernel refuses every link.
 */
@Timeout(180)
class NoHardLinksTest {
  @TempDir private Path given;
  private Path folder;

  @BeforeEach
  void needsStrace() throws Exception {
    Strace.require("NoHardLinksTest");
    folder = given.toRealPath();
  }

  private Process start(Object... words) throws IOException {
    List<String> command = JavaProcess.of(Stream.of(words).map(String::valueOf).toList()).command();
    Process process = new ProcessBuilder(Strace.withoutHardLinks(command)).start();
    process.getOutputStream().close();
    return process;
  }

  private static CommandLineRun endOf(Process process) throws IOException, InterruptedException {
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    return new CommandLineRun(process.waitFor(), out, err);
  }

  private static String refusal(String command, Path version) {
    return "datashard "
        + command
        + ": Cannot create "
        + version
        + ": this file system has no hard links, and without them two writers could both win one"
        + " version. Nothing was changed. Put the table on a file system that has them, for example"
        + " ext4, XFS, Btrfs, APFS or NFS.\n";
  }

  @Test
  void aTableIsNotCreated() throws Exception {
    Path table = folder.resolve("t");
    endOf(start("create", table, "--column", "a int"))
        .failedWith(1, refusal("create", table.resolve("metadata/v1.metadata.json")));
    assertThat(CommandLineRun.of("count", table).err()).contains("There is no table at ");
    CommandLineRun.table(table, "a int");
    assertThat(CommandLineRun.outputOf("count", table)).isEqualTo("0\n");
  }

  @Test
  void appendsAreRefusedAndOthersGoOn() throws Exception {
    Path table = CommandLineRun.table(folder.resolve("t"), "a int");
    CommandLineRun.append(table, "{\"a\": 1}");
    List<Process> all = new ArrayList<>();
    for (int i = 0; i < 3; i++) { // one of them may commit for the others
      all.add(start("append", table, Files.writeString(folder.resolve(i + ".csv"), "a\n2\n")));
    }
    for (Process each : all) {
      endOf(each)
          .failedWith(
              1,
              refusal("append", table.resolve("metadata/v3.metadata.json"))
                  + "Nothing was committed.\n");
    }
    assertThat(CommandLineRun.outputOf("count", table)).isEqualTo("1\n");

    CommandLineRun.append(table, "{\"a\": 3}");

    assertThat(CommandLineRun.outputOf("scan", table, "--format", "csv")).isEqualTo("a\n1\n3\n");
    assertThat(CommandLineRun.outputOf("verify", table, "--deep"))
        .startsWith("No damage")
        .doesNotContain("orphan");
  }
}
