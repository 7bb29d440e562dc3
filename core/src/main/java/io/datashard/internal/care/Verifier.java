package io.datashard.internal.care;

import io.datashard.error.CorruptTableException;
import io.datashard.error.TableNotFoundException;
import io.datashard.internal.env.Env;
import io.datashard.internal.ledger.Ledger;
import io.datashard.internal.log.VersionLog;
import io.datashard.internal.manifest.EntryFields;
import io.datashard.internal.manifest.ManifestListReader;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.scan.FileCache;
import io.datashard.internal.scan.SnapshotFiles;
import io.datashard.storage.Locations;
import io.datashard.storage.Storage;
import io.datashard.table.DataFile;
import io.datashard.table.ManifestFile;
import io.datashard.table.Snapshot;
import io.datashard.table.Verification;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads all that a table consists of and collects what is wrong with it. Changes nothing; damage is
 * never thrown. Used once.
 *
 * <p>Read are every version, and of the newest version that can be read every snapshot, listed or
 * archived: its manifest list, its manifests, and every page of their live data files, each file
 * once however many snapshots share it.
 */
public final class Verifier {
  private static final String FOLDER = "metadata";

  private final Storage storage;
  private final boolean deep;
  private final Progress progress;
  private final Findings findings;
  private final VersionsCheck versions;
  private final Map<String, ManifestContent> manifests = new HashMap<>();
  private final Map<String, SeenFile> dataFiles = new HashMap<>();

  private long rows;
  private long bytes;
  private long filesRead;
  private long filesExpected;

  /** Watches the work. */
  public interface Progress {
    /** So many files of so many known so far have been read. */
    void see(long done, long total);
  }

  /** What one manifest lists as live. */
  private record ManifestContent(long files, long rows, String[] keys) {}

  /** What the manifest that named a data file first said of it. */
  private record SeenFile(long rows, long bytes, int metrics) {}

  /** A verifier of the table of this storage. */
  public Verifier(Storage storage, Env env, boolean deep, Progress progress) {
    this.storage = storage;
    this.deep = deep;
    this.progress = progress;
    this.findings = new Findings(storage.location());
    this.versions = new VersionsCheck(storage, new VersionLog(storage, env), findings, progress);
  }

  /**
   * Reads everything.
   *
   * @throws TableNotFoundException there is nothing at all
   */
  public Verification run() {
    VersionsCheck.Found found = versions.run();
    TableMetadata newest = found.newest();
    if (newest == null) {
      return result(found.versions(), 0);
    }
    if (!newest.location().equals(storage.location())) {
      findings.note(
          FOLDER,
          "The table was recorded at "
              + newest.location()
              + " and lies at "
              + storage.location()
              + ": it was moved or copied. DataShard reads it, other engines look at the old place.");
    }
    filesRead = found.versions();
    filesExpected = filesRead + dataFilesOf(newest);
    checkSources(newest);
    return result(found.versions(), checkSnapshots(newest));
  }

  /** Checks the listed snapshots, the newest first, then the archived ones; tells how many. */
  private long checkSnapshots(TableMetadata newest) {
    DataFileCheck check = new DataFileCheck(storage, newest, deep);
    List<Snapshot> listed = new ArrayList<>(newest.snapshots());
    listed.sort((a, b) -> Long.compare(b.sequenceNumber(), a.sequenceNumber()));
    for (Snapshot snapshot : listed) {
      boolean current = Long.valueOf(snapshot.snapshotId()).equals(newest.currentSnapshotId());
      checkSnapshot(newest, snapshot, current || deep, check);
    }
    long[] count = {listed.size()};
    versions.forEachArchived(
        newest,
        snapshot -> {
          if (newest.snapshot(snapshot.snapshotId()).isEmpty()) {
            count[0]++;
            checkSnapshot(newest, snapshot, deep, check);
          }
        });
    if (newest.formatVersion() > 1 && count[0] < newest.lastSequenceNumber()) {
      findings.note(
          FOLDER,
          "The table made "
              + newest.lastSequenceNumber()
              + " snapshots and knows "
              + count[0]
              + ": another writer expired the others, or they cannot be read.");
    }
    return count[0];
  }

  private void checkSnapshot(
      TableMetadata newest, Snapshot snapshot, boolean findDoubles, DataFileCheck check) {
    guarded(snapshot.manifestList(), () -> checkFilesOf(newest, snapshot, findDoubles, check));
  }

  /** What is known of sources; what is wrong with the property was told with its version. */
  private void checkSources(TableMetadata newest) {
    Set<String> keys;
    try {
      keys = Ledger.files(newest);
    } catch (CorruptTableException e) {
      return;
    }
    guarded(
        String.join(" and ", keys),
        () ->
            new Ledger(storage)
                .at(
                    newest,
                    list -> ManifestListReader.read(storage.readWhole(list, -1), list).header()));
  }

  /** How many data files there will be to read, as far as the newest snapshot knows. */
  private static long dataFilesOf(TableMetadata newest) {
    String total =
        newest.currentSnapshot().map(s -> s.summary().get("total-data-files")).orElse(null);
    return total != null && total.matches("[0-9]{1,9}") ? Long.parseLong(total) : 0;
  }

  private void checkFilesOf(
      TableMetadata newest, Snapshot snapshot, boolean findDoubles, DataFileCheck check) {
    List<String> locations = List.of(newest.location(), storage.location());
    String listKey =
        Locations.keyOf(snapshot.manifestList(), locations, "snapshot " + snapshot.snapshotId());
    findings.reach(listKey);
    SnapshotFiles files = SnapshotFiles.of(storage, newest, snapshot, new FileCache(0));
    checkOwner(snapshot, listKey, files.listHeader());
    long liveFiles = 0;
    long liveRows = 0;
    boolean complete = true;
    Set<String> live = new HashSet<>();
    for (ManifestFile manifest : files.manifests()) {
      @Nullable ManifestContent content = manifests.get(manifest.location());
      if (content == null) {
        content = readManifest(files, manifest, locations, check);
        manifests.put(manifest.location(), content);
      }
      complete &= content.files() >= 0;
      liveFiles += content.files();
      liveRows += content.rows();
      for (String key : findDoubles ? content.keys() : new String[0]) {
        if (!live.add(key)) {
          findings.damage(
              key,
              "Snapshot "
                  + snapshot.snapshotId()
                  + " lists the file twice as live; its rows would be read twice.");
        }
      }
    }
    if (complete) {
      checkTotal(snapshot, listKey, "total-data-files", liveFiles);
      checkTotal(snapshot, listKey, "total-records", liveRows);
    }
  }

  private void checkOwner(Snapshot snapshot, String listKey, Map<String, String> header) {
    String id = Long.toString(snapshot.snapshotId());
    String owner = header.getOrDefault("snapshot-id", id);
    if (!owner.equals(id)) {
      findings.damage(
          listKey,
          "It is the manifest list of snapshot " + owner + ", but snapshot " + id + " names it.");
    }
  }

  private void checkTotal(Snapshot snapshot, String listKey, String what, long found) {
    @Nullable String said = snapshot.summary().get(what);
    if (said != null && !said.equals(Long.toString(found))) {
      findings.damage(
          listKey,
          "Snapshot "
              + snapshot.snapshotId()
              + " says "
              + what
              + " = "
              + said
              + " in its summary, its manifests list "
              + found
              + ".");
    }
  }

  /** Reads a manifest and the data files that no other one named; -1 files if it is damaged. */
  private ManifestContent readManifest(
      SnapshotFiles files, ManifestFile manifest, List<String> locations, DataFileCheck check) {
    List<DataFile> live = new ArrayList<>();
    boolean whole =
        guarded(
            manifest.location(),
            () -> {
              findings.reach(Locations.keyOf(manifest.location(), locations, "a manifest list"));
              live.addAll(files.liveFiles(manifest, EntryFields.ALL));
            });
    if (!whole) {
      return new ManifestContent(-1, 0, new String[0]);
    }
    long listed = 0;
    List<String> keys = new ArrayList<>();
    for (DataFile file : live) {
      listed += file.recordCount();
      guarded(
          file.location(),
          () -> {
            String key = files.keyOf(file, manifest);
            keys.add(key);
            checkDataFile(key, file, check);
          });
    }
    checkRows(manifest, listed);
    return new ManifestContent(live.size(), listed, keys.toArray(new String[0]));
  }

  private void checkRows(ManifestFile manifest, long listed) {
    ManifestFile.Counts counts = manifest.counts();
    if (counts.addedRows() >= 0
        && counts.existingRows() >= 0
        && counts.addedRows() + counts.existingRows() != listed) {
      findings.damage(
          manifest.location(),
          "Its live files have "
              + listed
              + " rows, the manifest list says "
              + (counts.addedRows() + counts.existingRows())
              + ".");
    }
  }

  private void checkDataFile(String key, DataFile file, DataFileCheck check) {
    SeenFile seen =
        new SeenFile(file.recordCount(), file.fileSizeBytes(), file.metrics().hashCode());
    @Nullable SeenFile before = dataFiles.get(key);
    if (seen.equals(before)) {
      return;
    }
    if (before == null) {
      findings.reach(key);
      dataFiles.put(key, seen);
      rows += file.recordCount();
      bytes += file.fileSizeBytes();
    }
    // A file that manifests disagree on is read once for each of them.
    check.run(key, file, what -> findings.damage(key, what));
    progress.see(++filesRead, Math.max(filesRead, filesExpected));
  }

  private boolean guarded(String file, Runnable check) {
    return findings.guarded(file, check);
  }

  private Verification result(long versions, long snapshots) {
    long orphans = 0;
    try {
      for (String folder : Arrays.asList(FOLDER, "data")) {
        orphans +=
            storage.listAll(folder).stream().filter(f -> !findings.isReached(f.key())).count();
      }
    } catch (RuntimeException e) {
      findings.note(storage.location(), "Its files cannot be listed: " + e.getMessage());
    }
    return new Verification(
        findings.damages(),
        findings.notes(),
        new Verification.Counts(
            versions, snapshots, manifests.size(), dataFiles.size(), rows, bytes, orphans));
  }
}
