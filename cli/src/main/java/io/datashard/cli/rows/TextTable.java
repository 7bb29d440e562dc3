package io.datashard.cli.rows;

import io.datashard.cli.Output;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Aligned columns of text. */
public final class TextTable {
  private static final int CELL_CHARS_MAX = 60;

  /** So many rows at a time are kept. */
  private static final int ROWS_FITTED = 1_000;

  private final List<String> names;
  private final boolean[] right;
  private final Output out;
  private final int[] widths;

  /**
   * A table of these columns.
   *
   * @param right which of them are aligned to the right
   */
  public TextTable(List<String> names, boolean[] right, Output out) {
    this.names = names.stream().map(TextTable::shown).toList();
    this.right = right.clone();
    this.out = out;
    this.widths = this.names.stream().mapToInt(TextTable::width).toArray();
  }

  /** Prints a whole table. */
  public void print(List<List<String>> rows) {
    print(rows.iterator());
  }

  /** Prints a whole table, which may be long; later rows may make columns wider. */
  public void print(Iterator<List<String>> rows) {
    List<List<String>> some = new ArrayList<>();
    boolean first = true;
    do {
      some.clear();
      while (some.size() < ROWS_FITTED && rows.hasNext()) {
        some.add(rows.next());
      }
      fit(some);
      if (first) {
        head();
        first = false;
      }
      some.forEach(this::row);
    } while (rows.hasNext());
  }

  /** Makes the columns wide enough for these rows. */
  void fit(List<List<String>> rows) {
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], width(shown(row.get(i))));
      }
    }
  }

  /** Prints the names and a rule. */
  void head() {
    StringBuilder rule = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      rule.append(i == 0 ? "" : "  ").append("-".repeat(widths[i]));
    }
    line(names);
    out.line(rule.toString());
  }

  /** Prints a row. */
  void row(List<String> cells) {
    line(cells.stream().map(TextTable::shown).toList());
  }

  private void line(List<String> cells) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String cell = cells.get(i);
      String space = " ".repeat(Math.max(0, widths[i] - width(cell)));
      line.append(i == 0 ? "" : "  ").append(right[i] ? space + cell : cell + space);
    }
    out.line(line.toString().stripTrailing());
  }

  /** Short, on one line, and without anything that a terminal would take for a command. */
  private static String shown(String cell) {
    StringBuilder text = new StringBuilder();
    int count = 0;
    for (int i = 0; i < cell.length(); ) {
      int c = cell.codePointAt(i);
      if (count++ == CELL_CHARS_MAX) {
        text.setLength(text.offsetByCodePoints(text.length(), -3));
        return text.append("...").toString();
      }
      if (c == '\n') {
        text.append("\\n");
      } else if (c == '\t') {
        text.append("\\t");
      } else if (Character.isISOControl(c)) {
        text.append(String.format("\\u%04x", c));
      } else {
        text.appendCodePoint(c);
      }
      i += Character.charCount(c);
    }
    return text.toString();
  }

  private static int width(String text) {
    return text.codePointCount(0, text.length());
  }
}
