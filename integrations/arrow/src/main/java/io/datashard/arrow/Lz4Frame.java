package io.datashard.arrow;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads LZ4 frames. Spec: "LZ4 Frame Format", "LZ4 Block Format". By hand because Arrow's writers
 * link the blocks of a frame, each looking back into those before, which the LZ4 library for Java
 * does not read. Checksums are passed over: Arrow's writers write none.
 */
final class Lz4Frame {
  private static final int MAGIC = 0x184D2204;

  private final ByteBuffer in;
  private final byte[] out;
  private int at;

  private Lz4Frame(byte[] frame, int length) {
    this.in = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
    this.out = new byte[length];
  }

  /**
   * The content of a frame.
   *
   * @param length bytes that it must have
   * @throws Damaged it is no frame, or of another length
   */
  static byte[] read(byte[] frame, int length) {
    try {
      return new Lz4Frame(frame, length).read();
    } catch (java.nio.BufferUnderflowException | IndexOutOfBoundsException e) {
      throw new Damaged("an LZ4 frame is cut off or of another length than is said");
    }
  }

  private byte[] read() {
    if (in.getInt() != MAGIC) {
      throw new Damaged("a buffer is no LZ4 frame");
    }
    int flags = in.get();
    if (flags >> 6 != 1) {
      throw new Damaged("an LZ4 frame is of an unknown version");
    }
    boolean blockChecksums = (flags & 0x10) != 0;
    in.get(); // the size of blocks
    skip(((flags & 8) != 0 ? 8 : 0) + ((flags & 1) != 0 ? 4 : 0) + 1);
    for (int size = in.getInt(); size != 0; size = in.getInt()) {
      int length = size & 0x7fffffff;
      if (length > in.remaining()) {
        throw new Damaged("a block of an LZ4 frame is cut off");
      }
      if (size < 0) {
        in.get(out, at, length);
        at += length;
      } else {
        block(in.position() + length);
      }
      skip(blockChecksums ? 4 : 0);
    }
    if (at != out.length) {
      throw new Damaged("an LZ4 frame has " + at + " bytes, not " + out.length);
    }
    return out;
  }

  private void skip(int bytes) {
    in.position(Math.min(in.position() + bytes, in.limit()));
  }

  private void block(int end) {
    while (in.position() < end) {
      int token = in.get() & 0xff;
      int literals = length(token >> 4);
      in.get(out, at, literals);
      at += literals;
      if (in.position() >= end) {
        return; // the last sequence has no match
      }
      int back = in.getShort() & 0xffff;
      int match = length(token & 15) + 4;
      if (back == 0 || back > at || match > out.length - at) {
        throw new Damaged("an LZ4 block looks back beyond its beginning");
      }
      for (int i = 0; i < match; i++, at++) { // one by one: a match may run into itself
        out[at] = out[at - back];
      }
    }
  }

  private int length(int nibble) {
    int length = nibble;
    if (nibble == 15) {
      int more;
      do {
        more = in.get() & 0xff;
        length = Math.addExact(length, more);
      } while (more == 255);
    }
    return length;
  }
}
