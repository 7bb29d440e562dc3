package io.datashard.internal.parquet.encode;

import java.util.Arrays;

/** Distinct numbers in the order of their first appearance. */
public final class NumberDictionary {
  private static final int ROOM_FIRST = 64;

  private final int entriesMax;
  private long[] entries = new long[ROOM_FIRST];
  private int size;
  private int[] table = new int[ROOM_FIRST * 2]; // code + 1; 0 where free
  private int shift = 64 - 7; // leaves an index into the table

  /** An empty dictionary of at most this many entries. */
  public NumberDictionary(int entriesMax) {
    this.entriesMax = entriesMax;
  }

  /** How many distinct numbers there are. */
  public int size() {
    return size;
  }

  /** The distinct numbers; from {@link #size} on it means nothing. */
  public long[] entries() {
    return entries;
  }

  /**
   * Finds or adds each number.
   *
   * @return false if there would be too many entries; then none was added
   */
  public boolean code(long[] values, int from, int to, int[] codes) {
    int before = size;
    for (int i = from; i < to; i++) {
      int code = codeOf(values[i]);
      if (code < 0) {
        forgetFrom(before);
        return false;
      }
      codes[i] = code;
    }
    return true;
  }

  private int codeOf(long value) {
    int slot = slotOf(value);
    while (table[slot] != 0) {
      int code = table[slot] - 1;
      if (entries[code] == value) {
        return code;
      }
      slot = slot + 1 & table.length - 1;
    }
    if (size == entriesMax) {
      return -1;
    }
    if (size == entries.length) {
      entries = Arrays.copyOf(entries, size * 2);
      table = new int[entries.length * 2];
      shift--;
      fillTable();
      return codeOf(value);
    }
    entries[size] = value;
    table[slot] = ++size;
    return size - 1;
  }

  private void fillTable() {
    for (int code = 0; code < size; code++) {
      int slot = slotOf(entries[code]);
      while (table[slot] != 0) {
        slot = slot + 1 & table.length - 1;
      }
      table[slot] = code + 1;
    }
  }

  private void forgetFrom(int newSize) {
    size = newSize;
    Arrays.fill(table, 0);
    fillTable();
  }

  private int slotOf(long value) {
    return (int) ((value ^ value >>> 32) * 0x9E3779B97F4A7C15L >>> shift);
  }
}
