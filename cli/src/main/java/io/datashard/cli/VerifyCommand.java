package io.datashard.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.datashard.DataShard;
import io.datashard.Verify;
import io.datashard.table.Damage;
import io.datashard.table.Verification;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import java.util.Locale;

/** {@code datashard verify}: reads everything, tells what is damaged. */
final class VerifyCommand extends Command {
  @Override
  protected void declare(Options options) {
    options.about(
        "Reads every metadata file, the archive of older snapshots, every manifest and every page of"
            + " every data file of every snapshot, and changes nothing. What is damaged is printed as a JSON list"
            + " of {\"file\":...,\"what\":...}, and the exit code is 3.");
    options.parameter("LOCATION", "The table's folder or file: URI.");
    options.flag("--deep", "Also holds all values against the bounds and counts of the manifests.");
    options.flag("--json", "Prints the list even if nothing is damaged: [].");
  }

  @Override
  protected int run(Args args, Console console) throws IOException {
    Verify verify = DataShard.verify(args.parameter(0));
    if (args.has("--deep")) {
      verify.deep();
    }
    Verification found;
    try (Progress progress = Progress.count(console, "Verifying", " files", -1)) {
      found = verify.onProgress((done, total) -> progress.at(done, total, "")).run();
    }
    for (Damage note : found.notes()) {
      console.say("Note: " + note.file() + ": " + note.what());
    }
    if (found.isWhole()) {
      String summary =
          String.format(
              Locale.ROOT,
              "No damage: %,d versions, %,d snapshots, %,d manifests, %,d data files, %,d rows,"
                  + " %,d bytes.%s",
              found.counts().versions(),
              found.counts().snapshots(),
              found.counts().manifests(),
              found.counts().dataFiles(),
              found.counts().rows(),
              found.counts().bytes(),
              found.counts().orphanFiles() == 0
                  ? ""
                  : String.format(
                      Locale.ROOT,
                      " %,d files belong to no snapshot (left by writers that were killed, or being"
                          + " written).",
                      found.counts().orphanFiles()));
      if (args.has("--json")) {
        console.out().line("[]");
        console.say(summary);
      } else {
        console.out().line(summary);
      }
      return OK;
    }
    console.out().line(json(found.damages()));
    console.out().flush();
    console.say(
        found.damages().size() == 1
            ? "1 thing is damaged."
            : found.damages().size() + " things are damaged.");
    return DAMAGED;
  }

  private static String json(List<Damage> damages) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = Json.factory().createGenerator(text)) {
      json.writeStartArray();
      for (Damage damage : damages) {
        json.writeStartObject();
        json.writeStringField("file", damage.file());
        json.writeStringField("what", damage.what());
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    return text.toString();
  }
}
