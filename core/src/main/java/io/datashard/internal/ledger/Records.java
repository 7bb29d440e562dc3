package io.datashard.internal.ledger;

import io.datashard.internal.metadata.Words;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one commit added, as the manifest list's header tells of it: a line with the number of the
 * version, the id of the snapshot, its time in milliseconds, and the numbers of each source, as in
 * {@code 17 4711 1700000000000 job-7:42 job-8:1-3,5}.
 */
record Records(long version, long snapshotId, long millis, Map<String, Numbers> added) {
  Records {
    added = new LinkedHashMap<>(added);
  }

  String line() {
    StringBuilder out = new StringBuilder();
    out.append(version).append(' ').append(snapshotId).append(' ').append(millis);
    added.forEach(
        (source, numbers) -> {
          out.append(' ');
          SourceWords.escape(source, out);
          out.append(':');
          numbers.write(out);
        });
    return out.toString();
  }

  /**
   * Reads a line.
   *
   * @throws IllegalArgumentException it is none
   */
  static Records read(String line) {
    Words words = new Words(line);
    long version = SourceWords.count(words);
    long snapshotId = SourceWords.count(words);
    long millis = SourceWords.count(words);
    Map<String, Numbers> added = new LinkedHashMap<>();
    while (words.hasMore()) {
      String word = words.next();
      int colon = word.indexOf(':');
      if (colon < 0) {
        throw new IllegalArgumentException("'" + word + "' has no colon");
      }
      String source = SourceWords.unescape(word.substring(0, colon));
      if (added.put(source, Numbers.read(word.substring(colon + 1))) != null) {
        throw new IllegalArgumentException("source '" + source + "' is there twice");
      }
    }
    return new Records(version, snapshotId, millis, added);
  }
}
