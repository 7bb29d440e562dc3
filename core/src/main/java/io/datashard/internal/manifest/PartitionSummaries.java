package io.datashard.internal.manifest;

import io.datashard.schema.SingleValue;
import io.datashard.schema.Type;
import io.datashard.table.ManifestFile.PartitionSummary;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Bounds of each partition field over a manifest. Spec: Iceberg table spec, "Manifest Lists",
 * {@code field_summary}. NaN is no bound; -0.0 lies below 0.0.
 */
final class PartitionSummaries {
  private final List<Type> types;
  private final boolean[] containsNull;
  private final boolean[] containsNan;
  private final @Nullable Object[] lower;
  private final @Nullable Object[] upper;

  /** Of uuids, by the other order. */
  private final @Nullable UUID[] signedLower;

  private final @Nullable UUID[] signedUpper;

  PartitionSummaries(List<Type> types) {
    this.types = types;
    int size = types.size();
    containsNull = new boolean[size];
    containsNan = new boolean[size];
    lower = new Object[size];
    upper = new Object[size];
    signedLower = new UUID[size];
    signedUpper = new UUID[size];
  }

  /** Takes one value of the class that the type lists; null counts as null. */
  void add(int place, @Nullable Object value) {
    if (value == null) {
      containsNull[place] = true;
      return;
    }
    if (isNan(value)) {
      containsNan[place] = true;
      return;
    }
    Object low = lower[place];
    if (low == null || compare(types.get(place), value, low) < 0) {
      lower[place] = value;
    }
    Object high = upper[place];
    if (high == null || compare(types.get(place), value, high) > 0) {
      upper[place] = value;
    }
    if (value instanceof UUID uuid) {
      addSigned(place, uuid);
    }
  }

  private void addSigned(int place, UUID value) {
    UUID low = signedLower[place];
    if (low == null || value.compareTo(low) < 0) {
      signedLower[place] = value;
    }
    UUID high = signedUpper[place];
    if (high == null || value.compareTo(high) > 0) {
      signedUpper[place] = value;
    }
  }

  private boolean ordersAgree(int place) {
    return types.get(place) != Type.UUID
        || (Objects.equals(lower[place], signedLower[place])
            && Objects.equals(upper[place], signedUpper[place]));
  }

  private static boolean isNan(Object value) {
    return (value instanceof Double d && d.isNaN()) || (value instanceof Float f && f.isNaN());
  }

  /** Text, uuids and bytes compare as unsigned bytes; all else has its natural order. */
  @SuppressWarnings({"unchecked", "rawtypes"})
  private static int compare(Type type, Object a, Object b) {
    return switch (type.kind()) {
      case STRING, UUID, FIXED, BINARY ->
          Arrays.compareUnsigned(SingleValue.toBytes(type, a), SingleValue.toBytes(type, b));
      case BOOLEAN, INT, LONG, FLOAT, DOUBLE, DECIMAL, DATE, TIME, TIMESTAMP, TIMESTAMPTZ ->
          ((Comparable) a).compareTo(b);
    };
  }

  /** One for each field; none at all if one of them cannot be said. */
  List<PartitionSummary> summaries() {
    List<PartitionSummary> all = new ArrayList<>(types.size());
    for (int i = 0; i < types.size(); i++) {
      if (!ordersAgree(i)) {
        return List.of();
      }
      all.add(
          new PartitionSummary(
              containsNull[i], containsNan[i], bytes(i, lower[i]), bytes(i, upper[i])));
    }
    return all;
  }

  private @Nullable ByteBuffer bytes(int place, @Nullable Object bound) {
    return bound == null
        ? null
        : ByteBuffer.wrap(SingleValue.toBytes(types.get(place), bound)).asReadOnlyBuffer();
  }
}
