package io.datashard.internal.log;

import io.datashard.storage.PutOutcome;
import io.datashard.storage.Storage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Below which number versions may have been cleaned away (I1): the highest name in {@code
 * metadata/floor/}. Names are only ever added, never overwritten, so that no slow writer can take
 * the floor back; some older ones are kept, so that a listing that overlaps with a raise still
 * shows the floor of its beginning.
 *
 * <p>What a version's name or file says counts only if the floor is read afterwards and is not
 * above it: a name that was freed can be created again, by a process that slept meanwhile.
 */
final class Floor {
  private static final String FOLDER = VersionNames.FOLDER + "/floor";
  private static final int KEPT = 8;

  /** So many digits always fit a long. */
  private static final int DIGITS_MAX = 18;

  private final Storage storage;

  Floor(Storage storage) {
    this.storage = storage;
  }

  /** The floor; 0 if nothing was ever cleaned away. */
  long read() {
    long highest = 0;
    for (String name : storage.names(FOLDER, "")) {
      highest = Math.max(highest, numberOf(name));
    }
    return highest;
  }

  /**
   * Raises the floor; it is durable then.
   *
   * @param to at most the newest version, which stays
   */
  void raise(long to) {
    byte[] digits = Long.toString(to).getBytes(StandardCharsets.US_ASCII);
    if (storage.createExclusive(keyOf(to), ByteBuffer.wrap(digits)) == PutOutcome.EXISTED) {
      makeDurable(to);
    }
    List<Long> numbers = new ArrayList<>();
    for (String name : storage.names(FOLDER, "")) {
      if (numberOf(name) > 0) {
        numbers.add(numberOf(name));
      }
    }
    numbers.sort(null);
    for (long old : numbers.subList(0, Math.max(0, numbers.size() - KEPT))) {
      storage.delete(keyOf(old));
    }
  }

  /** Makes a floor durable that somebody else may have raised a moment ago. */
  void makeDurable(long number) {
    storage.makeDurable(keyOf(number));
  }

  /** Its file. */
  static String keyOf(long number) {
    return FOLDER + "/" + number;
  }

  /** 0 for what is no floor. */
  private static long numberOf(String name) {
    if (name.isEmpty() || name.length() > DIGITS_MAX || name.charAt(0) == '0') {
      return 0;
    }
    for (int i = 0; i < name.length(); i++) {
      if (name.charAt(i) < '0' || name.charAt(i) > '9') {
        return 0;
      }
    }
    return Long.parseLong(name);
  }
}
