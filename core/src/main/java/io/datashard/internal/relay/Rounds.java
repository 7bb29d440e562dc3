package io.datashard.internal.relay;

import io.datashard.error.DataShardException;
import io.datashard.error.OutcomeUnknownException;
import io.datashard.error.StorageException;
import io.datashard.internal.commit.Committer;
import io.datashard.internal.commit.Round;
import io.datashard.internal.env.Env;
import io.datashard.internal.env.Monitor;
import io.datashard.table.Committed;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Commits the requests of a line by the round, and answers whoever waits for them. */
final class Rounds {
  private final Line line;
  private final Env env;
  private final Monitor monitor;
  private final Committer committer;
  private final CommitDelay delay;
  private final Hints hints;
  private final boolean isRemote;

  Rounds(Line line, CommitDelay delay, Hints hints) {
    this.line = line;
    this.env = line.env();
    this.monitor = line.monitor();
    this.committer = line.committer();
    this.delay = delay;
    this.hints = hints;
    this.isRemote = line.storage().isRemote();
  }

  /**
   * Commits requests, together if that is possible: what one of them has wrong does not fail the
   * others. Each is answered.
   *
   * @param taken at least one
   */
  void commit(List<Request> taken) {
    if (!commitTogether(taken)) {
      commitOneByOne(taken);
    }
  }

  private void commitOneByOne(List<Request> taken) {
    for (int i = 0; i < taken.size(); i++) {
      try {
        commitTogether(taken.subList(i, i + 1));
      } catch (Error e) {
        fail(taken.subList(i + 1, taken.size()), e);
        throw e;
      }
    }
  }

  /**
   * Commits requests as one round and answers them.
   *
   * @return false if nothing was committed and nobody answered, because of what one of several has
   *     wrong. Only the commit itself can say so: whatever goes wrong after it, nothing is made
   *     twice
   */
  private boolean commitTogether(List<Request> requests) {
    long beginNanos = env.nanoTime();
    List<Round.Settled> outcomes;
    try {
      outcomes = committer.commit(new Gathered(committer, env, requests));
    } catch (OutcomeUnknownException | StorageException e) {
      fail(requests, e);
      return true;
    } catch (RuntimeException e) {
      if (requests.size() > 1) {
        return false;
      }
      fail(requests, e);
      return true;
    } catch (Error e) {
      fail(requests, e);
      throw e;
    }
    tell(requests, outcomes, beginNanos);
    return true;
  }

  private void tell(List<Request> requests, List<Round.Settled> outcomes, long beginNanos) {
    long version = 0;
    for (Round.Settled outcome : outcomes) {
      Committed committed = outcome.committed();
      if (committed != null && committed.changed()) {
        version = Math.max(version, committed.version());
      }
    }
    int writers = requests.size() + line.queued();
    boolean isHintedFirst = writers == 1 && !isRemote;
    delay.ended(writers, env.nanoTime() - beginNanos);
    try {
      if (isHintedFirst && version > 0) {
        committer.hint(version); // who appends alone and then reads by the folder finds his rows
      }
    } finally {
      answer(requests, outcomes); // whatever surprise that was
    }
    if (!isHintedFirst && version > 0) {
      hints.want(version);
    }
    committer.cleanSoon(false);
  }

  private void answer(List<Request> requests, List<Round.Settled> outcomes) {
    for (int i = 0; i < outcomes.size(); i++) {
      try {
        answer(requests.get(i), outcomes.get(i).committed(), outcomes.get(i).refused());
      } catch (RuntimeException | Error e) {
        fail(requests.subList(i, requests.size()), e);
        throw e;
      }
    }
  }

  private void fail(List<Request> requests, Throwable cause) {
    for (Request request : requests) {
      fail(request, cause);
    }
  }

  /** Ends a request that is in no round any more. */
  void fail(Request request, Throwable cause) {
    answer(request, null, Failures.copyOf(cause));
  }

  private void answer(
      Request request, @Nullable Committed committed, @Nullable DataShardException failure) {
    Peer peer;
    monitor.lock();
    try {
      request.state = Request.State.DONE;
      peer = request.peer;
      if (peer != null) {
        line.forget(request);
      }
      if (peer != null && peer.waiting.remove(request.id.number()) != null) {
        peer.bytes -= request.bytes;
      }
    } finally {
      monitor.unlock();
    }
    if (peer == null) {
      request.end(committed, failure);
    } else if (committed != null) {
      peer.wire.send(Message.done(request.id.number(), committed, committer.knownSequence()));
    } else if (failure != null) {
      peer.wire.send(
          Message.failed(
              request.id.number(), Failures.kindOf(failure), String.valueOf(failure.getMessage())));
    }
  }
}
