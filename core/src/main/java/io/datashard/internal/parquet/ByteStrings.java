package io.datashard.internal.parquet;

import io.datashard.data.BytesColumn;
import io.datashard.data.Column;
import io.datashard.internal.parquet.encode.BytesDictionary;
import io.datashard.internal.parquet.encode.Delta;
import io.datashard.internal.parquet.encode.Hybrid;
import io.datashard.internal.parquet.encode.Sink;
import io.datashard.schema.Field;
import io.datashard.schema.Type;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.parquet.format.Encoding;
import org.jspecify.annotations.Nullable;

/**
 * Strings, binary, fixed, uuid and wide decimals, laid out as in a plain page: each value behind
 * its length, or without one where all have the same. While coding, only codes are kept.
 */
final class ByteStrings extends PendingValues {
  private static final VarHandle BIG_LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final List<Encoding> VARYING =
      List.of(Encoding.PLAIN, Encoding.DELTA_LENGTH_BYTE_ARRAY);
  private static final List<Encoding> SHARING =
      List.of(Encoding.PLAIN, Encoding.DELTA_LENGTH_BYTE_ARRAY, Encoding.DELTA_BYTE_ARRAY);
  private static final List<Encoding> FIXED = List.of(Encoding.PLAIN);

  /** The longest value: pages count their bytes in 32 bits and codecs need some room. */
  private static final int VALUE_BYTES_MAX = 1 << 30;

  private final Field field;
  private final int fixedLength;
  private final boolean signed;
  private final int gap;
  private final int dictionaryBytesMax;
  private final Sink plain = new Sink(0);
  private int[] ends = new int[1]; // value i: ends[i] + gap .. ends[i + 1] of plain
  private @Nullable BytesDictionary dictionary;
  private boolean coding;
  private boolean full;
  // The dictionary that the last column came with, and our codes for it, -1 where not known.
  private @Nullable BytesColumn foreign;
  private int[] foreignCodes = {};
  private long[] lengths = {};
  private @Nullable Delta delta;

  ByteStrings(Field field, int dictionaryBytesMax) {
    this.field = field;
    this.fixedLength = ParquetTypes.fixedLength(field.type());
    this.signed = field.type().kind() == Type.Kind.DECIMAL;
    this.gap = fixedLength == 0 ? 4 : 0;
    this.dictionaryBytesMax = dictionaryBytesMax;
  }

  @Override
  long bytes() {
    return coding ? (long) count() * Hybrid.width(entries()) / 8 : plain.size();
  }

  @Override
  int add(Column column, int from, int to, long bytesRoom) {
    BytesColumn source = (BytesColumn) column;
    return coding ? addCodes(source, from, to) : addPlain(source, from, to, bytesRoom);
  }

  private int addPlain(BytesColumn source, int from, int to, long bytesRoom) {
    int at = count();
    if (at + to - from >= ends.length) {
      ends = Arrays.copyOf(ends, Sink.grown(ends.length, at + to - from + 1));
    }
    long bytesEnd = plain.size() + bytesRoom;
    byte[] bytes = source.bytes();
    int row = from;
    while (row < to) {
      if (!source.isNull(row)) {
        int entry = source.code(row);
        addValue(bytes, source.start(entry), source.end(entry));
        ends[++at] = plain.size();
        if (plain.size() >= bytesEnd) {
          row++;
          break;
        }
      }
      row++;
    }
    counted(at - count());
    return row - from;
  }

  private void addValue(byte[] bytes, int start, int end) {
    int length = end - start;
    if (gap > 0) {
      if (length > VALUE_BYTES_MAX) {
        throw wrongLength(length, "at most " + VALUE_BYTES_MAX);
      }
      plain.putWithLength(bytes, start, length);
    } else if (length == fixedLength) {
      plain.write(bytes, start, length);
    } else if (signed) {
      addDecimal(bytes, start, length);
    } else {
      throw wrongLength(length, "" + fixedLength);
    }
  }

  /** Sign-extends or shortens to the width of the type. */
  private void addDecimal(byte[] bytes, int start, int length) {
    if (length == 0) {
      throw wrongLength(0, "1 to " + fixedLength);
    }
    byte sign = (byte) (bytes[start] >> 7);
    int skip = Math.max(0, length - fixedLength);
    for (int i = 0; i < skip; i++) {
      if (bytes[start + i] != sign || (bytes[start + skip] ^ sign) < 0) {
        throw wrongLength(length, "at most " + fixedLength);
      }
    }
    for (int i = length; i < fixedLength; i++) {
      plain.write(sign);
    }
    plain.write(bytes, start + skip, length - skip);
  }

  private IllegalArgumentException wrongLength(int length, String expected) {
    return new IllegalArgumentException(
        "Column '"
            + field.name()
            + "' of "
            + field.type()
            + " holds a value of "
            + length
            + " bytes; it takes "
            + expected
            + ".");
  }

  private int addCodes(BytesColumn source, int from, int to) {
    int at = count();
    if (at + to - from > codes.length) {
      codes = Arrays.copyOf(codes, Sink.grown(codes.length, at + to - from));
    }
    boolean translated = source.isDictionary() && translates(source);
    BytesDictionary entries = Objects.requireNonNull(dictionary);
    int row = from;
    while (row < to) {
      if (!source.isNull(row)) {
        int code = translated ? foreignCodes[source.code(row)] : -1;
        if (code < 0) {
          code = codeOf(entries, source, source.code(row));
          if (code < 0) {
            full = true;
            break;
          }
          if (translated) {
            foreignCodes[source.code(row)] = code;
          }
        }
        codes[at++] = code;
      }
      row++;
    }
    counted(at - count());
    return row - from;
  }

  private int codeOf(BytesDictionary entries, BytesColumn source, int entry) {
    int start = source.start(entry);
    int end = source.end(entry);
    if (end - start == fixedLength || gap > 0) {
      return entries.code(source.bytes(), start, end);
    }
    int mark = plain.size(); // a decimal of another width, or an error
    addValue(source.bytes(), start, end);
    int code = entries.code(plain.bytes(), mark, plain.size());
    plain.clear();
    return code;
  }

  /** Whether the column's dictionary is worth a table from its codes to ours. */
  private boolean translates(BytesColumn source) {
    if (foreign != null && foreign.sharesEntriesWith(source)) {
      return true;
    }
    if (source.entries() > Math.max(1024, 4 * source.size())) {
      return false;
    }
    foreign = source;
    foreignCodes = new int[source.entries()];
    Arrays.fill(foreignCodes, -1);
    return true;
  }

  @Override
  boolean dictionaryIsFull() {
    return full;
  }

  @Override
  List<Encoding> encodings(int from, int to) {
    if (gap == 0) {
      return FIXED;
    }
    long shared = 0;
    for (int i = from + 1; i < to; i++) {
      shared += shared(i);
    }
    return shared > (ends[to] - ends[from]) / 4 ? SHARING : VARYING;
  }

  /** How many first bytes a value shares with the one before. */
  private int shared(int value) {
    byte[] bytes = plain.bytes();
    int same =
        Arrays.mismatch(bytes, start(value - 1), end(value - 1), bytes, start(value), end(value));
    return same < 0 ? end(value) - start(value) : same;
  }

  @Override
  void encode(Encoding encoding, int from, int to, Sink sink) {
    switch (encoding) {
      case PLAIN -> sink.write(plain.bytes(), ends[from], ends[to] - ends[from]);
      case DELTA_LENGTH_BYTE_ARRAY -> encodeDeltaLength(from, to, sink);
      case DELTA_BYTE_ARRAY -> encodeDeltaBytes(from, to, sink);
      default -> throw new IllegalArgumentException(encoding.name());
    }
  }

  /** Spec: Parquet format, "Delta-length byte array". */
  private void encodeDeltaLength(int from, int to, Sink sink) {
    long[] sizes = lengths(to - from);
    for (int i = from; i < to; i++) {
      sizes[i - from] = end(i) - start(i);
    }
    delta().putInts(sink, sizes, 0, to - from);
    sink.ensure(ends[to] - ends[from]);
    for (int i = from; i < to; i++) {
      sink.write(plain.bytes(), start(i), end(i) - start(i));
    }
  }

  /** Spec: Parquet format, "Delta Strings": what each shares with the one before, and the rest. */
  private void encodeDeltaBytes(int from, int to, Sink sink) {
    long[] shared = lengths(to - from);
    shared[0] = 0;
    for (int i = from + 1; i < to; i++) {
      shared[i - from] = shared(i);
    }
    delta().putInts(sink, shared, 0, to - from);
    long[] rests = new long[to - from];
    for (int i = from; i < to; i++) {
      rests[i - from] = end(i) - start(i) - shared[i - from];
    }
    delta().putInts(sink, rests, 0, to - from);
    for (int i = from; i < to; i++) {
      int rest = (int) rests[i - from];
      sink.write(plain.bytes(), end(i) - rest, rest);
    }
  }

  private long[] lengths(int count) {
    if (lengths.length < count) {
      lengths = new long[count];
    }
    return lengths;
  }

  private Delta delta() {
    Delta encoder = delta;
    if (encoder == null) {
      encoder = new Delta();
      delta = encoder;
    }
    return encoder;
  }

  private int start(int value) {
    return ends[value] + gap;
  }

  private int end(int value) {
    return ends[value + 1];
  }

  @Override
  Range range(int from, int to) {
    if (from == to) {
      return Range.NONE;
    }
    return coding ? codedRange(from, to) : plainRange(from, to);
  }

  private Range plainRange(int from, int to) {
    plain.ensure(8); // so that eight bytes can be read at the start of any value
    byte[] bytes = plain.bytes();
    int min = from;
    int max = from;
    long minHead = head(bytes, start(from), end(from));
    long maxHead = minHead;
    for (int i = from + 1; i < to; i++) {
      int start = start(i);
      int end = end(i);
      long head = head(bytes, start, end);
      if (head < minHead || (head == minHead && isLess(bytes, start, end, start(min), end(min)))) {
        min = i;
        minHead = head;
      }
      if (head > maxHead || (head == maxHead && isLess(bytes, start(max), end(max), start, end))) {
        max = i;
        maxHead = head;
      }
    }
    return Range.ofBytes(bytes, start(min), end(min), bytes, start(max), end(max), signed);
  }

  /** The first eight bytes as a number that sorts as they do, short values filled with zeros. */
  private long head(byte[] bytes, int start, int end) {
    long head = (long) BIG_LONG.get(bytes, start);
    int length = end - start;
    if (length < 8) {
      head = length == 0 ? 0 : head & -1L << (64 - 8 * length);
    }
    return signed ? head : head ^ Long.MIN_VALUE;
  }

  /** Compares values whose heads are equal. */
  private static boolean isLess(byte[] bytes, int aStart, int aEnd, int bStart, int bEnd) {
    return Arrays.compareUnsigned(bytes, aStart, aEnd, bytes, bStart, bEnd) < 0;
  }

  private Range codedRange(int from, int to) {
    BytesDictionary entries = Objects.requireNonNull(dictionary);
    long[] seen = new long[(entries.size() + 63) >>> 6];
    for (int i = from; i < to; i++) {
      seen[codes[i] >>> 6] |= 1L << codes[i];
    }
    byte[] bytes = entries.bytes();
    int min = codes[from];
    int max = min;
    for (int code = 0; code < entries.size(); code++) {
      if ((seen[code >>> 6] >>> code & 1) != 0) {
        min = compare(entries, bytes, code, min) < 0 ? code : min;
        max = compare(entries, bytes, code, max) > 0 ? code : max;
      }
    }
    return Range.ofBytes(
        bytes,
        entries.start(min),
        entries.end(min),
        bytes,
        entries.start(max),
        entries.end(max),
        signed);
  }

  private int compare(BytesDictionary entries, byte[] bytes, int a, int b) {
    int aStart = entries.start(a);
    int bStart = entries.start(b);
    if (signed && (bytes[aStart] ^ bytes[bStart]) < 0) {
      return Byte.compare(bytes[aStart], bytes[bStart]);
    }
    return Arrays.compareUnsigned(bytes, aStart, entries.end(a), bytes, bStart, entries.end(b));
  }

  @Override
  boolean code(int from, int to) {
    if (coding) {
      return true; // made when the values were added
    }
    BytesDictionary entries = dictionary;
    if (entries == null) {
      entries = new BytesDictionary(dictionaryBytesMax, gap);
      dictionary = entries;
    }
    if (to > codes.length) {
      codes = Arrays.copyOf(codes, Sink.grown(codes.length, to));
    }
    for (int i = from; i < to; i++) {
      codes[i] = entries.code(plain.bytes(), start(i), end(i));
      if (codes[i] < 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  void hash(int from, int to, BloomFilterBuilder filter) {
    for (int i = from; i < to; i++) {
      filter.add(XxHash.of(plain.bytes(), start(i), end(i)));
    }
  }

  @Override
  void hashEntries(int entries, BloomFilterBuilder filter) {
    BytesDictionary from = Objects.requireNonNull(dictionary);
    for (int code = 0; code < entries; code++) {
      filter.add(XxHash.of(from.bytes(), from.start(code), from.end(code)));
    }
  }

  @Override
  int entries() {
    return dictionary == null ? 0 : dictionary.size();
  }

  @Override
  void encodeDictionary(Sink sink) {
    BytesDictionary entries = Objects.requireNonNull(dictionary);
    sink.write(entries.bytes(), 0, entries.bytesUsed());
  }

  @Override
  void startCoding() {
    coding = true;
  }

  @Override
  void stopCoding() {
    coding = false;
    full = false;
  }

  @Override
  void clear() {
    super.clear();
    plain.clear();
  }

  @Override
  void clearDictionary() {
    stopCoding();
    foreign = null;
    foreignCodes = new int[0];
    dictionary = null; // it may be large, and the next row group may not want one
  }
}
