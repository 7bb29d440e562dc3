package io.datashard.arrow;

import io.datashard.data.Batch;
import io.datashard.error.StorageException;
import io.datashard.schema.Schema;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.DictionaryBatch;
import org.apache.arrow.flatbuf.FieldNode;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;
import org.jspecify.annotations.Nullable;

/**
 * Reads an Arrow IPC stream, or an IPC file from its front: the messages of a file lie in it like
 * those of a stream. Spec: Arrow columnar format, "Serialization and Interprocess Communication".
 *
 * <p>Nothing is believed: lengths are held against what there is before anything is allocated, and
 * whatever contradicts itself is damage.
 */
final class StreamReader implements IncomingBatches {
  private static final byte[] FILE_MAGIC = {'A', 'R', 'R', 'O', 'W', '1'};
  private static final int CONTINUATION = -1;
  private static final int METADATA_BYTES_MAX = 1 << 28;

  private final InputStream in;
  private final IncomingSchema incoming;
  private boolean taken;

  StreamReader(InputStream in, Schema table) throws IOException {
    this.in = in;
    try {
      Message message = nextMessage(true);
      if (message == null || message.headerType() != MessageHeader.Schema) {
        throw new Damaged("it does not begin with a schema");
      }
      org.apache.arrow.flatbuf.Schema schema =
          (org.apache.arrow.flatbuf.Schema) header(message, new org.apache.arrow.flatbuf.Schema());
      this.incoming = new IncomingSchema(schema, table);
    } catch (Damaged | IndexOutOfBoundsException | IllegalArgumentException e) {
      throw damaged(e);
    }
  }

  private static StorageException damaged(Exception e) {
    return new StorageException(
        "The input is no Arrow IPC stream or file, or it is damaged or cut off: "
            + (e instanceof Damaged ? e.getMessage() : e.toString())
            + ". Nothing was committed.",
        e);
  }

  @Override
  public Schema schema() {
    return incoming.schema();
  }

  @Override
  public Iterator<Batch> iterator() {
    if (taken) {
      throw new IllegalStateException("This stream was iterated already.");
    }
    taken = true;
    return new Iterator<>() {
      private @Nullable Batch ahead;
      private boolean ended;

      @Override
      public boolean hasNext() {
        if (ahead == null && !ended) {
          ahead = read();
          ended = ahead == null;
        }
        return ahead != null;
      }

      @Override
      public Batch next() {
        Batch batch = hasNext() ? ahead : null;
        if (batch == null) {
          throw new NoSuchElementException();
        }
        ahead = null;
        return batch;
      }
    };
  }

  private @Nullable Batch read() {
    try {
      while (true) {
        Message message = nextMessage(false);
        if (message == null) {
          return null;
        }
        ByteBuffer body = ByteBuffer.wrap(body(message.bodyLength()));
        body.order(ByteOrder.LITTLE_ENDIAN);
        if (message.headerType() == MessageHeader.RecordBatch) {
          RecordBatch batch = (RecordBatch) header(message, new RecordBatch());
          return incoming.batch(rows(batch.length()), arrays(batch, incoming.fields(), body));
        }
        if (message.headerType() != MessageHeader.DictionaryBatch) {
          throw new Damaged("there is a message of type " + message.headerType());
        }
        dictionary((DictionaryBatch) header(message, new DictionaryBatch()), body);
      }
    } catch (IOException e) {
      throw new StorageException(
          "Cannot read the Arrow data: " + e.getMessage() + ". Nothing was committed.", e);
    } catch (Damaged | IndexOutOfBoundsException | IllegalArgumentException e) {
      throw damaged(e);
    }
  }

  private void dictionary(DictionaryBatch batch, ByteBuffer body) {
    RecordBatch data = batch.data();
    if (data == null) {
      throw new Damaged("a dictionary has no values");
    }
    for (int place : incoming.placesOf(batch.id())) {
      IncomingField values = incoming.fields().get(place).ofDictionary();
      IncomingArray array = arrays(data, List.of(values), body.duplicate()).get(0);
      incoming.dictionary(batch.id(), place, array, batch.isDelta());
    }
  }

  private static int rows(long length) {
    if (length < 0 || length > Integer.MAX_VALUE - 64) {
      throw new Damaged("a record batch has " + length + " rows");
    }
    return (int) length;
  }

  private static List<IncomingArray> arrays(
      RecordBatch batch, List<IncomingField> fields, ByteBuffer body) {
    List<IncomingArray> arrays = new ArrayList<>();
    int buffer = 0;
    int views = 0;
    for (int i = 0; i < fields.size(); i++) {
      IncomingField field = fields.get(i);
      if (i >= batch.nodesLength()) {
        throw new Damaged("a record batch lacks column '" + field.name() + "'");
      }
      FieldNode node = batch.nodes(i);
      int count = field.buffers();
      if (field.isView()) {
        if (views >= batch.variadicBufferCountsLength()) {
          throw new Damaged("a record batch lacks the buffers of column '" + field.name() + "'");
        }
        count += Math.toIntExact(batch.variadicBufferCounts(views++));
      }
      if (count < 0 || count > batch.buffersLength() - buffer) {
        throw new Damaged("a record batch lacks buffers of column '" + field.name() + "'");
      }
      List<ByteBuffer> buffers = new ArrayList<>();
      for (int k = 0; k < count; k++) {
        buffers.add(slice(batch.buffers(buffer++), body, batch, field));
      }
      arrays.add(new IncomingArray(field.name(), rows(node.length()), node.nullCount(), buffers));
    }
    return arrays;
  }

  private static ByteBuffer slice(
      Buffer buffer, ByteBuffer body, RecordBatch batch, IncomingField field) {
    long offset = buffer.offset();
    long length = buffer.length();
    if (offset < 0 || length < 0 || offset > body.limit() - length) {
      throw new Damaged("column '" + field.name() + "' lies outside its record batch");
    }
    ByteBuffer slice = body.slice((int) offset, (int) length).order(ByteOrder.LITTLE_ENDIAN);
    return batch.compression() == null || length == 0
        ? slice
        : Compressed.buffer(slice, batch.compression(), field.name());
  }

  private com.google.flatbuffers.Table header(Message message, com.google.flatbuffers.Table into) {
    com.google.flatbuffers.Table header = message.header(into);
    if (header == null) {
      throw new Damaged("a message has no header");
    }
    return header;
  }

  private @Nullable Message nextMessage(boolean first) throws IOException {
    byte[] word = exactly(4, "a message");
    if (first && Arrays.equals(word, Arrays.copyOf(FILE_MAGIC, 4))) {
      byte[] rest = exactly(4, "a message");
      if (rest[0] != FILE_MAGIC[4] || rest[1] != FILE_MAGIC[5]) {
        throw new Damaged("it begins like an Arrow file and goes on otherwise");
      }
      word = exactly(4, "a message");
      if (intOf(word) != CONTINUATION) {
        throw new Damaged(
            "it is an Arrow file whose messages do not lie one behind the other, as Polars writes"
                + " them with write_ipc: write a stream, as with write_ipc_stream");
      }
    }
    int length = intOf(word);
    if (length == CONTINUATION) {
      length = intOf(exactly(4, "the length of a message"));
    }
    if (length == 0) {
      return null;
    }
    if (length < 0 || length > METADATA_BYTES_MAX) {
      throw new Damaged("a message has a head of " + length + " bytes");
    }
    ByteBuffer head = ByteBuffer.wrap(exactly(length, "the head of a message"));
    return Message.getRootAsMessage(head.order(ByteOrder.LITTLE_ENDIAN));
  }

  private byte[] body(long length) throws IOException {
    if (length < 0 || length > Integer.MAX_VALUE - 64) {
      throw new Damaged(
          "a record batch has " + length + " bytes; write batches of fewer rows, below 2 GB each");
    }
    return exactly((int) length, "a record batch");
  }

  /** Allocates as bytes come, so that a false length is no allocation. */
  private byte[] exactly(int length, String what) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new Damaged(
          "it ends after " + bytes.length + " of the " + length + " bytes of " + what);
    }
    return bytes;
  }

  private static int intOf(byte[] word) {
    return ByteBuffer.wrap(word).order(ByteOrder.LITTLE_ENDIAN).getInt();
  }
}
