package io.datashard.internal.parquet;

import io.datashard.schema.Field;
import org.apache.parquet.format.ColumnChunk;

/**
 * One column of one row group, written.
 *
 * @param chunk its entry in the footer
 * @param bytes its length in the file
 * @param values rows, nulls included
 * @param index its pages
 */
record Chunk(
    Field field,
    ColumnChunk chunk,
    long bytes,
    long values,
    long nulls,
    Range range,
    PageIndexBuilder index) {}
