package io.datashard.internal.relay;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What waits to be committed or sent, in order. Guarded by the line's monitor. */
final class RequestQueue {
  private static final int ROUND_BYTES_MAX = 8 << 20;
  private static final int BYTES_MAX = 32 << 20;

  private final Deque<Request> waiting = new ArrayDeque<>();
  private long bytes;

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  int size() {
    return waiting.size();
  }

  /** Whether there is so much that wires should not be read. */
  boolean isFull() {
    return bytes > BYTES_MAX;
  }

  /** Whether a request of this size may be added; the first one always may. */
  boolean hasRoomFor(int more) {
    return bytes == 0 || bytes + more <= BYTES_MAX;
  }

  void add(Request request) {
    waiting.add(request);
    bytes += request.bytes;
  }

  /** Puts requests that were taken before back to the front, in their order. */
  void putBack(List<Request> taken) {
    for (int i = taken.size() - 1; i >= 0; i--) {
      Request request = taken.get(i);
      request.state = Request.State.QUEUED;
      waiting.addFirst(request);
      bytes += request.bytes;
    }
  }

  @Nullable Request peek() {
    return waiting.peek();
  }

  /** Takes the first one; there is one. */
  Request take() {
    Request request = waiting.remove();
    bytes -= request.bytes;
    return request;
  }

  /** The next requests that fit one round: of one schema, and not too many. */
  List<Request> takeRound() {
    List<Request> taken = new ArrayList<>();
    long roundBytes = 0;
    for (Request next = waiting.peek(); next != null; next = waiting.peek()) {
      if (!taken.isEmpty()
          && (roundBytes + next.bytes > ROUND_BYTES_MAX
              || !next.schema.sameColumns(taken.get(0).schema))) {
        break;
      }
      roundBytes += next.bytes;
      next.state = Request.State.TAKEN;
      taken.add(take());
    }
    return taken;
  }

  /** Takes one out before anybody commits it; false if it is not here any more. */
  boolean takeBack(Request request) {
    if (request.state != Request.State.QUEUED || !waiting.remove(request)) {
      return false;
    }
    request.state = Request.State.DONE;
    bytes -= request.bytes;
    return true;
  }

  List<Request> takeAll() {
    List<Request> all = new ArrayList<>(waiting);
    waiting.clear();
    bytes = 0;
    return all;
  }
}
