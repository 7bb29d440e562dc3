package io.datashard.internal.env;

import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what comes over a wire into messages: four bytes of length, big-endian, then so many bytes.
 * Used by the loop's thread only.
 *
 * <p>Memory is taken for bytes that came, never for those that were only announced.
 */
final class Incoming {
  private static final int HEADER_BYTES = Integer.BYTES;

  /** What was read and not handed on; null if nothing. From position to limit. */
  private @Nullable ByteBuffer kept;

  private boolean drained;

  /**
   * Reads once.
   *
   * @param scratch where to; its content is handed on or copied before this returns
   * @return how many bytes came, 0 if none are there, -1 at the end
   * @throws IOException the wire failed, or announced too long a message
   */
  int read(ReadableByteChannel from, ByteBuffer scratch, Gate gate) throws IOException {
    ByteBuffer into = scratch.clear();
    ByteBuffer before = kept;
    if (before != null) {
      int have = before.remaining();
      int room = Math.max(1, Math.min(missing(before), have + scratch.capacity()));
      into = ByteBuffer.allocate(have + room).put(before);
      kept = into.duplicate().flip();
    }
    int read = from.read(into);
    drained = into.hasRemaining();
    if (read > 0) {
      kept = into.flip();
      handOn(gate);
      if (into == scratch && kept != null) {
        kept = ByteBuffer.allocate(scratch.remaining()).put(scratch).flip();
      }
    }
    return read;
  }

  /** Whether the last read took all there was, so that another one would find nothing. */
  boolean isDrained() {
    return drained;
  }

  /** What the message that has begun still needs, bytes, at least 1. */
  private static int missing(ByteBuffer begun) throws IOException {
    int have = begun.remaining();
    return have < HEADER_BYTES ? HEADER_BYTES - have : HEADER_BYTES + lengthOf(begun) - have;
  }

  private static int lengthOf(ByteBuffer message) throws IOException {
    int length = message.getInt(message.position());
    if (length < 0 || length > Wire.MESSAGE_BYTES_MAX) {
      throw new ProtocolException(
          "a message of "
              + Integer.toUnsignedString(length)
              + " bytes was announced, at most "
              + Wire.MESSAGE_BYTES_MAX
              + " are allowed");
    }
    return length;
  }

  /**
   * Hands on the messages that are there whole, as long as the gate is open.
   *
   * @throws IOException too long a message was announced
   */
  void handOn(Gate gate) throws IOException {
    ByteBuffer data = kept;
    if (data == null) {
      return;
    }
    while (gate.isOpen() && data.remaining() >= HEADER_BYTES) {
      int length = lengthOf(data);
      if (data.remaining() < HEADER_BYTES + length) {
        break;
      }
      byte[] message = new byte[length];
      data.position(data.position() + HEADER_BYTES).get(message);
      gate.accept(ByteBuffer.wrap(message));
    }
    if (!data.hasRemaining()) {
      kept = null;
    }
  }

  /** Who takes messages, and whether he takes more. */
  interface Gate extends Consumer<ByteBuffer> {
    boolean isOpen();
  }
}
