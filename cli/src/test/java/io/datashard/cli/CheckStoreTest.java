package io.datashard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code datashard check-store} on a local folder; on buckets the module s3 tests it. */
class CheckStoreTest {
  @TempDir Path folder;

  @Test
  void aLocalFolderIsRight() {
    String said = CommandLineRun.outputOf("check-store", folder.resolve("t").toString());
    assertThat(said.lines())
        .hasSize(9)
        .allMatch(line -> line.startsWith("right  "))
        .anyMatch(line -> line.contains("of 8 writers of each of 5 names one won"));
    assertThat(CommandLineRun.outputOf("check-store", folder.toString(), "--json"))
        .contains("{\"what\":\"exclusive create, raced\",\"right\":true,\"seen\":\"of 8 writers");
  }
}
