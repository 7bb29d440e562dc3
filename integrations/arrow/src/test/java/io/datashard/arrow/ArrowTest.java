package io.datashard.arrow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.Table;
import io.datashard.error.InvalidRowException;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.schema.Values;
import io.datashard.testkit.RandomRows;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.DateMilliVector;
import org.apache.arrow.vector.Decimal256Vector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FixedSizeBinaryVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.LargeVarCharVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.SmallIntVector;
import org.apache.arrow.vector.TimeMicroVector;
import org.apache.arrow.vector.TimeSecVector;
import org.apache.arrow.vector.TimeStampMicroTZVector;
import org.apache.arrow.vector.TimeStampMicroVector;
import org.apache.arrow.vector.TimeStampNanoVector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ViewVarCharVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArrowTest {
  @TempDir Path folder;

  /** The value as the table would have it, by the vector's own getters. */
  private static @Nullable Object value(FieldVector vector, int row, Type type) {
    if (vector.isNull(row)) {
      return null;
    }
    return switch (type.kind()) {
      case BOOLEAN -> ((BitVector) vector).get(row) == 1;
      case INT -> ((IntVector) vector).get(row);
      case LONG -> ((BigIntVector) vector).get(row);
      case FLOAT -> ((Float4Vector) vector).get(row);
      case DOUBLE -> ((Float8Vector) vector).get(row);
      case DECIMAL -> ((DecimalVector) vector).getObject(row);
      case DATE -> Values.date(((DateDayVector) vector).get(row));
      case TIME -> Values.time(((TimeMicroVector) vector).get(row));
      case TIMESTAMP -> Values.timestamp(((TimeStampMicroVector) vector).get(row));
      case TIMESTAMPTZ -> Values.instant(((TimeStampMicroTZVector) vector).get(row));
      case STRING -> new String(((VarCharVector) vector).get(row), StandardCharsets.UTF_8);
      case UUID -> Values.uuid(((FixedSizeBinaryVector) vector).get(row), 0);
      case FIXED -> ((FixedSizeBinaryVector) vector).get(row);
      case BINARY -> ((VarBinaryVector) vector).get(row);
    };
  }

  private static List<String> rows(ArrowReader reader, Schema schema) throws IOException {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    while (reader.loadNextBatch()) {
      VectorSchemaRoot root = reader.getVectorSchemaRoot();
      for (int row = 0; row < root.getRowCount(); row++) {
        Map<String, @Nullable Object> one = new LinkedHashMap<>();
        for (int i = 0; i < schema.size(); i++) {
          one.put(schema.field(i).name(), value(root.getVector(i), row, schema.field(i).type()));
        }
        rows.add(one);
      }
    }
    return Rows.text(rows);
  }

  @Test
  void theJvmHasNoFlags() {
    assertThat(ManagementFactory.getRuntimeMXBean().getInputArguments())
        .noneMatch(argument -> argument.startsWith("--add-opens"));
  }

  @Test
  void arrowsOwnGettersSeeTheRowsOfTheScan() throws IOException {
    for (long seed = 1; seed <= 4; seed++) {
      RandomRows random = new RandomRows(RandomRows.EVERY_TYPE, seed);
      try (BufferAllocator allocator = new RootAllocator();
          Table table = Rows.table(folder.resolve("t" + seed), RandomRows.EVERY_TYPE)) {
        table.append(random.take(2_500));
        table.append(random.take(100));
        List<String> expected = Rows.text(table.scan().toMaps());
        try (ArrowReader reader = Arrow.of(table.scan(), allocator)) {
          assertThat(rows(reader, table.schema())).as("seed %d", seed).isEqualTo(expected);
          assertThat(reader.bytesRead()).isPositive();
        }
        try (ArrowReader reader = Arrow.of(table.scan().parallel(2), 999, allocator)) {
          assertThat(rows(reader, table.schema())).isEqualTo(expected);
        }
        assertThat(allocator.getAllocatedMemory()).isZero();
      }
    }
  }

  @Test
  void readersAreAppendedInOneCommit() throws IOException {
    try (BufferAllocator allocator = new RootAllocator();
        Table from = Rows.table(folder.resolve("from"), RandomRows.EVERY_TYPE);
        Table to = Rows.table(folder.resolve("to"), RandomRows.EVERY_TYPE)) {
      from.append(new RandomRows(RandomRows.EVERY_TYPE, 11).take(2_000));
      try (ArrowReader reader = Arrow.of(from.scan(), 300, allocator)) {
        assertThat(Arrow.append(to, reader).rowsAdded()).isEqualTo(2_000);
      }
      assertThat(to.snapshots()).hasSize(1);
      assertThat(Rows.text(to.scan().toMaps())).isEqualTo(Rows.text(from.scan().toMaps()));
    }
  }

  @Test
  void closingInTheMiddleFreesEverything() throws IOException {
    try (BufferAllocator allocator = new RootAllocator();
        Table table = Rows.table(folder.resolve("t"), RandomRows.EVERY_TYPE)) {
      table.append(new RandomRows(RandomRows.EVERY_TYPE, 2).take(3_000));
      ArrowReader reader = Arrow.of(table.scan().parallel(2), 100, allocator);
      assertThat(reader.loadNextBatch()).isTrue();
      assertThat(allocator.getAllocatedMemory()).isPositive();
      reader.close();
      assertThat(allocator.getAllocatedMemory()).isZero();
    }
  }

  @Test
  void manyBatchesTakeTheMemoryOfOne() throws IOException {
    Schema schema = Schema.builder().required("id", Type.LONG).build();
    try (BufferAllocator allocator = new RootAllocator();
        Table table = Rows.table(folder.resolve("t"), schema)) {
      table.append(new RandomRows(schema, 2).take(20_000));
      try (ArrowReader reader = Arrow.of(table.scan(), 100, allocator)) {
        long most = 0;
        while (reader.loadNextBatch()) {
          most = Math.max(most, allocator.getAllocatedMemory());
        }
        assertThat(most).isBetween(800L, 2_000L);
        assertThat(allocator.getPeakMemoryAllocation()).isLessThanOrEqualTo(4_000);
      }
    }
  }

  @Test
  void vectorsKeptBeyondTheNextBatchStayAsTheyWere() throws IOException {
    Schema schema = Schema.builder().required("id", Type.LONG).build();
    try (BufferAllocator allocator = new RootAllocator();
        Table table = Rows.table(folder.resolve("t"), schema)) {
      table.append(new RandomRows(schema, 2).take(500));
      try (ArrowReader reader = Arrow.of(table.scan(), 100, allocator)) {
        reader.loadNextBatch();
        var pair = reader.getVectorSchemaRoot().getVector(0).getTransferPair(allocator);
        pair.transfer();
        try (BigIntVector kept = (BigIntVector) pair.getTo()) {
          while (reader.loadNextBatch()) {
            assertThat(kept.get(99)).isEqualTo(99);
          }
          assertThat(kept.get(0)).isZero();
        }
      }
      assertThat(allocator.getAllocatedMemory()).isZero();
    }
  }

  private static VectorSchemaRoot root(FieldVector... vectors) {
    return VectorSchemaRoot.of(vectors);
  }

  @Test
  void typesOfOtherProducersGoIntoTheirColumns() {
    Schema schema =
        Schema.builder()
            .optional("i", Type.INT)
            .optional("l", Type.LONG)
            .optional("large", Type.STRING)
            .optional("view", Type.STRING)
            .optional("day", Type.DATE)
            .optional("clock", Type.TIME)
            .optional("ts", Type.TIMESTAMP)
            .optional("dec", Type.decimal(38, 2))
            .optional("nothing", Type.STRING)
            .build();
    try (BufferAllocator allocator = new RootAllocator();
        Table table = Rows.table(folder.resolve("t"), schema);
        SmallIntVector i = new SmallIntVector("i", allocator);
        UInt8Vector l = new UInt8Vector("l", allocator);
        LargeVarCharVector large = new LargeVarCharVector("large", allocator);
        ViewVarCharVector view = new ViewVarCharVector("view", allocator);
        DateMilliVector day = new DateMilliVector("day", allocator);
        TimeSecVector clock = new TimeSecVector("clock", allocator);
        TimeStampNanoVector ts = new TimeStampNanoVector("ts", allocator);
        Decimal256Vector dec = new Decimal256Vector("dec", allocator, 40, 2);
        NullVector nothing = new NullVector("nothing", 3)) {
      i.allocateNew(3);
      i.set(0, -7);
      i.setNull(1);
      i.set(2, 300);
      l.allocateNew(3);
      l.set(0, 1L << 40);
      l.setNull(1);
      l.set(2, 0);
      large.allocateNew(3);
      large.set(0, "h\u00e9".getBytes(StandardCharsets.UTF_8));
      large.setNull(1);
      large.set(2, new byte[0]);
      view.allocateNew(3);
      view.setSafe(0, "short".getBytes(StandardCharsets.UTF_8));
      view.setNull(1);
      view.setSafe(2, "longer than twelve bytes".getBytes(StandardCharsets.UTF_8));
      day.allocateNew(3);
      day.set(0, -86_400_000L);
      day.setNull(1);
      day.set(2, 86_400_000L * 3);
      clock.allocateNew(3);
      clock.set(0, 0);
      clock.setNull(1);
      clock.set(2, 86_399);
      ts.allocateNew(3);
      ts.set(0, -1_000);
      ts.setNull(1);
      ts.set(2, 5_000);
      dec.allocateNew(3);
      dec.set(0, new BigDecimal("-123456789012345678901234567890123456.78"));
      dec.setNull(1);
      dec.set(2, new BigDecimal("0.01"));
      for (FieldVector vector : List.of(i, l, large, view, day, clock, ts, dec)) {
        vector.setValueCount(3);
      }
      try (VectorSchemaRoot root = root(i, l, large, view, day, clock, ts, dec, nothing)) {
        assertThat(Arrow.append(table, root).rowsAdded()).isEqualTo(3);
      }
      assertThat(Rows.text(table.scan().toMaps()))
          .containsExactly(
              "i=-7 l=1099511627776 large=h\u00e9 view=short day=1969-12-31 clock=00:00"
                  + " ts=1969-12-31T23:59:59.999999"
                  + " dec=-123456789012345678901234567890123456.78 nothing=null ",
              "i=null l=null large=null view=null day=null clock=null ts=null dec=null"
                  + " nothing=null ",
              "i=300 l=0 large= view=longer than twelve bytes day=1970-01-04 clock=23:59:59"
                  + " ts=1970-01-01T00:00:00.000005 dec=0.01 nothing=null ");
    }
  }

  @Test
  void valuesThatWouldLoseSomethingAreNamed() {
    Schema schema = Schema.builder().optional("ts", Type.TIMESTAMP).build();
    try (BufferAllocator allocator = new RootAllocator();
        Table table = Rows.table(folder.resolve("t"), schema);
        TimeStampNanoVector ts = new TimeStampNanoVector("ts", allocator)) {
      ts.allocateNew(2);
      ts.set(0, 1_000);
      ts.set(1, 1_001);
      ts.setValueCount(2);
      assertThatThrownBy(() -> Arrow.append(table, root(ts)))
          .isInstanceOf(InvalidRowException.class)
          .hasMessage(
              "Row 2 of the Arrow data, column 'ts' (timestamp): the timestamp[ns] without zone is"
                  + " 1001 nanoseconds, which are no whole microseconds, which does not fit. Nothing"
                  + " was committed.");
      assertThat(table.scan().count()).isZero();
    }
  }

  @Test
  void dictionariesAreLookedUp() {
    Schema schema = Schema.builder().optional("s", Type.STRING).build();
    DictionaryEncoding encoding = new DictionaryEncoding(4, false, null);
    try (BufferAllocator allocator = new RootAllocator();
        Table table = Rows.table(folder.resolve("t"), schema);
        VarCharVector values = new VarCharVector("s", allocator);
        IntVector codes =
            new IntVector(
                "s", new FieldType(true, new ArrowType.Int(32, true), encoding), allocator)) {
      values.allocateNew(2);
      values.set(0, "one".getBytes(StandardCharsets.UTF_8));
      values.set(1, "two".getBytes(StandardCharsets.UTF_8));
      values.setValueCount(2);
      codes.allocateNew(4);
      codes.set(0, 1);
      codes.set(1, 0);
      codes.setNull(2);
      codes.set(3, 1);
      codes.setValueCount(4);
      DictionaryProvider.MapDictionaryProvider dictionaries =
          new DictionaryProvider.MapDictionaryProvider(new Dictionary(values, encoding));
      Arrow.append(table, root(codes), dictionaries);
      assertThat(Rows.text(table.scan().toMaps()))
          .containsExactly("s=two ", "s=one ", "s=null ", "s=two ");
    }
  }
}
