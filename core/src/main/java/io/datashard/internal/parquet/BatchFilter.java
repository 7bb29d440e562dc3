package io.datashard.internal.parquet;

import io.datashard.data.Column;
import io.datashard.data.Validity;
import io.datashard.expr.Bound;
import io.datashard.expr.Predicate;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A predicate made ready for batches of one schema. For one thread at a time.
 *
 * <p>Each part clears the bits of the rows for which it is not true, from those that are left; what
 * no row is left for is not looked at. Entries of a dictionary are tested when a row first needs
 * them, once each, also when later batches share the dictionary.
 */
final class BatchFilter {
  private final Node root;
  private long[] bits = {};

  private BatchFilter(Node root) {
    this.root = root;
  }

  /**
   * Makes the predicate ready.
   *
   * @param batchSchema has every column that the predicate looks at, found by field id
   * @throws IllegalArgumentException it lacks one, or has it with another type
   */
  static BatchFilter of(Bound bound, Schema batchSchema) {
    return new BatchFilter(node(bound, batchSchema));
  }

  /**
   * Finds the rows for which the predicate is true.
   *
   * @param rows gets their numbers, ascending; has room for all rows of the batch
   * @return how many they are
   */
  int select(FilterRun batch, int[] rows) {
    int size = batch.rows();
    int words = Validity.words(size);
    if (bits.length < words) {
      bits = new long[words];
    }
    fill(bits, size);
    root.keep(batch, size, bits);
    int count = 0;
    for (int w = 0; w < words; w++) {
      for (long word = bits[w]; word != 0; word &= word - 1) {
        rows[count++] = (w << 6) + Long.numberOfTrailingZeros(word);
      }
    }
    return count;
  }

  /**
   * Whether any row can match, if the columns given hold no other values than these.
   *
   * @param entries all values of a column, without null; null if not known
   */
  boolean canMatch(Function<Field, @Nullable Column> entries) {
    return root.canMatch(entries);
  }

  private static void fill(long[] bits, int size) {
    int words = Validity.words(size);
    Arrays.fill(bits, 0, words, -1L);
    if ((size & 63) != 0) {
      bits[words - 1] = (1L << size) - 1;
    }
  }

  private static boolean none(long[] bits, int size) {
    for (int w = 0; w < Validity.words(size); w++) {
      if (bits[w] != 0) {
        return false;
      }
    }
    return true;
  }

  private static Node node(Bound bound, Schema schema) {
    if (bound instanceof Bound.Constant constant) {
      return new Constant(constant.value());
    }
    if (bound instanceof Bound.And and) {
      return new And(nodes(and.parts(), schema));
    }
    if (bound instanceof Bound.Or or) {
      return new Or(nodes(or.parts(), schema));
    }
    if (bound instanceof Bound.IsNull leaf) {
      return new IsNull(place(leaf.field(), schema), leaf.wanted());
    }
    if (bound instanceof Bound.IsNan leaf) {
      return new Leaf(
          leaf.field(),
          place(leaf.field(), schema),
          FloatingTest.nan(leaf.field().type() == Type.FLOAT, leaf.wanted()));
    }
    if (bound instanceof Bound.Compare leaf) {
      return new Leaf(leaf.field(), place(leaf.field(), schema), test(leaf));
    }
    if (bound instanceof Bound.In leaf) {
      return new Leaf(leaf.field(), place(leaf.field(), schema), test(leaf));
    }
    Bound.StartsWith leaf = (Bound.StartsWith) bound;
    byte[] prefix = leaf.prefix().getBytes(StandardCharsets.UTF_8);
    return new Leaf(
        leaf.field(), place(leaf.field(), schema), new BytesTest.StartsWith(prefix, leaf.wanted()));
  }

  private static Node[] nodes(List<Bound> parts, Schema schema) {
    return parts.stream().map(part -> node(part, schema)).toArray(Node[]::new);
  }

  private static int place(Field field, Schema schema) {
    int place = schema.placeOfId(field.id());
    if (place < 0 || !schema.field(place).type().equals(field.type())) {
      throw new IllegalArgumentException(
          "The filter needs column "
              + field
              + ", the batch has "
              + (place < 0 ? "none" : schema.field(place).toString())
              + ".");
    }
    return place;
  }

  private static ColumnTest test(Bound.Compare leaf) {
    Type type = leaf.field().type();
    return switch (type.kind()) {
      case BOOLEAN -> NumberTest.compare(leaf.op(), (Boolean) leaf.literal() ? 1 : 0);
      case INT, LONG, DATE, TIME, TIMESTAMP, TIMESTAMPTZ ->
          NumberTest.compare(leaf.op(), StoredLiterals.number(type, leaf.literal()));
      case FLOAT, DOUBLE ->
          new FloatingTest(
              type == Type.FLOAT,
              leaf.op(),
              new double[] {((Number) leaf.literal()).doubleValue()},
              leaf.nanMatches());
      case DECIMAL ->
          ((Type.Decimal) type).fitsLong()
              ? NumberTest.compare(leaf.op(), StoredLiterals.number(type, leaf.literal()))
              : new BytesTest.Compare(leaf.op(), StoredLiterals.bytes(type, leaf.literal()), true);
      case STRING, UUID, FIXED, BINARY ->
          new BytesTest.Compare(leaf.op(), StoredLiterals.bytes(type, leaf.literal()), false);
    };
  }

  private static ColumnTest test(Bound.In leaf) {
    Type type = leaf.field().type();
    return switch (type.kind()) {
      case BOOLEAN -> numbers(leaf, literal -> (Boolean) literal ? 1 : 0);
      case INT, LONG, DATE, TIME, TIMESTAMP, TIMESTAMPTZ ->
          numbers(leaf, v -> StoredLiterals.number(type, v));
      case FLOAT, DOUBLE ->
          new FloatingTest(
              type == Type.FLOAT,
              leaf.wanted() ? Predicate.Op.EQ : Predicate.Op.NE,
              leaf.literals().stream().mapToDouble(v -> ((Number) v).doubleValue()).toArray(),
              leaf.nanMatches());
      case DECIMAL ->
          ((Type.Decimal) type).fitsLong()
              ? numbers(leaf, v -> StoredLiterals.number(type, v))
              : new BytesTest.In(literals(type, leaf.literals()), leaf.wanted(), true);
      case STRING, UUID, FIXED, BINARY ->
          new BytesTest.In(literals(type, leaf.literals()), leaf.wanted(), false);
    };
  }

  private static ColumnTest numbers(Bound.In leaf, Function<Object, Number> number) {
    return new NumberTest.In(
        leaf.literals().stream().mapToLong(v -> number.apply(v).longValue()).toArray(),
        leaf.wanted());
  }

  private static byte[][] literals(Type type, List<Object> literals) {
    return literals.stream().map(v -> StoredLiterals.bytes(type, v)).toArray(byte[][]::new);
  }

  /** A part of the predicate. */
  private interface Node {
    /** Clears the bits of the rows for which this is not true. */
    void keep(FilterRun batch, int size, long[] bits);

    boolean canMatch(Function<Field, @Nullable Column> entries);
  }

  private record Constant(boolean value) implements Node {
    @Override
    public void keep(FilterRun batch, int size, long[] bits) {
      if (!value) {
        Arrays.fill(bits, 0, Validity.words(size), 0);
      }
    }

    @Override
    public boolean canMatch(Function<Field, @Nullable Column> entries) {
      return value;
    }
  }

  private static final class And implements Node {
    private final Node[] parts;

    And(Node[] parts) {
      this.parts = parts;
    }

    @Override
    public void keep(FilterRun batch, int size, long[] bits) {
      for (Node part : parts) {
        part.keep(batch, size, bits);
        if (none(bits, size)) {
          return;
        }
      }
    }

    @Override
    public boolean canMatch(Function<Field, @Nullable Column> entries) {
      return Arrays.stream(parts).allMatch(part -> part.canMatch(entries));
    }
  }

  private static final class Or implements Node {
    private final Node[] parts;
    private long[] open = {};
    private long[] kept = {};

    Or(Node[] parts) {
      this.parts = parts;
    }

    @Override
    public void keep(FilterRun batch, int size, long[] bits) {
      int words = Validity.words(size);
      if (open.length < words) {
        open = new long[words];
        kept = new long[words];
      }
      System.arraycopy(bits, 0, open, 0, words);
      Arrays.fill(bits, 0, words, 0);
      for (Node part : parts) {
        System.arraycopy(open, 0, kept, 0, words);
        part.keep(batch, size, kept);
        for (int w = 0; w < words; w++) {
          bits[w] |= kept[w];
          open[w] &= ~kept[w];
        }
        if (none(open, size)) {
          return;
        }
      }
    }

    @Override
    public boolean canMatch(Function<Field, @Nullable Column> entries) {
      return Arrays.stream(parts).anyMatch(part -> part.canMatch(entries));
    }
  }

  private record IsNull(int place, boolean wanted) implements Node {
    @Override
    public void keep(FilterRun batch, int size, long[] bits) {
      long[] validity = batch.validity(place);
      for (int w = 0; w < Validity.words(size); w++) {
        long valid = validity == null ? -1L : validity[w];
        bits[w] &= wanted ? ~valid : valid;
      }
    }

    @Override
    public boolean canMatch(Function<Field, @Nullable Column> entries) {
      return true;
    }
  }

  private static final class Leaf implements Node {
    private final Field field;
    private final int place;
    private final ColumnTest test;
    private @Nullable Column known;
    private @Nullable EntryMatches knownMatches;

    Leaf(Field field, int place, ColumnTest test) {
      this.field = field;
      this.place = place;
      this.test = test;
    }

    @Override
    public void keep(FilterRun batch, int size, long[] bits) {
      long[] validity = batch.validity(place);
      if (validity != null) {
        for (int w = 0; w < Validity.words(size); w++) {
          bits[w] &= validity[w];
        }
      }
      CodedColumn codes = batch.codes(place);
      if (codes == null) {
        test.keep(batch.column(place), size, bits);
      } else {
        codes.keep(matching(codes.entries()), bits);
      }
    }

    /** Which entries of a dictionary match: found once, for all runs of rows that share it. */
    private EntryMatches matching(Column entries) {
      EntryMatches matches = knownMatches;
      if (matches == null || known != entries) {
        long[] bits = new long[Validity.words(entries.size())];
        fill(bits, entries.size());
        test.keep(entries, entries.size(), bits);
        matches = new EntryMatches(bits, entries.size());
        knownMatches = matches;
        known = entries;
      }
      return matches;
    }

    @Override
    public boolean canMatch(Function<Field, @Nullable Column> entries) {
      Column values = entries.apply(field);
      if (values == null) {
        return true;
      }
      return !matching(values).isNone();
    }
  }
}
