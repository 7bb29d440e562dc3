package io.datashard.internal.parquet;

import io.datashard.data.BytesColumn;
import io.datashard.data.Column;
import io.datashard.data.Validity;
import io.datashard.expr.Predicate;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Byte strings, entry by entry. */
abstract class BytesTest implements ColumnTest {
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

  static final class Compare extends BytesTest {
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

  static final class In extends BytesTest {
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

  static final class StartsWith extends BytesTest {
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
