package io.datashard.benchmarks.compare;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.error.OutcomeUnknownException;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** DataShard for Java. */
public final class OurTable implements Contender<Map<String, @Nullable Object>> {
  private static final Schema SCHEMA =
      Schema.builder()
          .required("id", Type.LONG)
          .optional("name", Type.STRING)
          .optional("value", Type.DOUBLE)
          .build();

  private @Nullable Table open;

  @Override
  public void create(String table) {
    use(DataShard.createTable(table, SCHEMA));
  }

  @Override
  public void open(String table) {
    use(DataShard.loadTable(table));
  }

  private void use(Table table) {
    Table before = open;
    open = table;
    if (before != null) {
      before.close();
    }
  }

  private Table table() {
    return Objects.requireNonNull(open, "no table is open");
  }

  @Override
  public void append(List<Map<String, Object>> rows) {
    table().append(rows);
  }

  @Override
  public boolean isUnknown(RuntimeException failure) {
    return failure instanceof OutcomeUnknownException;
  }

  @Override
  public List<Map<String, @Nullable Object>> read() {
    return table().scan().toMaps();
  }

  @Override
  public long id(Map<String, @Nullable Object> row) {
    return (Long) Objects.requireNonNull(row.get("id"));
  }

  @Override
  public @Nullable String name(Map<String, @Nullable Object> row) {
    return (String) row.get("name");
  }

  @Override
  public double value(Map<String, @Nullable Object> row) {
    return (Double) Objects.requireNonNull(row.get("value"));
  }

  /** Answers orders, see {@link Worker}. */
  public static void main(String[] args) throws IOException {
    Worker.serve(new OurTable());
  }
}
