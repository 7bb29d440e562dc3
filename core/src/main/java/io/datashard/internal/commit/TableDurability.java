package io.datashard.internal.commit;

import io.datashard.error.UnsupportedTableException;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableProperties;
import io.datashard.storage.Durability;
import java.util.Map;
import java.util.Optional;

/** How durable commits to a table are, as its property {@code datashard.durability} says. */
public final class TableDurability {
  private TableDurability() {}

  /**
   * What the table says.
   *
   * @throws UnsupportedTableException it says something else than we know; nobody may write to it
   *     before that is mended
   */
  public static Durability of(TableMetadata metadata) {
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

  private static UnsupportedTableException unknown(TableMetadata metadata) {
    return new UnsupportedTableException(
        "The table at "
            + metadata.location()
            + " has the property "
            + TableProperties.DURABILITY
            + " = '"
            + metadata.properties().get(TableProperties.DURABILITY)
            + "', and this version knows "
            + String.join(" and ", Durability.texts())
            + ". Nothing was written. Set it to one of these with updateProperties().");
  }
}
