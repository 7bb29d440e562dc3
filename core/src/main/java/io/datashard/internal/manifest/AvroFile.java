package io.datashard.internal.manifest;

import com.github.luben.zstd.ZstdInputStream;
import io.datashard.error.CorruptTableException;
import io.datashard.error.UnsupportedTableException;
import io.datashard.internal.checksum.InnerChecksum;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;
import org.xerial.snappy.Snappy;

/**
 * An Avro object container file in memory. Spec: Apache Avro specification, "Object Container
 * Files".
 *
 * <p>The file ends where a block ends or it is damaged; every block's marker is checked. A file cut
 * exactly between two blocks looks whole from inside: whoever knows its length or its counts must
 * compare them.
 */
final class AvroFile {
  private static final byte[] MAGIC = {'O', 'b', 'j', 1};
  private static final int SYNC_BYTES = 16;

  /**
   * Deflate blocks are bare, but PyIceberg makes them with zlib and leaves most of its checksum at
   * their end.
   */
  private static final int ZLIB_CHECKSUM_BYTES = 4;

  /** No writer makes blocks near this size; a bomb does. */
  private static final int BLOCK_BYTES_MAX = 256 << 20;

  /** A writer schema and what was made of it. */
  private record Known(byte[] json, AvroType type) {
    boolean is(byte[] bytes, int start, int length) {
      return json.length == length
          && Arrays.mismatch(json, 0, length, bytes, start, start + length) < 0;
    }
  }

  /** A table has one manifest schema for each partition spec and writer, so few are alive. */
  private static final int SCHEMAS_KEPT_MAX = 16;

  private static volatile List<Known> schemasKept = List.of();

  private final String fileName;
  private final byte[] bytes;
  private final Map<String, ByteBuffer> header = new LinkedHashMap<>();
  private final AvroType schema;
  private final String codec;
  private final int syncStart;

  /**
   * Reads the header.
   *
   * @throws CorruptTableException it is damaged
   * @throws UnsupportedTableException the codec is not known
   */
  AvroFile(byte[] bytes, String fileName) {
    this.fileName = fileName;
    this.bytes = bytes;
    AvroInput in = new AvroInput(fileName, bytes, 0, bytes.length);
    if (bytes.length < MAGIC.length
        || Arrays.mismatch(bytes, 0, MAGIC.length, MAGIC, 0, MAGIC.length) >= 0) {
      throw new CorruptTableException(
          fileName + " (" + bytes.length + " bytes) is no Avro file: it does not begin with Obj1.");
    }
    in.take(MAGIC.length);
    for (long n = in.readBlockCount(2); n != 0; n = in.readBlockCount(2)) {
      for (long i = 0; i < n; i++) {
        String key = in.readString();
        int length = in.readLength();
        ByteBuffer value = ByteBuffer.wrap(bytes, in.take(length), length);
        if (header.putIfAbsent(key, value) != null) {
          throw in.corrupt("its header has the key '" + key + "' twice");
        }
      }
    }
    syncStart = in.take(SYNC_BYTES);
    verifyChecksum();
    codec = codec();
    schema = schema();
  }

  private void verifyChecksum() {
    ByteBuffer digits = header.get(AvroChecksum.KEY);
    if (digits == null) {
      return; // somebody else's file
    }
    String given = StandardCharsets.UTF_8.decode(digits.duplicate()).toString();
    String expected =
        given.length() == InnerChecksum.LENGTH
            ? InnerChecksum.expected(bytes, 0, bytes.length, digits.position())
            : "one of " + InnerChecksum.LENGTH + " digits";
    if (!given.equals(expected)) {
      throw new CorruptTableException(
          fileName
              + " ("
              + bytes.length
              + " bytes) is damaged: it should have the checksum "
              + expected
              + ", it says "
              + given
              + ". Restore it from a copy.");
    }
  }

  private String codec() {
    String name = text("avro.codec");
    if (name == null || name.isEmpty()) {
      return "null";
    }
    return switch (name) {
      case "null", "deflate", "snappy", "zstandard" -> name;
      default ->
          throw new UnsupportedTableException(
              fileName
                  + " is compressed with '"
                  + name
                  + "'; DataShard reads null, deflate, snappy and zstandard.");
    };
  }

  private AvroType schema() {
    ByteBuffer json = header.get("avro.schema");
    if (json == null) {
      throw new CorruptTableException(fileName + " has no avro.schema in its header.");
    }
    int start = json.position();
    int length = json.remaining();
    for (Known known : schemasKept) {
      if (known.is(bytes, start, length)) {
        return known.type;
      }
    }
    byte[] copy = Arrays.copyOfRange(bytes, start, start + length);
    AvroType parsed;
    try {
      parsed = AvroType.parse(copy);
    } catch (IllegalArgumentException e) {
      throw new CorruptTableException(
          fileName + " has an avro.schema that is none: " + e.getMessage(), e);
    }
    // Two threads may each forget what the other adds; that costs time only.
    List<Known> kept = new ArrayList<>();
    kept.add(new Known(copy, parsed));
    kept.addAll(schemasKept.subList(0, Math.min(schemasKept.size(), SCHEMAS_KEPT_MAX - 1)));
    schemasKept = List.copyOf(kept);
    return parsed;
  }

  AvroType writerSchema() {
    return schema;
  }

  /** The text under this key of the header, or null. */
  @Nullable String text(String key) {
    ByteBuffer value = header.get(key);
    return value == null ? null : StandardCharsets.UTF_8.decode(value.duplicate()).toString();
  }

  /** The header as text, without Avro's own keys. */
  Map<String, String> headerTexts() {
    Map<String, String> all = new LinkedHashMap<>();
    for (String key : header.keySet()) {
      String value = text(key);
      if (!key.startsWith("avro.") && value != null) {
        all.put(key, value);
      }
    }
    return all;
  }

  /**
   * Hands over the input once for every object; each time, the object must be read to its end. The
   * input's array holds the next block afterwards: what is kept of it is copied.
   *
   * <p>Objects take at least one byte, so a count beyond the bytes is an error at once.
   */
  void forEach(Consumer<AvroInput> object) {
    AvroInput in = new AvroInput(fileName, bytes, syncStart + SYNC_BYTES, bytes.length);
    try (Inflated inflated = new Inflated()) {
      while (in.remaining() > 0) {
        long count = in.readLong();
        int size = in.readLength();
        int start = in.take(size);
        int sync = in.take(SYNC_BYTES);
        if (Arrays.mismatch(
                bytes, sync, sync + SYNC_BYTES, bytes, syncStart, syncStart + SYNC_BYTES)
            >= 0) {
          throw in.corrupt("the marker after a block is not the file's");
        }
        AvroInput block = block(in, start, size, inflated);
        if (count < 0 || count > block.remaining()) {
          throw in.corrupt(
              "a block of " + block.remaining() + " bytes claims " + count + " objects");
        }
        for (long i = 0; i < count; i++) {
          object.accept(block);
        }
        if (block.remaining() > 0) {
          throw block.corrupt(block.remaining() + " bytes are left over in a block");
        }
      }
    }
  }

  private AvroInput block(AvroInput in, int start, int size, Inflated inflated) {
    if (codec.equals("deflate")) {
      return inflated.block(in, start, size);
    }
    byte[] plain =
        switch (codec) {
          case "snappy" -> unsnappy(in, start, size);
          case "zstandard" -> unzstd(in, start, size);
          default -> bytes;
        };
    return plain == bytes
        ? new AvroInput(fileName, bytes, start, start + size)
        : new AvroInput(fileName, plain, 0, plain.length);
  }

  /** The plain bytes of one block after the other, in one array. */
  private final class Inflated implements AutoCloseable {
    private @Nullable Inflater inflater;
    private byte[] plain = {};

    AvroInput block(AvroInput in, int start, int size) {
      Inflater from = inflater;
      if (from == null) {
        from = new Inflater(true);
        inflater = from;
        // Lists of files shrink to a seventh, more or less.
        plain = new byte[Math.min(BLOCK_BYTES_MAX, Math.max(256, 9 * Math.min(size, 1 << 24)))];
      } else {
        from.reset();
      }
      try {
        from.setInput(bytes, start, size);
        int length = 0;
        while (!from.finished()) {
          if (length == plain.length) {
            plain = Arrays.copyOf(plain, grown(in, length));
          }
          int n = from.inflate(plain, length, plain.length - length);
          if (n == 0 && !from.finished() && length < plain.length) {
            throw in.corrupt("a compressed block ends too early");
          }
          length += n;
        }
        if (from.getRemaining() > ZLIB_CHECKSUM_BYTES) {
          throw in.corrupt(from.getRemaining() + " bytes follow the end of a compressed block");
        }
        return new AvroInput(fileName, plain, 0, length);
      } catch (DataFormatException e) {
        throw in.corrupt("a block cannot be decompressed: " + e.getMessage(), e);
      }
    }

    private int grown(AvroInput in, int length) {
      if (length >= BLOCK_BYTES_MAX) {
        throw in.corrupt("a block decompresses to more than " + BLOCK_BYTES_MAX + " bytes");
      }
      return Math.min(BLOCK_BYTES_MAX, 2 * length);
    }

    @Override
    public void close() {
      if (inflater != null) {
        inflater.end();
      }
    }
  }

  /** Avro's snappy blocks end with the CRC of the plain bytes. */
  private byte[] unsnappy(AvroInput in, int start, int size) {
    int length = size - 4;
    if (length < 0) {
      throw in.corrupt("a compressed block has " + size + " bytes");
    }
    try {
      // The longest run that snappy can say with three bytes is 64 bytes.
      long plainLength = Snappy.uncompressedLength(bytes, start, length);
      if (plainLength > BLOCK_BYTES_MAX || plainLength > 32L * length + 64) {
        throw in.corrupt("a block of " + length + " bytes claims " + plainLength + " plain ones");
      }
      byte[] plain = new byte[(int) plainLength];
      Snappy.uncompress(bytes, start, length, plain, 0);
      CRC32 crc = new CRC32();
      crc.update(plain);
      if ((int) crc.getValue() != ByteBuffer.wrap(bytes).getInt(start + length)) {
        throw in.corrupt("the checksum of a block does not match");
      }
      return plain;
    } catch (IOException e) {
      throw in.corrupt("a block cannot be decompressed: " + e.getMessage(), e);
    }
  }

  private byte[] unzstd(AvroInput in, int start, int size) {
    try (ZstdInputStream stream =
        new ZstdInputStream(new ByteArrayInputStream(bytes, start, size))) {
      byte[] plain = stream.readNBytes(BLOCK_BYTES_MAX);
      if (plain.length == BLOCK_BYTES_MAX && stream.read() >= 0) {
        throw in.corrupt("a block decompresses to more than " + BLOCK_BYTES_MAX + " bytes");
      }
      return plain;
    } catch (IOException e) {
      throw in.corrupt("a block cannot be decompressed: " + e.getMessage(), e);
    }
  }
}
