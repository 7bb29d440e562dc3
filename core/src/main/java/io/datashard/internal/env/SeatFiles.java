package io.datashard.internal.env;

import java.nio.file.Path;

/**
 * The files of one seat.
 *
 * @param place their common path, without a suffix
 */
record SeatFiles(Path place) {
  static final String LOCK = ".lock";
  private static final String SOCKET = ".sock";

  /** What whoever has the seat has locked. */
  Path lock() {
    return with(LOCK);
  }

  /** Where he listens. */
  Path socket() {
    return with(SOCKET);
  }

  /** The socket before it listens. */
  Path freshSocket() {
    return with(SOCKET + '~');
  }

  private Path with(String suffix) {
    return place.resolveSibling(place.getFileName() + suffix);
  }
}
