package io.datashard.arrow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.Table;
import io.datashard.data.Batch;
import io.datashard.error.DataShardException;
import io.datashard.error.SchemaMismatchException;
import io.datashard.error.StorageException;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.testkit.RandomRows;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArrowIpcTest {
  @TempDir Path folder;

  private static byte[] stream(io.datashard.Scan scan) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ArrowIpc.write(scan, out);
    return out.toByteArray();
  }

  @Test
  void everyTypeThereAndBack() throws IOException {
    for (long seed = 1; seed <= 5; seed++) {
      RandomRows rows = new RandomRows(RandomRows.EVERY_TYPE, seed);
      try (Table from = Rows.table(folder.resolve("from" + seed), RandomRows.EVERY_TYPE);
          Table to = Rows.table(folder.resolve("to" + seed), RandomRows.EVERY_TYPE)) {
        from.append(rows.take(3_000));
        from.append(rows.take(1));
        from.append(rows.take(700));
        assertThat(ArrowIpc.append(to, new ByteArrayInputStream(stream(from.scan()))).rowsAdded())
            .isEqualTo(3_701);
        assertThat(Rows.text(to.scan().toMaps()))
            .as("seed %d", seed)
            .isEqualTo(Rows.text(from.scan().toMaps()));
      }
    }
  }

  @Test
  void filterColumnsSnapshotLimitAndThreadsAreTheScans() throws IOException {
    RandomRows rows = new RandomRows(RandomRows.EVERY_TYPE, 7);
    try (Table from = Rows.table(folder.resolve("from"), RandomRows.EVERY_TYPE)) {
      long first = from.append(rows.take(2_000)).snapshotId();
      from.append(rows.take(2_000));
      var scan =
          from.scan()
              .at(first)
              .where("i > 10 or text = ''")
              .select("text", "id", "dec38")
              .limit(150);
      Schema columns = scan.schema();
      try (Table to = Rows.table(folder.resolve("to"), columns)) {
        ArrowIpc.append(to, new ByteArrayInputStream(stream(scan.parallel(2))));
        assertThat(Rows.text(to.scan().toMaps())).isEqualTo(Rows.text(scan.toMaps())).hasSize(150);
      }
    }
  }

  @Test
  void aStreamCutAnywhereIsNoShorterStream() throws IOException {
    Schema schema = Schema.builder().required("id", Type.LONG).optional("s", Type.STRING).build();
    try (Table from = Rows.table(folder.resolve("from"), schema);
        Table to = Rows.table(folder.resolve("to"), schema)) {
      from.append(new RandomRows(schema, 3).take(5));
      byte[] whole = stream(from.scan());
      for (int length = 0; length < whole.length; length++) {
        byte[] cut = Arrays.copyOf(whole, length);
        assertThatThrownBy(() -> ArrowIpc.append(to, new ByteArrayInputStream(cut)))
            .as("cut to %d of %d", length, whole.length)
            .isInstanceOf(StorageException.class)
            .hasMessageContaining("Nothing was committed");
      }
      assertThat(to.scan().count()).isZero();
    }
  }

  @Test
  void aChangedByteIsRowsOrATypedError() throws IOException {
    Schema schema =
        Schema.builder()
            .required("id", Type.LONG)
            .optional("s", Type.STRING)
            .optional("d", Type.decimal(30, 2))
            .optional("f", Type.fixed(3))
            .build();
    try (Table from = Rows.table(folder.resolve("from"), schema);
        Table to = Rows.table(folder.resolve("to"), schema)) {
      from.append(new RandomRows(schema, 4).take(7));
      byte[] whole = stream(from.scan());
      for (int at = 0; at < whole.length; at++) {
        for (int bit : new int[] {1, 0x80}) {
          byte[] changed = whole.clone();
          changed[at] ^= (byte) bit;
          try {
            for (Batch batch : ArrowIpc.read(new ByteArrayInputStream(changed), to.schema())) {
              assertThat(batch.rows()).isLessThan(1_000);
              batch.columns().forEach(Object::toString);
            }
          } catch (DataShardException e) {
            assertThat(e.getMessage()).as("byte %d", at).contains("Nothing was committed");
          }
        }
      }
    }
  }

  @Test
  void aFailureLeavesNoEnd() throws IOException {
    Schema schema = Schema.builder().required("id", Type.LONG).build();
    try (Table from = Rows.table(folder.resolve("from"), schema);
        Table to = Rows.table(folder.resolve("to"), schema)) {
      from.append(List.of(Map.of("id", 1L)));
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      Iterable<Batch> failing =
          () -> {
            var rows = from.scan().batches().iterator();
            return new java.util.Iterator<>() {
              @Override
              public boolean hasNext() {
                return true;
              }

              @Override
              public Batch next() {
                if (rows.hasNext()) {
                  return Batch.concat(java.util.Collections.nCopies(3_000, rows.next()));
                }
                throw new StorageException("gone");
              }
            };
          };
      assertThatThrownBy(() -> ArrowIpc.write(schema, failing, out)).hasMessage("gone");
      assertThat(out.size()).isGreaterThan(24_000);
      assertThatThrownBy(() -> ArrowIpc.append(to, new ByteArrayInputStream(out.toByteArray())))
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("cut off");
    }
  }

  @Test
  void whatIsNotTheTablesIsNamed() throws IOException {
    Schema theirs =
        Schema.builder().required("id", Type.LONG).optional("price", Type.decimal(9, 3)).build();
    Schema ours =
        Schema.builder().required("id", Type.INT).optional("price", Type.decimal(9, 2)).build();
    try (Table from = Rows.table(folder.resolve("from"), theirs);
        Table to = Rows.table(folder.resolve("to"), ours)) {
      from.append(List.of(Map.of("id", 1L), Map.of("id", 1L << 40)));
      byte[] all = stream(from.scan());
      assertThatThrownBy(() -> ArrowIpc.append(to, new ByteArrayInputStream(all)))
          .isInstanceOf(SchemaMismatchException.class)
          .hasMessage(
              "The Arrow data's column 'price' is decimal128 of scale 3, which does not go into the"
                  + " table's decimal(9, 2) (cast it to scale 2). Nothing was committed.");
      byte[] ids = stream(from.scan().select("id"));
      assertThatThrownBy(() -> ArrowIpc.append(to, new ByteArrayInputStream(ids)))
          .hasMessage(
              "Row 2 of the Arrow data, column 'id' (int): the int64 is 1099511627776, which does"
                  + " not fit. Nothing was committed.");
      byte[] price = stream(from.scan().select("price"));
      assertThatThrownBy(() -> ArrowIpc.append(to, new ByteArrayInputStream(price)))
          .isInstanceOf(SchemaMismatchException.class);
      assertThat(to.scan().count()).isZero();
    }
  }

  @Test
  void anEmptyTableIsAStreamWithoutRows() throws IOException {
    try (Table from = Rows.table(folder.resolve("from"), RandomRows.EVERY_TYPE);
        Table to = Rows.table(folder.resolve("to"), RandomRows.EVERY_TYPE)) {
      ByteArrayInputStream in = new ByteArrayInputStream(stream(from.scan()));
      assertThat(ArrowIpc.append(to, in).rowsAdded()).isZero();
    }
  }

  @Test
  void aBrokenPipeIsTheCallersToSee() {
    try (Table from = Rows.table(folder.resolve("from"), RandomRows.EVERY_TYPE)) {
      from.append(new RandomRows(RandomRows.EVERY_TYPE, 1).take(10));
      OutputStream broken =
          new OutputStream() {
            @Override
            public void write(int one) throws IOException {
              throw new IOException("Broken pipe");
            }
          };
      assertThatThrownBy(() -> ArrowIpc.write(from.scan(), broken)).hasMessage("Broken pipe");
    }
  }
}
