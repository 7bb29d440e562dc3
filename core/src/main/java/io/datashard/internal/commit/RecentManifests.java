package io.datashard.internal.commit;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Manifests that this process wrote lately, by location: what is merged was mostly written a moment
 * ago. Safe for use by many threads.
 */
final class RecentManifests {
  private static final int BYTES_MAX = 1 << 20;

  private static final int REFUSED_MAX = 100;

  private final Map<String, byte[]> kept = new LinkedHashMap<>();
  private final Set<String> refused = new HashSet<>();
  private long bytes;

  /** Keeps a manifest, not to be changed; large ones are not worth it. */
  synchronized void put(String location, byte[] content) {
    if (content.length > BYTES_MAX / 8 || kept.putIfAbsent(location, content) != null) {
      return;
    }
    bytes += content.length;
    var eldest = kept.entrySet().iterator();
    while (bytes > BYTES_MAX) {
      bytes -= eldest.next().getValue().length;
      eldest.remove();
    }
  }

  /** The manifest, if it is kept. */
  synchronized byte @Nullable [] get(String location) {
    return kept.get(location);
  }

  /** Remembers that a manifest cannot be merged, so that not every commit tries. */
  synchronized void refuse(String location) {
    if (refused.size() < REFUSED_MAX) {
      refused.add(location);
    }
  }

  /** Whether a manifest could not be merged before. */
  synchronized boolean isRefused(String location) {
    return refused.contains(location);
  }
}
