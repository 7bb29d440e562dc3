package io.datashard.storage;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What an acknowledged commit outlives. In either case it outlives the process that made it. */
public enum Durability {
  /** Power cuts too: files, names and folders are on the device before the answer. */
  FSYNC,

  /**
   * What the operating system outlives: everything was handed to it, in order, and nothing was
   * synced. After a power cut the last commits may be gone, and the table may not open.
   */
  OS;

  /** Its name as a property value: lower case. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The one of this name, in letters of any case; empty if there is none. */
  public static Optional<Durability> of(String text) {
    return Stream.of(values()).filter(each -> each.text().equalsIgnoreCase(text)).findFirst();
  }

  /** The names of all. */
  public static List<String> texts() {
    return Stream.of(values()).map(Durability::text).toList();
  }
}
