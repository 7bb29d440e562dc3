package io.datashard.cli;

import io.datashard.DataShard;
import io.datashard.RemoveOrphanFiles;
import io.datashard.Table;
import io.datashard.table.OrphanFiles;
import io.datashard.table.OrphanFiles.OrphanFile;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code datashard clean}: deletes what killed writers left behind. */
final class CleanCommand extends Command {
  private static final Pattern AGE = Pattern.compile("([0-9]{1,9})(s|m|h|d)");

  @Override
  protected void declare(Options options) {
    options.about(
        "Deletes orphan files: what writers left behind that were killed, and that no snapshot,"
            + " branch, tag or metadata file leads to. Files that DataShard would not have called so"
            + " are left alone. If anything of the table cannot be read, nothing is deleted. Prints"
            + " the files.");
    options.parameter("LOCATION", "The table's folder or file: URI.");
    options.text(
        "--older-than",
        "AGE",
        "Leaves younger files alone: 30s, 90m, 36h or 7d; a day if not given. Take at least twice"
            + " the time of the longest append: one whose files are older than half of it, and that"
            + " commits after the clean-up, fails and must be made again.");
    options.flag("--dry-run", "Changes nothing, only prints what would be deleted.");
    options.flag("--json", "One JSON object a line.");
  }

  @Override
  protected int run(Args args, Console console) {
    try (Table table = DataShard.loadTable(args.parameter(0))) {
      RemoveOrphanFiles removal = table.removeOrphanFiles();
      String age = args.text("--older-than");
      if (age != null) {
        olderThan(removal, age);
      }
      boolean isDry = args.has("--dry-run");
      OrphanFiles found = isDry ? removal.dryRun().run() : removal.run();
      for (OrphanFile file : found.files()) {
        console.out().line(args.has("--json") ? json(file) : line(file));
      }
      console.out().flush();
      console.say(summary(found, isDry));
    }
    return OK;
  }

  private static void olderThan(RemoveOrphanFiles removal, String age) {
    @Nullable Duration parsed = parse(age);
    if (parsed == null) {
      throw new UsageException(
          "--older-than must be a number with s, m, h or d, such as 36h, got " + age + ".");
    }
    try {
      removal.olderThan(parsed);
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }

  private static @Nullable Duration parse(String age) {
    Matcher matcher = AGE.matcher(age);
    if (!matcher.matches()) {
      return null;
    }
    try {
      return Duration.parse(
          (matcher.group(2).equals("d") ? "P" : "PT") + age.toUpperCase(Locale.ROOT));
    } catch (DateTimeException e) {
      return null;
    }
  }

  private static String line(OrphanFile file) {
    return String.format(
        Locale.ROOT,
        "%,15d  %s  %s",
        file.bytes(),
        Instant.ofEpochMilli(file.modifiedMillis()),
        file.path());
  }

  private static String json(OrphanFile file) {
    return Json.object(
        json -> {
          json.writeStringField("path", file.path());
          json.writeNumberField("bytes", file.bytes());
          json.writeNumberField("modified_ms", file.modifiedMillis());
        });
  }

  private static String summary(OrphanFiles found, boolean isDry) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%s %,d orphan files of %,d bytes.",
            isDry ? "Would delete" : "Deleted",
            found.files().size(),
            found.bytes()));
    if (found.young() > 0) {
      text.append(
          String.format(
              Locale.ROOT,
              " %,d younger ones were left alone; they may belong to an append on its way.",
              found.young()));
    }
    if (found.unknown() > 0) {
      text.append(
          String.format(
              Locale.ROOT,
              " %,d files that nothing leads to have names that DataShard does not give; they were"
                  + " left alone.",
              found.unknown()));
    }
    return text.toString();
  }
}
