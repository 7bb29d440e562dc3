package io.datashard.internal.parquet;

import io.datashard.storage.ReadableFile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The bytes of one file as one scan sees them: pieces read ahead, and the count of what was read.
 *
 * <p>All arrays handed out have {@link HybridReader#PADDING_BYTES} more than was read.
 */
final class FileBytes {
  /** Reading a gap of this size costs less than another request. */
  private static final int GAP_BYTES_MAX = 64 << 10;

  private static final int PIECE_BYTES_MAX = 16 << 20;

  private final ReadableFile file;
  private final List<Piece> always = new ArrayList<>();
  private final List<Piece> pieces = new ArrayList<>();
  private long bytesRead;

  /** Bytes of the file in memory. */
  record Piece(long start, int length, byte[] bytes) {
    long end() {
      return start + length;
    }

    boolean holds(long from, long to) {
      return from >= start && to <= end();
    }

    /** Where in the array the byte of the file lies. */
    int place(long offset) {
      return (int) (offset - start);
    }
  }

  /** Some bytes of the file, from start up to and without end. */
  record Range(long start, long end) {}

  FileBytes(ReadableFile file) {
    this.file = file;
  }

  boolean isRemote() {
    return file.isRemote();
  }

  /** Keeps these bytes at hand for the whole scan. */
  void keep(long start, int length, byte[] bytes) {
    always.add(new Piece(start, length, bytes));
  }

  long bytesRead() {
    return bytesRead;
  }

  /** Forgets what was read ahead. */
  void clear() {
    pieces.clear();
  }

  /** Reads bytes that no other caller needs. */
  Piece read(long start, int length) {
    return read(start, length, new byte[length + HybridReader.PADDING_BYTES]);
  }

  /**
   * The same into this array.
   *
   * @param bytes has room for the padding too
   */
  Piece read(long start, int length, byte[] bytes) {
    file.read(start, bytes, 0, length);
    bytesRead += length;
    return new Piece(start, length, bytes);
  }

  /** The piece in memory that holds all of these bytes, or null. */
  @org.jspecify.annotations.Nullable
  Piece find(long start, long end) {
    for (Piece piece : always) {
      if (piece.holds(start, end)) {
        return piece;
      }
    }
    for (Piece piece : pieces) {
      if (piece.holds(start, end)) {
        return piece;
      }
    }
    return null;
  }

  /**
   * Reads these ranges ahead, near ones together, if that takes no more than {@code bytesMax} of
   * memory; otherwise leaves them to be read piece by piece.
   */
  void readAhead(List<Range> wanted, long bytesMax) {
    List<Range> missing = new ArrayList<>();
    for (Range range : wanted) {
      if (range.end() > range.start() && find(range.start(), range.end()) == null) {
        missing.add(range);
      }
    }
    missing.sort(Comparator.comparingLong(Range::start));
    List<Range> merged = new ArrayList<>();
    long total = 0;
    for (Range range : missing) {
      Range last = merged.isEmpty() ? null : merged.get(merged.size() - 1);
      boolean near =
          last != null
              && range.start() - last.end() <= GAP_BYTES_MAX
              && Math.max(range.end(), last.end()) - last.start() <= PIECE_BYTES_MAX;
      if (near && last != null) {
        Range joined = new Range(last.start(), Math.max(range.end(), last.end()));
        merged.set(merged.size() - 1, joined);
        total += joined.end() - last.end();
      } else {
        merged.add(range);
        total += range.end() - range.start();
      }
    }
    if (total <= bytesMax) {
      for (Range range : merged) {
        pieces.add(read(range.start(), Math.toIntExact(range.end() - range.start())));
      }
    }
  }
}
