package io.datashard.internal.manifest;

import org.jspecify.annotations.Nullable;

/**
 * Bounds of uuid columns that hold in both orders that engines use. Parquet, PyIceberg and DuckDB
 * compare the sixteen bytes unsigned; Iceberg's Java library (and with it Spark and Trino) compares
 * two signed longs. A bound that holds in one order only makes the others skip files that match.
 *
 * <p>Given are the bounds in unsigned order. Both orders agree on the high halves while these have
 * one sign, and then differ only among values of the same high half, where the low half's sign
 * decides.
 */
final class UuidBounds {
  private UuidBounds() {}

  /** A lower bound in both orders, or null. */
  static byte @Nullable [] lower(byte @Nullable [] lower, byte @Nullable [] upper) {
    if (!comparable(lower, upper)) {
      return null;
    }
    // If its low half is negative, so is that of every value that has the same high half.
    return lower != null && lower[8] < 0 ? lower : null;
  }

  /** An upper bound in both orders, or null: rounded up past the high half. */
  static byte @Nullable [] upper(byte @Nullable [] lower, byte @Nullable [] upper) {
    if (!comparable(lower, upper) || upper == null) {
      return null;
    }
    if (upper[8] >= 0) {
      return upper;
    }
    byte[] above = new byte[16];
    System.arraycopy(upper, 0, above, 0, 8);
    for (int i = 7; i >= 0; i--) {
      above[i]++;
      if (above[i] != 0) {
        break;
      }
    }
    // Past the highest of either sign the orders part.
    return (above[0] < 0) == (upper[0] < 0) ? above : null;
  }

  private static boolean comparable(byte @Nullable [] lower, byte @Nullable [] upper) {
    return lower != null
        && upper != null
        && lower.length == 16
        && upper.length == 16
        && (lower[0] < 0) == (upper[0] < 0);
  }
}
