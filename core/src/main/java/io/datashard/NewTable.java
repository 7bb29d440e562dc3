package io.datashard;

import io.datashard.error.SchemaMismatchException;
import io.datashard.error.TableExistsException;
import io.datashard.internal.commit.Committer;
import io.datashard.internal.commit.Head;
import io.datashard.internal.env.Env;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableProperties;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.Schema;
import io.datashard.schema.SortOrder;
import io.datashard.storage.Storage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A table about to be created. */
public final class NewTable {
  private final Storage storage;
  private final Env env;
  private final Schema schema;
  private final Map<String, String> properties = new LinkedHashMap<>();
  private @Nullable PartitionSpec spec;
  private @Nullable SortOrder order;
  private boolean insistOnNew;

  NewTable(Storage storage, Env env, Schema schema) {
    this.storage = storage;
    this.env = env;
    this.schema = schema.withId(0);
  }

  /**
   * Sets a table property.
   *
   * @throws IllegalArgumentException an unknown {@code datashard.*} property, or a value it cannot
   *     have
   */
  public NewTable property(String key, String value) {
    TableProperties.check(key, value);
    properties.put(key, value);
    return this;
  }

  /**
   * Divides rows among data files by what is made from their columns, so that a scan whose filter
   * looks at these columns reads few files. Every partition has files of its own: for tables of
   * some size, and with hundreds of partitions rather than tens of thousands.
   *
   * @param fields such as {@code "day(ts)"}, {@code "bucket(16, user_id)"}, {@code "truncate(4,
   *     code)"} or the name of a column; several in one text are separated by commas. A name may
   *     follow: {@code "day(ts) as day"}. Transforms: identity (the column alone), bucket,
   *     truncate, year, month, day, hour, void
   * @throws IllegalArgumentException a text is no partition field of these columns; it says where
   *     in the text, and what there is
   */
  public NewTable partitionedBy(String... fields) {
    spec = PartitionSpec.of(schema, List.of(fields));
    return this;
  }

  /**
   * Sorts the rows of each data file that is written, so that its column bounds are narrow and a
   * scan reads few pages of it. Rows that are equal keep their order.
   *
   * @param fields such as {@code "ts"}, {@code "ts desc"}, {@code "day(ts) desc nulls last"};
   *     several in one text are separated by commas. Unless said, nulls come first in ascending and
   *     last in descending order
   * @throws IllegalArgumentException a text is no sort field of these columns; it says where in the
   *     text, and what there is
   */
  public NewTable sortedBy(String... fields) {
    order = SortOrder.of(schema, List.of(fields));
    return this;
  }

  /** Makes a table that is already there an error, even with the same columns. */
  public NewTable mustBeNew() {
    insistOnNew = true;
    return this;
  }

  /**
   * Creates the table, or opens the one that is there if its columns are the same, and so are
   * partition fields and sort order, if they were given here. Of any number of processes that
   * create one table at once, one creates it and the others open it.
   *
   * @throws TableExistsException there is a table and it must be new
   * @throws SchemaMismatchException there is a table with other columns, partition fields or sort
   *     order; the message shows both
   */
  public Table create() {
    Committer committer = new Committer(storage, env);
    boolean created =
        committer.newest().isEmpty()
            && committer.create(
                schema,
                spec == null ? PartitionSpec.UNPARTITIONED : spec,
                order == null ? SortOrder.UNSORTED : order,
                properties);
    Head head = committer.newest().orElseThrow();
    if (!created && insistOnNew) {
      throw new TableExistsException(
          "There is a table at "
              + storage.location()
              + " already (version "
              + head.version().number()
              + "). It was not changed.");
    }
    if (!created) {
      requireSame(head.metadata());
      committer.ensureDurable(head); // whoever creates it may be in the middle of that
    }
    return new Table(storage, env, committer, created);
  }

  private void requireSame(TableMetadata found) {
    if (!found.schema().sameColumns(schema)) {
      throw mismatch("other columns", schema.toString(), found.schema().toString());
    }
    if (spec != null && !spec.sameFields(found.spec())) {
      throw mismatch("other partition fields", spec.text(schema), found.spec().text(schema));
    }
    if (order != null && !order.fields().equals(found.sortOrder().fields())) {
      throw mismatch("another sort order", order.text(schema), found.sortOrder().text(schema));
    }
  }

  private SchemaMismatchException mismatch(String what, String expected, String found) {
    return new SchemaMismatchException(
        "The table at "
            + storage.location()
            + " has "
            + what
            + ".\nExpected:\n"
            + expected
            + "\nFound:\n"
            + found
            + "\nIt was not changed. Load it with loadTable(...), or choose another location.");
  }
}
