package io.datashard.promise;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.testkit.tables.Tables;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A process whose system calls somebody looks at: it creates a table and appends to it, and writes
 * a line after each answer.
 */
final class TracedProcess {
  private TracedProcess() {}

  public static void main(String[] args) throws Exception {
    Path location = Path.of(args[0]);
    try (FileOutputStream answers = new FileOutputStream(args[1]);
        Table table =
            DataShard.newTable(location, Tables.SCHEMA)
                .property("datashard.durability", args[2])
                .create()) {
      note(answers, "created");
      table.append(Tables.rows(0, 1));
      note(answers, "appended");
      table.append(Tables.rows(1, 20_000)); // too large to be sent: a file of its own
      note(answers, "appended large");
    }
  }

  private static void note(FileOutputStream answers, String line) throws IOException {
    answers.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
  }
}
