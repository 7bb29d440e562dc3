package io.datashard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.error.SchemaMismatchException;
import io.datashard.error.TableExistsException;
import io.datashard.error.TableNotFoundException;
import io.datashard.schema.Field;
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

/** Creating, opening and describing tables. */
class TablesTest {
  private static final Schema SCHEMA =
      Schema.builder().required("id", Type.LONG).optional("name", Type.STRING).build();

  @TempDir Path folder;

  @Test
  void createTellsWhetherItCreated() {
    try (Table first = DataShard.createTable(folder.resolve("t"), SCHEMA);
        Table second = DataShard.createTable(folder.resolve("t"), SCHEMA)) {
      assertThat(first.wasCreated()).isTrue();
      assertThat(second.wasCreated()).isFalse();
      assertThat(second.uuid()).isEqualTo(first.uuid());
      assertThat(first.version()).isEqualTo(1);
      assertThat(first.currentSnapshot()).isEmpty();
      assertThat(first.scan().count()).isZero();
      assertThat(first.scan().toMaps()).isEmpty();
    }
  }

  @Test
  void createWithOtherColumnsNamesBoth() {
    DataShard.createTable(folder.resolve("t"), SCHEMA).close();
    Schema other = Schema.builder().required("id", Type.LONG).required("name", Type.STRING).build();
    assertThatThrownBy(() -> DataShard.createTable(folder.resolve("t"), other))
        .isInstanceOf(SchemaMismatchException.class)
        .hasMessageContaining("2: name: required string")
        .hasMessageContaining("2: name: optional string");
  }

  @Test
  void createInsistingOnNew() {
    DataShard.newTable(folder.resolve("t").toString(), SCHEMA).mustBeNew().create().close();
    NewTable again = DataShard.newTable(folder.resolve("t").toString(), SCHEMA).mustBeNew();
    assertThatThrownBy(again::create)
        .isInstanceOf(TableExistsException.class)
        .hasMessageContaining(folder.resolve("t").toString());
  }

  @Test
  void loadOfMissingTableCreatesNothing() throws IOException {
    assertThatThrownBy(() -> DataShard.loadTable(folder.resolve("none")))
        .isInstanceOf(TableNotFoundException.class)
        .hasMessageContaining("none");
    try (var files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

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
  void givenFieldIdsAreKeptAndDocsToo() {
    Schema schema =
        Schema.of(
            List.of(
                new Field(7, "b", Type.decimal(9, 2), false, "the price"),
                new Field(3, "a", Type.fixed(4), true, null)));
    try (Table table = DataShard.createTable(folder.resolve("t"), schema)) {
      assertThat(table.schema().fields()).isEqualTo(schema.fields());
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
  void propertiesAreSetReadAndRemoved() {
    try (Table table =
        DataShard.newTable(folder.resolve("t"), SCHEMA).property("owner", "me").create()) {
      assertThat(table.properties()).containsEntry("owner", "me");
      table.updateProperties().set("team", "data").remove("owner").commit();
      assertThat(table.properties()).containsEntry("team", "data").doesNotContainKey("owner");
      assertThat(table.version()).isEqualTo(2);
      assertThat(table.currentSnapshot()).isEmpty();
      assertThatThrownBy(() -> table.updateProperties().set("datashard.nonsense", "1"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("datashard.nonsense")
          .hasMessageContaining("datashard.durability");
      assertThatThrownBy(() -> table.updateProperties().remove("gc.enabled"))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(
              () -> DataShard.newTable(folder.resolve("u"), SCHEMA).property("datashard.x", "1"))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(table.properties().keySet()).noneMatch(key -> key.contains("token"));
    }
  }

  @Test
  void closedTableRefusesWork() {
    Table table = DataShard.createTable(folder.resolve("t"), SCHEMA);
    table.close();
    assertThatThrownBy(() -> table.append(List.of(Map.of("id", 1L))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(table::scan).isInstanceOf(IllegalStateException.class);
  }
}
