package io.datashard.internal.rows;

import io.datashard.data.Batch;
import io.datashard.data.BooleanColumn;
import io.datashard.data.BytesColumn;
import io.datashard.data.Column;
import io.datashard.data.DoubleColumn;
import io.datashard.data.FloatColumn;
import io.datashard.data.IntColumn;
import io.datashard.data.LongColumn;
import io.datashard.error.InvalidRowException;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.PartitionSpec.PartitionField;
import io.datashard.schema.Schema;
import io.datashard.schema.Transform;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells which partition each row belongs to. Partitions are numbered from 0 as they are first seen.
 *
 * <p>How it works: the values of each partition field are numbered, and pairs of numbers are
 * numbered again, field by field, so that what is compared row by row is a number.
 */
final class Partitioner {
  private final Schema schema;
  private final PartitionSpec spec;
  private final List<Numbered> fields = new ArrayList<>();

  /** {@code pairs.get(i)} numbers pairs of all fields before i + 1 and that one. */
  private final List<Pairs> pairs = new ArrayList<>();

  /**
   * @param spec with at least one field that is not void
   */
  Partitioner(Schema schema, PartitionSpec spec) {
    this.schema = schema;
    this.spec = spec;
    for (int i = 0; i < spec.fields().size(); i++) {
      if (spec.fields().get(i).transform().kind() != Transform.Kind.VOID) {
        fields.add(new Numbered(i));
      }
    }
    for (int i = 1; i < fields.size(); i++) {
      pairs.add(new Pairs());
    }
  }

  /**
   * For each row of a batch of the schema's columns the number of its partition.
   *
   * @throws InvalidRowException a value belongs to no partition
   */
  int[] partitionsOf(Batch batch) {
    int[] numbers = fields.get(0).numbersOf(batch);
    for (int i = 1; i < fields.size(); i++) {
      numbers = pairs.get(i - 1).numbersOf(numbers, fields.get(i).numbersOf(batch));
    }
    return numbers;
  }

  /** How many partitions were seen so far. */
  int count() {
    return pairs.isEmpty() ? fields.get(0).values.size() : pairs.get(pairs.size() - 1).size();
  }

  /** The partition of this number: a value for each field of the spec. */
  List<@Nullable Object> values(int partition) {
    @Nullable Object[] values = new Object[spec.fields().size()];
    int number = partition;
    for (int i = fields.size() - 1; i > 0; i--) {
      long pair = pairs.get(i - 1).seen.get(number);
      fields.get(i).put(values, (int) pair);
      number = (int) (pair >>> 32);
    }
    fields.get(0).put(values, number);
    return Arrays.asList(values);
  }

  /** Numbers pairs of numbers. */
  private static final class Pairs {
    private final Map<Long, Integer> numbers = new HashMap<>();
    private final List<Long> seen = new ArrayList<>();

    int size() {
      return seen.size();
    }

    int[] numbersOf(int[] left, int[] right) {
      int[] all = new int[left.length];
      for (int row = 0; row < all.length; row++) {
        boolean again = row > 0 && left[row] == left[row - 1] && right[row] == right[row - 1];
        all[row] = again ? all[row - 1] : number((long) left[row] << 32 | right[row]);
      }
      return all;
    }

    private int number(long pair) {
      Integer known = numbers.get(pair);
      if (known != null) {
        return known;
      }
      numbers.put(pair, seen.size());
      seen.add(pair);
      return seen.size() - 1;
    }
  }

  /** Numbers the values of one partition field. */
  private final class Numbered {
    private final int place;
    private final PartitionField field;
    private final int column;
    private final Map<Object, Integer> numbers = new HashMap<>();
    private final List<@Nullable Object> values = new ArrayList<>();
    private int ofNull = -1;

    Numbered(int place) {
      this.place = place;
      this.field = spec.fields().get(place);
      this.column = schema.placeOfId(field.sourceId());
      if (column < 0) {
        spec.sourceTypes(schema); // says so
      }
    }

    void put(@Nullable Object[] all, int number) {
      all[place] = values.get(number);
    }

    int[] numbersOf(Batch batch) {
      Column results;
      try {
        results = Transformed.of(field.transform(), batch.column(column));
      } catch (IllegalArgumentException e) {
        throw new InvalidRowException(
            "Column '"
                + schema.field(column).name()
                + "': there is no partition '"
                + field.name()
                + "' for a value: "
                + e.getMessage()
                + ". Nothing was committed.",
            e);
      }
      int[] all = new int[results.size()];
      if (results instanceof BytesColumn bytes) {
        number(bytes, all);
      } else {
        number(results, all);
      }
      return all;
    }

    private void number(BytesColumn bytes, int[] all) {
      int[] ofEntry = new int[bytes.isDictionary() ? bytes.entries() : 0];
      Arrays.fill(ofEntry, -1);
      for (int row = 0; row < all.length; row++) {
        if (bytes.isNull(row)) {
          all[row] = numberOfNull();
          continue;
        }
        int entry = bytes.code(row);
        if (ofEntry.length > 0 && ofEntry[entry] >= 0) {
          all[row] = ofEntry[entry];
          continue;
        }
        int start = bytes.start(entry);
        ByteBuffer value = ByteBuffer.wrap(bytes.bytes(), start, bytes.end(entry) - start);
        Integer known = numbers.get(value);
        all[row] = known != null ? known : add(ByteBuffer.wrap(bytes.copy(row)), bytes.value(row));
        if (ofEntry.length > 0) {
          ofEntry[entry] = all[row];
        }
      }
    }

    private void number(Column results, int[] all) {
      long last = 0;
      int lastNumber = -1;
      for (int row = 0; row < all.length; row++) {
        if (results.isNull(row)) {
          all[row] = numberOfNull();
          continue;
        }
        long bits = bits(results, row);
        if (lastNumber < 0 || bits != last) {
          Integer known = numbers.get(bits);
          lastNumber = known != null ? known : add(bits, results.value(row));
          last = bits;
        }
        all[row] = lastNumber;
      }
    }

    private static long bits(Column results, int row) {
      if (results instanceof IntColumn ints) {
        return ints.get(row);
      }
      if (results instanceof LongColumn longs) {
        return longs.get(row);
      }
      if (results instanceof DoubleColumn doubles) {
        return Double.doubleToLongBits(doubles.get(row)); // one for all NaNs
      }
      return results instanceof FloatColumn floats
          ? Float.floatToIntBits(floats.get(row))
          : ((BooleanColumn) results).get(row) ? 1 : 0;
    }

    private int add(Object key, @Nullable Object value) {
      numbers.put(key, values.size());
      values.add(value);
      return values.size() - 1;
    }

    private int numberOfNull() {
      if (ofNull < 0) {
        ofNull = values.size();
        values.add(null);
      }
      return ofNull;
    }
  }
}
