package io.datashard.internal.commit;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The appends that a snapshot holds, as its manifest list's header names them: for each process 32
 * hexadecimal digits, a colon, and the numbers or ranges of numbers, as in {@code
 * 00..2f:4-6,9;00..30:1}.
 */
final class AppendedIds {
  /** The key in the header. */
  static final String KEY = "datashard.appends";

  private static final int DIGITS = 32;

  private record Range(long from, long to) {}

  private record Process(long high, long low) {}

  private final Map<Process, List<Range>> byProcess = new LinkedHashMap<>();

  private AppendedIds() {}

  /** The text for these ids. */
  static String write(Collection<AppendId> ids) {
    Map<Process, List<Long>> numbers = new LinkedHashMap<>();
    for (AppendId id : ids) {
      numbers
          .computeIfAbsent(new Process(id.high(), id.low()), absent -> new ArrayList<>())
          .add(id.number());
    }
    HexFormat hex = HexFormat.of();
    StringBuilder text = new StringBuilder();
    numbers.forEach(
        (process, all) -> {
          text.append(text.isEmpty() ? "" : ";");
          text.append(hex.toHexDigits(process.high())).append(hex.toHexDigits(process.low()));
          text.append(':');
          writeRanges(all, text);
        });
    return text.toString();
  }

  private static void writeRanges(List<Long> numbers, StringBuilder text) {
    numbers.sort(null);
    for (int i = 0; i < numbers.size(); ) {
      int last = i;
      while (last + 1 < numbers.size() && numbers.get(last + 1) == numbers.get(last) + 1) {
        last++;
      }
      text.append(i == 0 ? "" : ",").append(numbers.get(i));
      if (last > i) {
        text.append('-').append(numbers.get(last));
      }
      i = last + 1;
    }
  }

  /**
   * Reads the text.
   *
   * @throws IllegalArgumentException it is none of these
   */
  static AppendedIds read(String text) {
    AppendedIds all = new AppendedIds();
    try {
      for (String part : text.isEmpty() ? new String[0] : text.split(";", -1)) {
        Process process =
            new Process(
                HexFormat.fromHexDigitsToLong(part, 0, DIGITS / 2),
                HexFormat.fromHexDigitsToLong(part, DIGITS / 2, DIGITS));
        if (part.charAt(DIGITS) != ':') {
          throw new IllegalArgumentException("no colon");
        }
        List<Range> ranges = new ArrayList<>();
        for (String range : part.substring(DIGITS + 1).split(",", -1)) {
          int dash = range.indexOf('-');
          long from = Long.parseLong(dash < 0 ? range : range.substring(0, dash));
          ranges.add(new Range(from, dash < 0 ? from : Long.parseLong(range.substring(dash + 1))));
        }
        all.byProcess.put(process, ranges);
      }
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("'" + text + "' names no appends.", e);
    }
    return all;
  }

  /** Whether this append is among them. */
  boolean contains(AppendId id) {
    for (Range range : byProcess.getOrDefault(new Process(id.high(), id.low()), List.of())) {
      if (range.from() <= id.number() && id.number() <= range.to()) {
        return true;
      }
    }
    return false;
  }
}
