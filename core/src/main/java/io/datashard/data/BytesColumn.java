package io.datashard.data;

import io.datashard.schema.Type;
import io.datashard.schema.Values;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Values of varying length: strings in UTF-8, binary, fixed, uuid, decimals of more than 18 digits.
 *
 * <p>Two shapes. <em>Plain</em>: entry {@code i} is row {@code i}. <em>Dictionary</em>: row {@code
 * i} is the entry that {@link #code} names, and entries are shared by rows. Either way entry {@code
 * e} is {@code bytes()[start(e) .. end(e))}, so a filter may look at each entry once.
 */
public final class BytesColumn extends Column {
  private final byte[] bytes;
  private final int[] offsets;
  private final int gap;
  private final int @Nullable [] codes;
  private final int entries;
  private final @Nullable Entries shared;

  /** Strings made from a dictionary's entries, so that repeated ones are one object. */
  private static final class Entries {
    final @Nullable String[] strings;

    Entries(int count) {
      strings = new String[count];
    }
  }

  private BytesColumn(
      Type type,
      int size,
      long @Nullable [] validity,
      byte[] bytes,
      int[] offsets,
      int gap,
      int entries,
      int @Nullable [] codes,
      @Nullable Entries shared) {
    super(type, size, validity);
    if (offsets.length <= entries) {
      throw new IllegalArgumentException(entries + " entries, but " + offsets.length + " offsets");
    }
    this.bytes = bytes;
    this.offsets = offsets;
    this.gap = gap;
    this.entries = entries;
    this.codes = codes;
    this.shared = shared;
  }

  /**
   * A plain column over these arrays, which it keeps.
   *
   * @param offsets {@code size + 1} places in {@code bytes}; row {@code i} runs from {@code
   *     offsets[i]} up to {@code offsets[i + 1]}
   */
  public static BytesColumn plain(
      Type type, byte[] bytes, int[] offsets, int size, long @Nullable [] validity) {
    return new BytesColumn(type, size, validity, bytes, offsets, 0, size, null, null);
  }

  /**
   * A plain column whose values lie in {@code bytes} with {@code gap} foreign bytes after each: row
   * {@code i} runs from {@code offsets[i]} up to {@code offsets[i + 1] - gap}. A Parquet page of
   * plain byte arrays has this shape, with the four bytes of the next length between.
   */
  public static BytesColumn plainWithGaps(
      Type type, byte[] bytes, int[] offsets, int gap, int size, long @Nullable [] validity) {
    return new BytesColumn(type, size, validity, bytes, offsets, gap, size, null, null);
  }

  /**
   * Rows over the entries of this column, which is a dictionary as a plain column without nulls, or
   * already has rows over one.
   */
  public BytesColumn withCodes(int[] rowCodes, int size, long @Nullable [] rowValidity) {
    if (rowCodes.length < size) {
      throw new IllegalArgumentException(size + " rows, but " + rowCodes.length + " codes");
    }
    Entries strings = shared != null ? shared : new Entries(entries);
    return new BytesColumn(
        type(), size, rowValidity, bytes, offsets, gap, entries, rowCodes, strings);
  }

  /** This plain column, ready to be the dictionary of several columns that share its strings. */
  public BytesColumn asDictionary() {
    return new BytesColumn(
        type(), size(), null, bytes, offsets, gap, entries, null, new Entries(entries));
  }

  /** Whether rows share entries through codes. */
  public boolean isDictionary() {
    return codes != null;
  }

  /** Whether both have the very same entries, so that a code means the same in both. */
  public boolean sharesEntriesWith(BytesColumn other) {
    return bytes == other.bytes
        && offsets == other.offsets
        && entries == other.entries
        && gap == other.gap;
  }

  /** Other rows over the entries of this dictionary column. */
  BytesColumn withSameEntries(int[] rowCodes, int size, long @Nullable [] rowValidity) {
    return new BytesColumn(
        type(), size, rowValidity, bytes, offsets, gap, entries, rowCodes, shared);
  }

  /** How many entries there are: of the dictionary, or rows if plain. */
  public int entries() {
    return entries;
  }

  /** The entry that holds the row's value; arbitrary but valid if the row is null. */
  public int code(int row) {
    return codes == null ? row : codes[row];
  }

  /** The codes of a dictionary column, one a row, or null if plain. */
  public int @Nullable [] codes() {
    return codes;
  }

  /**
   * Where each row's value starts in {@link #bytes} and, one more, where the last one ends, if the
   * values lie one behind the other in the order of rows; null for a column of any other shape.
   */
  public int @Nullable [] offsets() {
    return codes == null && gap == 0 ? offsets : null;
  }

  /** What the entries lie in. */
  public byte[] bytes() {
    return bytes;
  }

  /** Where the entry starts in {@link #bytes}. */
  public int start(int entry) {
    return offsets[entry];
  }

  /** Where the entry ends in {@link #bytes}, exclusive. */
  public int end(int entry) {
    return Math.max(offsets[entry], offsets[entry + 1] - gap);
  }

  /** The bytes of the row's value, copied; the row is not null. */
  public byte[] copy(int row) {
    int entry = code(row);
    return Arrays.copyOfRange(bytes, start(entry), end(entry));
  }

  /** The row's value as text; the row is not null. */
  public String string(int row) {
    int entry = code(row);
    if (shared == null) {
      return decode(entry);
    }
    String known = shared.strings[entry];
    if (known == null) {
      known = decode(entry);
      shared.strings[entry] = known;
    }
    return known;
  }

  private String decode(int entry) {
    return new String(bytes, start(entry), end(entry) - start(entry), StandardCharsets.UTF_8);
  }

  @Override
  public @Nullable Object value(int row) {
    if (isNull(row)) {
      return null;
    }
    return switch (type().kind()) {
      case STRING -> string(row);
      case UUID -> Values.uuid(bytes, start(code(row)));
      case DECIMAL -> {
        int entry = code(row);
        yield new BigDecimal(
            new BigInteger(bytes, start(entry), end(entry) - start(entry)),
            ((Type.Decimal) type()).scale());
      }
      default -> copy(row);
    };
  }

  @Override
  public BytesColumn take(int[] rows, int count) {
    long[] valid = takeValidity(rows, count);
    if (codes != null) {
      int[] taken = new int[count];
      for (int i = 0; i < count; i++) {
        taken[i] = codes[rows[i]];
      }
      return new BytesColumn(type(), count, valid, bytes, offsets, gap, entries, taken, shared);
    }
    int[] ends = new int[count + 1];
    long total = 0;
    for (int i = 0; i < count; i++) {
      total += isNull(rows[i]) ? 0 : end(rows[i]) - start(rows[i]);
      ends[i + 1] = Math.toIntExact(total);
    }
    byte[] taken = new byte[(int) total];
    for (int i = 0; i < count; i++) {
      System.arraycopy(bytes, start(rows[i]), taken, ends[i], ends[i + 1] - ends[i]);
    }
    return plain(type(), taken, ends, count, valid);
  }
}
