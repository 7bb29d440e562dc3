package io.datashard.benchmarks.planning;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.expr.Predicate;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * DataShard for Java: counts what the filter keeps. Where it keeps whole files, that is planning
 * and nothing else.
 */
public final class OurPlans implements Plans {
  private @Nullable Table table;

  @Override
  public void open(String folder) {
    if (table != null) {
      table.close();
    }
    table = DataShard.loadTable(Path.of(folder));
  }

  @Override
  public long plan(long low, long high) {
    if (table == null) {
      throw new IllegalStateException("No table is open.");
    }
    return table
        .scan()
        .where(Predicate.column("id").ge(low).and(Predicate.column("id").lt(high)))
        .count();
  }

  /** See {@link Plans#main}. */
  public static void main(String[] args) throws IOException {
    Plans.main(new OurPlans(), args);
  }
}
