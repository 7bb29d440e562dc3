package io.datashard.internal.parquet;

import io.datashard.internal.parquet.encode.Sink;
import io.datashard.storage.NewFile;
import java.io.OutputStream;

/** Gathers small writes, so that a small file is one. */
final class FileSink extends OutputStream {
  private static final int ROOM_FIRST = 1024;
  private static final int HELD_MAX = 64 << 10;

  private final NewFile file;
  private final Sink held = new Sink(ROOM_FIRST);

  FileSink(NewFile file) {
    this.file = file;
  }

  /** Bytes written so far, those held here included. */
  long position() {
    return file.position() + held.size();
  }

  @Override
  public void write(int b) {
    held.write(b);
  }

  @Override
  public void write(byte[] bytes, int start, int length) {
    if (held.size() + (long) length > HELD_MAX) {
      flush();
    }
    if (length > HELD_MAX) {
      file.write(bytes, start, length);
    } else {
      held.write(bytes, start, length);
    }
  }

  /** Four bytes, little-endian. */
  void putInt(int value) {
    held.putInt(value);
  }

  @Override
  public void flush() {
    if (held.size() > 0) {
      file.write(held.bytes(), 0, held.size());
      held.clear();
    }
  }
}
