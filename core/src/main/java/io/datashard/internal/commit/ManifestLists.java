package io.datashard.internal.commit;

import io.datashard.error.CorruptTableException;
import io.datashard.internal.manifest.ManifestList;
import io.datashard.internal.manifest.ManifestListReader;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.storage.Locations;
import io.datashard.storage.Storage;
import io.datashard.table.Snapshot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The manifest lists of one table; the latest are kept, since each commit starts from the last. */
final class ManifestLists {
  private static final int KEPT_MAX = 64;

  /** Longer lists than this in sum are not kept. */
  private static final int MANIFESTS_KEPT_MAX = 20_000;

  private final Storage storage;
  private final Map<String, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);
  private int manifestsKept;

  private record Kept(ManifestList list, AppendedIds appends) {}

  ManifestLists(Storage storage) {
    this.storage = storage;
  }

  /** The list of a snapshot of this table. */
  ManifestList of(TableMetadata metadata, Snapshot snapshot) {
    return keptOf(metadata, snapshot).list();
  }

  /** Tells a store that is far away that the lists of these snapshots will be read. */
  void expect(TableMetadata metadata, List<Snapshot> snapshots) {
    List<Storage.Expected> files = new ArrayList<>();
    for (Snapshot snapshot : snapshots) {
      if (keptAt(snapshot.manifestList()) == null) {
        files.add(new Storage.Expected(keyOf(metadata, snapshot), -1));
      }
    }
    storage.expect(files);
  }

  private String keyOf(TableMetadata metadata, Snapshot snapshot) {
    return Locations.keyOf(
        snapshot.manifestList(),
        List.of(metadata.location(), storage.location()),
        "snapshot " + snapshot.snapshotId());
  }

  /** The header of the list of this key. */
  Map<String, String> headerOf(String key) {
    String location = Locations.of(storage.location(), key);
    Kept known = keptAt(location);
    if (known == null) {
      known = remember(location, ManifestListReader.read(storage.readWhole(key, -1), key));
    }
    return known.list().header();
  }

  private Kept keptOf(TableMetadata metadata, Snapshot snapshot) {
    String location = snapshot.manifestList();
    Kept known = keptAt(location);
    if (known != null) {
      return known;
    }
    String key = keyOf(metadata, snapshot);
    return remember(location, ManifestListReader.read(storage.readWhole(key, -1), key));
  }

  private @Nullable Kept keptAt(String location) {
    synchronized (kept) {
      return kept.get(location);
    }
  }

  /** Keeps a list that was just written or read. */
  Kept remember(String location, ManifestList list) {
    Kept made = new Kept(list, appendsIn(location, list));
    synchronized (kept) {
      if (kept.putIfAbsent(location, made) == null) {
        manifestsKept += list.manifests().size();
      }
      var eldest = kept.entrySet().iterator();
      while (eldest.hasNext() && (kept.size() > KEPT_MAX || manifestsKept > MANIFESTS_KEPT_MAX)) {
        manifestsKept -= eldest.next().getValue().list().manifests().size();
        eldest.remove();
      }
    }
    return made;
  }

  /**
   * The appends that a snapshot's list names.
   *
   * @throws CorruptTableException what it names cannot be read
   */
  AppendedIds appendsIn(TableMetadata metadata, Snapshot snapshot) {
    return keptOf(metadata, snapshot).appends();
  }

  private static AppendedIds appendsIn(String location, ManifestList list) {
    try {
      return AppendedIds.read(list.header().getOrDefault(AppendedIds.KEY, ""));
    } catch (IllegalArgumentException e) {
      throw new CorruptTableException(
          location + ": header key " + AppendedIds.KEY + ": " + e.getMessage(), e);
    }
  }

  /** The version that a snapshot's commit made, as its list says; 0 if somebody else wrote it. */
  long versionOf(TableMetadata metadata, Snapshot snapshot) {
    String text = of(metadata, snapshot).header().getOrDefault(VERSION_KEY, "0");
    return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : 0;
  }

  /** The header key with the number of the version that the list was written for. */
  static final String VERSION_KEY = "datashard.version";
}
