package io.datashard.cli;

import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Columns as the command line writes them: {@code amount decimal(9, 2) required}. */
public final class ColumnText {
  private static final String REQUIRED = " required";
  private static final String OPTIONAL = " optional";

  /** The type is the last word; spaces inside its parentheses or brackets belong to it. */
  private static final Pattern NAME_AND_TYPE =
      Pattern.compile(
          "(.*\\S)\\s+(\\w+\\s*(?:\\([^()]*\\)|\\[[^\\[\\]]*\\])|\\w+)", Pattern.DOTALL);

  private ColumnText() {}

  /**
   * The schema of these columns, numbered from 1.
   *
   * @throws UsageException one of them cannot be understood
   */
  public static Schema schema(List<String> columns) {
    Schema.Builder schema = Schema.builder();
    columns.forEach(column -> add(column, schema));
    try {
      return schema.build();
    } catch (IllegalArgumentException e) {
      throw new UsageException("--column: " + e.getMessage(), e);
    }
  }

  private static void add(String column, Schema.Builder schema) {
    String text = column.strip();
    String lower = text.toLowerCase(Locale.ROOT);
    boolean required = lower.endsWith(REQUIRED);
    if (required || lower.endsWith(OPTIONAL)) {
      text = text.substring(0, text.length() - REQUIRED.length()).strip();
    }
    Matcher parts = NAME_AND_TYPE.matcher(text);
    if (!parts.matches()) {
      throw new UsageException(
          "--column '" + column + "' must be \"NAME TYPE\" or \"NAME TYPE required\".");
    }
    try {
      Type type = Type.parse(parts.group(2).replaceAll("\\s+(?=[(\\[])", ""));
      if (required) {
        schema.required(parts.group(1), type);
      } else {
        schema.optional(parts.group(1), type);
      }
    } catch (IllegalArgumentException e) {
      throw new UsageException("--column '" + column + "': " + e.getMessage(), e);
    }
  }
}
