package io.datashard.benchmarks.growth;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One look at a long table.
 *
 * @param commits after so many
 * @param times what a commit takes then; null if that was not measured
 * @param restSeconds how long the table was left alone before
 * @param contents what lies in its folder
 */
record Look(int commits, @Nullable Times times, int restSeconds, Contents contents) {
  /** A line of JSON. */
  String json() {
    StringBuilder line = new StringBuilder();
    line.append("{\"commits\": ").append(commits).append(", \"rest_s\": ").append(restSeconds);
    if (times != null) {
      line.append(
          String.format(
              Locale.ROOT,
              ", \"ms\": %.3f, \"beside_ms\": %.3f, \"ratio\": %.3f",
              times.median(),
              times.besideMedian(),
              times.ratio()));
    }
    return line.append(", \"bytes\": ")
        .append(contents.bytesEach())
        .append(", \"version_bytes\": ")
        .append(contents.bytesEach("versions"))
        .append(", \"blocks\": ")
        .append(contents.blocksEach())
        .append("}\n")
        .toString();
  }

  /** Some lines for people. */
  String text() {
    StringBuilder lines = new StringBuilder();
    if (times != null) {
      lines.append(
          String.format(
              Locale.ROOT,
              "after %,7d commits: %.3f ms a commit (90 %% under %.3f), after %d: %.3f ms (%.3f);"
                  + " ratio %.2f%n",
              commits,
              times.median(),
              times.most(),
              Growth.YOUNG,
              times.besideMedian(),
              times.besideMost(),
              times.ratio()));
    }
    lines.append(
        String.format(
            Locale.ROOT,
            "  %s: %,d bytes a commit, %,d bytes of blocks; of these:%n",
            restSeconds == 0 ? "at once" : "after " + restSeconds + " s of rest",
            contents.bytesEach(),
            contents.blocksEach()));
    contents
        .kinds()
        .forEach(
            (name, kind) ->
                lines.append(
                    String.format(
                        Locale.ROOT,
                        "    %-14s %,8d files, %,6d bytes a commit%n",
                        name,
                        kind.files,
                        contents.bytesEach(name))));
    return lines.toString();
  }
}
