package io.datashard.internal.env;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.ArrayDeque;
import java.util.Deque;

/** What waits to be sent on a wire, in order. Guarded by the wire's lock. */
final class Outgoing {
  /** Shorter messages are copied behind their length: one buffer is cheaper than two. */
  private static final int COPIED_BYTES_MAX = 8 << 10;

  private static final int BUFFERS_MAX = 64;

  private final Deque<ByteBuffer> buffers = new ArrayDeque<>();
  private long bytes;

  void add(ByteBuffer message) {
    int length = message.remaining();
    bytes += Integer.BYTES + length;
    if (length <= COPIED_BYTES_MAX) {
      buffers.add(ByteBuffer.allocate(Integer.BYTES + length).putInt(length).put(message).flip());
    } else {
      buffers.add(ByteBuffer.allocate(Integer.BYTES).putInt(length).flip());
      buffers.add(message);
    }
  }

  boolean isEmpty() {
    return buffers.isEmpty();
  }

  long bytes() {
    return bytes;
  }

  /** Writes as much as can be written now. */
  void writeTo(GatheringByteChannel channel) throws IOException {
    while (!buffers.isEmpty()) {
      long written =
          buffers.size() == 1 ? channel.write(buffers.element()) : channel.write(gather());
      bytes -= written;
      while (!buffers.isEmpty() && !buffers.element().hasRemaining()) {
        buffers.remove();
      }
      if (written == 0) {
        return;
      }
    }
  }

  private ByteBuffer[] gather() {
    ByteBuffer[] gathered = new ByteBuffer[Math.min(buffers.size(), BUFFERS_MAX)];
    int count = 0;
    for (ByteBuffer buffer : buffers) {
      if (count == gathered.length) {
        break;
      }
      gathered[count++] = buffer;
    }
    return gathered;
  }

  void clear() {
    buffers.clear();
    bytes = 0;
  }
}
