package io.datashard.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.error.CorruptTableException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What metadata names is a key of its own table, or nothing (I8). */
class LocationsTest {
  private static final String NAMED_BY = "metadata/v7.metadata.json";

  private static String keyOf(String recorded, String... tables) {
    return Locations.keyOf(recorded, List.of(tables), NAMED_BY);
  }

  @Test
  void aLocationIsTheTablesAndTheKeyAsText() {
    String location = Locations.of("file:///lake/a b%20c", "data/x=1/ü#?.parquet");
    assertThat(location).isEqualTo("file:///lake/a b%20c/data/x=1/ü#?.parquet");
    assertThat(keyOf(location, "file:///lake/a b%20c")).isEqualTo("data/x=1/ü#?.parquet");
  }

  @Test
  void everySpellingOfASchemeIsUnderstood() {
    for (String table : List.of("file:///lake/t", "file:/lake/t", "/lake/t", "FILE:///lake/t/")) {
      for (String file : List.of("file:///lake/t/d/a", "file:/lake/t/d/a", "/lake/t/d/a")) {
        assertThat(keyOf(file, table)).as(file + " in " + table).isEqualTo("d/a");
      }
    }
    for (String scheme : List.of("s3", "s3a", "s3n", "S3")) {
      assertThat(keyOf(scheme + "://bucket/t/d/a", "s3://bucket/t")).isEqualTo("d/a");
    }
  }

  @Test
  void aMovedTableIsReadByItsOldAndItsNewLocation() {
    assertThat(keyOf("file:///old/t/d/a", "file:///old/t", "file:///new/t")).isEqualTo("d/a");
    assertThat(keyOf("file:///new/t/d/a", "file:///old/t", "file:///new/t")).isEqualTo("d/a");
  }

  @Test
  void nothingOutsideTheTableHasAKey() {
    for (String outside :
        List.of(
            "file:///lake/t2/d/a",
            "file:///lake/t",
            "file:///lake/t/",
            "file:///lake/t/../other/a",
            "file:///lake/t/d/../../../etc/passwd",
            "file:///lake/t/./a",
            "file:///lake/t//a",
            "file:///lake/t/d/\0",
            "file:///etc/passwd",
            "file://host/lake/t/d/a",
            "s3://bucket/lake/t/d/a",
            "d/a",
            "../t/d/a",
            "")) {
      assertThatThrownBy(() -> keyOf(outside, "file:///lake/t"))
          .as(outside)
          .isInstanceOf(CorruptTableException.class)
          .hasMessage(
              NAMED_BY
                  + " names a file outside the table: "
                  + outside
                  + ". The table lies at file:///lake/t. Files outside a table's own location are"
                  + " neither read nor deleted.");
    }
    assertThatThrownBy(() -> keyOf("s3://bucket2/t/d/a", "s3://bucket/t"))
        .isInstanceOf(CorruptTableException.class);
  }
}
