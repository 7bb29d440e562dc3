package io.datashard.storage;

/**
 * Where tables live: a file system, a bucket. Turns what a user calls a table into its {@link
 * Storage}.
 *
 * <p>Several stores live side by side in one process and share nothing. Safe for use by many
 * threads.
 */
public interface Store {
  /**
   * The storage of the table at this location. No file is read or created, and whether there is a
   * table is not checked yet.
   *
   * @param location an absolute URI, an absolute path, or a name relative to the store's base
   * @throws IllegalArgumentException the location cannot belong to this store; the message says
   *     what can
   */
  Storage at(String location);
}
