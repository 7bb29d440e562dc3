package io.datashard.arrow;

import io.datashard.data.Batch;
import io.datashard.error.SchemaMismatchException;
import io.datashard.error.StorageException;
import io.datashard.schema.Schema;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.jspecify.annotations.Nullable;

/** Batches made of the vectors of Arrow's Java library, by copying each of their buffers once. */
final class VectorBatches implements Iterable<Batch> {
  private final IncomingSchema incoming;
  private final VectorSchemaRoot root;
  private final DictionaryProvider dictionaries;
  private final @Nullable ArrowReader reader;

  private VectorBatches(
      VectorSchemaRoot root,
      DictionaryProvider dictionaries,
      @Nullable ArrowReader reader,
      Schema table) {
    this.root = root;
    this.dictionaries = dictionaries;
    this.reader = reader;
    this.incoming =
        new IncomingSchema(
            org.apache.arrow.flatbuf.Schema.getRootAsSchema(Arrow.bytes(root, dictionaries)),
            table);
  }

  /** The rows of the root as it is. */
  static VectorBatches of(VectorSchemaRoot root, DictionaryProvider dictionaries, Schema table) {
    return new VectorBatches(root, dictionaries, null, table);
  }

  /** The rows that the reader still has. */
  static VectorBatches of(ArrowReader reader, Schema table) {
    try {
      return new VectorBatches(reader.getVectorSchemaRoot(), reader, reader, table);
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private static StorageException unreadable(IOException e) {
    return new StorageException(
        "Cannot read the Arrow data: " + e.getMessage() + ". Nothing was committed.", e);
  }

  @Override
  public Iterator<Batch> iterator() {
    return new Iterator<>() {
      private boolean ended;
      private boolean loaded;

      @Override
      public boolean hasNext() {
        if (!loaded && !ended) {
          loaded = load();
          ended = !loaded || reader == null;
        }
        return loaded;
      }

      private boolean load() {
        try {
          return reader == null || reader.loadNextBatch();
        } catch (IOException e) {
          throw unreadable(e);
        }
      }

      @Override
      public Batch next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        loaded = false;
        return batch();
      }
    };
  }

  private Batch batch() {
    try {
      List<IncomingArray> arrays = new ArrayList<>();
      for (int i = 0; i < incoming.fields().size(); i++) {
        IncomingField field = incoming.fields().get(i);
        FieldVector vector = root.getVector(i);
        IncomingField.Dictionary by = field.dictionary();
        if (by != null) {
          Dictionary dictionary = dictionaries.lookup(by.id());
          if (dictionary == null) {
            throw new Damaged("the dictionary of column '" + field.name() + "' is missing");
          }
          incoming.dictionary(
              by.id(), i, array(field.ofDictionary(), dictionary.getVector()), false);
        }
        arrays.add(array(field, vector));
      }
      return incoming.batch(root.getRowCount(), arrays);
    } catch (Damaged e) {
      throw new SchemaMismatchException(
          "The Arrow data contradicts itself: " + e.getMessage() + ". Nothing was committed.", e);
    }
  }

  private static IncomingArray array(IncomingField field, FieldVector vector) {
    List<ByteBuffer> buffers = new ArrayList<>();
    for (ArrowBuf buffer : vector.getFieldBuffers()) {
      byte[] bytes = new byte[Math.toIntExact(buffer.readableBytes())];
      buffer.getBytes(buffer.readerIndex(), bytes);
      buffers.add(ByteBuffer.wrap(bytes));
    }
    return new IncomingArray(field.name(), vector.getValueCount(), vector.getNullCount(), buffers);
  }
}
