package io.datashard.expr;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Every filter and literal in {@code docs/filters.md} is read and fits a column. */
class FilterDocsTest {
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");

  private static final Schema SCHEMA =
      Schema.builder()
          .optional("status", Type.STRING)
          .optional("error", Type.STRING)
          .optional("path", Type.STRING)
          .optional("age", Type.LONG)
          .optional("score", Type.DOUBLE)
          .optional("active", Type.BOOLEAN)
          .optional("day", Type.DATE)
          .optional("boolean", Type.BOOLEAN)
          .optional("int", Type.INT)
          .optional("float", Type.FLOAT)
          .optional("decimal", Type.decimal(9, 2))
          .optional("string", Type.STRING)
          .optional("date", Type.DATE)
          .optional("time", Type.TIME)
          .optional("timestamp", Type.TIMESTAMP)
          .optional("timestamptz", Type.TIMESTAMPTZ)
          .optional("uuid", Type.UUID)
          .optional("fixed", Type.fixed(3))
          .build();

  @Test
  void theExamplesAreUnderstood() throws IOException {
    String page =
        Files.readString(Path.of(System.getProperty("basedir", "")).resolve("../docs/filters.md"));
    List<String> filters = new ArrayList<>();
    for (String row : section(page, "The text")) {
      codes(row.substring(row.indexOf('|', 1))).forEach(filters::add);
    }
    for (String row : section(page, "Literals")) {
      String column = row.split("[ ,(|]+")[1];
      codes(row.substring(row.indexOf('|', 1))).forEach(code -> filters.add(column + " = " + code));
    }
    assertThat(filters).hasSizeGreaterThan(40);
    for (String filter : filters) {
      assertThat(Predicate.parse(filter).bind(SCHEMA)).as(filter).isNotNull();
    }
  }

  private static List<String> section(String page, String title) {
    String from = page.substring(page.indexOf("## " + title));
    return from.substring(0, from.indexOf("\n## "))
        .lines()
        .filter(line -> line.startsWith("| ") && line.contains("`"))
        .toList();
  }

  private static List<String> codes(String cell) {
    Matcher code = CODE.matcher(cell);
    return code.results().map(found -> found.group(1)).toList();
  }
}
