package io.datashard.interop.siege;

import io.datashard.DataShard;
import io.datashard.RowCursor;
import io.datashard.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Holds what the writers were told against what is in the table. */
final class Judge {
  /** One append by its journal. */
  private static final class Sent {
    final int parts;
    char answer = 's';
    long found;

    Sent(int parts) {
      this.parts = parts;
    }
  }

  private final Map<String, Sent> sent = new HashMap<>();
  private final Map<String, Integer> reasons = new TreeMap<>();
  private final List<Long> micros = new ArrayList<>();
  private final List<String> wrong = new ArrayList<>();

  /** Reads the journals of all writers, of all their lives. */
  Judge(Path journals) throws IOException {
    try (Stream<Path> files = Files.list(journals)) {
      for (Path file : files.toList()) {
        String text = Files.readString(file);
        String whole = text.substring(0, text.lastIndexOf('\n') + 1); // a kill may cut a line
        for (String line : whole.lines().toList()) {
          note(file.getFileName().toString(), line.split(" "));
        }
      }
    }
  }

  private void note(String writer, String[] words) {
    String append = writer + " " + words[1];
    if (words[0].equals("s")) {
      sent.put(append, new Sent(Integer.parseInt(words[2])));
      return;
    }
    Sent known = sent.get(append);
    if (known == null) {
      wrong.add(append + " was answered and never sent");
      return;
    }
    known.answer = words[0].charAt(0);
    if (known.answer == 'a') {
      micros.add(Long.parseLong(words[3]));
    } else {
      reasons.merge(
          words[0] + " " + words[2].replaceAll("[0-9a-f]{6,}|[0-9]+", "#"), 1, Integer::sum);
    }
  }

  /** Reads the table, as a process that had no part in it. */
  List<String> judge(Path folder) {
    Map<String, Integer> lastOf = new HashMap<>();
    try (Table table = DataShard.loadTable(folder);
        RowCursor rows = table.scan().rows()) {
      while (rows.next()) {
        String writer = String.valueOf(rows.getString("writer"));
        int number = rows.getInt("number");
        int part = rows.getInt("part");
        Sent one = sent.get(writer + " " + number);
        if (one == null) {
          wrong.add("nobody sent " + writer + " " + number);
          continue;
        }
        if (part != one.found + 1) {
          wrong.add(writer + " " + number + " has part " + part + " after " + one.found);
        }
        one.found = part;
        // Threads append one thing after another; only who was not answered may come later.
        int last = lastOf.merge(writer, number, Math::max);
        if (last > number && one.answer == 'a') {
          wrong.add(writer + " " + number + " comes after " + last);
        }
      }
    }
    sent.forEach(this::judge);
    return wrong;
  }

  private void judge(String append, Sent one) {
    if (one.answer == 'a' && one.found != one.parts) {
      wrong.add("lost is " + append);
    }
    if (one.answer == 'f' && one.found != 0) {
      wrong.add("failed and there is " + append);
    }
    if (one.found != 0 && one.found != one.parts) {
      wrong.add("by half is " + append);
    }
  }

  long count(char answer) {
    return sent.values().stream().filter(each -> each.answer == answer).count();
  }

  /** What the writers were told when they were not told that it is committed. */
  Map<String, Integer> reasons() {
    return reasons;
  }

  /** The time that so many of a thousand appends did not exceed, milliseconds. */
  double millis(int ofThousand) {
    long[] sorted = micros.stream().mapToLong(Long::longValue).sorted().toArray();
    if (sorted.length == 0) {
      return 0;
    }
    return sorted[(int) ((sorted.length - 1) * (long) ofThousand / 1_000)] / 1_000.0;
  }

  @Override
  public String toString() {
    return sent.size() + " appends, " + Arrays.toString(wrong.toArray());
  }
}
