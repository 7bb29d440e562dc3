package io.datashard.internal.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.schema.Transform;
import io.datashard.schema.Type;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The values that a result was made from. */
class SourceRangeTest {
  private static SourceRange of(String transform, Type source, @Nullable Object result) {
    return SourceRange.of(Transform.parse(transform), source, result);
  }

  @Test
  void unitsOfTimeEndBeforeTheNextOnes() {
    assertThat(of("year", Type.DATE, 54))
        .isEqualTo(new SourceRange(LocalDate.of(2024, 1, 1), LocalDate.of(2025, 1, 1), false));
    assertThat(of("month", Type.DATE, 649))
        .isEqualTo(new SourceRange(LocalDate.of(2024, 2, 1), LocalDate.of(2024, 3, 1), false));
    assertThat(of("day", Type.TIMESTAMP, LocalDate.of(2024, 2, 29)))
        .isEqualTo(
            new SourceRange(
                LocalDateTime.of(2024, 2, 29, 0, 0), LocalDateTime.of(2024, 3, 1, 0, 0), false));
    assertThat(of("hour", Type.TIMESTAMPTZ, 1))
        .isEqualTo(
            new SourceRange(Instant.ofEpochSecond(3_600), Instant.ofEpochSecond(7_200), false));
  }

  /** Iceberg's Java library rounded towards 1970 until 0.10: -1 day and a half became -1. */
  @Test
  void before1970AResultMayBeOneTooHigh() {
    assertThat(of("day", Type.TIMESTAMP, LocalDate.EPOCH).lower())
        .isEqualTo(LocalDateTime.of(1969, 12, 31, 0, 0));
    assertThat(of("year", Type.DATE, -1))
        .isEqualTo(new SourceRange(LocalDate.of(1968, 1, 1), LocalDate.of(1970, 1, 1), false));
    assertThat(of("hour", Type.TIMESTAMPTZ, 0).lower()).isEqualTo(Instant.ofEpochSecond(-3_600));
  }

  @Test
  void whatNoColumnHoldsTellsNothing() {
    SourceRange nothing = new SourceRange(null, null, true);
    assertThat(of("year", Type.DATE, Integer.MAX_VALUE)).isEqualTo(nothing);
    assertThat(of("bucket[3]", Type.LONG, 1)).isEqualTo(nothing);
    assertThat(of("day", Type.DATE, null)).isEqualTo(nothing);
    // Truncated past the lowest number by a library that starts again at the highest.
    assertThat(of("truncate[10]", Type.INT, Integer.MAX_VALUE - 1)).isEqualTo(nothing);
    assertThat(of("truncate[10]", Type.LONG, Long.MAX_VALUE - 1)).isEqualTo(nothing);
    assertThat(of("truncate[2]", Type.STRING, "abc")).isEqualTo(nothing);
  }

  @Test
  void truncatedValuesStandForAllThatStartWithThem() {
    assertThat(of("truncate[10]", Type.INT, -10)).isEqualTo(new SourceRange(-10, -1, true));
    assertThat(of("truncate[50]", Type.decimal(9, 2), new BigDecimal("10.50")))
        .isEqualTo(new SourceRange(new BigDecimal("10.50"), new BigDecimal("10.99"), true));
    assertThat(of("truncate[2]", Type.STRING, "a")).isEqualTo(new SourceRange("a", "a", true));
    assertThat(of("truncate[2]", Type.STRING, "ab")).isEqualTo(new SourceRange("ab", "ac", false));
    assertThat(of("truncate[1]", Type.STRING, "\ud7ff").upper()).isEqualTo("\ue000");
    assertThat(of("truncate[1]", Type.STRING, "\udbff\udfff").upper()).isNull();
    assertThat(of("truncate[2]", Type.BINARY, new byte[] {1, -1}).upper())
        .isEqualTo(new byte[] {2});
    assertThat(of("truncate[1]", Type.BINARY, new byte[] {-1}).upper()).isNull();
  }
}
