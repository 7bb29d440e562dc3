package io.datashard.internal.parquet;

/**
 * The dictionary of a chunk.
 *
 * @param payload what follows the header in the file; not changed
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, never handed out
record DictionaryPage(byte[] payload, int plainSize, int entries) {}
