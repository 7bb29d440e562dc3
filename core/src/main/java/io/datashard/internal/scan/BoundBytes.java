package io.datashard.internal.scan;

import io.datashard.schema.SingleValue;
import io.datashard.schema.Type;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Recorded bounds as values. */
final class BoundBytes {
  private BoundBytes() {}

  /**
   * The value of a bound, or null where it tells nothing.
   *
   * @throws IllegalArgumentException the bytes cannot be a value of this type
   */
  static @Nullable Object decode(Type type, @Nullable ByteBuffer bound) {
    if (bound == null) {
      return null;
    }
    if (type == Type.STRING) {
      try {
        return StandardCharsets.UTF_8.newDecoder().decode(bound.duplicate()).toString();
      } catch (CharacterCodingException e) {
        // A writer cut it inside a character, or counted up its last byte. It is a bound of bytes
        // but no text, and what a decoder puts in its place may lie on the wrong side of a value.
        return null;
      }
    }
    byte[] bytes = new byte[bound.remaining()];
    bound.duplicate().get(bytes);
    return SingleValue.fromBytes(type, bytes);
  }
}
