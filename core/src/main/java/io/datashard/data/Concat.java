package io.datashard.data;

import io.datashard.schema.Type;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Columns of one type put behind each other, as a copy. */
final class Concat {
  private final List<Column> parts;
  private final Type type;
  private final int size;

  private Concat(List<Column> parts) {
    this.parts = parts;
    this.type = parts.get(0).type();
    this.size = parts.stream().mapToInt(Column::size).reduce(0, Math::addExact);
  }

  /** The rows of all batches in order; they have the same schema. */
  static Batch of(List<Batch> batches) {
    Batch first = batches.get(0);
    int rows = batches.stream().mapToInt(Batch::rows).reduce(0, Math::addExact);
    List<Column> columns = new ArrayList<>(first.schema().size());
    for (int i = 0; i < first.schema().size(); i++) {
      int place = i;
      columns.add(new Concat(batches.stream().map(b -> b.column(place)).toList()).column());
    }
    return new Batch(first.schema(), rows, columns);
  }

  private Column column() {
    Column first = parts.get(0);
    if (first instanceof IntColumn) {
      int[] all = new int[size];
      copy((part, at) -> System.arraycopy(((IntColumn) part).values(), 0, all, at, part.size()));
      return new IntColumn(type, all, size, validity());
    }
    if (first instanceof LongColumn) {
      long[] all = new long[size];
      copy((part, at) -> System.arraycopy(((LongColumn) part).values(), 0, all, at, part.size()));
      return new LongColumn(type, all, size, validity());
    }
    if (first instanceof FloatColumn) {
      float[] all = new float[size];
      copy((part, at) -> System.arraycopy(((FloatColumn) part).values(), 0, all, at, part.size()));
      return new FloatColumn(type, all, size, validity());
    }
    if (first instanceof DoubleColumn) {
      double[] all = new double[size];
      copy((part, at) -> System.arraycopy(((DoubleColumn) part).values(), 0, all, at, part.size()));
      return new DoubleColumn(type, all, size, validity());
    }
    if (first instanceof BooleanColumn) {
      boolean[] all = new boolean[size];
      copy(
          (part, at) -> System.arraycopy(((BooleanColumn) part).values(), 0, all, at, part.size()));
      return new BooleanColumn(type, all, size, validity());
    }
    return bytes((BytesColumn) first);
  }

  private BytesColumn bytes(BytesColumn first) {
    boolean oneDictionary =
        first.isDictionary()
            && parts.stream().allMatch(part -> ((BytesColumn) part).sharesEntriesWith(first));
    if (oneDictionary) {
      int[] codes = new int[size];
      copy(
          (part, at) -> {
            BytesColumn bytes = (BytesColumn) part;
            for (int i = 0; i < part.size(); i++) {
              codes[at + i] = bytes.code(i);
            }
          });
      return first.withSameEntries(codes, size, validity());
    }
    int[] offsets = new int[size + 1];
    copy(
        (part, at) -> {
          BytesColumn bytes = (BytesColumn) part;
          for (int i = 0; i < part.size(); i++) {
            int length = part.isNull(i) ? 0 : bytes.end(bytes.code(i)) - bytes.start(bytes.code(i));
            offsets[at + i + 1] = Math.addExact(offsets[at + i], length);
          }
        });
    byte[] all = new byte[offsets[size]];
    copy(
        (part, at) -> {
          BytesColumn bytes = (BytesColumn) part;
          for (int i = 0; i < part.size(); i++) {
            int start = offsets[at + i];
            System.arraycopy(
                bytes.bytes(), bytes.start(bytes.code(i)), all, start, offsets[at + i + 1] - start);
          }
        });
    return BytesColumn.plain(type, all, offsets, size, validity());
  }

  private interface Copy {
    void to(Column part, int at);
  }

  private void copy(Copy copy) {
    int at = 0;
    for (Column part : parts) {
      copy.to(part, at);
      at += part.size();
    }
  }

  private long @Nullable [] validity() {
    if (parts.stream().allMatch(part -> part.validity() == null)) {
      return null;
    }
    long[] all = new long[Validity.words(size)];
    copy(
        (part, at) -> {
          for (int i = 0; i < part.size(); i++) {
            if (!part.isNull(i)) {
              Validity.set(all, at + i);
            }
          }
        });
    return all;
  }
}
