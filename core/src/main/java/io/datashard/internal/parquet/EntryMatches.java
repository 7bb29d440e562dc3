package io.datashard.internal.parquet;

import io.datashard.data.Validity;
import java.util.Objects;

/**
 * Which entries of a dictionary match, as a bit each and as a table for packed codes: the bits of
 * several codes that lie side by side are one place of it.
 *
 * <p>Not safe for use by several threads: the table is made at first use.
 */
final class EntryMatches {
  /** Codes of more bits are not looked up while they are packed. */
  static final int WIDTH_MAX = 8;

  /** A place of the table where one of the codes is none of an entry: negative. */
  private static final byte NO_ENTRY = -128;

  /** So many bits of codes are looked up at once; a table of all of them stays in the cache. */
  private static final int BITS_AT_ONCE_MAX = 12;

  private final long[] bits;
  private final int entries;
  private byte[] table = {};
  private int tableWidth = -1;

  /**
   * The entries whose bits are set.
   *
   * @param bits of each entry, not to be changed
   */
  EntryMatches(long[] bits, int entries) {
    Objects.checkFromIndexSize(0, Validity.words(entries), bits.length);
    this.bits = bits;
    this.entries = entries;
  }

  /** How many entries there are. */
  int entries() {
    return entries;
  }

  /** Whether this entry matches. */
  boolean isSet(int entry) {
    return Validity.isSet(bits, entry);
  }

  /** The bit of each entry; not to be changed. */
  long[] bits() {
    return bits;
  }

  boolean isNone() {
    for (long word : bits) {
      if (word != 0) {
        return false;
      }
    }
    return true;
  }

  /** How many codes of this many bits are one place of the {@link #table}: 4, 2 or 1. */
  static int codesAtOnce(int width) {
    if (4 * width <= BITS_AT_ONCE_MAX) {
      return 4;
    }
    return 2 * width <= BITS_AT_ONCE_MAX ? 2 : 1;
  }

  /**
   * For the bits of {@link #codesAtOnce} codes, the first one's lowest, a bit for each code that
   * matches, the first one's lowest; negative if one of them is none of an entry.
   *
   * @param width bits of a code, 1..{@value #WIDTH_MAX}
   */
  byte[] table(int width) {
    if (tableWidth == width) {
      return table;
    }
    int codes = codesAtOnce(width);
    byte[] made = new byte[1 << codes * width];
    for (int place = 0; place < made.length; place++) {
      for (int i = 0; i < codes; i++) {
        int code = place >>> i * width & (1 << width) - 1;
        made[place] |= code >= entries ? NO_ENTRY : isSet(code) ? (byte) (1 << i) : 0;
      }
    }
    table = made;
    tableWidth = width;
    return made;
  }
}
