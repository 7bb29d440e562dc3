package io.datashard.table;

/**
 * One thing that is wrong with a table's files.
 *
 * @param file the file, as an absolute location; the table's own location if it is none in
 *     particular
 * @param what what was expected and what was found
 */
public record Damage(String file, String what) {}
