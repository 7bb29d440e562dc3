package io.datashard;

import io.datashard.data.Batch;
import io.datashard.internal.rows.ManyPartitions;
import io.datashard.schema.Schema;
import io.datashard.table.Committed;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.stream.BaseStream;

/**
 * An append being prepared; {@link #commit} makes it one commit, all of it or nothing. Rows are
 * encoded as they are given, in bounded memory however many they are; {@link #close} without commit
 * removes what was written. Used by one thread at a time.
 */
public final class Append implements AutoCloseable {
  /** Rows of more {@link #partitions} than this in one commit are warned of. */
  public static final int PARTITIONS_ADVISED = ManyPartitions.WARNED_FROM;

  private final Writes writes;

  Append(Writes writes) {
    this.writes = writes;
  }

  /**
   * Insists that the table has these columns.
   *
   * @throws io.datashard.error.SchemaMismatchException it has others; nothing is committed
   */
  public Append expecting(Schema schema) {
    writes.expect(schema);
    return this;
  }

  /**
   * Adds rows as maps from column name to value; a missing key is null.
   *
   * @throws io.datashard.error.InvalidRowException a value does not fit; row, column, value and
   *     type are named, and this append can only be closed
   */
  public Append rows(Iterable<? extends Map<String, ?>> rows) {
    writes.maps(rows.iterator());
    return this;
  }

  /** Adds rows as maps, as {@link #rows(Iterable)}, from an iterator of any length. */
  public Append rows(Iterator<? extends Map<String, ?>> rows) {
    writes.maps(rows);
    return this;
  }

  /** Adds rows as maps, as {@link #rows(Iterable)}, and closes the stream. */
  public Append rows(BaseStream<? extends Map<String, ?>, ?> rows) {
    try (rows) {
      writes.maps(rows.iterator());
    }
    return this;
  }

  /**
   * Adds rows as Java records; components fill the columns of their names.
   *
   * @throws io.datashard.error.SchemaMismatchException a component has no column, a required column
   *     no component, or their types cannot agree
   */
  public <T extends Record> Append records(Class<T> type, Iterable<? extends T> rows) {
    writes.records(type, rows.iterator());
    return this;
  }

  /** Adds records from an iterator of any length. */
  public <T extends Record> Append records(Class<T> type, Iterator<? extends T> rows) {
    writes.records(type, rows);
    return this;
  }

  /** Adds records and closes the stream. */
  public <T extends Record> Append records(Class<T> type, BaseStream<? extends T, ?> rows) {
    try (rows) {
      writes.records(type, rows.iterator());
    }
    return this;
  }

  /** Adds column batches: the table's columns, by name and type, in any order. */
  public Append batches(Iterable<Batch> batches) {
    batches.forEach(writes::batch);
    return this;
  }

  /**
   * Adds existing Parquet files: each is hard-linked or copied under the table unless it lies there
   * already. Never change a file afterwards that was given here.
   *
   * @throws io.datashard.error.SchemaMismatchException a file's columns do not fit the table's
   * @throws IllegalArgumentException a file is given twice or is in the table already
   */
  public Append files(Path... files) {
    Arrays.asList(files).forEach(writes::file);
    return this;
  }

  /**
   * Bounds how long {@link #commit} may take. When the time is over it says what is true: that
   * nothing was committed, or, if the append can no longer be taken back, that the outcome is not
   * known.
   *
   * @throws IllegalArgumentException the time is not positive
   */
  public Append within(Duration time) {
    writes.within(time);
    return this;
  }

  /**
   * Names this append, as in "job 7, batch 42", so that it comes once however often it is tried
   * again: in whatever order the numbers come, by whichever process, thread or machine. If the
   * table has an append of this source and number already, {@link #commit} adds nothing and tells
   * so by {@link Committed#wasThere}, with the snapshot of the earlier one as long as it is
   * remembered. So an append whose outcome is not known is simply made again.
   *
   * <p>The table compares names, not rows: give each source and number to one set of rows. An
   * append without rows commits nothing, and its number stays free.
   *
   * <p>A table knows 10,000 sources, and of each source numbers with up to 1,000 gaps between them
   * (fewer if there are very many sources with many gaps). To make room for another source, one
   * that was not used for longer than the property {@code datashard.once.age-ms-max} (30 days if
   * not set) may be forgotten; of very many gaps the lowest numbers are. An append of a source or
   * number that is too old to know is an error, never done in silence and never added twice.
   *
   * @param source 1 to 256 bytes of UTF-8
   * @param number 0 or more; numbers that follow each other take least room
   * @throws IllegalArgumentException one of them is out of its bounds
   */
  public Append once(String source, long number) {
    writes.once(source, number);
    return this;
  }

  /**
   * Commits. An append without rows commits nothing.
   *
   * @return the snapshot that holds the rows and how many there are
   * @throws io.datashard.error.OnceRefusedException it cannot be known whether the table has this
   *     source and number, or there is no room for another source; nothing was committed
   * @throws io.datashard.error.OutcomeUnknownException the commit may or may not have happened
   */
  public Committed commit() {
    return writes.commit();
  }

  /**
   * How many partitions of the table the rows were in, when {@link #commit} was called; 0 before,
   * and 1 for a table that is not partitioned. Each partition is a data file at least, so more than
   * {@value #PARTITIONS_ADVISED} in one commit make many small files; a warning is logged then.
   */
  public int partitions() {
    return writes.partitions();
  }

  /** Gives the append up, unless it was committed. */
  @Override
  public void close() {
    writes.rollback();
  }
}
