package io.datashard.internal.parquet;

import io.datashard.data.Column;
import io.datashard.internal.parquet.encode.Hybrid;
import io.datashard.internal.parquet.encode.Sink;
import io.datashard.schema.Field;
import java.util.List;
import org.apache.parquet.format.Encoding;

/**
 * One column's values that are in no page yet, nulls left out, and the dictionary of the row group.
 *
 * <p>A dictionary is tried by {@link #code} on values already added. {@link #startCoding} keeps it
 * for all values added from then on; {@link #stopCoding} ends that for the row group.
 */
abstract class PendingValues {
  /** The codes of values, as far as {@link #code} made them. */
  int[] codes = {};

  private int count;

  /** The right kind for the column. */
  static PendingValues of(Field field, int dictionaryBytesMax) {
    return switch (field.type().kind()) {
      case BOOLEAN -> new Booleans();
      case INT, LONG, FLOAT, DOUBLE, DATE, TIME, TIMESTAMP, TIMESTAMPTZ ->
          new Numbers(field, dictionaryBytesMax);
      case DECIMAL ->
          ParquetTypes.fixedLength(field.type()) == 0
              ? new Numbers(field, dictionaryBytesMax)
              : new ByteStrings(field, dictionaryBytesMax);
      case STRING, UUID, FIXED, BINARY -> new ByteStrings(field, dictionaryBytesMax);
    };
  }

  /** How many values there are. */
  final int count() {
    return count;
  }

  final void counted(int more) {
    count += more;
  }

  /** About how many bytes the values take in a plain page. */
  abstract long bytes();

  /**
   * Adds the values of some rows.
   *
   * @param bytesRoom stops behind the value that fills it
   * @return how many rows were added: fewer than asked for, even none, if the room is used up or
   *     the dictionary is full
   */
  abstract int add(Column column, int from, int to, long bytesRoom);

  /** Whether the dictionary in use cannot hold the next value. */
  boolean dictionaryIsFull() {
    return false;
  }

  /** The encodings without dictionary that may suit some values, the simplest first. */
  abstract List<Encoding> encodings(int from, int to);

  /** Appends values as one of {@link #encodings}. */
  abstract void encode(Encoding encoding, int from, int to, Sink sink);

  /** The smallest and largest of some values. */
  abstract Range range(int from, int to);

  /**
   * Makes {@link #codes} of values, adding to the dictionary.
   *
   * @return false if the dictionary would grow too large
   */
  boolean code(int from, int to) {
    return false;
  }

  /** Gives the values to a Bloom filter. */
  abstract void hash(int from, int to, BloomFilterBuilder filter);

  /** Gives the first entries of the dictionary to a Bloom filter. */
  void hashEntries(int entries, BloomFilterBuilder filter) {
    throw new IllegalStateException("no dictionary");
  }

  /** How many entries the dictionary has. */
  int entries() {
    return 0;
  }

  /** Appends the dictionary's page. */
  void encodeDictionary(Sink sink) {
    throw new IllegalStateException("no dictionary");
  }

  /** Appends values as codes. */
  final void encodeCodes(int from, int to, Sink sink) {
    int width = Math.max(1, Hybrid.width(entries()));
    sink.write(width);
    Hybrid.put(sink, codes, from, to, width);
  }

  /** All values added after the next {@link #clear} belong to the dictionary. */
  void startCoding() {}

  /** No value added from now on belongs to the dictionary; its entries stay. */
  void stopCoding() {}

  /** Forgets the values; the dictionary stays. */
  void clear() {
    count = 0;
  }

  /** Forgets the dictionary. */
  void clearDictionary() {}
}
