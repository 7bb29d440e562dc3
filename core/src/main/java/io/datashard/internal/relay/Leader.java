package io.datashard.internal.relay;

import io.datashard.error.DataShardException;
import io.datashard.internal.commit.AddedFiles;
import io.datashard.internal.commit.AppendId;
import io.datashard.internal.commit.Committer;
import io.datashard.internal.env.Machine;
import io.datashard.internal.env.Wire;
import io.datashard.internal.ledger.Once;
import io.datashard.internal.rows.BatchCodec;
import io.datashard.schema.Schema;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a line that holds a seat hears from its followers. Its state is guarded by the line's
 * monitor. Nothing of what comes is believed: whatever is wrong ends the wire.
 */
final class Leader implements Wire.Listener {
  private static final Logger LOG = LoggerFactory.getLogger(Leader.class);
  private static final Duration BEAT = Duration.ofMillis(100);

  /** A follower that sends more than it may is cut off; the slack is one message. */
  private static final long WAITING_BYTES_MAX =
      (long) Follower.CREDIT_BYTES + Wire.MESSAGE_BYTES_MAX;

  private final Line line;
  private final Machine.Seat seat;
  private final int place;
  private final Map<Wire, Peer> peers = new HashMap<>();
  private boolean leaving;
  private boolean beating;
  private boolean reading = true;
  private boolean over;

  Leader(Line line, Machine.Seat seat, int place) {
    this.line = line;
    this.seat = seat;
    this.place = place;
  }

  int place() {
    return place;
  }

  /** Asks followers to send nothing more; what is under way is taken. Holding the monitor. */
  void acceptNoMore() {
    if (!leaving) {
      leaving = true;
      for (Peer peer : peers.values()) {
        peer.wire.send(Message.of(Message.LEAVING));
      }
    }
  }

  /** Whether followers were asked to send nothing more. The caller holds the monitor. */
  boolean isLeaving() {
    return leaving;
  }

  /** Takes nothing any more: who is not answered goes to the next. The caller holds the monitor. */
  void resign() {
    over = true;
  }

  /** Reads wires again if the queue has room. The caller holds the monitor. */
  void resume() {
    if (!reading && !line.isFull()) {
      reading = true;
      peers.values().forEach(peer -> peer.wire.read(true));
    }
  }

  /** Gives the seat up. */
  void close() {
    line.monitor().lock();
    try {
      resign();
      line.monitor().signalAll();
    } finally {
      line.monitor().unlock();
    }
    seat.close();
  }

  @Override
  public void opened(Wire wire) {
    line.monitor().lock();
    try {
      peers.put(wire, new Peer(wire));
    } finally {
      line.monitor().unlock();
    }
  }

  @Override
  public void closed(Wire wire) {
    line.monitor().lock();
    try {
      // Its requests stay: they may be in a round already, and nobody else knows that.
      peers.remove(wire);
    } finally {
      line.monitor().unlock();
    }
  }

  @Override
  public void received(Wire wire, ByteBuffer message) {
    String wrong = null;
    line.monitor().lock();
    try {
      Peer peer = peers.get(wire);
      if (peer != null) {
        understand(peer, message);
      }
    } catch (BufferUnderflowException
        | IllegalArgumentException
        | IndexOutOfBoundsException
        | CharacterCodingException
        | DataShardException e) {
      wrong = String.valueOf(e.getMessage());
      peers.remove(wire);
    } finally {
      line.monitor().unlock();
    }
    if (wrong != null) {
      LOG.warn("A process is cut off from {}: {}", line.storage().location(), wrong);
      wire.close();
    }
  }

  private void understand(Peer peer, ByteBuffer message) throws CharacterCodingException {
    byte kind = message.get();
    if (!peer.welcome && kind != Message.HELLO) {
      throw new IllegalArgumentException("it did not say hello");
    }
    switch (kind) {
      case Message.HELLO -> hello(peer, message);
      case Message.COLUMNS -> {
        Schema theirs = Schema.fromJson(Message.strictText(message));
        Schema ours = line.committer().knownMetadata().schema();
        // Mostly the same; by our object it is seen without a look at the columns.
        peer.schema = ours.sameColumns(theirs) ? ours : theirs;
      }
      case Message.APPEND -> append(peer, message);
      case Message.CANCEL -> {
        long number = message.getLong();
        Request request = peer.waiting.get(number);
        if (request != null && line.remove(request)) {
          forget(peer, request);
          peer.wire.send(Message.of(Message.CANCELLED, number));
        }
      }
      default -> throw new IllegalArgumentException("a message of kind " + kind);
    }
  }

  private void hello(Peer peer, ByteBuffer message) {
    int protocol = message.getInt();
    UUID table = new UUID(message.getLong(), message.getLong());
    Committer committer = line.committer();
    UUID ours = committer.knownUuid();
    if (protocol != Message.PROTOCOL) {
      refuse(peer, "The committer speaks protocol " + Message.PROTOCOL + ", not " + protocol + ".");
    } else if (!table.equals(ours)) {
      refuse(peer, "The committer has the table " + ours + ", not " + table + ".");
    } else {
      if (leaving) {
        peer.wire.send(Message.of(Message.LEAVING));
        return;
      }
      peer.welcome = true;
      peer.wire.send(Message.of(Message.WELCOME, committer.knownSequence()));
      if (!reading) {
        peer.wire.read(false);
      }
    }
  }

  private static void refuse(Peer peer, String why) {
    peer.wire.send(Message.of(Message.REFUSED, why));
  }

  private void append(Peer peer, ByteBuffer message) throws CharacterCodingException {
    AppendId id = new AppendId(message.getLong(), message.getLong(), message.getLong());
    long base = message.getLong();
    Once once = Message.once(message);
    byte payloadKind = message.get();
    Schema schema = peer.schema;
    if (schema == null) {
      throw new IllegalArgumentException("it did not say its columns");
    }
    if (over || peer.waiting.containsKey(id.number())) {
      return; // not accepted, so the follower hands it to the next; or it is here already
    }
    Request here = line.ofOthers(id);
    if (here != null) {
      adopt(here, peer);
      return;
    }
    Payload payload = payload(payloadKind, schema, message);
    Request request = new Request(id, schema, payload, once, base, peer, line.env().monitor());
    peer.bytes += request.bytes;
    if (peer.bytes > WAITING_BYTES_MAX) {
      throw new IllegalArgumentException(peer.bytes + " bytes wait already");
    }
    peer.waiting.put(id.number(), request);
    line.add(request);
    if (line.isFull() && reading) {
      reading = false;
      peers.values().forEach(each -> each.wire.read(false));
    }
    beat();
  }

  /**
   * Answers what came over a wire that was cut over the wire that it came by again. A second
   * request of the same id could get into the same round, where nobody looks ids up.
   */
  private void adopt(Request request, Peer peer) {
    Peer before = request.peer;
    if (before != null) {
      forget(before, request);
    }
    request.peer = peer;
    peer.bytes += request.bytes;
    peer.waiting.put(request.id.number(), request);
    beat();
  }

  private Payload payload(byte kind, Schema schema, ByteBuffer content) {
    if (kind == Message.ROWS) {
      return new Payload.Rows(BatchCodec.read(schema, content));
    }
    if (kind == Message.FILES) {
      long since = content.getLong();
      byte[] bytes = new byte[content.remaining()];
      content.get(bytes);
      return new Payload.Files(
          AddedFiles.read(
              line.committer().knownMetadata(), line.storage().location(), ByteBuffer.wrap(bytes)),
          ByteBuffer.wrap(bytes),
          since);
    }
    throw new IllegalArgumentException("a payload of kind " + kind);
  }

  private static void forget(Peer peer, Request request) {
    peer.waiting.remove(request.id.number());
    peer.bytes -= request.bytes;
  }

  /** Lets those who wait know that we live, however long a round takes. */
  private void beat() {
    if (!beating) {
      try {
        line.env().start("datashard-beat", this::beats);
        beating = true;
      } catch (OutOfMemoryError e) { // no more threads can be started; then followers lose patience
        LOG.warn("The committer of {} cannot beat", line.storage().location(), e);
      }
    }
  }

  private void beats() {
    while (true) {
      List<Peer> waiting = waiting();
      if (waiting == null) {
        return;
      }
      ByteBuffer beat = Message.of(Message.BEAT, line.committer().knownSequence());
      for (Peer peer : waiting) {
        peer.wire.send(beat.duplicate());
      }
      try {
        line.env().sleep(BEAT);
      } catch (InterruptedException e) {
        return; // nobody interrupts this thread
      }
    }
  }

  /** Who waits, null if nobody does and this thread ends. */
  private @Nullable List<Peer> waiting() {
    line.monitor().lock();
    try {
      List<Peer> waiting = new ArrayList<>();
      for (Peer peer : peers.values()) {
        // Who is not read may wait for what we do not know of yet.
        if (!peer.waiting.isEmpty() || !reading) {
          waiting.add(peer);
        }
      }
      if (waiting.isEmpty() || over) {
        beating = false;
        return null;
      }
      return waiting;
    } finally {
      line.monitor().unlock();
    }
  }
}
