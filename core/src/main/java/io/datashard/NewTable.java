package io.datashard;

import io.datashard.error.SchemaMismatchException;
import io.datashard.error.TableExistsException;
import io.datashard.internal.commit.Committer;
import io.datashard.internal.commit.Head;
import io.datashard.internal.env.Env;
import io.datashard.internal.metadata.TableProperties;
import io.datashard.schema.Schema;
import io.datashard.storage.Storage;
import java.util.LinkedHashMap;
import java.util.Map;

/** A table about to be created. */
public final class NewTable {
  private final Storage storage;
  private final Env env;
  private final Schema schema;
  private final Map<String, String> properties = new LinkedHashMap<>();
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

  /** Makes a table that is already there an error, even with the same columns. */
  public NewTable mustBeNew() {
    insistOnNew = true;
    return this;
  }

  /**
   * Creates the table, or opens the one that is there if its columns are the same. Of any number of
   * processes that create one table at once, one creates it and the others open it.
   *
   * @throws TableExistsException there is a table and it must be new
   * @throws SchemaMismatchException there is a table with other columns; the message shows both
   */
  public Table create() {
    Committer committer = new Committer(storage, env);
    boolean created = committer.newest().isEmpty() && committer.create(schema, properties);
    Head head = committer.newest().orElseThrow();
    if (!created && insistOnNew) {
      throw new TableExistsException(
          "There is a table at "
              + storage.location()
              + " already (version "
              + head.version().number()
              + "). It was not changed.");
    }
    Schema found = head.metadata().schema();
    if (!created && !found.sameColumns(schema)) {
      throw new SchemaMismatchException(
          "The table at "
              + storage.location()
              + " has other columns.\nExpected:\n"
              + schema
              + "\nFound:\n"
              + found
              + "\nIt was not changed. Load it with loadTable(...), or choose another location.");
    }
    if (!created) {
      committer.ensureDurable(head); // whoever creates it may be in the middle of that
    }
    return new Table(storage, env, committer, created);
  }
}
