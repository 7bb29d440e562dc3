package io.datashard.internal.relay;

import io.datashard.internal.env.Wire;
import io.datashard.schema.Schema;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A process that follows this one. Its state is guarded by the line's monitor. */
final class Peer {
  final Wire wire;

  /** Whether it said which table it means, and the right one. */
  boolean welcome;

  /** The columns of what it sends; null before it said. */
  @Nullable Schema schema;

  /** What it waits for, by the number of the id. */
  final Map<Long, Request> waiting = new HashMap<>();

  /** What {@link #waiting} takes. */
  long bytes;

  Peer(Wire wire) {
    this.wire = wire;
  }
}
