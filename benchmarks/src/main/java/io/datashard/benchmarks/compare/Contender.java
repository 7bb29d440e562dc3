package io.datashard.benchmarks.compare;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One way to keep a table of the columns {@code id long required, name string, value double}. Used
 * by one thread.
 *
 * @param <R> a row as a read returns it
 */
public interface Contender<R> {
  /** Creates the table at a path or name and keeps it open instead of the one that was. */
  void create(String table);

  /** Opens the table and keeps it open instead of the one that was. */
  void open(String table);

  /** Appends rows to the open table in one commit; when it returns, they are acknowledged. */
  void append(List<Map<String, Object>> rows);

  /** Whether an append that failed so may have been made all the same. */
  default boolean isUnknown(RuntimeException failure) {
    return false;
  }

  /** All rows of the newest state of the open table, in memory. */
  List<R> read();

  /** The row's id. */
  long id(R row);

  /** The row's name. */
  @Nullable String name(R row);

  /** The row's value. */
  double value(R row);
}
