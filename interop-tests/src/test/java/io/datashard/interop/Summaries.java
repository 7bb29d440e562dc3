package io.datashard.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.Scan;
import io.datashard.table.ColumnSummary;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Summaries that use metadata, held to those that read all rows. */
final class Summaries {
  private Summaries() {}

  static void requireSame(Scan scan) {
    assertThat(texts(scan.summary())).isEqualTo(texts(scan.limit(Long.MAX_VALUE - 1).summary()));
  }

  private static List<String> texts(List<ColumnSummary> summaries) {
    return summaries.stream().map(Summaries::text).toList();
  }

  /** As text, so that byte strings compare. */
  private static String text(ColumnSummary of) {
    return String.format(
        "%s %s rows=%d nulls=%d nans=%d min=%s max=%s",
        of.column(), of.type(), of.rows(), of.nulls(), of.nans(), text(of.min()), text(of.max()));
  }

  private static String text(@Nullable Object value) {
    return value instanceof byte[] bytes ? HexFormat.of().formatHex(bytes) : String.valueOf(value);
  }
}
