package io.datashard.internal.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Properties: a mistyped key or value is an error before it is stored. */
class TablePropertiesTest {

  @ParameterizedTest
  @CsvSource({
    "datashard.durability, fsync",
    "datashard.durability, os",
    "write.parquet.compression-codec, zstd",
    "write.parquet.compression-codec, ZSTD",
    "write.parquet.compression-level, 3",
    "write.target-file-size-bytes, 536870912",
    "write.parquet.row-group-size-bytes, 134217728",
    "write.parquet.page-size-bytes, 1048576",
    "commit.retry.total-timeout-ms, 1800000",
    "datashard.history.head-bytes, 1048576",
    "write.parquet.bloom-filter-enabled.column.any name, true",
    "write.parquet.bloom-filter-fpp.column.id, 0.05",
    "write.parquet.bloom-filter-max-bytes, 1048576",
    "gc.enabled, false",
    "owner, anyone",
    "write.metadata.metrics.default, full",
  })
  void whatIsKnownIsTaken(String key, String value) {
    assertThatCode(() -> TableProperties.check(key, value)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          datashard.durabilty | fsync | Unknown property 'datashard.durabilty'. Known: datashard.committer.silence-ms-max, datashard.durability, datashard.history.head-bytes, datashard.history.version-ms-min, datashard.history.versions-max, datashard.history.versions-min, datashard.once.age-ms-max.
          datashard.durability | disk | Property 'datashard.durability' is 'disk'. Allowed: fsync, os.
          datashard.commit.token | x | Property 'datashard.commit.token' is set by commits; it cannot be set by hand.
          datashard.history | x | Property 'datashard.history' is set by commits; it cannot be set by hand.
          datashard.history.max-age | P1D | Unknown property 'datashard.history.max-age'.
          datashard.history.head-bytes | 8191 | Property 'datashard.history.head-bytes' is 8191; it must be 8192..1048576.
          write.parquet.compression-codec | lzo | Property 'write.parquet.compression-codec' is 'lzo'. Allowed: zstd, snappy, gzip, lz4, uncompressed.
          write.parquet.compression-level | fast | Property 'write.parquet.compression-level' is 'fast', which is no whole number.
          write.target-file-size-bytes | 0 | Property 'write.target-file-size-bytes' is 0; it must be 65536..1099511627776.
          write.parquet.bloom-filter-enabled.column.id | yes | Property 'write.parquet.bloom-filter-enabled.column.id' is 'yes'. Allowed: true, false.
          write.parquet.bloom-filter-fpp.column.id | 1 | Property 'write.parquet.bloom-filter-fpp.column.id' is 1; it must be above 0 and below 1.
          write.parquet.bloom-filter-fpp.column.id | low | is 'low', which is no number.
          write.parquet.bloom-filter-max-bytes | 31 | it must be 32..134217728.
          gc.enabled | true | Property 'gc.enabled' must be 'false', not 'true'
          write.metadata.compression-codec | gzip | must be 'none', not 'gzip'
          write.metadata.delete-after-commit.enabled | true | must be 'false'
          schema.name-mapping.default | [ | is no name mapping
          """)
  void whatIsNotIsRefused(String key, String value, String message) {
    assertThatThrownBy(() -> TableProperties.check(key, value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message.strip());
  }

  @Test
  void aNameMappingIsReadAsItWasWritten() {
    Schema schema =
        Schema.builder()
            .required(7, "a.b", Type.LONG)
            .optional(3, "\"ü\"", Type.STRING)
            .optional(4, "A.b", Type.STRING)
            .build();
    String text = NameMapping.write(schema);
    assertThat(text).startsWith("[{\"field-id\":7,\"names\":[\"a.b\"]},");
    assertThat(NameMapping.parse(text)).isEqualTo(Map.of("a.b", 7, "\"ü\"", 3, "A.b", 4));
  }

  @Test
  void namesOfOthersAreRead() {
    assertThat(
            NameMapping.parse(
                """
                [ { "field-id": 1, "names": ["id", "record_id"] },
                  { "names": ["only in files"] },
                  { "field-id": 2, "names": [] },
                  { "field-id": 3, "names": ["location"], "fields": [
                      { "field-id": 4, "names": ["latitude", "lat"] } ] } ]
                """))
        .isEqualTo(Map.of("id", 1, "record_id", 1, "location", 3));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "[1]",
        "[{\"field-id\":\"1\",\"names\":[]}]",
        "[{\"field-id\":1,\"names\":[1]}]",
        "[{\"field-id\":1,\"names\":[\"a\"]},{\"field-id\":2,\"names\":[\"a\"]}]",
        "[]]"
      })
  void otherTextIsNoNameMapping(String text) {
    assertThatThrownBy(() -> NameMapping.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Property 'schema.name-mapping.default' is no name mapping: ");
  }
}
