package io.datashard.internal.commit;

import io.datashard.error.ConflictException;
import io.datashard.error.StorageException;
import io.datashard.internal.env.Env;
import io.datashard.internal.manifest.EntryFields;
import io.datashard.internal.manifest.ManifestEntry;
import io.datashard.internal.manifest.ManifestListWriter;
import io.datashard.internal.manifest.ManifestReader;
import io.datashard.internal.manifest.ManifestSummary;
import io.datashard.internal.manifest.ManifestWriter;
import io.datashard.internal.manifest.PartitionTypes;
import io.datashard.internal.manifest.WrittenManifest;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.schema.PartitionSpec;
import io.datashard.storage.Locations;
import io.datashard.storage.NewFile;
import io.datashard.storage.Storage;
import io.datashard.table.DataFile;
import io.datashard.table.ManifestFile;
import io.datashard.table.Snapshot;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The manifests of one commit. What is written once serves every attempt: the manifest of the added
 * files leaves its sequence number to be inherited, and a manifest rewritten without removed files
 * is kept by the name of the one it replaces.
 */
final class Manifests {
  private static final Logger LOG = LoggerFactory.getLogger(Manifests.class);
  private static final String FOLDER = "metadata/manifests/";

  private final Storage storage;
  private final String unique;
  private final long snapshotId;
  private final Change change;
  private final RecentManifests recent;
  private final Chores chores;
  private final ManifestMerge merge;
  private final List<NewFile> pending = new ArrayList<>();
  private final List<NewFile> taken = new ArrayList<>();
  private final List<String> written = new ArrayList<>();
  private final Map<String, Rewritten> rewritten = new HashMap<>();
  private final Set<String> seenAbsent = new HashSet<>();

  private final List<Kept> added = new ArrayList<>();
  private final List<String> ofTry = new ArrayList<>();
  private final List<String> doubted = new ArrayList<>();
  private int lists;
  private int manifestsWritten;
  private boolean dataTaken;

  /** A manifest of the base, looked through for removed files. */
  private record Rewritten(@Nullable Kept replacement, List<DataFile> removed) {}

  /** A manifest written for this commit; only its sequence number differs from try to try. */
  record Kept(String location, ManifestSummary summary) {
    ManifestFile at(long sequenceNumber) {
      return summary.at(location, sequenceNumber);
    }
  }

  /** The manifests of one attempt, and what it takes away. */
  record Attempt(List<ManifestFile> manifests, List<DataFile> removed) {}

  /**
   * @param chores for what nobody waits for
   */
  Manifests(
      Storage storage,
      Env env,
      RecentManifests recent,
      Chores chores,
      long snapshotId,
      Change change) {
    this.storage = storage;
    this.unique = env.randomHex();
    this.snapshotId = snapshotId;
    this.change = change;
    this.recent = recent;
    this.chores = chores;
    this.merge = new ManifestMerge(snapshotId, recent, filesOfMerge());
  }

  /** For the same change, when nothing of what was written for it is to be named any more. */
  Manifests anew(Env env) {
    Manifests next = new Manifests(storage, env, recent, chores, snapshotId, change);
    next.dataTaken = dataTaken;
    return next;
  }

  private ManifestMerge.Files filesOfMerge() {
    return new ManifestMerge.Files() {
      @Override
      public void expect(TableMetadata base, List<ManifestFile> manifests) {
        Manifests.this.expect(base, manifests);
      }

      @Override
      public byte[] read(TableMetadata base, ManifestFile manifest) {
        return Manifests.this.bytesOf(base, manifest);
      }

      @Override
      public Kept write(WrittenManifest manifest) {
        return Manifests.this.put(manifest);
      }
    };
  }

  /** Writes what does not depend on which base wins, as far as there is such. */
  void prepare(TableMetadata base) {
    if (!change.added().isEmpty()) {
      addedOnce(base);
    }
  }

  /** All manifests of the new snapshot over this base. */
  Attempt over(TableMetadata base, List<ManifestFile> before, long sequenceNumber) {
    requireAbsent(base, before);
    List<ManifestFile> all = new ArrayList<>(before.size() + 1);
    List<DataFile> removed = new ArrayList<>();
    for (ManifestFile manifest : before) {
      if (change.removed().isEmpty()) {
        addUnlessEmpty(manifest, all);
        continue;
      }
      Rewritten found = withoutRemoved(base, manifest);
      removed.addAll(found.removed());
      Kept replacement = found.replacement();
      if (replacement == null) {
        addUnlessEmpty(manifest, all);
      } else {
        all.add(replacement.at(sequenceNumber));
      }
    }
    requireAllFound(removed);
    all = merge.over(base, all, sequenceNumber);
    if (!change.added().isEmpty()) {
      for (Kept kept : addedOnce(base)) { // last, so that rows are read in append order
        all.add(kept.at(sequenceNumber));
      }
    }
    return new Attempt(all, removed);
  }

  /** A manifest that only told what an earlier snapshot removed is of no use to later ones. */
  private static void addUnlessEmpty(ManifestFile manifest, List<ManifestFile> all) {
    ManifestFile.Counts counts = manifest.counts();
    if (counts.addedFiles() != 0 || counts.existingFiles() != 0) {
      all.add(manifest);
    }
  }

  private void requireAbsent(TableMetadata base, List<ManifestFile> before) {
    if (change.absent().isEmpty()) {
      return;
    }
    for (ManifestFile manifest : before) {
      if (!seenAbsent.add(manifest.location())) {
        continue;
      }
      for (ManifestEntry entry : read(base, manifest)) {
        String location = entry.file().location();
        if (entry.isLive() && change.absent().stream().anyMatch(location::startsWith)) {
          throw new IllegalArgumentException(
              "This file is in the table already, as "
                  + location
                  + " since snapshot "
                  + entry.snapshotId()
                  + ". Nothing was committed.");
        }
      }
    }
  }

  private void requireAllFound(List<DataFile> removed) {
    Set<String> missing = new HashSet<>(change.removed());
    removed.forEach(file -> missing.remove(file.location()));
    if (!missing.isEmpty()) {
      throw new ConflictException(
          "Cannot remove "
              + change.removed().size()
              + " files from "
              + storage.location()
              + ": "
              + missing.size()
              + " of them are not (or no longer) in the table; first: "
              + missing.iterator().next()
              + ". Nothing was committed. List the files of the current"
              + " snapshot and try again.");
    }
  }

  /** One manifest for each spec: another writer may have changed the table's meanwhile. */
  private List<Kept> addedOnce(TableMetadata base) {
    if (added.isEmpty()) {
      Map<Integer, List<ManifestEntry>> bySpec = new LinkedHashMap<>();
      for (DataFile file : change.added()) {
        bySpec
            .computeIfAbsent(file.specId(), id -> new ArrayList<>())
            .add(ManifestEntry.added(file));
      }
      bySpec.forEach((specId, entries) -> added.add(write(base, specId, entries)));
    }
    return added;
  }

  private Rewritten withoutRemoved(TableMetadata base, ManifestFile manifest) {
    Rewritten known = rewritten.get(manifest.location());
    if (known != null) {
      return known;
    }
    List<ManifestEntry> entries = new ArrayList<>();
    List<DataFile> removed = new ArrayList<>();
    for (ManifestEntry entry : read(base, manifest)) {
      if (!entry.isLive()) {
        continue;
      }
      if (change.removed().contains(entry.file().location())) {
        removed.add(entry.file());
        entries.add(entry.asDeleted(snapshotId));
      } else {
        entries.add(entry.asExisting());
      }
    }
    Rewritten found =
        new Rewritten(removed.isEmpty() ? null : write(base, manifest.specId(), entries), removed);
    rewritten.put(manifest.location(), found);
    return found;
  }

  private List<ManifestEntry> read(TableMetadata base, ManifestFile manifest) {
    String key = keyIn(base, manifest);
    byte[] bytes = bytesOf(base, manifest);
    List<ManifestEntry> entries = new ArrayList<>();
    PartitionTypes types = PartitionTypes.of(base.specs(), base.schemas());
    ManifestReader.read(bytes, key, manifest, types, EntryFields.ALL, entries::add);
    return entries;
  }

  private void expect(TableMetadata base, List<ManifestFile> manifests) {
    List<Storage.Expected> files = new ArrayList<>();
    for (ManifestFile manifest : manifests) {
      if (knownBytes(manifest) == null) {
        files.add(new Storage.Expected(keyIn(base, manifest), manifest.lengthBytes()));
      }
    }
    storage.expect(files);
  }

  private byte[] bytesOf(TableMetadata base, ManifestFile manifest) {
    byte[] known = knownBytes(manifest);
    return known != null ? known : storage.readWhole(keyIn(base, manifest), manifest.lengthBytes());
  }

  private byte @Nullable [] knownBytes(ManifestFile manifest) {
    byte[] known = recent.get(manifest.location());
    return known != null && known.length == manifest.lengthBytes() ? known : null;
  }

  private String keyIn(TableMetadata base, ManifestFile manifest) {
    return keyOf(base, manifest.location(), "a manifest list");
  }

  private Kept write(TableMetadata base, int specId, List<ManifestEntry> entries) {
    return put(ManifestWriter.write(base.schema(), specOf(base, specId), snapshotId, entries));
  }

  private Kept put(WrittenManifest manifest) {
    String key = FOLDER + unique + "-m" + manifestsWritten++ + ".avro";
    String location = Locations.of(storage.location(), key);
    recent.put(location, put(key, manifest.content()));
    return new Kept(location, manifest.summary());
  }

  private static PartitionSpec specOf(TableMetadata base, int specId) {
    return base.specs().stream().filter(spec -> spec.id() == specId).findFirst().orElseThrow();
  }

  /** Writes the manifest list of one attempt. */
  String writeList(
      @Nullable Snapshot parent,
      long sequenceNumber,
      List<ManifestFile> manifests,
      Map<String, String> header) {
    String key = FOLDER + "snap-" + snapshotId + "-" + ++lists + "-" + unique + ".avro";
    byte[] bytes =
        ManifestListWriter.write(
            snapshotId,
            parent == null ? null : parent.snapshotId(),
            sequenceNumber,
            manifests,
            header);
    writeOfTry(key, ByteBuffer.wrap(bytes));
    return key;
  }

  /** Writes a file that only this try names if it wins. */
  void writeOfTry(String key, ByteBuffer content) {
    put(key, content.duplicate());
    ofTry.add(key);
  }

  private byte[] put(String key, ByteBuffer content) {
    NewFile file = storage.create(key);
    pending.add(file);
    written.add(key);
    byte[] bytes = new byte[content.remaining()];
    content.get(bytes);
    file.write(bytes, 0, bytes.length);
    file.finish();
    return bytes;
  }

  /** Makes all that was written so far as durable as the table asks for. */
  void makeDurable() {
    storage.makeDurable(takePending());
  }

  /** What the next version will name and is not durable yet (I2); the taker sees to that. */
  List<NewFile> takePending() {
    List<NewFile> all = new ArrayList<>(pending);
    pending.clear();
    if (!dataTaken) {
      all.addAll(change.pending());
      dataTaken = true;
    }
    taken.addAll(all);
    return all;
  }

  /** Removes what only a try named that certainly lost; failing to is no harm. */
  void dropTry() {
    written.removeAll(ofTry);
    ofTry.forEach(this::drop);
    ofTry.clear();
  }

  /** Leaves alone what a try named whose outcome is not known. */
  void keepTry() {
    written.removeAll(ofTry);
    ofTry.clear();
  }

  /**
   * Leaves alone what a try named that nobody can tell the end of, until a later one wins: then it
   * is certain that this one did not, for whoever wins has looked whether the table has the change.
   */
  void doubtTry() {
    doubted.addAll(ofTry);
    keepTry();
  }

  /** Removes what earlier tries wrote and the winning one does not name. */
  void dropUnused(List<ManifestFile> used) {
    doubted.forEach(this::drop);
    Set<String> locations = new HashSet<>();
    used.forEach(manifest -> locations.add(manifest.location()));
    for (String key : written) {
      if (!ofTry.contains(key) && !locations.contains(Locations.of(storage.location(), key))) {
        drop(key);
      }
    }
  }

  /** Removes all that was written, because nothing was committed. */
  void dropAll(Throwable cause) {
    pending.forEach(NewFile::close);
    taken.forEach(NewFile::close);
    for (String key : written) {
      try {
        storage.delete(key);
      } catch (RuntimeException e) {
        cause.addSuppressed(e);
      }
    }
  }

  private void drop(String key) {
    chores.add(() -> delete(key));
  }

  private void delete(String key) {
    try {
      storage.delete(key);
    } catch (StorageException e) {
      LOG.warn("Could not remove {}, which no version names: {}", key, e.getMessage());
    }
  }

  String keyOf(TableMetadata base, String location, String namedBy) {
    return Locations.keyOf(location, List.of(base.location(), storage.location()), namedBy);
  }
}
