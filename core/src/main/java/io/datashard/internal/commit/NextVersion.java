package io.datashard.internal.commit;

import io.datashard.internal.env.Env;
import io.datashard.internal.history.Cut;
import io.datashard.internal.metadata.NameMapping;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableMetadata.MetadataLogEntry;
import io.datashard.internal.metadata.TableProperties;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.Schema;
import io.datashard.schema.SortOrder;
import io.datashard.storage.Locations;
import io.datashard.table.Snapshot;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What the next version of a table says. */
final class NextVersion {
  /**
   * Earlier metadata files that a version lists. All of them exist and can be counted through; the
   * list is for other engines, and every entry is written again with every commit.
   */
  private static final int METADATA_LOG_MAX = 10;

  private NextVersion() {}

  /** The first version: no snapshot yet. */
  static TableMetadata first(
      String location,
      Env env,
      Schema schema,
      PartitionSpec spec,
      SortOrder order,
      Map<String, String> properties,
      String token) {
    Map<String, String> all = new LinkedHashMap<>(TableProperties.PINNED);
    all.put(TableProperties.NAME_MAPPING, NameMapping.write(schema));
    all.putAll(properties);
    all.put(TableProperties.COMMIT_TOKEN, token);
    // The bits that say "version 4, random" (RFC 9562) over random ones.
    UUID uuid =
        new UUID(env.randomId() & ~0xF000L | 0x4000L, env.randomId() & ~(3L << 62) | (1L << 63));
    return TableMetadata.create(uuid, location, schema, spec, order, all, env.nowMillis());
  }

  /**
   * The version after {@code base}.
   *
   * @param snapshot the new current snapshot; null if the change makes none
   * @param cut what the version does not list any more; null if it lists all that the base lists
   * @param sources how it names what is known of sources; null if that does not change
   * @param token what this attempt recognises its own version by (I4)
   */
  static TableMetadata after(
      Head base,
      Change change,
      @Nullable Snapshot snapshot,
      @Nullable Cut cut,
      @Nullable String sources,
      long nowMillis,
      String token,
      String location) {
    TableMetadata before = base.metadata();
    Map<String, String> properties = change.appliedTo(before.properties());
    properties.put(TableProperties.COMMIT_TOKEN, token);
    if (sources != null) {
      properties.put(TableProperties.SOURCES, sources);
    }
    Long fence = change.fence();
    if (fence != null) {
      long number = base.version().number() + 1;
      properties.put(TableProperties.FENCES, Fences.of(before).with(number, fence).toString());
    }
    TableMetadata.Builder next =
        before.toBuilder()
            .properties(properties)
            .lastUpdatedMillis(notBefore(before, nowMillis))
            .addMetadataLog(
                new MetadataLogEntry(
                    before.lastUpdatedMillis(), Locations.of(location, base.version().key())),
                METADATA_LOG_MAX);
    if (cut != null) {
      cut.applyTo(next);
    }
    if (snapshot != null) {
      next.addSnapshot(snapshot);
    }
    return next.build();
  }

  /** Now, unless the table's last change claims to be later: time in a table never runs back. */
  static long notBefore(TableMetadata before, long nowMillis) {
    return Math.max(nowMillis, before.lastUpdatedMillis());
  }
}
