package io.datashard;

import io.datashard.internal.scan.Appended;
import io.datashard.table.Snapshot;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a table, and then those that are appended to it, piece by piece, each once.
 *
 * <p>Whoever keeps a piece's position with what he made of its rows goes on behind it after a
 * restart, and has had each row once: {@link Scan#follow(String)}. For one thread at a time; holds
 * nothing that needs closing.
 */
public final class Following {
  private static final Pattern POSITION =
      Pattern.compile("1:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):(-?[0-9]{1,19})");
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final TableReads reads;
  private final Scan scan;
  private @Nullable Long after;

  /**
   * Rows that were appended by one or more commits.
   *
   * @param rows a scan of them alone; it can be read again
   * @param upTo the last snapshot that it reads
   * @param position where the next piece begins, to be kept by whoever wants to go on from there
   */
  public record Piece(Scan rows, Snapshot upTo, String position) {}

  Following(TableReads reads, Scan scan, String position) {
    this.reads = reads;
    this.scan = scan;
    this.after = position.isEmpty() ? null : snapshotIn(position, reads.view().uuid());
  }

  private static long snapshotIn(String position, UUID table) {
    Matcher parts = POSITION.matcher(position);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "'"
              + position
              + "' is no position: give one of Following.Piece.position(), or none to begin with"
              + " the first row.");
    }
    if (!parts.group(1).equals(table.toString())) {
      throw new IllegalArgumentException(
          "The position "
              + position
              + " is one in the table "
              + parts.group(1)
              + ", and this one is "
              + table
              + ": it was made anew, or is another one.");
    }
    try {
      return Long.parseLong(parts.group(2));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + position + "' is no position.", e);
    }
  }

  /**
   * What was appended since the last piece, after one look at the table; empty if nothing was.
   *
   * @throws RuntimeException as for {@link Scan#appendedAfter(long)}; the next call begins at the
   *     same place
   */
  public Optional<Piece> poll() {
    TableReads.View view = reads.view();
    Snapshot current = view.current();
    Long begin = after;
    if (current == null || begin != null && begin == current.snapshotId()) {
      return Optional.empty();
    }
    Appended appended = view.appended(begin == null ? null : view.snapshot(begin), current);
    after = current.snapshotId();
    if (appended.isEmpty()) {
      return Optional.empty();
    }
    Scan rows =
        scan.at(current.snapshotId())
            .startingAfter(begin == null ? none -> null : begun -> begun.snapshot(begin));
    return Optional.of(new Piece(rows, current, "1:" + view.uuid() + ":" + current.snapshotId()));
  }

  /**
   * The same, waiting for something to be appended: a look each second.
   *
   * @param atMost how long to wait
   * @return empty if nothing was appended in this time
   * @throws InterruptedException the thread was interrupted
   */
  public Optional<Piece> poll(Duration atMost) throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    while (true) {
      Optional<Piece> piece = poll();
      long left = end - System.nanoTime();
      if (piece.isPresent() || left <= 0) {
        return piece;
      }
      Thread.sleep(Duration.ofNanos(Math.min(left, PAUSE.toNanos())).toMillis() + 1);
    }
  }
}
