package io.datashard.internal.manifest;

/** Bits by place, 64 a word. */
final class Words {
  private Words() {}

  static boolean isSet(long[] words, int place) {
    return (words[place >> 6] & 1L << place) != 0;
  }

  static void set(long[] words, int place) {
    words[place >> 6] |= 1L << place;
  }
}
