package io.datashard;

import io.datashard.data.Batch;
import io.datashard.internal.metadata.TableProperties;
import io.datashard.table.Committed;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Several changes that become one commit: all of them or none. Leaving the try block without {@link
 * #commit} rolls back. Use after commit or rollback is an error. Used by one thread at a time.
 */
public final class Transaction implements AutoCloseable {
  private final Writes writes;

  Transaction(Writes writes) {
    this.writes = writes;
  }

  /**
   * Adds rows as maps from column name to value; a missing key is null.
   *
   * @throws io.datashard.error.InvalidRowException a value does not fit; the transaction can only
   *     be rolled back
   */
  public Transaction append(Iterable<? extends Map<String, ?>> rows) {
    writes.maps(rows.iterator());
    return this;
  }

  /** Adds rows as Java records; components fill the columns of their names. */
  public <T extends Record> Transaction append(Class<T> type, Iterable<? extends T> rows) {
    writes.records(type, rows.iterator());
    return this;
  }

  /** Adds a column batch: the table's columns, by name and type, in any order. */
  public Transaction append(Batch batch) {
    writes.batch(batch);
    return this;
  }

  /** Adds existing Parquet files, as {@link Append#files}. */
  public Transaction appendFiles(Path... files) {
    List.of(files).forEach(writes::file);
    return this;
  }

  /**
   * Removes whole data files, by the locations that {@link io.datashard.table.DataFile} names. If
   * one of them is no longer in the table when the transaction commits, the commit is a conflict.
   */
  public Transaction removeFiles(Collection<String> locations) {
    writes.remove(locations);
    return this;
  }

  /**
   * Sets a table property.
   *
   * @throws IllegalArgumentException an unknown {@code datashard.*} property, or a value it cannot
   *     have
   */
  public Transaction setProperty(String key, String value) {
    TableProperties.check(key, value);
    writes.setProperty(key, value);
    return this;
  }

  /** Removes a table property; one that is not set stays so. */
  public Transaction removeProperty(String key) {
    TableProperties.checkRemoval(key);
    writes.removeProperty(key);
    return this;
  }

  /**
   * Names this transaction so that it comes once however often it is tried again, as {@link
   * Append#once} does. If the table has the source and number already, nothing of it is done. It
   * must add or remove rows.
   */
  public Transaction once(String source, long number) {
    writes.once(source, number);
    return this;
  }

  /**
   * Commits all changes as one; without any change, nothing.
   *
   * @throws io.datashard.error.OnceRefusedException it cannot be known whether the table has this
   *     source and number, or there is no room for another source; nothing was committed
   * @throws io.datashard.error.ConflictException a file to be removed is no longer there; nothing
   *     was committed
   * @throws io.datashard.error.OutcomeUnknownException the commit may or may not have happened
   * @throws IllegalArgumentException it would change {@code datashard.durability}, which is chosen
   *     when a table is created; nothing was committed
   */
  public Committed commit() {
    return writes.commit();
  }

  /** Gives all changes up. */
  public void rollback() {
    writes.rollbackOnce();
  }

  /** Gives all changes up, unless they were committed. */
  @Override
  public void close() {
    writes.rollback();
  }
}
