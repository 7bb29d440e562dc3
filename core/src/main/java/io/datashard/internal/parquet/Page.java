package io.datashard.internal.parquet;

import org.apache.parquet.format.Encoding;

/** A data page of the open row group. */
final class Page {
  /** What follows the header in the file; not changed. */
  final byte[] payload;

  final int plainSize;
  final int rows;
  final int nulls;
  final Encoding encoding;
  final Range range;

  Page(byte[] payload, int plainSize, int rows, int nulls, Encoding encoding, Range range) {
    this.payload = payload;
    this.plainSize = plainSize;
    this.rows = rows;
    this.nulls = nulls;
    this.encoding = encoding;
    this.range = range;
  }

  Page withPayload(byte[] newPayload) {
    return new Page(newPayload, plainSize, rows, nulls, encoding, range);
  }
}
