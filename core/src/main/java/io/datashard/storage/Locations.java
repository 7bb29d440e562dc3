package io.datashard.storage;

import io.datashard.error.CorruptTableException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Between the absolute locations that metadata holds and the keys that a {@link Storage} takes
 * (I8).
 *
 * <p>Locations of files are {@code table location + "/" + key}, unescaped: the Iceberg world treats
 * them as plain text, not as percent-encoded URIs.
 */
public final class Locations {
  private Locations() {}

  /** The location that metadata records for a key. */
  public static String of(String tableLocation, String key) {
    return tableLocation + "/" + key;
  }

  /**
   * The key of a recorded location.
   *
   * @param recorded what metadata says, for example {@code file:///lake/t/data/1.parquet}
   * @param tableLocations under which locations the table's own files were recorded: the one in its
   *     metadata and the one it was opened by, which differ after the folder was moved
   * @param namedBy the file that records it, for messages
   * @throws CorruptTableException it lies under none of them, or climbs out of it
   */
  public static String keyOf(String recorded, List<String> tableLocations, String namedBy) {
    Optional<String> key = findKey(recorded, tableLocations);
    if (key.isPresent()) {
      return key.get();
    }
    throw new CorruptTableException(
        namedBy
            + " names a file outside the table: "
            + recorded
            + ". The table lies at "
            + String.join(" or ", tableLocations)
            + ". Files outside a table's own location are neither read nor deleted.");
  }

  /**
   * The key of a recorded location, or of a text that may be none; empty if it leads to nothing
   * below the table.
   *
   * @param tableLocations as for {@link #keyOf}
   */
  public static Optional<String> findKey(String recorded, List<String> tableLocations) {
    String plain = plain(recorded);
    for (String table : tableLocations) {
      String root = plain(table);
      root = root.endsWith("/") ? root : root + "/";
      if (plain.startsWith(root)) {
        String key = plain.substring(root.length());
        if (isKey(key)) {
          return Optional.of(key);
        }
      }
    }
    return Optional.empty();
  }

  /** Whether this can be a key: parts between single slashes, none of them empty, "." or "..". */
  public static boolean isKey(String key) {
    if (key.isEmpty() || key.indexOf('\0') >= 0) {
      return false;
    }
    int start = 0;
    for (int end = 0; end <= key.length(); end++) {
      if (end == key.length() || key.charAt(end) == '/') {
        int length = end - start;
        if (length == 0
            || length == 1 && key.charAt(start) == '.'
            || length == 2 && key.startsWith("..", start)) {
          return false;
        }
        start = end + 1;
      }
    }
    return true;
  }

  /**
   * One spelling for the several that writers use: file:/x, file:///x and /x; s3a and s3n as s3.
   */
  private static String plain(String location) {
    int colon = location.indexOf(':');
    if (colon < 0 || location.startsWith("/")) {
      return location;
    }
    String scheme = location.substring(0, colon).toLowerCase(Locale.ROOT);
    String rest = location.substring(colon + 1);
    switch (scheme) {
      case "file":
        return rest.startsWith("///") ? rest.substring(2) : rest;
      case "s3a", "s3n":
        return "s3:" + rest;
      default:
        return scheme + ":" + rest;
    }
  }
}
