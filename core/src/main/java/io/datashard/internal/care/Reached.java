package io.datashard.internal.care;

import io.datashard.error.CorruptTableException;
import io.datashard.error.FileMissingException;
import io.datashard.internal.history.History;
import io.datashard.internal.ledger.Ledger;
import io.datashard.internal.manifest.EntryFields;
import io.datashard.internal.manifest.ManifestList;
import io.datashard.internal.manifest.ManifestListReader;
import io.datashard.internal.manifest.ManifestReader;
import io.datashard.internal.manifest.PartitionTypes;
import io.datashard.internal.metadata.MetadataTexts;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableMetadataJson;
import io.datashard.schema.Schema;
import io.datashard.storage.Locations;
import io.datashard.storage.Storage;
import io.datashard.table.ManifestFile;
import io.datashard.table.Snapshot;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The keys of all files that versions of a table reach (I7). Each file is read once, however many
 * versions and snapshots share it; only keys are held.
 *
 * <p>Reached are, of every version that is added: all files that a text in it names, whatever the
 * field is called; its archive; the ledger of sources; and of every snapshot, listed or archived,
 * the manifest list, the manifests, and the files of all their entries, also of those that the
 * snapshot removed. Branches and tags point to listed snapshots.
 *
 * <p>What cannot be read, or names a file outside the table, is an error: nobody knows then what is
 * reached.
 */
final class Reached {
  private final Storage storage;
  private final History history;
  private final Set<String> keys = new HashSet<>();

  /** Files that were read to their end, with all that they name. */
  private final Set<String> read = new HashSet<>();

  private @Nullable UUID uuid;

  /** One version while it is read. */
  private record View(String name, TableMetadata metadata, PartitionTypes types, List<String> at) {}

  Reached(Storage storage) {
    this.storage = storage;
    this.history = new History(storage);
  }

  /** Whether one of the versions reaches it. */
  boolean contains(String key) {
    return keys.contains(key);
  }

  /**
   * Adds all that a version reaches.
   *
   * @param key its file
   * @throws CorruptTableException something of it is missing, damaged, or outside the table
   * @throws io.datashard.error.UnsupportedTableException it holds what cannot be read yet
   * @throws io.datashard.error.StorageException the store refused
   */
  void add(String key, byte[] content) {
    TableMetadata metadata = TableMetadataJson.parse(content, key);
    if (uuid != null && !uuid.equals(metadata.tableUuid())) {
      throw new CorruptTableException(
          nameOf(key)
              + " belongs to another table: its uuid is "
              + metadata.tableUuid()
              + ", that of newer versions "
              + uuid
              + ".");
    }
    uuid = metadata.tableUuid();
    List<String> locations = List.of(metadata.location(), storage.location());
    keys.add(key);
    MetadataTexts.forEach(
        content, key, text -> Locations.findKey(text, locations).ifPresent(keys::add));
    keys.addAll(Ledger.files(metadata));
    List<Schema> schemas = new ArrayList<>(List.of(metadata.schema()));
    schemas.addAll(metadata.schemas());
    View view =
        new View(nameOf(key), metadata, PartitionTypes.of(metadata.specs(), schemas), locations);
    for (String list : Ledger.files(metadata)) {
      if (list.endsWith(".avro")) {
        addList(view, list, null);
      }
    }
    for (Snapshot snapshot : metadata.snapshots()) {
      addSnapshot(view, snapshot);
    }
    history.forEachArchived(metadata, read, snapshot -> addSnapshot(view, snapshot));
    keys.addAll(history.files(metadata));
  }

  private void addSnapshot(View view, Snapshot snapshot) {
    String namedBy = "Snapshot " + snapshot.snapshotId() + " of " + view.name();
    addList(view, Locations.keyOf(snapshot.manifestList(), view.at(), namedBy), snapshot);
  }

  private void addList(View view, String key, @Nullable Snapshot snapshot) {
    if (read.contains(key)) {
      return;
    }
    String namedBy =
        snapshot == null ? view.name() : "snapshot " + snapshot.snapshotId() + " of " + view.name();
    ManifestList list = ManifestListReader.read(bytes(key, -1, namedBy), nameOf(key));
    if (snapshot != null) {
      checkTotal(key, list, snapshot);
    }
    for (ManifestFile manifest : list.manifests()) {
      addManifest(view, key, manifest);
    }
    keys.add(key);
    read.add(key);
  }

  /** A list that was cut between two blocks would hide manifests, and all that they reach. */
  private void checkTotal(String key, ManifestList list, Snapshot snapshot) {
    String total = snapshot.summary().getOrDefault("total-data-files", "");
    long listed = 0;
    for (ManifestFile manifest : list.manifests()) {
      ManifestFile.Counts counts = manifest.counts();
      if (counts.addedFiles() < 0 || counts.existingFiles() < 0) {
        return;
      }
      listed += (long) counts.addedFiles() + counts.existingFiles();
    }
    if (total.matches("[0-9]{1,18}") && listed < Long.parseLong(total)) {
      throw new CorruptTableException(
          nameOf(key)
              + " lists manifests of "
              + listed
              + " files, but snapshot "
              + snapshot.snapshotId()
              + " has "
              + total
              + ": the list is cut or was replaced. Restore it from a copy.");
    }
  }

  private void addManifest(View view, String listKey, ManifestFile manifest) {
    String key = Locations.keyOf(manifest.location(), view.at(), nameOf(listKey));
    keys.add(key);
    // A manifest of deletes that has live files is refused with its list.
    if (manifest.content() == ManifestFile.Content.DELETES || read.contains(key)) {
      return;
    }
    ManifestReader.read(
        bytes(key, manifest.lengthBytes(), nameOf(listKey)),
        nameOf(key),
        manifest,
        view.types(),
        EntryFields.WITHOUT_METRICS,
        entry -> keys.add(Locations.keyOf(entry.file().location(), view.at(), nameOf(key))));
    read.add(key);
  }

  private byte[] bytes(String key, long length, String namedBy) {
    try {
      return storage.readWhole(key, length);
    } catch (FileMissingException e) {
      throw new CorruptTableException(
          nameOf(key) + " is missing, and " + namedBy + " names it. Restore it from a copy.", e);
    }
  }

  private String nameOf(String key) {
    return Locations.of(storage.location(), key);
  }
}
