package io.datashard.cli;

import io.datashard.table.ScanReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a scan would read, as lines for people or as one JSON object. */
final class Explained {
  private Explained() {}

  static void print(ScanReport report, boolean asJson, Console console) {
    if (asJson) {
      console.out().line(json(report));
    } else {
      lines(report).forEach(console.out()::line);
    }
  }

  /** Each line: what, how many, by what some are skipped, what is left. */
  static List<String> lines(ScanReport report) {
    ScanReport.Manifests manifests = report.manifests();
    ScanReport.Files files = report.files();
    ScanReport.RowGroups groups = report.rowGroups();
    ScanReport.Pages pages = report.pages();
    ScanReport.Bytes bytes = report.bytes();
    List<String> lines = new ArrayList<>();
    lines.add(
        line("manifests", manifests.total(), manifests.skipped(), "by partition bounds")
            + ", left "
            + number((long) manifests.total() - manifests.skipped()));
    lines.add(
        line(
                "files",
                files.total(),
                files.skippedByPartition(),
                "by partition",
                files.skippedByBounds(),
                "by bounds")
            + ", left "
            + number(files.left())
            + " of "
            + number(files.bytesLeft())
            + " bytes");
    lines.add(
        line(
                "row groups",
                groups.total(),
                groups.skippedByStatistics(),
                "by bounds",
                groups.skippedByDictionary(),
                "by dictionary",
                groups.skippedByBloomFilter(),
                "by Bloom filter",
                groups.skippedByPageIndex(),
                "by page index")
            + ", left "
            + number(groups.left()));
    lines.add(
        line("pages", pages.total(), pages.skippedByPageIndex(), "by page index")
            + ", left "
            + number(pages.left()));
    lines.add(
        String.format(
            Locale.ROOT,
            "%-11s %s to read; to know this, %s of %s data files and %s of %s metadata files were"
                + " read",
            "bytes",
            number(bytes.toRead()),
            number(bytes.read()),
            number(files.opened()),
            number(manifests.bytesRead()),
            number(manifests.filesRead())));
    if (report.limitReached()) {
      lines.add("No more was looked at: these files certainly hold enough rows.");
    }
    return lines;
  }

  /** The name, how many there are, and then pairs of how many are skipped and by what. */
  private static String line(String name, long total, Object... skipped) {
    StringBuilder text =
        new StringBuilder(String.format(Locale.ROOT, "%-11s %s", name, number(total)));
    String between = ": skipped ";
    for (int i = 0; i < skipped.length; i += 2) {
      long count = ((Number) skipped[i]).longValue();
      if (count > 0) {
        text.append(between).append(number(count)).append(' ').append(skipped[i + 1]);
        between = ", ";
      }
    }
    return text.toString();
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  private static String json(ScanReport report) {
    return Json.object(
        json -> {
          ScanReport.Manifests manifests = report.manifests();
          json.writeNumberField("manifests", manifests.total());
          json.writeNumberField("manifests_skipped", manifests.skipped());
          json.writeNumberField("metadata_files_read", manifests.filesRead());
          json.writeNumberField("metadata_bytes_read", manifests.bytesRead());
          ScanReport.Files files = report.files();
          json.writeNumberField("files", files.total());
          json.writeNumberField("files_skipped_by_partition", files.skippedByPartition());
          json.writeNumberField("files_skipped_by_bounds", files.skippedByBounds());
          json.writeNumberField("files_opened", files.opened());
          json.writeNumberField("file_bytes_left", files.bytesLeft());
          ScanReport.RowGroups groups = report.rowGroups();
          json.writeNumberField("row_groups", groups.total());
          json.writeNumberField("row_groups_skipped_by_bounds", groups.skippedByStatistics());
          json.writeNumberField("row_groups_skipped_by_dictionary", groups.skippedByDictionary());
          json.writeNumberField(
              "row_groups_skipped_by_bloom_filter", groups.skippedByBloomFilter());
          json.writeNumberField("row_groups_skipped_by_page_index", groups.skippedByPageIndex());
          ScanReport.Pages pages = report.pages();
          json.writeNumberField("pages", pages.total());
          json.writeNumberField("pages_skipped_by_page_index", pages.skippedByPageIndex());
          json.writeNumberField("bytes_to_read", report.bytes().toRead());
          json.writeNumberField("bytes_read", report.bytes().read());
          json.writeBooleanField("limit_reached", report.limitReached());
        });
  }
}
