package io.datashard.cli;

import io.datashard.cli.demo.DemoCommand;
import io.datashard.cli.demo.DemoWorkerCommand;
import io.datashard.cli.stress.CheckCommand;
import io.datashard.cli.stress.PlainFileWorkerCommand;
import io.datashard.cli.stress.StressCommand;
import io.datashard.cli.stress.WorkerCommand;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which commands there are. */
final class Commands {
  private Commands() {}

  private static Map<String, String> described() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("create", "Creates a table.");
    all.put(
        "append", "Appends rows: JSON Lines, CSV, Parquet or Arrow, from files or standard input.");
    all.put("scan", "Prints rows: filtered, some columns, as of a time.");
    all.put("count", "Prints how many rows there are.");
    all.put("sql", "Answers an SQL query over one or more tables, by DuckDB.");
    all.put("summary", "Prints counts, smallest and largest value of each column.");
    all.put("snapshots", "Lists the states the table has had.");
    all.put("describe", "Shows columns, state, properties, and how other engines open the table.");
    all.put("files", "Lists the data files of a snapshot with their bounds and counts.");
    all.put("export", "Writes an older state as a metadata file, for other engines.");
    all.put("verify", "Reads everything and reports what is damaged.");
    all.put("check-store", "Tries whether a store does what tables need.");
    all.put("clean", "Deletes what killed writers left behind.");
    all.put("stress", "Lets many processes append at once and proves that nothing is lost.");
    all.put("demo", "Shows what it is about, in under a minute.");
    return all;
  }

  /** A command by its name, built only now. */
  static Optional<Command> find(String name) {
    @Nullable Command command =
        switch (name) {
          case "create" -> new CreateCommand();
          case "append" -> new AppendCommand();
          case "scan" -> new ScanCommand();
          case "count" -> new CountCommand();
          case "sql" -> new SqlCommand();
          case "summary" -> new SummaryCommand();
          case "snapshots" -> new SnapshotsCommand();
          case "describe" -> new DescribeCommand();
          case "files" -> new FilesCommand();
          case "export" -> new ExportCommand();
          case "verify" -> new VerifyCommand();
          case "check-store" -> new CheckStoreCommand();
          case "clean" -> new CleanCommand();
          case "stress" -> new StressCommand();
          case "demo" -> new DemoCommand();
          // Not for people: what stress and demo start as processes, and what the launcher runs
          // to see which classes a short command needs.
          case WorkerCommand.NAME -> new WorkerCommand();
          case CheckCommand.NAME -> new CheckCommand();
          case PlainFileWorkerCommand.NAME -> new PlainFileWorkerCommand();
          case DemoWorkerCommand.NAME -> new DemoWorkerCommand();
          case RehearseCommand.NAME -> new RehearseCommand();
          default -> null;
        };
    return Optional.ofNullable(command);
  }

  static String names() {
    return String.join(", ", described().keySet());
  }

  static String help() {
    StringBuilder text = new StringBuilder();
    text.append("Usage: ").append(Console.launcher()).append(" COMMAND [OPTIONS]\n\n");
    text.append("ACID Iceberg tables in a folder or an S3 bucket, without a server.\n\n");
    described().forEach((name, what) -> text.append(String.format("  %-11s %s%n", name, what)));
    text.append(
        """

          COMMAND --help   options of a command
          --version        version
          --debug          with any command: shows where an error comes from

        Data goes to standard output, messages to standard error. Exit codes: 0 success, 1 the
        operation failed, 2 wrong usage, 3 verify found damage.""");
    return text.toString();
  }
}
