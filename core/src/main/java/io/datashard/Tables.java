package io.datashard;

import io.datashard.error.TableNotFoundException;
import io.datashard.internal.care.StoreProbe;
import io.datashard.internal.commit.Committer;
import io.datashard.internal.env.Env;
import io.datashard.schema.Schema;
import io.datashard.storage.Storage;
import io.datashard.storage.Store;
import io.datashard.table.StoreCheck;

/** The tables of one store. */
public final class Tables {
  private final Store store;
  private final Env env;

  Tables(Store store, Env env) {
    this.store = store;
    this.env = env;
  }

  /**
   * Creates a table, or opens the one that is there if its columns are the same; {@link
   * Table#wasCreated} tells which.
   *
   * @throws io.datashard.error.SchemaMismatchException there is a table with other columns; the
   *     message shows both
   */
  public Table createTable(String location, Schema schema) {
    return newTable(location, schema).create();
  }

  /** Starts creating a table with properties, or insisting that it is new. */
  public NewTable newTable(String location, Schema schema) {
    return new NewTable(store.at(location), env, schema);
  }

  /**
   * Opens a table.
   *
   * @throws TableNotFoundException there is none; nothing was created
   */
  public Table loadTable(String location) {
    Storage storage = store.at(location);
    Committer committer = new Committer(storage, env);
    if (committer.newest().isEmpty()) {
      throw new TableNotFoundException(
          "There is no table at "
              + storage.location()
              + ": it has no metadata/v<N>.metadata.json. Create it with createTable(...), or check"
              + " the location.");
    }
    return new Table(storage, env, committer, false);
  }

  /**
   * Tries what tables need of the store that this location is in, and removes what it made; a table
   * that may be there is left alone.
   *
   * @return what was seen; what is not right is never thrown
   */
  public StoreCheck checkStore(String location) {
    return new StoreProbe(store.at(location), env).run();
  }

  /** Starts a verification of the table at this location, which need not open any more. */
  public Verify verify(String location) {
    return new Verify(store.at(location));
  }
}
