package io.datashard.internal.parquet;

import java.util.ArrayList;
import java.util.List;

/**
 * What one thread at a time needs to read files one after the other: codecs with their contexts,
 * and arrays that are used again. A large new array costs more than filling it, since it is cleared
 * first and lies in no processor's cache.
 *
 * <p>Arrays that are given back may be handed out again at once, so nothing that is handed to users
 * may lie in them. Those that are not given back are garbage like any other.
 */
public final class Workspace implements AutoCloseable {
  /**
   * Lengths are rounded up to these, so that arrays for pages of about one size fit all of them.
   */
  private static final int STEP_BYTES = 64 << 10;

  private static final int SMALL_STEP_BYTES = 1 << 10;

  private static final int FREE_MAX = 64;
  private static final int FREE_BYTES_MAX = 16 << 20;
  private static final int HEAP_PART = 32;

  private final Codecs codecs = new Codecs();
  private final List<byte[]> free = new ArrayList<>();
  private final long freeBytesMax;
  private long freeBytes;

  /** Without arrays. */
  public Workspace() {
    this(Math.min(FREE_BYTES_MAX, Runtime.getRuntime().maxMemory() / HEAP_PART));
  }

  /**
   * Without arrays.
   *
   * @param freeBytesMax so many bytes are kept at most for the next time
   */
  Workspace(long freeBytesMax) {
    this.freeBytesMax = freeBytesMax;
  }

  Codecs codecs() {
    return codecs;
  }

  /** An array of at least this length, with anything in it. */
  byte[] take(int length) {
    int best = -1;
    for (int i = 0; i < free.size(); i++) {
      int there = free.get(i).length;
      if (there >= length && (best < 0 || there < free.get(best).length)) {
        best = i;
      }
    }
    if (best < 0) {
      return new byte[rounded(length)];
    }
    byte[] array = free.remove(best);
    freeBytes -= array.length;
    return array;
  }

  private static int rounded(int length) {
    int step = length < STEP_BYTES ? SMALL_STEP_BYTES : STEP_BYTES;
    return length > Integer.MAX_VALUE - 2 * STEP_BYTES ? length : (length + step - 1) / step * step;
  }

  /** Takes back an array that nobody else has any more. */
  void giveBack(byte[] array) {
    if (array.length > 0 && free.size() < FREE_MAX && freeBytes + array.length <= freeBytesMax) {
      free.add(array);
      freeBytes += array.length;
    }
  }

  /** Frees native memory. */
  @Override
  public void close() {
    free.clear();
    freeBytes = 0;
    codecs.close();
  }
}
