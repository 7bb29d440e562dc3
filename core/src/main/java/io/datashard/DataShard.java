package io.datashard;

import io.datashard.internal.env.Env;
import io.datashard.schema.Schema;
import io.datashard.storage.LocalStore;
import io.datashard.storage.Store;
import java.net.URI;
import java.nio.file.Path;

/**
 * The door: tables by their location, on the local file system unless {@link #on} says otherwise.
 *
 * <p>A location is a path, absolute or relative to the working directory, or a {@code file:} URI.
 */
public final class DataShard {
  private static final Tables LOCAL = on(LocalStore.inWorkingDirectory());

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
    return LOCAL.createTable(location, schema);
  }

  /** Creates or opens the table in this folder, as {@link #createTable(String, Schema)}. */
  public static Table createTable(Path location, Schema schema) {
    return LOCAL.createTable(location.toAbsolutePath().toString(), schema);
  }

  /** Creates or opens the table at this URI, as {@link #createTable(String, Schema)}. */
  public static Table createTable(URI location, Schema schema) {
    return LOCAL.createTable(location.toString(), schema);
  }

  /** Starts creating a table with properties, or insisting that it is new. */
  public static NewTable newTable(String location, Schema schema) {
    return LOCAL.newTable(location, schema);
  }

  /** Starts creating a table with properties, or insisting that it is new. */
  public static NewTable newTable(Path location, Schema schema) {
    return LOCAL.newTable(location.toAbsolutePath().toString(), schema);
  }

  /**
   * Opens a table.
   *
   * @throws io.datashard.error.TableNotFoundException there is none; nothing was created
   */
  public static Table loadTable(String location) {
    return LOCAL.loadTable(location);
  }

  /** Opens the table in this folder, as {@link #loadTable(String)}. */
  public static Table loadTable(Path location) {
    return LOCAL.loadTable(location.toAbsolutePath().toString());
  }

  /** Opens the table at this URI, as {@link #loadTable(String)}. */
  public static Table loadTable(URI location) {
    return LOCAL.loadTable(location.toString());
  }

  /** Starts a verification of the table at this location, which need not open any more. */
  public static Verify verify(String location) {
    return LOCAL.verify(location);
  }
}
