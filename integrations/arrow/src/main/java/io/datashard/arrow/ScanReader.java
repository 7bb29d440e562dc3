package io.datashard.arrow;

import io.datashard.Batches;
import io.datashard.data.Batch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.types.pojo.Schema;

/** The batches of a scan as an Arrow reader: each is written into one block of memory. */
final class ScanReader extends ArrowReader {
  private static final int BODY_BYTES_MIN = 1 << 16;

  private final Batches batches;
  private final Iterator<Batch> source;
  private final Deque<BatchBody> cut = new ArrayDeque<>();
  private byte[] body = {};
  private boolean seen = true;
  private long bytes;

  ScanReader(Batches batches, BufferAllocator allocator) {
    super(allocator);
    this.batches = batches;
    this.source = batches.iterator();
  }

  @Override
  protected Schema readSchema() {
    return Arrow.schema(batches.schema());
  }

  @Override
  public boolean loadNextBatch() throws IOException {
    prepareLoadNextBatch();
    while (cut.isEmpty()) {
      if (!source.hasNext()) {
        return false;
      }
      Batch batch = source.next();
      if (batch.rows() > 0) {
        cut.addAll(BatchBody.of(batch));
      }
    }
    load(cut.remove());
    return true;
  }

  private void load(BatchBody content) {
    bytes += content.bytes();
    List<ArrowBuf> buffers = new ArrayList<>();
    List<ArrowFieldNode> nodes = new ArrayList<>();
    Batch batch = content.batch();
    for (int i = 0; i < batch.columns().size(); i++) {
      nodes.add(new ArrowFieldNode(batch.rows(), batch.column(i).nullCount()));
    }
    try (ArrowBuf whole = allocator.buffer(Math.max(1, content.bytes()))) {
      fill(whole, content);
      for (BatchBody.Part part : content.parts()) {
        buffers.add(whole.slice(part.offset(), part.length()));
      }
      try (ArrowRecordBatch record = new ArrowRecordBatch(batch.rows(), nodes, buffers)) {
        loadRecordBatch(record);
      }
    }
  }

  /**
   * Arrow's memory can be seen as a {@link ByteBuffer} only in a JVM that was started with {@code
   * --add-opens java.base/java.nio=...}; without that it takes arrays of bytes, so that one more
   * copy is needed.
   */
  private void fill(ArrowBuf whole, BatchBody content) {
    if (seen) {
      try {
        content.write(whole.nioBuffer(0, content.bytes()));
        return;
      } catch (UnsupportedOperationException e) {
        seen = false;
      }
    }
    if (body.length < content.bytes()) {
      body = new byte[Math.max(content.bytes(), BODY_BYTES_MIN)];
    }
    content.write(ByteBuffer.wrap(body));
    whole.setBytes(0, body, 0, content.bytes());
  }

  @Override
  public long bytesRead() {
    return bytes;
  }

  @Override
  protected void closeReadSource() {
    batches.close();
  }
}
