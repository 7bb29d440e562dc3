package io.datashard.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Promise: bounds of uuids hold for readers of the unsigned order and for those of the signed. */
class UuidBoundsTest {
  private static final Comparator<UUID> UNSIGNED =
      (a, b) -> Arrays.compareUnsigned(bytes(a), bytes(b));

  /** That of {@link UUID#compareTo}. */
  private static final Comparator<UUID> SIGNED = Comparator.naturalOrder();

  @Test
  void boundsHoldInBothOrders() {
    long[] halves = {0, 1, 5, -1, -2, Long.MIN_VALUE, Long.MIN_VALUE + 1, Long.MAX_VALUE, 1L << 40};
    SplittableRandom random = new SplittableRandom(7);
    int bounded = 0;
    for (int round = 0; round < 20_000; round++) {
      List<UUID> values =
          Stream.generate(
                  () ->
                      new UUID(
                          halves[random.nextInt(halves.length)],
                          halves[random.nextInt(halves.length)]))
              .limit(1 + random.nextInt(4))
              .toList();
      byte[] min = bytes(values.stream().min(UNSIGNED).orElseThrow());
      byte[] max = bytes(values.stream().max(UNSIGNED).orElseThrow());
      UUID lower = uuid(UuidBounds.lower(min, max));
      UUID upper = uuid(UuidBounds.upper(min, max));
      for (UUID value : values) {
        for (Comparator<UUID> order : List.of(UNSIGNED, SIGNED)) {
          if (lower != null) {
            assertThat(order.compare(lower, value))
                .as("lower %s of %s, round %s", lower, values, round)
                .isNotPositive();
          }
          if (upper != null) {
            assertThat(order.compare(upper, value))
                .as("upper %s of %s, round %s", upper, values, round)
                .isNotNegative();
          }
        }
      }
      bounded += lower != null && upper != null ? 1 : 0;
    }
    assertThat(bounded).isGreaterThan(5_000);
  }

  @Test
  void uuidsByTimeKeepTightBounds() {
    UUID first = UUID.fromString("018f0000-0000-7000-8000-000000000001");
    UUID last = UUID.fromString("018f0000-0001-7fff-bfff-ffffffffffff");

    assertThat(uuid(UuidBounds.lower(bytes(first), bytes(last)))).isEqualTo(first);
    assertThat(uuid(UuidBounds.upper(bytes(first), bytes(last))))
        .isEqualTo(UUID.fromString("018f0000-0001-8000-0000-000000000000"));
  }

  @Test
  void randomUuidsHaveNone() {
    UUID low = UUID.fromString("0a000000-0000-4000-8000-000000000000");
    UUID high = UUID.fromString("f0000000-0000-4000-8000-000000000000");

    assertThat(UuidBounds.lower(bytes(low), bytes(high))).isNull();
    assertThat(UuidBounds.upper(bytes(low), bytes(high))).isNull();
  }

  private static byte[] bytes(UUID uuid) {
    return ByteBuffer.allocate(16)
        .putLong(uuid.getMostSignificantBits())
        .putLong(uuid.getLeastSignificantBits())
        .array();
  }

  private static @Nullable UUID uuid(byte @Nullable [] bytes) {
    if (bytes == null) {
      return null;
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new UUID(buffer.getLong(), buffer.getLong());
  }
}
