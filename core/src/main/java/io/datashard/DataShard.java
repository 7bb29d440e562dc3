package io.datashard;

import io.datashard.internal.env.Env;
import io.datashard.schema.Schema;
import io.datashard.storage.EnvironmentStore;
import io.datashard.storage.LocalStore;
import io.datashard.storage.Store;
import io.datashard.table.StoreCheck;
import java.net.URI;
import java.nio.file.Path;

/**
 * The door: tables by their location.
 *
 * <p>A location is a path, absolute or relative to the working directory, a {@code file:} URI, or
 * {@code s3://bucket/key} if the module datashard-s3 is there. With the environment variable {@code
 * DATASHARD_STORAGE_TYPE} = {@code s3}, a name without scheme is a table in the bucket that the
 * variables {@code DATASHARD_S3_*} describe. {@link #on} takes a store of your own instead.
 */
public final class DataShard {
  private static final Tables TABLES = on(EnvironmentStore.of(System.getenv()));
  private static final Tables FOLDERS = on(LocalStore.inWorkingDirectory());

  private DataShard() {}

  /** Tables of another store; several stores live side by side. */
  public static Tables on(Store store) {
    return new Tables(store, Env.system());
  }

  /**
   * Creates a table, or opens the one that is there if its columns are the same; {@link
   * Table#wasCreated} tells which.
   *
   * @throws io.datashard.error.SchemaMismatchException there is a table with other columns; the
   *     message shows both
   */
  public static Table createTable(String location, Schema schema) {
    return TABLES.createTable(location, schema);
  }

  /** Creates or opens the table in this folder, as {@link #createTable(String, Schema)}. */
  public static Table createTable(Path location, Schema schema) {
    return FOLDERS.createTable(location.toAbsolutePath().toString(), schema);
  }

  /** Creates or opens the table at this URI, as {@link #createTable(String, Schema)}. */
  public static Table createTable(URI location, Schema schema) {
    return TABLES.createTable(location.toString(), schema);
  }

  /** Starts creating a table with properties, or insisting that it is new. */
  public static NewTable newTable(String location, Schema schema) {
    return TABLES.newTable(location, schema);
  }

  /** Starts creating a table with properties, or insisting that it is new. */
  public static NewTable newTable(Path location, Schema schema) {
    return FOLDERS.newTable(location.toAbsolutePath().toString(), schema);
  }

  /**
   * Opens a table.
   *
   * @throws io.datashard.error.TableNotFoundException there is none; nothing was created
   */
  public static Table loadTable(String location) {
    return TABLES.loadTable(location);
  }

  /** Opens the table in this folder, as {@link #loadTable(String)}. */
  public static Table loadTable(Path location) {
    return FOLDERS.loadTable(location.toAbsolutePath().toString());
  }

  /** Opens the table at this URI, as {@link #loadTable(String)}. */
  public static Table loadTable(URI location) {
    return TABLES.loadTable(location.toString());
  }

  /** Tries what tables need of the store that this location is in. */
  public static StoreCheck checkStore(String location) {
    return TABLES.checkStore(location);
  }

  /** Starts a verification of the table at this location, which need not open any more. */
  public static Verify verify(String location) {
    return TABLES.verify(location);
  }
}
