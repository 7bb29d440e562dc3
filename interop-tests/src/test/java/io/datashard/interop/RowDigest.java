package io.datashard.interop;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Count and order-insensitive digest of lines of {@link RowText}: the sum of the first 16 bytes of
 * each line's SHA-256, modulo 2^128; the same in {@code rows.py}. A line twice counts twice.
 */
final class RowDigest {
  private final MessageDigest sha;
  private long rows;
  private long high;
  private long low;

  RowDigest() {
    try {
      sha = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  void add(String line) {
    byte[] digest = sha.digest(line.getBytes(StandardCharsets.UTF_8));
    long addedLow = longAt(digest, 8);
    low += addedLow;
    boolean carry = Long.compareUnsigned(low, addedLow) < 0;
    high += longAt(digest, 0) + (carry ? 1 : 0);
    rows++;
  }

  private static long longAt(byte[] bytes, int at) {
    long value = 0;
    for (int i = 0; i < 8; i++) {
      value = value << 8 | (bytes[at + i] & 0xff);
    }
    return value;
  }

  long rows() {
    return rows;
  }

  String hex() {
    return String.format("%016x%016x", high, low);
  }
}
