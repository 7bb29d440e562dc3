package io.datashard.internal.ledger;

import io.datashard.error.CorruptTableException;
import io.datashard.internal.metadata.Words;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a ledger file holds: a line with how many sources and how many forgotten ones follow, a line
 * for each source, a line for each forgotten one with the first 8 bytes of its name's SHA-256.
 * Never changed.
 */
final class Folded {
  static final Folded EMPTY = new Folded(Map.of(), new long[0]);

  private static final String FORMAT = "datashard-sources 1";

  /** Sources that are known in full; names in the order they came. */
  final Map<String, Source> sources;

  /** In ascending order. */
  private final long[] forgotten;

  /**
   * @param sources not changed any more
   * @param forgotten in ascending order, not changed any more
   */
  Folded(Map<String, Source> sources, long[] forgotten) {
    this.sources = sources;
    this.forgotten = forgotten;
  }

  int forgotten() {
    return forgotten.length;
  }

  boolean forgot(String source) {
    return forgotten.length > 0 && Arrays.binarySearch(forgotten, hash(source)) >= 0;
  }

  /** The hashes of the forgotten sources and of these. */
  long[] forgottenAnd(Iterable<String> more) {
    long[] all = Arrays.copyOf(forgotten, forgotten.length + 64);
    int count = forgotten.length;
    for (String source : more) {
      if (count == all.length) {
        all = Arrays.copyOf(all, 2 * count);
      }
      all[count++] = hash(source);
    }
    all = Arrays.copyOf(all, count);
    Arrays.sort(all);
    return all;
  }

  private static long hash(String source) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(source.getBytes(StandardCharsets.UTF_8));
      return ByteBuffer.wrap(hash).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256.", e);
    }
  }

  byte[] bytes() {
    StringBuilder text = new StringBuilder(FORMAT).append('\n');
    text.append(sources.size()).append(' ').append(forgotten.length).append('\n');
    sources.forEach((name, source) -> source.write(name, text));
    for (long hash : forgotten) {
      text.append(HexFormat.of().toHexDigits(hash)).append('\n');
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads a file.
   *
   * @throws CorruptTableException it is none
   */
  static Folded read(byte[] bytes, String name) {
    String[] lines = new String(bytes, StandardCharsets.UTF_8).split("\n", -1);
    if (!lines[0].equals(FORMAT)) {
      throw new CorruptTableException(
          name
              + " is no ledger of sources that this version reads: it begins with '"
              + lines[0].substring(0, Math.min(40, lines[0].length()))
              + "' instead of '"
              + FORMAT
              + "'. If a newer DataShard wrote it, use that one.");
    }
    try {
      return read(lines);
    } catch (IllegalArgumentException e) {
      throw new CorruptTableException(
          name + " is damaged: " + e.getMessage() + ". Restore the file from a copy.", e);
    }
  }

  private static Folded read(String[] lines) {
    Words counts = new Words(lines.length < 2 ? "" : lines[1]);
    int sourceCount = SourceWords.count(counts, lines.length);
    int forgottenCount = SourceWords.count(counts, lines.length);
    counts.end();
    if (lines.length != 3L + sourceCount + forgottenCount || !lines[lines.length - 1].isEmpty()) {
      throw new IllegalArgumentException(
          "it should have "
              + (2L + sourceCount + forgottenCount)
              + " lines, it has "
              + (lines.length - 1));
    }
    Map<String, Source> sources = new LinkedHashMap<>(2 * sourceCount);
    for (int i = 0; i < sourceCount; i++) {
      Words words = new Words(lines[2 + i]);
      if (sources.put(SourceWords.unescape(words.next()), Source.read(words)) != null) {
        throw new IllegalArgumentException("a source is there twice: '" + lines[2 + i] + "'");
      }
    }
    long[] forgotten = new long[forgottenCount];
    for (int i = 0; i < forgottenCount; i++) {
      String line = lines[2 + sourceCount + i];
      if (line.length() != 16) {
        throw new IllegalArgumentException("'" + line + "' is no hash");
      }
      forgotten[i] = HexFormat.fromHexDigitsToLong(line);
      if (i > 0 && forgotten[i] < forgotten[i - 1]) {
        throw new IllegalArgumentException("hashes are not in order");
      }
    }
    return new Folded(sources, forgotten);
  }
}
