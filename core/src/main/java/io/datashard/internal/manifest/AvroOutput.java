package io.datashard.internal.manifest;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes Avro's binary encoding. Spec: Apache Avro specification, "Binary Encoding". */
final class AvroOutput {
  private static final byte[] MAGIC = {'O', 'b', 'j', 1};
  static final int SYNC_BYTES = 16;

  private byte[] bytes;
  private int size;

  AvroOutput(int sizeHint) {
    bytes = new byte[sizeHint];
  }

  byte[] array() {
    return bytes;
  }

  int size() {
    return size;
  }

  /** Cuts back to so many bytes. */
  void size(int newSize) {
    size = newSize;
  }

  byte[] toByteArray() {
    return Arrays.copyOf(bytes, size);
  }

  private void room(int length) {
    if (length > bytes.length - size) {
      bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(size, length), 2 * bytes.length));
    }
  }

  void writeLong(long value) {
    room(10);
    long bits = (value << 1) ^ (value >> 63);
    while ((bits & ~0x7fL) != 0) {
      bytes[size++] = (byte) (bits | 0x80);
      bits >>>= 7;
    }
    bytes[size++] = (byte) bits;
  }

  void writeBoolean(boolean value) {
    room(1);
    bytes[size++] = (byte) (value ? 1 : 0);
  }

  void writeFloat(float value) {
    littleEndian(Float.floatToIntBits(value), 4);
  }

  void writeDouble(double value) {
    littleEndian(Double.doubleToLongBits(value), 8);
  }

  private void littleEndian(long bits, int length) {
    room(length);
    for (int i = 0; i < length; i++) {
      bytes[size++] = (byte) (bits >>> (8 * i));
    }
  }

  /** Bytes without their length, as a fixed is written. */
  void writeRaw(byte[] value, int start, int length) {
    room(length);
    System.arraycopy(value, start, bytes, size, length);
    size += length;
  }

  void writeBytes(byte[] value) {
    writeLong(value.length);
    writeRaw(value, 0, value.length);
  }

  /**
   * Writes text as UTF-8.
   *
   * @throws IllegalArgumentException it holds half a surrogate pair, which UTF-8 cannot say
   */
  void writeString(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    if (utf8.length != value.length() && !new String(utf8, StandardCharsets.UTF_8).equals(value)) {
      throw new IllegalArgumentException("'" + value + "' holds half a surrogate pair.");
    }
    writeBytes(utf8);
  }

  /** The number of the union's branch, for a union of null and one type. */
  void writeNull() {
    writeLong(0);
  }

  void writePresent() {
    writeLong(1);
  }

  void writeOptional(@Nullable Long value) {
    if (value == null) {
      writeNull();
    } else {
      writePresent();
      writeLong(value);
    }
  }

  /**
   * The header of a container file, its marker at the end and with room for {@link AvroChecksum}.
   *
   * @param schema the writer schema
   * @param keys all other keys, in this order
   */
  static byte[] header(String schema, String codec, Map<String, String> keys) {
    AvroOutput out = new AvroOutput(schema.length() + 1024);
    out.writeRaw(MAGIC, 0, MAGIC.length);
    out.writeLong(keys.size() + 3);
    AvroChecksum.reserve(out);
    keys.forEach(
        (key, value) -> {
          out.writeString(key);
          out.writeString(value);
        });
    out.writeString("avro.schema");
    out.writeString(schema);
    out.writeString("avro.codec");
    out.writeString(codec);
    out.writeLong(0);
    byte[] marker = marker(out.bytes, out.size);
    out.writeRaw(marker, 0, marker.length);
    return out.toByteArray();
  }

  /** Sixteen bytes that no data holds by chance; the same header gives the same file. */
  private static byte[] marker(byte[] header, int length) {
    long a = 0x9e3779b97f4a7c15L;
    long b = 0xc2b2ae3d27d4eb4fL;
    for (int i = 0; i < length; i++) {
      a = (a ^ header[i]) * 0xff51afd7ed558ccdL;
      b = (b + header[i]) * 0xc4ceb9fe1a85ec53L;
      b ^= b >>> 29;
    }
    AvroOutput marker = new AvroOutput(SYNC_BYTES);
    marker.littleEndian(a ^ (a >>> 32), 8);
    marker.littleEndian(b ^ (b >>> 32), 8);
    return marker.bytes;
  }
}
