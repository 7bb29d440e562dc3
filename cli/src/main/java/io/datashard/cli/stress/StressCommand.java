package io.datashard.cli.stress;

import com.fasterxml.jackson.core.JsonGenerator;
import io.datashard.cli.Args;
import io.datashard.cli.Command;
import io.datashard.cli.Console;
import io.datashard.cli.FailedException;
import io.datashard.cli.JavaProcess;
import io.datashard.cli.Json;
import io.datashard.cli.Options;
import io.datashard.cli.Progress;
import io.datashard.cli.UsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@code datashard stress}: many real processes, one table, and a count of what was lost. */
public final class StressCommand extends Command {
  private static final int PROCESSES_MAX = 1_000;

  @Override
  protected void declare(Options options) {
    options.about(
        "Starts many processes that append one row after another to one table. Each writes down"
            + " which of its appends were acknowledged, in a file outside the table."
            + " Afterwards a separate process holds these journals against the table, both ways:"
            + " every acknowledged row is there exactly once, and no row that nobody sent. Exit"
            + " code 1 if not.");
    options.optionalParameter(
        "LOCATION",
        "Where the table is made. Default: a temporary folder, removed at the" + " end.");
    options.number("--processes", "P", "How many processes. Default: 12.");
    options.number("--appends", "N", "How many appends each. Default: 200.");
    options.text(
        "--kill",
        "SECONDS",
        "Kills a worker (SIGKILL) every so many seconds and starts it again, all along.");
    options.text(
        "--compare",
        "plain-file",
        "Lets as many processes read, extend and rewrite a plain file, and shows what that loses.");
    options.flag("--json", "The last line is a JSON object.");
    options.flag("--keep", "Keeps the temporary folder.");
    options.hiddenFlag("--forge-acknowledgement");
  }

  /** What was measured of the plain file. */
  private record PlainFile(long acknowledged, long lines, long lost, double seconds) {}

  @Override
  protected int run(Args args, Console console) throws IOException {
    int processes = (int) Math.min(PROCESSES_MAX + 1, args.number("--processes", 1, 12));
    if (processes > PROCESSES_MAX) {
      throw new UsageException("--processes must be at most " + PROCESSES_MAX + ".");
    }
    int appends = (int) Math.min(Integer.MAX_VALUE, args.number("--appends", 1, 200));
    long killNanos = killNanos(args.text("--kill"));
    String compare = args.text("--compare");
    if (compare != null && !compare.equals("plain-file")) {
      throw new UsageException("--compare knows only plain-file, got '" + compare + "'.");
    }
    String asked = args.parameterOrNull(0);
    if (asked != null) {
      StressTable.create(asked).close(); // before anything else is made
    }
    Path folder = Files.createTempDirectory("datashard-stress-");
    boolean right = false;
    try {
      String location = asked == null ? folder.resolve("table").toString() : asked;
      if (asked == null) {
        StressTable.create(location).close();
      }
      Path journals = Files.createDirectories(folder.resolve("journals"));
      right = stress(args, console, location, journals, processes, appends, killNanos);
      return right ? OK : FAILED;
    } finally {
      if (right && !args.has("--keep")) {
        delete(folder);
      } else {
        console.say("Kept: " + folder);
      }
    }
  }

  private static boolean stress(
      Args args,
      Console console,
      String location,
      Path journals,
      int processes,
      int appends,
      long killNanos)
      throws IOException {
    try (StressRun run =
        new StressRun(WorkerCommand.NAME, location, journals, processes, appends)) {
      watch(run, killNanos, "Appending", console, processes, appends);
      if (args.has("--forge-acknowledgement")) {
        try (Journal forged = Journal.create(journals, processes, 0, Journal.ACKED)) {
          forged.write("forged", 0);
        }
      }
      Comparison compared = check(location, journals);
      @Nullable PlainFile plain =
          args.text("--compare") == null
              ? null
              : plainFile(journals.resolveSibling("plain-file"), processes, appends, console);
      print(args, console, processes, run, compared, plain);
      return compared.isRight();
    }
  }

  private static void watch(
      StressRun run, long killNanos, String task, Console console, int processes, int appends)
      throws IOException {
    console.say(String.format(Locale.ROOT, "%s: %d processes x %d", task, processes, appends));
    try (Progress progress = Progress.count(console, task, " rows", (long) processes * appends)) {
      double[] told = {0};
      run.run(
          killNanos,
          (done, all, kills, seconds) -> {
            progress.at(done, all, kills == 0 ? "" : kills + " kills");
            if (!console.errIsTerminal() && seconds - told[0] >= 2) {
              told[0] = seconds;
              console.say(
                  String.format(
                      Locale.ROOT,
                      "  %,d of %,d, %,.0f/s%s",
                      done,
                      all,
                      done / seconds,
                      kills == 0 ? "" : ", " + kills + " kills"));
            }
          });
    }
  }

  private static Comparison check(String location, Path journals) throws IOException {
    Process process =
        JavaProcess.of(List.of(CheckCommand.NAME, location, journals.toString()))
            .redirectError(ProcessBuilder.Redirect.to(journals.resolve("check.err").toFile()))
            .start();
    process.getOutputStream().close();
    String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new FailedException(
            "The check failed: " + Files.readString(journals.resolve("check.err")).strip());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FailedException("The check was interrupted.", e);
    }
    return Comparison.parse(told);
  }

  private static PlainFile plainFile(Path folder, int processes, int appends, Console console)
      throws IOException {
    Path journals = Files.createDirectories(folder.resolve("journals"));
    Path file = Files.createFile(folder.resolve("log.txt"));
    try (StressRun run =
        new StressRun(PlainFileWorkerCommand.NAME, file.toString(), journals, processes, appends)) {
      watch(run, 0, "Rewriting a plain file", console, processes, appends);
      List<Journal.Line> acked = Journal.read(journals, Journal.ACKED);
      Comparison.Builder compared = new Comparison.Builder(acked, acked);
      Files.readAllLines(file, StandardCharsets.ISO_8859_1).forEach(l -> compared.row(l, true));
      Comparison plain = compared.build();
      return new PlainFile(plain.acknowledged(), plain.rows(), plain.lost(), run.seconds());
    }
  }

  private static void print(
      Args args,
      Console console,
      int processes,
      StressRun run,
      Comparison compared,
      @Nullable PlainFile plain) {
    double perSecond = compared.acknowledged() / run.seconds();
    if (args.has("--json")) {
      console
          .out()
          .line(
              Json.object(
                  json -> {
                    json.writeNumberField("processes", processes);
                    compared.write(json);
                    json.writeNumberField("kills", run.kills());
                    json.writeNumberField("seconds", rounded(run.seconds()));
                    json.writeNumberField("appends_per_second", rounded(perSecond));
                    json.writeNumberField("last_over_median", rounded(run.lastOverMedian()));
                    if (plain != null) {
                      write(plain, json);
                    }
                  }));
      return;
    }
    console
        .out()
        .line(
            String.format(
                Locale.ROOT,
                "%d processes, %,d appends acknowledged, %,d rows: %d lost, %d doubled, %d that"
                    + " nobody sent.",
                processes,
                compared.acknowledged(),
                compared.rows(),
                compared.lost(),
                compared.doubled(),
                compared.unsent()));
    console
        .out()
        .line(
            String.format(
                Locale.ROOT,
                "%.1f s, %,.0f appends/s; an append took %.1f ms (median), %.1f ms (1 of 100), %.1f"
                    + " ms (slowest). The last process took %.2f x the median one.",
                run.seconds(),
                perSecond,
                compared.medianMillis(),
                compared.p99Millis(),
                compared.slowestMillis(),
                run.lastOverMedian()));
    if (run.kills() > 0) {
      console
          .out()
          .line(
              String.format(
                  Locale.ROOT,
                  "%,d processes were killed; %,d appends were interrupted by that.",
                  run.kills(),
                  compared.interrupted()));
    }
    compared.examples().forEach(example -> console.out().line("  " + example));
    if (plain != null) {
      console
          .out()
          .line(
              String.format(
                  Locale.ROOT,
                  "The same with a plain file that each process reads, extends and rewrites: %,d"
                      + " lines written, %,d lost.",
                  plain.acknowledged(),
                  plain.lost()));
    }
  }

  private static void write(PlainFile plain, JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("plain_file");
    json.writeNumberField("acknowledged", plain.acknowledged());
    json.writeNumberField("rows", plain.lines());
    json.writeNumberField("lost", plain.lost());
    json.writeNumberField("seconds", rounded(plain.seconds()));
    json.writeEndObject();
  }

  private static double rounded(double number) {
    return Math.round(number * 1000) / 1000.0;
  }

  private static long killNanos(@Nullable String seconds) {
    if (seconds == null) {
      return 0;
    }
    try {
      double number = Double.parseDouble(seconds);
      if (number >= 0.001 && number <= 1e6) {
        return Math.round(number * 1e9);
      }
    } catch (NumberFormatException e) {
      // Said below, with the value.
    }
    throw new UsageException(
        "--kill must be a number of seconds such as 0.5, got '" + seconds + "'.");
  }

  private static void delete(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(dir);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
