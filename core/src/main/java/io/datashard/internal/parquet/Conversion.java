package io.datashard.internal.parquet;

/** How a stored value becomes the value that a column of a batch holds. */
enum Conversion {
  /** It is the same. */
  SAME,
  /** 32 bits, signed, to 64. */
  INT_TO_LONG,
  /** 32 bits, unsigned, to 64. */
  UINT_TO_LONG,
  /** 64 bits, unsigned; refused from 2^63 on. */
  ULONG_TO_LONG,
  FLOAT_TO_DOUBLE,
  /** 2 bytes, IEEE half precision, little-endian. */
  HALF_TO_FLOAT,
  /** Milliseconds in 32 bits, a time of day. */
  INT_MILLIS_TO_MICROS,
  MILLIS_TO_MICROS,
  /** Refused if it is no whole number of microseconds. */
  NANOS_TO_MICROS,
  /** Nanoseconds of the day and Julian day; as for {@link #NANOS_TO_MICROS}. */
  INT96_TO_MICROS,
  /** A decimal's unscaled value, big-endian. */
  BYTES_TO_LONG,
  /** A decimal's unscaled value in 32 bits, for a column of wide decimals. */
  INT_TO_BYTES,
  /** A decimal's unscaled value in 64 bits, for a column of wide decimals. */
  LONG_TO_BYTES;

  /** The array that holds the values of a column. */
  enum Lane {
    BOOLEAN,
    INT,
    LONG,
    FLOAT,
    DOUBLE,
    BYTES
  }
}
