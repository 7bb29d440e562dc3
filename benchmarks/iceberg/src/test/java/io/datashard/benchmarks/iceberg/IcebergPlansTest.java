package io.datashard.benchmarks.iceberg;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.benchmarks.planning.Plans;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The table that is planned on has the files that were asked for, and a plan finds one of them. */
class IcebergPlansTest {
  @TempDir private Path folder;

  @Test
  void aPlanFindsTheRowsOfOneFile() {
    String table = folder.resolve("table").toString();
    IcebergPlans plans = new IcebergPlans();
    plans.make(table, 12, 3, 100);
    String[] order = {"first", table, "300", "400", "2"};
    assertThat(Plans.answer(plans, order)).startsWith("{\"nanos\": [").endsWith("\"rows\": 100}");
    assertThat(plans.plan(0, 1_200)).isEqualTo(1_200);
    assertThat(Plans.answer(plans, new String[] {"sing"})).contains("\"error\"").contains("sing");
  }
}
