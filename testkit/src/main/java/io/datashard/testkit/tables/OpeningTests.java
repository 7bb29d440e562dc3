package io.datashard.testkit.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.DataShard;
import io.datashard.NewTable;
import io.datashard.Table;
import io.datashard.error.SchemaMismatchException;
import io.datashard.error.TableExistsException;
import io.datashard.error.TableNotFoundException;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Creating, opening and describing tables. */
abstract class OpeningTests extends TableTests {
  private static final Schema SCHEMA =
      Schema.builder().required("id", Type.LONG).optional("name", Type.STRING).build();

  private io.datashard.Tables tables() {
    return DataShard.on(location -> disk);
  }

  @Test
  void createTellsWhetherItCreated() {
    try (Table first = tables().createTable("t", SCHEMA);
        Table second = tables().createTable("t", SCHEMA)) {
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
    tables().createTable("t", SCHEMA).close();
    Schema other = Schema.builder().required("id", Type.LONG).required("name", Type.STRING).build();
    assertThatThrownBy(() -> tables().createTable("t", other))
        .isInstanceOf(SchemaMismatchException.class)
        .hasMessageContaining("2: name: required string")
        .hasMessageContaining("2: name: optional string");
  }

  @Test
  void createInsistingOnNew() {
    tables().newTable("t", SCHEMA).mustBeNew().create().close();
    NewTable again = tables().newTable("t", SCHEMA).mustBeNew();
    assertThatThrownBy(again::create)
        .isInstanceOf(TableExistsException.class)
        .hasMessageContaining(disk.location());
  }

  @Test
  void loadOfMissingTableCreatesNothing() {
    assertThatThrownBy(() -> tables().loadTable("t"))
        .isInstanceOf(TableNotFoundException.class)
        .hasMessageContaining(disk.location());
    assertThat(keys(disk)).isEmpty();
  }

  @Test
  void givenFieldIdsAreKeptAndDocsToo() {
    Schema schema =
        Schema.of(
            List.of(
                new Field(7, "b", Type.decimal(9, 2), false, "the price"),
                new Field(3, "a", Type.fixed(4), true, null)));
    try (Table table = tables().createTable("t", schema)) {
      assertThat(table.schema().fields()).isEqualTo(schema.fields());
    }
  }

  @Test
  void propertiesAreSetReadAndRemoved() {
    try (Table table = tables().newTable("t", SCHEMA).property("owner", "me").create()) {
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
      assertThatThrownBy(() -> tables().newTable("u", SCHEMA).property("datashard.x", "1"))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(table.properties().keySet()).noneMatch(key -> key.contains("token"));
    }
  }

  @Test
  void closedTableRefusesWork() {
    Table table = tables().createTable("t", SCHEMA);
    table.close();
    assertThatThrownBy(() -> table.append(List.of(Map.of("id", 1L))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(table::scan).isInstanceOf(IllegalStateException.class);
  }
}
