package io.datashard.arrow;

import io.datashard.data.BytesColumn;
import io.datashard.data.Validity;
import io.datashard.schema.Type;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Values of varying length of Arrow data as our columns. Spec: Arrow columnar format,
 * "Variable-size Binary Layout" and "Variable-size Binary View Layout".
 */
final class IncomingBytes {
  private static final int VIEW_BYTES = 16;
  private static final int INLINE_BYTES = 12;

  private IncomingBytes() {}

  /** With offsets of 32 bits: offsets and bytes are copied as they are. */
  static BytesColumn plain(Type type, IncomingArray in) {
    int[] offsets = new int[in.length() + 1];
    if (in.length() > 0) {
      in.buffer(1, (in.length() + 1) * 4L).asIntBuffer().get(offsets);
    }
    return copy(type, in, offsets, offsets[0]);
  }

  /** With offsets of 64 bits. */
  static BytesColumn large(Type type, IncomingArray in) {
    int[] offsets = new int[in.length() + 1];
    if (in.length() > 0) {
      ByteBuffer longs = in.buffer(1, (in.length() + 1) * 8L);
      for (int i = 0; i <= in.length(); i++) {
        long offset = longs.getLong();
        if (offset < 0 || offset > Integer.MAX_VALUE) {
          throw wrongOffsets(in);
        }
        offsets[i] = (int) offset;
      }
    }
    return copy(type, in, offsets, offsets[0]);
  }

  private static BytesColumn copy(Type type, IncomingArray in, int[] offsets, int first) {
    for (int i = 0; i < in.length(); i++) {
      if (offsets[i + 1] < offsets[i]) {
        throw wrongOffsets(in);
      }
    }
    if (first < 0) {
      throw wrongOffsets(in);
    }
    byte[] bytes = new byte[offsets[in.length()] - first];
    ByteBuffer values = in.buffer(2, offsets[in.length()]);
    values.position(values.position() + first);
    values.get(bytes);
    if (first != 0) {
      for (int i = 0; i < offsets.length; i++) {
        offsets[i] -= first;
      }
    }
    return BytesColumn.plain(type, bytes, offsets, in.length(), in.validity());
  }

  /** Views: values of up to 12 bytes lie in the view itself, others in one of several buffers. */
  static BytesColumn views(Type type, IncomingArray in) {
    ByteBuffer views = in.buffer(1, (long) in.length() * VIEW_BYTES);
    long[] validity = in.validity();
    int start = views.position();
    int[] offsets = new int[in.length() + 1];
    long total = 0;
    for (int i = 0; i < in.length(); i++) {
      int length = isNull(validity, i) ? 0 : views.getInt(start + i * VIEW_BYTES);
      total += length;
      if (length < 0 || total > Integer.MAX_VALUE - 16) {
        throw new Damaged("column '" + in.name() + "' has a view of " + length + " bytes");
      }
      offsets[i + 1] = (int) total;
    }
    byte[] bytes = new byte[(int) total];
    for (int i = 0; i < in.length(); i++) {
      int length = offsets[i + 1] - offsets[i];
      int view = start + i * VIEW_BYTES;
      if (length <= INLINE_BYTES) {
        views.get(view + 4, bytes, offsets[i], length);
        continue;
      }
      int buffer = views.getInt(view + 8);
      int offset = views.getInt(view + 12);
      if (buffer < 0 || buffer >= in.buffers().size() - 2) {
        throw new Damaged("column '" + in.name() + "' has a view into buffer " + buffer);
      }
      ByteBuffer values = in.buffers().get(2 + buffer);
      if (offset < 0 || (long) offset + length > values.remaining()) {
        throw new Damaged("column '" + in.name() + "' has a view beyond its buffer");
      }
      values.get(values.position() + offset, bytes, offsets[i], length);
    }
    return BytesColumn.plain(type, bytes, offsets, in.length(), validity);
  }

  /** Values of one width: copied at once. */
  static BytesColumn fixed(Type type, IncomingArray in, int width) {
    if (width < 0 || (long) in.length() * width > Integer.MAX_VALUE - 16) {
      throw new Damaged("column '" + in.name() + "' has values of " + width + " bytes");
    }
    byte[] bytes = new byte[in.length() * width];
    in.buffer(1, bytes.length).get(bytes);
    int[] offsets = new int[in.length() + 1];
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = i * width;
    }
    return BytesColumn.plain(type, bytes, offsets, in.length(), in.validity());
  }

  static boolean isNull(long @Nullable [] validity, int row) {
    return validity != null && !Validity.isSet(validity, row);
  }

  private static Damaged wrongOffsets(IncomingArray in) {
    return new Damaged("column '" + in.name() + "' has offsets that do not ascend");
  }
}
