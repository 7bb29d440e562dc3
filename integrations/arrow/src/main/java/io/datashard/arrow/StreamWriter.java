package io.datashard.arrow;

import com.google.flatbuffers.FlatBufferBuilder;
import io.datashard.data.Batch;
import io.datashard.schema.Schema;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.FieldNode;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.MetadataVersion;
import org.apache.arrow.flatbuf.RecordBatch;

/**
 * Writes an Arrow IPC stream. Spec: Arrow columnar format, "IPC Streaming Format".
 *
 * <p>A reader takes the end of its input between two messages for the end of the stream, whether or
 * not the end was marked. So that a stream that was cut off never looks whole, the first four bytes
 * of the next message, which are the same for all, are written together with each message: only
 * {@link #end} completes them.
 */
final class StreamWriter {
  private static final int CONTINUATION = -1;

  private final OutputStream out;
  private final FlatBufferBuilder builder = new FlatBufferBuilder(1_024);
  private byte[] body = {};

  StreamWriter(Schema schema, OutputStream out) throws IOException {
    this.out = out;
    int header = ArrowSchema.write(schema, builder);
    out.write(intBytes(CONTINUATION));
    message(MessageHeader.Schema, header, 0);
    out.write(intBytes(CONTINUATION));
  }

  void write(Batch batch) throws IOException {
    if (batch.rows() == 0) {
      return;
    }
    for (BatchBody part : BatchBody.of(batch)) {
      write(part);
    }
  }

  private void write(BatchBody content) throws IOException {
    int length = content.bytes();
    if (body.length < length) {
      body = new byte[Math.max(length, (int) Math.min(2L * body.length, BatchBody.BYTES_MAX))];
    }
    content.write(ByteBuffer.wrap(body));
    message(MessageHeader.RecordBatch, recordBatch(content), length);
    out.write(body, 0, length);
    out.write(intBytes(CONTINUATION));
  }

  private int recordBatch(BatchBody content) {
    Batch batch = content.batch();
    builder.clear();
    List<BatchBody.Part> parts = content.parts();
    RecordBatch.startBuffersVector(builder, parts.size());
    for (int i = parts.size() - 1; i >= 0; i--) {
      Buffer.createBuffer(builder, parts.get(i).offset(), parts.get(i).length());
    }
    int buffers = builder.endVector();
    int columns = batch.columns().size();
    RecordBatch.startNodesVector(builder, columns);
    for (int i = columns - 1; i >= 0; i--) {
      FieldNode.createFieldNode(builder, batch.rows(), batch.column(i).nullCount());
    }
    int nodes = builder.endVector();
    RecordBatch.startRecordBatch(builder);
    RecordBatch.addLength(builder, batch.rows());
    RecordBatch.addNodes(builder, nodes);
    RecordBatch.addBuffers(builder, buffers);
    return RecordBatch.endRecordBatch(builder);
  }

  /** Writes all of a message's head but the four bytes that are there already. */
  private void message(byte type, int header, long bodyLength) throws IOException {
    Message.startMessage(builder);
    Message.addHeader(builder, header);
    Message.addBodyLength(builder, bodyLength);
    Message.addVersion(builder, MetadataVersion.V5);
    Message.addHeaderType(builder, type);
    Message.finishMessageBuffer(builder, Message.endMessage(builder));
    byte[] metadata = builder.sizedByteArray();
    // With the eight bytes in front, the body starts at a multiple of 64.
    int padded = (metadata.length + 8 + 63) / 64 * 64 - 8;
    out.write(intBytes(padded));
    out.write(metadata);
    out.write(new byte[padded - metadata.length]);
  }

  /** Marks the end: now the stream is whole. */
  void end() throws IOException {
    out.write(intBytes(0));
  }

  private static byte[] intBytes(int value) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
  }
}
