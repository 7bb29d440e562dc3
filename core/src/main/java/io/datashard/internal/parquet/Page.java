package io.datashard.internal.parquet;

import org.apache.parquet.format.Encoding;

/**
 * A data page of the open row group.
 *
 * @param payload what follows the header in the file; not changed
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never handed out
record Page(byte[] payload, int plainSize, int rows, int nulls, Encoding encoding, Range range) {
  Page withPayload(byte[] newPayload) {
    return new Page(newPayload, plainSize, rows, nulls, encoding, range);
  }
}
