package io.datashard.internal.commit;

import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place in the {@linkplain CommitQueue queue}.
 *
 * @param name of its file
 * @param version the newest one when it was drawn
 * @param attemptNanos what an attempt takes its owner
 */
record Ticket(String name, long version, long attemptNanos) {
  static final Comparator<Ticket> OLDEST_FIRST =
      Comparator.comparingLong(Ticket::version).thenComparing(Ticket::name);

  /** So many attempts of its owner the oldest ticket may stay the oldest. */
  private static final int PATIENCE_ATTEMPTS = 3 * CommitQueue.TURN_WINS;

  private static final long PATIENCE_NANOS_MIN = Duration.ofMillis(300).toNanos();
  static final long PATIENCE_NANOS_MAX = Duration.ofSeconds(10).toNanos();

  private static final Pattern NAME = Pattern.compile("([0-9]{18})-([0-9]{1,9})-[0-9a-f]{16}");

  static Ticket draw(long version, long attemptNanos, long random) {
    long millis = Math.min(999_999_999, attemptNanos / 1_000_000 + 1);
    String name =
        String.format(
            Locale.ROOT, "%018d-%d-%s", version, millis, HexFormat.of().toHexDigits(random));
    return new Ticket(name, version, millis * 1_000_000);
  }

  static Optional<Ticket> of(String name) {
    Matcher parts = NAME.matcher(name);
    return parts.matches()
        ? Optional.of(
            new Ticket(
                name, Long.parseLong(parts.group(1)), Long.parseLong(parts.group(2)) * 1_000_000))
        : Optional.empty();
  }

  String key() {
    return CommitQueue.FOLDER + "/" + name;
  }

  /** How long it may be the oldest one. */
  long patienceNanos(long attemptNanosOfOthers) {
    long nanos = PATIENCE_ATTEMPTS * Math.max(attemptNanos, attemptNanosOfOthers);
    return Math.max(PATIENCE_NANOS_MIN, Math.min(PATIENCE_NANOS_MAX, nanos));
  }
}
