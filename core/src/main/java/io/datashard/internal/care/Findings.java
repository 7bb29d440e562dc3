package io.datashard.internal.care;

import io.datashard.error.DataShardException;
import io.datashard.storage.Locations;
import io.datashard.table.Damage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a verification found: damages, notes, and which files the table reaches. */
final class Findings {
  private final String tableLocation;
  private final List<Damage> damages = new ArrayList<>();
  private final List<Damage> notes = new ArrayList<>();
  private final Set<String> reached = new HashSet<>();

  Findings(String tableLocation) {
    this.tableLocation = tableLocation;
  }

  /** Something is wrong with this file, a key or a location. */
  void damage(String file, String what) {
    damages.add(new Damage(locationOf(file), what));
  }

  /** Something is worth knowing of this file, a key or a location. */
  void note(String file, String what) {
    notes.add(new Damage(locationOf(file), what));
  }

  /** Runs a check; what it throws is a damage of this file. True if it threw nothing. */
  boolean guarded(String file, Runnable check) {
    try {
      check.run();
      return true;
    } catch (DataShardException e) {
      damage(file, String.valueOf(e.getMessage()));
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      damage(file, "It cannot be read: " + e);
    }
    return false;
  }

  /** The table needs the file of this key. */
  void reach(String key) {
    reached.add(key);
  }

  void reachAll(Collection<String> keys) {
    reached.addAll(keys);
  }

  boolean isReached(String key) {
    return reached.contains(key);
  }

  List<Damage> damages() {
    return damages;
  }

  List<Damage> notes() {
    return notes;
  }

  private String locationOf(String file) {
    boolean absolute = file.startsWith("/") || file.matches("(?s)[A-Za-z][A-Za-z0-9+.-]*:.*");
    return absolute ? file : Locations.of(tableLocation, file);
  }
}
