package io.datashard.internal.rows;

import io.datashard.schema.PartitionSpec;
import io.datashard.schema.PartitionSpec.PartitionField;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The folders that the files of a partition lie in: {@code ts_day=2024-05-01/kind=a%2Fb}. Only for
 * people: what counts is the partition in the manifest. Nothing but letters and digits of ASCII and
 * {@code .-*_+%=} is left in a part, and each has a {@code =}, so no value means a folder above.
 */
final class PartitionPath {
  /** What file systems allow is 255. */
  private static final int PART_CHARS_MAX = 160;

  /** A key in a bucket has 1024 bytes, the table's own folder with it. */
  private static final int PATH_CHARS_MAX = 500;

  private PartitionPath() {}

  /**
   * The folders below {@code data/}, with a slash behind each. Values that are too long are cut:
   * several partitions may share a folder.
   */
  static String of(Schema schema, PartitionSpec spec, List<@Nullable Object> partition) {
    List<Type> types = spec.sourceTypes(schema);
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < types.size(); i++) {
      PartitionField field = spec.fields().get(i);
      String value = field.transform().resultText(types.get(i), partition.get(i));
      String part = shortened(field.name(), 60) + "=" + shortened(value, PART_CHARS_MAX - 61);
      if (path.length() + part.length() >= PATH_CHARS_MAX) {
        break;
      }
      path.append(part).append('/');
    }
    return path.toString();
  }

  /** Cut behind a whole character; what is cut ends with two dots. */
  private static String shortened(String text, int charsMax) {
    StringBuilder encoded = new StringBuilder();
    for (int at = 0; at < text.length(); ) {
      int end = text.offsetByCodePoints(at, 1);
      String next = URLEncoder.encode(text.substring(at, end), StandardCharsets.UTF_8);
      if (encoded.length() + next.length() > charsMax - 2) {
        return encoded + "..";
      }
      encoded.append(next);
      at = end;
    }
    return encoded.toString();
  }
}
