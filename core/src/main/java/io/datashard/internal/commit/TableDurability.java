package io.datashard.internal.commit;

import io.datashard.error.ConflictException;
import io.datashard.error.UnsupportedTableException;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableProperties;
import io.datashard.storage.Durability;
import java.util.Map;
import java.util.Optional;

/**
 * How durable commits to a table are: its property {@code datashard.durability}, given when it is
 * created. We never change it. A handle works at the level that it opened the table with.
 */
public final class TableDurability {
  private TableDurability() {}

  /**
   * What the table says.
   *
   * @throws UnsupportedTableException it says something else than we know; nobody may write to it
   *     before that is mended
   */
  static Durability of(TableMetadata metadata) {
    return find(metadata.properties()).orElseThrow(() -> unknown(metadata));
  }

  /** Whether the table says something that we know. */
  public static boolean isKnown(TableMetadata metadata) {
    return find(metadata.properties()).isPresent();
  }

  /** What these properties say, of a table about to be made; they were checked one by one. */
  static Durability ofNew(Map<String, String> properties) {
    return find(properties).orElse(Durability.FSYNC);
  }

  /** The same; empty if it is something that we do not know. */
  static Optional<Durability> find(Map<String, String> properties) {
    return Durability.of(
        properties.getOrDefault(TableProperties.DURABILITY, TableProperties.DURABILITY_DEFAULT));
  }

  /**
   * Holds what a commit is made from against what the table was opened with.
   *
   * @throws ConflictException another writer changed the level since
   * @throws UnsupportedTableException it changed to something that we do not know
   */
  static void requireSame(Head base, Durability opened, String location) {
    Durability found = of(base.metadata());
    if (found != opened) {
      throw new ConflictException(
          "The table at "
              + location
              + " was opened with the property "
              + TableProperties.DURABILITY
              + " = '"
              + opened.text()
              + "', and in version "
              + base.version().number()
              + " it is '"
              + found.text()
              + "': another writer changed it. Nothing was committed. Close all handles of the table"
              + " in this process and load it again, so that files are written at that level.");
    }
  }

  /**
   * Refuses to change the level.
   *
   * @throws IllegalArgumentException the change would
   */
  static void requireKept(Head base, Change change, String location) {
    Map<String, String> before = base.metadata().properties();
    Map<String, String> after = change.appliedTo(before);
    if (find(after).equals(find(before))) {
      return;
    }
    String wanted = ofNew(after).text();
    throw new IllegalArgumentException(
        "The table at "
            + location
            + " has "
            + TableProperties.DURABILITY
            + " = '"
            + ofNew(before).text()
            + "', which is chosen when a table is created and cannot become '"
            + wanted
            + "' later: the files that are there, and writers that have the table open, would not"
            + " follow. Nothing was committed. Create a new table with '"
            + wanted
            + "' and append this one's files or rows to it.");
  }

  static UnsupportedTableException unknown(TableMetadata metadata) {
    return new UnsupportedTableException(
        "The table at "
            + metadata.location()
            + " has the property "
            + TableProperties.DURABILITY
            + " = '"
            + metadata.properties().get(TableProperties.DURABILITY)
            + "', and this version knows "
            + String.join(" and ", Durability.texts())
            + ". Nothing was written. Have the writer that changed it set it back, or append this table's"
            + " files to a new one.");
  }
}
