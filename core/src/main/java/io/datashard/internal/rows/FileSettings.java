package io.datashard.internal.rows;

import io.datashard.internal.metadata.BloomProperties;
import io.datashard.internal.metadata.TableProperties;
import io.datashard.internal.parquet.BloomOptions;
import io.datashard.internal.parquet.Codec;
import io.datashard.internal.parquet.Codecs;
import io.datashard.internal.parquet.WriteOptions;
import io.datashard.schema.Schema;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How data files are written, as a table's properties say.
 *
 * @param fileBytesTarget a file is ended once it is about this long
 */
public record FileSettings(WriteOptions options, long fileBytesTarget) {
  /**
   * What these table properties ask for.
   *
   * @param schema the columns that files are written with
   * @throws IllegalArgumentException one of them makes no sense
   */
  public static FileSettings of(Map<String, String> properties, Schema schema) {
    BloomOptions filters =
        new BloomOptions(
            BloomProperties.rates(properties, schema), BloomProperties.bytesMax(properties));
    return new FileSettings(
        optionsOf(properties).withBloomFilters(filters),
        TableProperties.targetFileBytes(properties));
  }

  private static WriteOptions optionsOf(Map<String, String> properties) {
    WriteOptions options = WriteOptions.DEFAULT;
    String codec = value(properties, TableProperties.PARQUET_CODEC);
    String level = value(properties, TableProperties.PARQUET_CODEC_LEVEL);
    if (codec != null || level != null) {
      options =
          options.withCompression(
              codec == null ? options.compression() : Codec.ofProperty(codec),
              level == null ? Codecs.LEVEL_DEFAULT : Integer.parseInt(level));
    }
    String rowGroup = value(properties, TableProperties.ROW_GROUP_BYTES);
    if (rowGroup != null) {
      options = options.withRowGroupBytesTarget(Long.parseLong(rowGroup));
    }
    String page = value(properties, TableProperties.PAGE_BYTES);
    if (page != null) {
      options = options.withPages(Integer.parseInt(page), options.pageRowsMax());
    }
    return options;
  }

  /** Checked again, because another engine may have set it. */
  private static @Nullable String value(Map<String, String> properties, String key) {
    String value = properties.get(key);
    if (value != null) {
      TableProperties.check(key, value);
    }
    return value;
  }
}
