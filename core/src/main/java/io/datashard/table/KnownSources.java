package io.datashard.table;

/**
 * How much a table remembers of appends that come once.
 *
 * @param known sources whose numbers are known, 10,000 at most
 * @param forgotten sources that made room for others: their appends are refused
 */
public record KnownSources(int known, int forgotten) {}
