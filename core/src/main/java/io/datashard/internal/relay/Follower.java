package io.datashard.internal.relay;

import io.datashard.error.StorageException;
import io.datashard.internal.env.Wire;
import io.datashard.schema.Schema;
import io.datashard.table.Committed;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This process's end of the wire to a committer. Its state is guarded by the line's monitor. */
final class Follower implements Wire.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Follower.class);

  /** So much may be under way on one wire. */
  static final int CREDIT_BYTES = 1 << 20;

  private final Line line;
  private final int place;
  private final Map<Long, Request> sent = new LinkedHashMap<>();
  private long sentBytes;
  private @Nullable Wire wire;
  private boolean welcome;
  private boolean refused;
  private boolean closed;
  private boolean leaving;
  private long heardNanos;
  private @Nullable Schema columnsSent;

  /** The last columns that were too many for a message. */
  private @Nullable Schema columnsTooMany;

  Follower(Line line, int place) {
    this.line = line;
    this.place = place;
  }

  /** Says who we are; the answer comes to {@link #received}. */
  void hello(Wire to, UUID table) {
    wire = to;
    ByteBuffer hello = ByteBuffer.allocate(1 + Integer.BYTES + 2 * Long.BYTES);
    hello.put(Message.HELLO).putInt(Message.PROTOCOL);
    hello.putLong(table.getMostSignificantBits()).putLong(table.getLeastSignificantBits());
    to.send(hello.flip());
  }

  Wire wire() {
    return Objects.requireNonNull(wire);
  }

  int place() {
    return place;
  }

  boolean isUndecided() {
    return !welcome && !refused && !leaving && !closed;
  }

  boolean isWelcome() {
    return welcome && !leaving && !closed;
  }

  boolean isRefused() {
    return refused;
  }

  boolean isClosed() {
    return closed;
  }

  /** Whether the committer leaves and owes us nothing. */
  boolean hasLeft() {
    return leaving && sent.isEmpty();
  }

  /** Whether nothing is under way. */
  boolean isIdle() {
    return sent.isEmpty();
  }

  /** When the committer last said something, or last had nothing to say. */
  long heardNanos() {
    return heardNanos;
  }

  /**
   * Takes a request that is all there is in the queue, if it may be sent by whoever made it; then
   * it counts as sent.
   */
  boolean takesAlone(Request request, RequestQueue queue) {
    return isWelcome() && queue.size() == 1 && isShort(request) && !takeFrom(queue).isEmpty();
  }

  /** Whether a request can be sent; if not, it is to be committed beside the committer. */
  boolean fits(Request request) {
    line.monitor().lock();
    try {
      return isShort(request);
    } finally {
      line.monitor().unlock();
    }
  }

  /** Whether it and its columns can be told in a message each. The caller holds the monitor. */
  private boolean isShort(Request request) {
    Schema schema = request.schema;
    if (!Message.fits(request) || columnsTooMany != null && columnsTooMany.sameColumns(schema)) {
      return false;
    }
    if (columnsSent != null && columnsSent.sameColumns(schema)) {
      columnsSent = schema; // the next look at the same object is short
      return true;
    }
    if (Message.columns(schema).remaining() <= Wire.MESSAGE_BYTES_MAX) {
      return true;
    }
    columnsTooMany = schema;
    return false;
  }

  /** Takes what may be sent now; it counts as sent. */
  List<Request> takeFrom(RequestQueue queue) {
    List<Request> taken = new ArrayList<>();
    while (!leaving) {
      Request next = queue.peek();
      if (next == null || sentBytes > 0 && sentBytes + next.bytes > CREDIT_BYTES) {
        break;
      }
      queue.take();
      if (sent.isEmpty()) {
        heardNanos = line.env().nanoTime();
      }
      next.state = Request.State.SENT;
      next.handed = true;
      sent.put(next.id.number(), next);
      sentBytes += next.bytes;
      taken.add(next);
    }
    return taken;
  }

  /** Sends one of those, with its columns if they are new to the committer. */
  void send(Request request, ByteBuffer message) {
    line.monitor().lock(); // nobody else's columns come between
    try {
      if (columnsSent == null || !columnsSent.sameColumns(request.schema)) {
        wire().send(Message.columns(request.schema));
        columnsSent = request.schema;
      }
      wire().send(message);
    } finally {
      line.monitor().unlock();
    }
  }

  /** Forgets one that was not sent after all. */
  void forget(Request request) {
    line.monitor().lock();
    try {
      ended(request.id.number());
    } finally {
      line.monitor().unlock();
    }
  }

  /** Asks for one back. */
  void cancel(Request request) {
    if (!closed) {
      wire().send(Message.of(Message.CANCEL, request.id.number()));
    }
  }

  /** All that is under way, in order; then nothing is. */
  List<Request> takeSent() {
    List<Request> all = new ArrayList<>(sent.values());
    sent.clear();
    sentBytes = 0;
    return all;
  }

  private @Nullable Request ended(long number) {
    Request request = sent.remove(number);
    if (request != null) {
      sentBytes -= request.bytes;
      request.state = Request.State.DONE;
    }
    return request;
  }

  @Override
  public void received(Wire from, ByteBuffer message) {
    line.monitor().lock();
    try {
      boolean awaited = isUndecided();
      if (!closed) {
        heardNanos = line.env().nanoTime();
        understand(message);
      }
      // An answer is mostly news for those alone whom it ends.
      if (awaited || leaving || line.waitsForAnswers()) {
        line.monitor().signalAll();
      }
    } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
      LOG.warn("The committer of {} is not understood: {}", line.storage().location(), e);
      from.close();
    } finally {
      line.monitor().unlock();
    }
  }

  private void understand(ByteBuffer message) {
    byte kind = message.get();
    switch (kind) {
      case Message.WELCOME -> {
        line.hears(message.getLong());
        welcome = true;
      }
      case Message.REFUSED -> {
        LOG.info("{}: {}", line.storage().location(), Message.text(message));
        refused = true;
      }
      case Message.DONE -> done(message);
      case Message.FAILED -> failed(message);
      case Message.CANCELLED -> {
        Request request = ended(message.getLong());
        if (request != null) {
          request.end(
              null,
              new StorageException(
                  "Not committed to "
                      + line.storage().location()
                      + ": it was taken back. Nothing was changed."));
        }
      }
      case Message.BEAT -> line.hears(message.getLong());
      case Message.LEAVING -> leaving = true;
      default -> throw new IndexOutOfBoundsException("a message of kind " + kind);
    }
  }

  private void done(ByteBuffer message) {
    Request request = ended(message.getLong());
    Committed committed = Message.committed(message);
    line.hears(message.getLong(), committed.version());
    if (request != null) {
      if (!committed.wasThere()) {
        line.committer().confirm(request.schema);
      }
      request.end(committed, null);
    }
  }

  private void failed(ByteBuffer message) {
    Request request = ended(message.getLong());
    Failures.Kind[] kinds = Failures.Kind.values();
    int kind = message.get();
    Failures.Kind known = kind >= 0 && kind < kinds.length ? kinds[kind] : Failures.Kind.UNKNOWN;
    if (request != null) {
      request.end(null, Failures.of(known, Message.text(message)));
    }
  }

  @Override
  public void closed(Wire which) {
    line.monitor().lock();
    try {
      closed = true;
      line.wake();
    } finally {
      line.monitor().unlock();
    }
  }
}
