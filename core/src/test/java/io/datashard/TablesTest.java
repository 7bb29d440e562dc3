package io.datashard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.storage.LocalStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What names a table, and what is of a disk alone. */
class TablesTest {
  private static final Schema SCHEMA =
      Schema.builder().required("id", Type.LONG).optional("name", Type.STRING).build();

  @TempDir Path folder;

  @Test
  void everyWayToNameALocationIsTheSameTable() {
    Path path = folder.resolve("with space");
    try (Table table = DataShard.createTable(path, SCHEMA)) {
      table.append(List.of(Map.of("id", 1L)));
      assertThat(table.location()).isEqualTo("file://" + realOf(path));
      Path relative = Path.of("").toAbsolutePath().relativize(path);
      for (Table same :
          List.of(
              DataShard.loadTable(path.toString()),
              DataShard.loadTable(path.toUri()),
              DataShard.loadTable(relative),
              DataShard.loadTable(relative.toString()),
              DataShard.loadTable(table.location()),
              DataShard.on(LocalStore.of(folder)).loadTable("with space"))) {
        assertThat(same.uuid()).isEqualTo(table.uuid());
        assertThat(same.location()).isEqualTo(table.location());
        assertThat(same.scan().count()).isEqualTo(1);
      }
    }
  }

  private static Path realOf(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void twoStoresAndTwoTablesKeepApart() {
    Tables left = DataShard.on(LocalStore.of(folder.resolve("left")));
    Tables right = DataShard.on(LocalStore.of(folder.resolve("right")));
    try (Table a = left.createTable("t", SCHEMA);
        Table b = right.createTable("t", SCHEMA);
        Table c = left.createTable("u", SCHEMA)) {
      a.append(List.of(Map.of("id", 1L)));
      b.append(List.of(Map.of("id", 2L), Map.of("id", 3L)));
      assertThat(a.scan().count()).isEqualTo(1);
      assertThat(b.scan().count()).isEqualTo(2);
      assertThat(c.scan().count()).isZero();
    }
  }

  @Test
  void badSchemasAreRefusedBeforeAnythingIsWritten() throws IOException {
    assertThatThrownBy(() -> Schema.builder().build()).hasMessageContaining("at least one column");
    assertThatThrownBy(
            () -> Schema.builder().required("a", Type.INT).required("a", Type.INT).build())
        .hasMessageContaining("'a'");
    assertThatThrownBy(
            () -> Schema.builder().required(1, "a", Type.INT).required(1, "b", Type.INT).build())
        .hasMessageContaining("'a'")
        .hasMessageContaining("'b'");
    assertThatThrownBy(() -> Schema.builder().required(" ", Type.INT).build())
        .hasMessageContaining("empty name");
    assertThatThrownBy(() -> Schema.builder().required("a\uD800", Type.INT).build())
        .hasMessageContaining("U+D800");
    assertThatThrownBy(
            () ->
                Schema.fromJson(
                    "{\"type\":\"struct\",\"fields\":[{\"id\":1,\"name\":\"tags\",\"required\":true,"
                        + "\"type\":{\"type\":\"list\",\"element-id\":2,\"element\":\"string\","
                        + "\"element-required\":true}}]}"))
        .hasMessageContaining("'tags'")
        .hasMessageContaining("list");
    try (var files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void aMovedTableIsStillRead() throws IOException {
    try (Table table = DataShard.createTable(folder.resolve("t"), SCHEMA)) {
      table.append(List.of(Map.of("id", 1L)));
    }
    Path moved = folder.resolve("elsewhere/and deeper");
    Files.createDirectories(moved.getParent());
    Files.move(folder.resolve("t"), moved);
    try (Table table = DataShard.on(LocalStore.of(moved.getParent())).loadTable("and deeper")) {
      assertThat(table.scan().count()).isEqualTo(1);
      table.append(List.of(Map.of("id", 2L)));
      assertThat(table.scan().toMaps()).extracting("id").containsExactly(1L, 2L);
    }
  }

  @Test
  void aFileOfTheTableItselfIsNotAddedAgain() {
    try (Table table = DataShard.createTable(folder.resolve("t"), SCHEMA)) {
      table.append(List.of(Map.of("id", 1L)));
      String location =
          table
              .dataFiles(table.currentSnapshot().orElseThrow())
              .findFirst()
              .orElseThrow()
              .location();
      Path own = Path.of(location.substring("file://".length()));
      assertThatThrownBy(() -> table.newAppend().files(own).commit())
          .hasMessageContaining("already");
      assertThat(table.scan().count()).isEqualTo(1);
    }
  }
}
