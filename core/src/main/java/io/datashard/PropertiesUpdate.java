package io.datashard;

import io.datashard.internal.commit.Change;
import io.datashard.internal.commit.Committer;
import io.datashard.internal.metadata.TableProperties;
import io.datashard.table.Committed;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A change of table properties; {@link #commit} makes it. */
public final class PropertiesUpdate {
  private final Committer committer;
  private final Map<String, String> set = new LinkedHashMap<>();
  private final Set<String> removed = new LinkedHashSet<>();

  PropertiesUpdate(Committer committer) {
    this.committer = committer;
  }

  /**
   * Sets a property.
   *
   * @throws IllegalArgumentException an unknown {@code datashard.*} property, or a value it cannot
   *     have
   */
  public PropertiesUpdate set(String key, String value) {
    TableProperties.check(key, value);
    removed.remove(key);
    set.put(key, value);
    return this;
  }

  /**
   * Removes a property; one that is not set stays so.
   *
   * @throws IllegalArgumentException the table needs the property
   */
  public PropertiesUpdate remove(String key) {
    TableProperties.checkRemoval(key);
    set.remove(key);
    removed.add(key);
    return this;
  }

  /**
   * Makes the change, as one commit.
   *
   * @throws IllegalArgumentException it would change {@code datashard.durability}, which is chosen
   *     when a table is created; nothing was committed
   */
  public Committed commit() {
    return committer.commit(
        new Change(List.of(), List.of(), Set.of(), Set.of(), set, removed, null));
  }
}
