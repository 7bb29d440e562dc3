package io.datashard.internal.parquet;

import java.util.Locale;
import org.apache.parquet.format.CompressionCodec;

/** How pages are compressed. Spec: Parquet format, "Compression". */
public enum Codec {
  NONE(CompressionCodec.UNCOMPRESSED),
  SNAPPY(CompressionCodec.SNAPPY),
  GZIP(CompressionCodec.GZIP),
  ZSTD(CompressionCodec.ZSTD),
  /** LZ4 blocks without frame. */
  LZ4(CompressionCodec.LZ4_RAW),
  /** LZ4 in Hadoop's framing, deprecated by the format: read, never written. */
  LZ4_HADOOP(CompressionCodec.LZ4);

  private final CompressionCodec format;

  Codec(CompressionCodec format) {
    this.format = format;
  }

  /** The codec's name in a Parquet footer. */
  CompressionCodec format() {
    return format;
  }

  /** The name in table properties: {@code zstd}. */
  public String propertyName() {
    return this == NONE ? "uncompressed" : name().toLowerCase(Locale.ROOT);
  }

  /**
   * The codec of this name in table properties, {@code none} for {@link #NONE} too.
   *
   * @throws IllegalArgumentException files are not written with such a codec; the known ones are
   *     listed
   */
  public static Codec ofProperty(String name) {
    return switch (name.strip().toLowerCase(Locale.ROOT)) {
      case "none", "uncompressed" -> NONE;
      case "snappy" -> SNAPPY;
      case "gzip" -> GZIP;
      case "zstd" -> ZSTD;
      case "lz4", "lz4_raw" -> LZ4;
      default ->
          throw new IllegalArgumentException(
              "Unknown compression codec '"
                  + name
                  + "'. Known: zstd, snappy, gzip, lz4, uncompressed.");
    };
  }

  /**
   * The codec of a footer.
   *
   * @throws NotReadableException there is no decoder for it here (LZO, Brotli)
   */
  static Codec of(CompressionCodec format) {
    for (Codec codec : values()) {
      if (codec.format == format) {
        return codec;
      }
    }
    throw new NotReadableException("pages compressed with " + format.name());
  }
}
