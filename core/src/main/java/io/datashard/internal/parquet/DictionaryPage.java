package io.datashard.internal.parquet;

/** The dictionary of a chunk. */
final class DictionaryPage {
  /** What follows the header in the file; not changed. */
  final byte[] payload;

  final int plainSize;
  final int entries;

  DictionaryPage(byte[] payload, int plainSize, int entries) {
    this.payload = payload;
    this.plainSize = plainSize;
    this.entries = entries;
  }
}
