package io.datashard.arrow;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.schema.Schema;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tables for tests, and rows as text, which tells -0.0 from 0.0 and compares bytes. */
final class Rows {
  private Rows() {}

  static Table table(Path folder, Schema schema) {
    return DataShard.createTable(folder, schema);
  }

  static List<String> text(List<Map<String, @Nullable Object>> rows) {
    return rows.stream().map(Rows::text).toList();
  }

  private static String text(Map<String, @Nullable Object> row) {
    StringBuilder text = new StringBuilder();
    row.forEach((name, value) -> text.append(name).append('=').append(text(value)).append(' '));
    return text.toString();
  }

  static String text(@Nullable Object value) {
    return value instanceof byte[] bytes
        ? java.util.HexFormat.of().formatHex(bytes)
        : String.valueOf(value);
  }
}
