package io.datashard.internal.parquet;

import io.datashard.data.BooleanColumn;
import io.datashard.data.Column;
import io.datashard.internal.parquet.encode.Sink;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.format.Encoding;

/** Booleans, one bit each. RLE would be shorter, but Iceberg's vectorised reader refuses it. */
final class Booleans extends PendingValues {
  private static final List<Encoding> ENCODINGS = List.of(Encoding.PLAIN);

  private boolean[] values = {};

  @Override
  long bytes() {
    return (count() + 7) / 8;
  }

  @Override
  int add(Column column, int from, int to, long bytesRoom) {
    boolean[] source = ((BooleanColumn) column).values();
    int at = count();
    if (at + to - from > values.length) {
      values = Arrays.copyOf(values, Sink.grown(values.length, at + to - from));
    }
    for (int row = from; row < to; row++) {
      if (!column.isNull(row)) {
        values[at++] = source[row];
      }
    }
    counted(at - count());
    return to - from;
  }

  @Override
  List<Encoding> encodings(int from, int to) {
    return ENCODINGS;
  }

  @Override
  void encode(Encoding encoding, int from, int to, Sink sink) {
    for (int at = from; at < to; at += 8) {
      int bits = 0;
      for (int i = Math.min(at + 8, to) - 1; i >= at; i--) {
        bits = bits << 1 | (values[i] ? 1 : 0);
      }
      sink.write(bits);
    }
  }

  @Override
  void hash(int from, int to, BloomFilterBuilder filter) {
    throw new IllegalStateException("booleans have no Bloom filter");
  }

  @Override
  Range range(int from, int to) {
    int trues = 0;
    for (int i = from; i < to; i++) {
      trues += values[i] ? 1 : 0;
    }
    return from == to ? Range.NONE : Range.ofBooleans(trues == to - from, trues > 0);
  }
}
