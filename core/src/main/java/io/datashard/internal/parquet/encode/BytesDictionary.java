package io.datashard.internal.parquet.encode;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Distinct byte strings in the order of their first appearance, laid out as a plain page. */
public final class BytesDictionary {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final int ROOM_FIRST = 64;

  private final int bytesMax;
  private final int gap;
  private final Sink entries = new Sink(ROOM_FIRST);
  private int[] ends = new int[ROOM_FIRST + 1]; // entry i: ends[i] + gap .. ends[i + 1]
  private int[] hashes = new int[ROOM_FIRST];
  private long[] heads = new long[ROOM_FIRST]; // up to eight bytes, so that most need no look
  private int size;
  private int[] table = new int[ROOM_FIRST * 2]; // code + 1; 0 where free

  /**
   * An empty dictionary.
   *
   * @param bytesMax how many bytes its page may have
   * @param gap bytes before each entry in the page: 4 for the length, or 0 if all have one length
   */
  public BytesDictionary(int bytesMax, int gap) {
    this.bytesMax = bytesMax;
    this.gap = gap;
  }

  /** How many distinct byte strings there are. */
  public int size() {
    return size;
  }

  /** The entries as a plain page, from 0 up to {@link #bytesUsed}. */
  public byte[] bytes() {
    return entries.bytes();
  }

  /** Bytes of the entries as a plain page. */
  public int bytesUsed() {
    return entries.size();
  }

  /** Where the entry starts in {@link #bytes}. */
  public int start(int code) {
    return ends[code] + gap;
  }

  /** Where the entry ends in {@link #bytes}. */
  public int end(int code) {
    return ends[code + 1];
  }

  /**
   * Finds or adds a byte string.
   *
   * @return its code, or -1 if the dictionary would grow too large; then nothing was added
   */
  public int code(byte[] from, int start, int end) {
    long head = head(from, start, end);
    int hash = hash(head, from, start, end);
    int slot = hash & table.length - 1;
    while (table[slot] != 0) {
      int code = table[slot] - 1;
      if (heads[code] == head && hashes[code] == hash && sameBehindHead(code, from, start, end)) {
        return code;
      }
      slot = slot + 1 & table.length - 1;
    }
    if (entries.size() + (long) gap + end - start > bytesMax) {
      return -1;
    }
    if (size == hashes.length) {
      grow();
      slot = hash & table.length - 1;
      while (table[slot] != 0) {
        slot = slot + 1 & table.length - 1;
      }
    }
    add(from, start, end, hash, head);
    table[slot] = size;
    return size - 1;
  }

  /** Whether an entry of the same head and hash is the very same. */
  private boolean sameBehindHead(int code, byte[] from, int start, int end) {
    int length = end - start;
    if (length != end(code) - start(code)) {
      return false;
    }
    if (length <= 8) {
      return true;
    }
    if (length <= 16) { // the rest lies in the last eight bytes
      return (long) LONG.get(from, end - 8) == (long) LONG.get(entries.bytes(), end(code) - 8);
    }
    return Arrays.equals(entries.bytes(), start(code) + 8, end(code), from, start + 8, end);
  }

  private void add(byte[] from, int start, int end, int hash, long head) {
    if (gap > 0) {
      entries.putInt(end - start);
    }
    entries.write(from, start, end - start);
    hashes[size] = hash;
    heads[size] = head;
    size++;
    ends[size] = entries.size();
  }

  private void grow() {
    hashes = Arrays.copyOf(hashes, size * 2);
    heads = Arrays.copyOf(heads, size * 2);
    ends = Arrays.copyOf(ends, size * 2 + 1);
    table = new int[hashes.length * 2];
    for (int code = 0; code < size; code++) {
      int slot = hashes[code] & table.length - 1;
      while (table[slot] != 0) {
        slot = slot + 1 & table.length - 1;
      }
      table[slot] = code + 1;
    }
  }

  /** The first eight bytes, or all and zeros. */
  private static long head(byte[] from, int start, int end) {
    int length = end - start;
    if (length >= 8) {
      return (long) LONG.get(from, start);
    }
    if (length == 0) {
      return 0;
    }
    if (start + 8 <= from.length) {
      return (long) LONG.get(from, start) & -1L >>> (64 - 8 * length);
    }
    long head = 0;
    for (int i = end - 1; i >= start; i--) {
      head = head << 8 | from[i] & 0xff;
    }
    return head;
  }

  private static int hash(long head, byte[] from, int start, int end) {
    int length = end - start;
    long hash = mixed(head ^ length * 0xC2B2AE3D27D4EB4FL);
    for (int at = start + 8; at + 8 < end; at += 8) {
      hash = mixed(hash ^ (long) LONG.get(from, at));
    }
    if (length > 8) {
      hash = mixed(hash ^ (long) LONG.get(from, end - 8));
    }
    return (int) (hash ^ hash >>> 32);
  }

  private static long mixed(long value) {
    long product = value * 0x9E3779B97F4A7C15L;
    return product ^ product >>> 29;
  }
}
