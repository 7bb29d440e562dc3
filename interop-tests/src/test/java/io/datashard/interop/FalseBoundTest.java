package io.datashard.interop;

import static io.datashard.expr.Predicate.column;
import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.expr.Predicate;
import io.datashard.schema.Schema;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.Table;
import org.apache.iceberg.hadoop.HadoopTables;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The control: with one false bound in one manifest the comparison of {@link FiltersTest} fails.
 */
@NeedsPython
class FalseBoundTest {
  private static final Schema SCHEMA = SampleRows.EVERY_TYPE;

  @TempDir Path folder;

  @Test
  void oneFalseBoundIsNoticed() throws Exception {
    Shape.Built built = new Shape.Built(folder.resolve("t"));
    built.create(SCHEMA, Map.of());
    SampleRows sample = new SampleRows(SCHEMA, 31, 0.1, 0.1);
    for (int i = 0; i < 3; i++) {
      built.append(sample.take(100));
    }
    // k runs from 0 to 29, ten values a file.
    Predicate filter = column("k").ge(15);
    Answer whole = OurReader.read(built.table().scan());
    Answer ours = OurReader.read(built.table().scan().where(filter));
    assertThat(ours.rows()).isEqualTo(150);

    Table foreign = new HadoopTables(new Configuration()).load(built.folder().toString());
    claimUpperBound(foreign, SCHEMA.field("k").id(), 19, 12);

    List<ForeignReader> misled = new ArrayList<>();
    for (ForeignReader reader : ForeignReader.values()) {
      String location = built.folder().toString();
      Answer.requireSame(
          reader + " without a filter", SCHEMA, whole, reader.read(location, SCHEMA));
      Answer theirs = reader.read(location, SCHEMA, filter, null);
      if (!theirs.agreesWith(ours)) {
        assertThat(theirs.rows()).as("rows that %s sees", reader).isEqualTo(100);
        misled.add(reader);
      }
    }
    assertThat(misled).contains(ForeignReader.PYICEBERG, ForeignReader.ICEBERG_CORE);
  }

  /** Commits the file with this upper bound again, with another one. */
  private static void claimUpperBound(Table table, int fieldId, int upper, int claimed)
      throws Exception {
    ByteBuffer is = Conversions.toByteBuffer(Types.IntegerType.get(), upper);
    try (var files = table.newScan().includeColumnStats().planFiles()) {
      for (FileScanTask task : files) {
        DataFile file = task.file();
        if (!is.equals(file.upperBounds().get(fieldId))) {
          continue;
        }
        Map<Integer, ByteBuffer> uppers = new HashMap<>(file.upperBounds());
        uppers.put(fieldId, Conversions.toByteBuffer(Types.IntegerType.get(), claimed));
        Metrics metrics =
            new Metrics(
                file.recordCount(),
                file.columnSizes(),
                file.valueCounts(),
                file.nullValueCounts(),
                file.nanValueCounts(),
                file.lowerBounds(),
                uppers);
        DataFile liar = DataFiles.builder(table.spec()).copy(file).withMetrics(metrics).build();
        table.newOverwrite().deleteFile(file).commit();
        table.newAppend().appendFile(liar).commit();
        return;
      }
    }
    throw new AssertionError("no file has the upper bound " + upper);
  }
}
