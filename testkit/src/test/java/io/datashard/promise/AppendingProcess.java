package io.datashard.promise;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.testkit.tables.Tables;
import java.io.FileOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A process that appends one row after another and keeps a synced journal of what it was told. */
final class AppendingProcess {
  private AppendingProcess() {}

  public static void main(String[] args) throws Exception {
    int first = Integer.parseInt(args[1]);
    int count = Integer.parseInt(args[2]);
    try (Table table = DataShard.loadTable(Path.of(args[0]));
        FileOutputStream journal = new FileOutputStream(args[3])) {
      for (int id = first; id < first + count; id++) {
        note(journal, "sent " + id);
        table.append(Tables.rows(id, id + 1));
        note(journal, "acknowledged " + id);
      }
    }
  }

  private static void note(FileOutputStream journal, String line) throws Exception {
    journal.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
    journal.getFD().sync();
  }
}
