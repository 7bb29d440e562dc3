package io.datashard.internal.parquet;

import io.datashard.data.Batch;
import io.datashard.data.BooleanColumn;
import io.datashard.data.BytesColumn;
import io.datashard.data.Column;
import io.datashard.data.DoubleColumn;
import io.datashard.data.FloatColumn;
import io.datashard.data.IntColumn;
import io.datashard.data.LongColumn;
import io.datashard.data.Validity;
import io.datashard.expr.Bound;
import io.datashard.expr.Predicate;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.schema.Values;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
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
public final class BatchFilter {
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
  public static BatchFilter of(Bound bound, Schema batchSchema) {
    return new BatchFilter(node(bound, batchSchema));
  }

  /**
   * Finds the rows for which the predicate is true.
   *
   * @param rows gets their numbers, ascending; has room for all rows of the batch
   * @return how many they are
   */
  public int select(Batch batch, int[] rows) {
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
          Doubles.nan(leaf.field().type() == Type.FLOAT, leaf.wanted()));
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
        leaf.field(), place(leaf.field(), schema), new Bytes.StartsWith(prefix, leaf.wanted()));
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

  private static Test test(Bound.Compare leaf) {
    Type type = leaf.field().type();
    return switch (type.kind()) {
      case BOOLEAN -> Numbers.compare(leaf.op(), (Boolean) leaf.literal() ? 1 : 0);
      case INT, LONG, DATE, TIME, TIMESTAMP, TIMESTAMPTZ ->
          Numbers.compare(leaf.op(), number(type, leaf.literal()));
      case FLOAT, DOUBLE ->
          new Doubles(
              type == Type.FLOAT,
              leaf.op(),
              new double[] {((Number) leaf.literal()).doubleValue()},
              leaf.nanMatches());
      case DECIMAL ->
          ((Type.Decimal) type).fitsLong()
              ? Numbers.compare(leaf.op(), number(type, leaf.literal()))
              : new Bytes.Compare(leaf.op(), bytes(type, leaf.literal()), true);
      case STRING, UUID, FIXED, BINARY ->
          new Bytes.Compare(leaf.op(), bytes(type, leaf.literal()), false);
    };
  }

  private static Test test(Bound.In leaf) {
    Type type = leaf.field().type();
    return switch (type.kind()) {
      case BOOLEAN -> numbers(leaf, literal -> (Boolean) literal ? 1 : 0);
      case INT, LONG, DATE, TIME, TIMESTAMP, TIMESTAMPTZ -> numbers(leaf, v -> number(type, v));
      case FLOAT, DOUBLE ->
          new Doubles(
              type == Type.FLOAT,
              leaf.wanted() ? Predicate.Op.EQ : Predicate.Op.NE,
              leaf.literals().stream().mapToDouble(v -> ((Number) v).doubleValue()).toArray(),
              leaf.nanMatches());
      case DECIMAL ->
          ((Type.Decimal) type).fitsLong()
              ? numbers(leaf, v -> number(type, v))
              : new Bytes.In(literals(type, leaf.literals()), leaf.wanted(), true);
      case STRING, UUID, FIXED, BINARY ->
          new Bytes.In(literals(type, leaf.literals()), leaf.wanted(), false);
    };
  }

  private static Test numbers(Bound.In leaf, Function<Object, Number> number) {
    return new Numbers.In(
        leaf.literals().stream().mapToLong(v -> number.apply(v).longValue()).toArray(),
        leaf.wanted());
  }

  private static byte[][] literals(Type type, List<Object> literals) {
    return literals.stream().map(v -> bytes(type, v)).toArray(byte[][]::new);
  }

  /** The number that columns of the type hold for a value. */
  private static long number(Type type, Object value) {
    return switch (type.kind()) {
      case DATE -> Values.days((LocalDate) value);
      case TIME -> Values.micros((LocalTime) value);
      case TIMESTAMP -> Values.micros((LocalDateTime) value);
      case TIMESTAMPTZ -> Values.micros((Instant) value);
      case DECIMAL -> unscaled(type, value).longValueExact();
      default -> ((Number) value).longValue();
    };
  }

  private static BigInteger unscaled(Type type, Object value) {
    return ((BigDecimal) value).setScale(((Type.Decimal) type).scale()).unscaledValue();
  }

  /** The bytes that columns of the type hold for a value. */
  private static byte[] bytes(Type type, Object value) {
    return switch (type.kind()) {
      case STRING -> ((String) value).getBytes(StandardCharsets.UTF_8);
      case UUID -> Values.bytes((UUID) value);
      case DECIMAL -> unscaled(type, value).toByteArray();
      default -> (byte[]) value;
    };
  }

  /** A part of the predicate. */
  private interface Node {
    /** Clears the bits of the rows for which this is not true. */
    void keep(Batch batch, int size, long[] bits);

    boolean canMatch(Function<Field, @Nullable Column> entries);
  }

  private record Constant(boolean value) implements Node {
    @Override
    public void keep(Batch batch, int size, long[] bits) {
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
    public void keep(Batch batch, int size, long[] bits) {
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
    public void keep(Batch batch, int size, long[] bits) {
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
    public void keep(Batch batch, int size, long[] bits) {
      long[] validity = batch.column(place).validity();
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
    private final Test test;

    Leaf(Field field, int place, Test test) {
      this.field = field;
      this.place = place;
      this.test = test;
    }

    @Override
    public void keep(Batch batch, int size, long[] bits) {
      Column column = batch.column(place);
      long[] validity = column.validity();
      if (validity != null) {
        for (int w = 0; w < Validity.words(size); w++) {
          bits[w] &= validity[w];
        }
      }
      test.keep(column, size, bits);
    }

    @Override
    public boolean canMatch(Function<Field, @Nullable Column> entries) {
      Column values = entries.apply(field);
      if (values == null) {
        return true;
      }
      long[] bits = new long[Validity.words(values.size())];
      fill(bits, values.size());
      test.keep(values, values.size(), bits);
      return !none(bits, values.size());
    }
  }

  /** A condition on the values of one column. Rows that are null have no bit any more. */
  private interface Test {
    void keep(Column column, int size, long[] bits);
  }

  /** Ints, longs and booleans. */
  private static final class Numbers implements Test {
    private final long low;
    private final long high;
    private final boolean inside;

    private Numbers(long low, long high, boolean inside) {
      this.low = low;
      this.high = high;
      this.inside = inside;
    }

    static Test compare(Predicate.Op op, long literal) {
      return switch (op) {
        case EQ -> new Numbers(literal, literal, true);
        case NE -> new Numbers(literal, literal, false);
        case LE -> new Numbers(Long.MIN_VALUE, literal, true);
        case GT -> new Numbers(Long.MIN_VALUE, literal, false);
        case GE -> new Numbers(literal, Long.MAX_VALUE, true);
        case LT -> new Numbers(literal, Long.MAX_VALUE, false);
      };
    }

    @Override
    public void keep(Column column, int size, long[] bits) {
      for (int w = 0; w < Validity.words(size); w++) {
        if (bits[w] != 0) {
          int from = w << 6;
          long within = within(column, from, Math.min(64, size - from));
          bits[w] &= inside ? within : ~within;
        }
      }
    }

    private long within(Column column, int from, int count) {
      long within = 0;
      if (column instanceof LongColumn longs) {
        long[] values = longs.values();
        for (int i = 0; i < count; i++) {
          long value = values[from + i];
          within |= (value >= low & value <= high ? 1L : 0L) << i;
        }
      } else if (column instanceof IntColumn ints) {
        int[] values = ints.values();
        for (int i = 0; i < count; i++) {
          int value = values[from + i];
          within |= (value >= low & value <= high ? 1L : 0L) << i;
        }
      } else {
        boolean[] values = ((BooleanColumn) column).values();
        for (int i = 0; i < count; i++) {
          int value = values[from + i] ? 1 : 0;
          within |= (value >= low & value <= high ? 1L : 0L) << i;
        }
      }
      return within;
    }

    private static final class In implements Test {
      private final long[] sorted;
      private final boolean wanted;

      In(long[] literals, boolean wanted) {
        this.sorted = literals;
        this.wanted = wanted;
        Arrays.sort(sorted);
      }

      @Override
      public void keep(Column column, int size, long[] bits) {
        for (int w = 0; w < Validity.words(size); w++) {
          for (long open = bits[w]; open != 0; open &= open - 1) {
            int row = (w << 6) + Long.numberOfTrailingZeros(open);
            if (Arrays.binarySearch(sorted, value(column, row)) >= 0 != wanted) {
              bits[w] &= ~(1L << row);
            }
          }
        }
      }

      private static long value(Column column, int row) {
        if (column instanceof LongColumn longs) {
          return longs.get(row);
        }
        return column instanceof IntColumn ints
            ? ints.get(row)
            : ((BooleanColumn) column).get(row) ? 1 : 0;
      }
    }
  }

  /** Floats and doubles. A float is compared as the double of the same value. */
  private static final class Doubles implements Test {
    private final boolean single;
    private final Predicate.Op op;
    private final double[] sorted;
    private final boolean nanMatches;

    Doubles(boolean single, Predicate.Op op, double[] literals, boolean nanMatches) {
      this.single = single;
      this.op = op;
      this.sorted = literals;
      this.nanMatches = nanMatches;
      for (int i = 0; i < sorted.length; i++) {
        sorted[i] += 0.0; // no -0.0, which a search would not find
      }
      Arrays.sort(sorted);
    }

    /** NaN, or everything else. */
    static Test nan(boolean single, boolean wanted) {
      // No value is in an empty list.
      return new Doubles(single, wanted ? Predicate.Op.EQ : Predicate.Op.NE, new double[0], wanted);
    }

    @Override
    public void keep(Column column, int size, long[] bits) {
      for (int w = 0; w < Validity.words(size); w++) {
        if (bits[w] != 0) {
          int from = w << 6;
          int count = Math.min(64, size - from);
          long matches = 0;
          if (single) {
            float[] values = ((FloatColumn) column).values();
            for (int i = 0; i < count; i++) {
              matches |= (matches(values[from + i]) ? 1L : 0L) << i;
            }
          } else {
            double[] values = ((DoubleColumn) column).values();
            for (int i = 0; i < count; i++) {
              matches |= (matches(values[from + i]) ? 1L : 0L) << i;
            }
          }
          bits[w] &= matches;
        }
      }
    }

    private boolean matches(double value) {
      if (Double.isNaN(value)) {
        return nanMatches;
      }
      return switch (op) {
        case EQ -> contains(value);
        case NE -> !contains(value);
        case LT -> value < sorted[0];
        case LE -> value <= sorted[0];
        case GT -> value > sorted[0];
        case GE -> value >= sorted[0];
      };
    }

    private boolean contains(double value) {
      return sorted.length == 1
          ? value == sorted[0]
          : Arrays.binarySearch(sorted, value + 0.0) >= 0;
    }
  }

  /** Byte strings, entry by entry. */
  private abstract static class Bytes implements Test {
    private static final byte YES = 1;
    private static final byte NO = 2;

    private byte @Nullable [] known;
    private byte @Nullable [] knownBytes;
    private int knownStart;

    abstract boolean matches(byte[] bytes, int start, int end);

    @Override
    public void keep(Column column, int size, long[] bits) {
      BytesColumn values = (BytesColumn) column;
      byte[] memory = values.isDictionary() ? memory(values) : null;
      for (int w = 0; w < Validity.words(size); w++) {
        long kept = bits[w];
        for (long open = kept; open != 0; open &= open - 1) {
          int bit = Long.numberOfTrailingZeros(open);
          int entry = values.code((w << 6) + bit);
          boolean matches;
          if (memory == null) {
            matches = matches(values.bytes(), values.start(entry), values.end(entry));
          } else {
            if (memory[entry] == 0) {
              memory[entry] =
                  matches(values.bytes(), values.start(entry), values.end(entry)) ? YES : NO;
            }
            matches = memory[entry] == YES;
          }
          if (!matches) {
            kept &= ~(1L << bit);
          }
        }
        bits[w] = kept;
      }
    }

    /** What is known of the entries; empty for another dictionary than the last time. */
    private byte[] memory(BytesColumn column) {
      byte[] memory = known;
      boolean same =
          memory != null
              && knownBytes == column.bytes()
              && memory.length == column.entries()
              && knownStart == column.start(0);
      if (!same || memory == null) {
        memory = new byte[column.entries()];
        known = memory;
        knownBytes = column.bytes();
        knownStart = column.start(0);
      }
      return memory;
    }

    /** Compares big-endian two's complements of any lengths. */
    static int compareNumbers(byte[] a, int aStart, int aEnd, byte[] b) {
      int length = Math.max(aEnd - aStart, b.length);
      byte aSign = (byte) (a[aStart] >> 7);
      byte bSign = (byte) (b[0] >> 7);
      if (aSign != bSign) {
        return aSign < bSign ? -1 : 1;
      }
      for (int i = length; i > 0; i--) {
        int x = (i > aEnd - aStart ? aSign : a[aEnd - i]) & 0xff;
        int y = (i > b.length ? bSign : b[b.length - i]) & 0xff;
        if (x != y) {
          return x < y ? -1 : 1;
        }
      }
      return 0;
    }

    static final class Compare extends Bytes {
      private final Predicate.Op op;
      private final byte[] literal;
      private final boolean numbers;

      Compare(Predicate.Op op, byte[] literal, boolean numbers) {
        this.op = op;
        this.literal = literal;
        this.numbers = numbers;
      }

      @Override
      boolean matches(byte[] bytes, int start, int end) {
        int order =
            numbers
                ? compareNumbers(bytes, start, end, literal)
                : Arrays.compareUnsigned(bytes, start, end, literal, 0, literal.length);
        return switch (op) {
          case EQ -> order == 0;
          case NE -> order != 0;
          case LT -> order < 0;
          case LE -> order <= 0;
          case GT -> order > 0;
          case GE -> order >= 0;
        };
      }
    }

    static final class In extends Bytes {
      private final byte[][] sorted;
      private final boolean wanted;
      private final boolean numbers;

      /**
       * @param sorted in the order of the column's type
       */
      In(byte[][] sorted, boolean wanted, boolean numbers) {
        this.sorted = sorted;
        this.wanted = wanted;
        this.numbers = numbers;
      }

      @Override
      boolean matches(byte[] bytes, int start, int end) {
        int low = 0;
        int high = sorted.length - 1;
        while (low <= high) {
          int middle = (low + high) >>> 1;
          byte[] literal = sorted[middle];
          int order =
              numbers
                  ? compareNumbers(bytes, start, end, literal)
                  : Arrays.compareUnsigned(bytes, start, end, literal, 0, literal.length);
          if (order == 0) {
            return wanted;
          }
          if (order < 0) {
            high = middle - 1;
          } else {
            low = middle + 1;
          }
        }
        return !wanted;
      }
    }

    static final class StartsWith extends Bytes {
      private final byte[] prefix;
      private final boolean wanted;

      StartsWith(byte[] prefix, boolean wanted) {
        this.prefix = prefix;
        this.wanted = wanted;
      }

      @Override
      boolean matches(byte[] bytes, int start, int end) {
        boolean starts =
            end - start >= prefix.length
                && Arrays.equals(bytes, start, start + prefix.length, prefix, 0, prefix.length);
        return starts == wanted;
      }
    }
  }
}
