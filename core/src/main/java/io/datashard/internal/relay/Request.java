package io.datashard.internal.relay;

import io.datashard.error.DataShardException;
import io.datashard.internal.commit.AppendId;
import io.datashard.internal.env.Monitor;
import io.datashard.internal.ledger.Once;
import io.datashard.schema.Schema;
import io.datashard.table.Committed;
import org.jspecify.annotations.Nullable;

/**
 * One append on its way to a commit. Its state is guarded by the line's monitor; its outcome is
 * waited for on a monitor of its own.
 */
final class Request {
  /** Where it is. */
  enum State {
    /** In the line's queue: it can still be taken back. */
    QUEUED,
    /** Handed to the committer of another process. */
    SENT,
    /** In a round of this process. */
    TAKEN,
    DONE
  }

  final AppendId id;
  final Schema schema;
  final Payload payload;

  /** What its caller knows it by; null if it has no source and number. */
  final @Nullable Once once;

  private static final int BYTES_MIN = 1 << 10;

  /** About what it takes in memory and on a wire. */
  final int bytes;

  /** The process that asked for it, over its latest wire; null if it is this one. */
  @Nullable Peer peer;

  /** A sequence number from before anybody could have committed it. */
  final long base;

  State state = State.QUEUED;

  /** Whether another process may have it. */
  boolean handed;

  /**
   * Whether a committer had it and never answered. He may be frozen and commit it at any later
   * time, so from then on nobody can say that it is not committed (I3).
   */
  boolean leftBehind;

  /**
   * How many wires ended while it was under way on them. Who commits cuts off whoever sends what he
   * does not understand, and would do so again.
   */
  int cuts;

  private static final int CUTS_MAX = 3;

  private final Monitor done;
  private @Nullable Committed committed;
  private @Nullable DataShardException failure;

  Request(
      AppendId id,
      Schema schema,
      Payload payload,
      @Nullable Once once,
      long base,
      @Nullable Peer peer,
      Monitor done) {
    this.id = id;
    this.schema = schema;
    this.payload = payload;
    this.once = once;
    this.bytes = Math.max(payload.bytes(), BYTES_MIN);
    this.base = base;
    this.peer = peer;
    this.done = done;
  }

  /** Whether to hand it to the committer of another process. */
  boolean mayBeSent() {
    return cuts < CUTS_MAX && Message.fits(this);
  }

  /** Ends it; the first end stands. */
  void end(@Nullable Committed outcome, @Nullable DataShardException error) {
    done.lock();
    try {
      if (committed == null && failure == null) {
        committed = outcome;
        failure = error != null && leftBehind ? Failures.notKnown(error) : error;
        done.signalAll();
      }
    } finally {
      done.unlock();
    }
  }

  /**
   * Waits for its end.
   *
   * @param nanos how long at most; {@link Long#MAX_VALUE} for ever
   * @return null if it has not ended yet
   * @throws InterruptedException the thread was interrupted
   * @throws DataShardException what it ended with
   */
  @Nullable Committed await(long nanos) throws InterruptedException {
    done.lock();
    try {
      if (committed == null && failure == null) {
        done.await(nanos);
      }
      return outcome();
    } finally {
      done.unlock();
    }
  }

  /** The same, deaf to interrupts. */
  @Nullable Committed awaitUninterruptibly(long nanos) {
    done.lock();
    try {
      if (committed == null && failure == null) {
        done.awaitUninterruptibly(nanos);
      }
      return outcome();
    } finally {
      done.unlock();
    }
  }

  private @Nullable Committed outcome() {
    if (failure != null) {
      throw failure;
    }
    return committed;
  }
}
