package io.datashard.internal.care;

import io.datashard.error.CorruptTableException;
import io.datashard.error.DataShardException;
import io.datashard.error.TableNotFoundException;
import io.datashard.internal.env.Env;
import io.datashard.internal.history.ArchiveCheck;
import io.datashard.internal.ledger.Ledger;
import io.datashard.internal.log.VersionLog;
import io.datashard.internal.manifest.EntryFields;
import io.datashard.internal.manifest.ManifestListReader;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableMetadataJson;
import io.datashard.internal.scan.FileCache;
import io.datashard.internal.scan.SnapshotFiles;
import io.datashard.storage.Locations;
import io.datashard.storage.Storage;
import io.datashard.table.Damage;
import io.datashard.table.DataFile;
import io.datashard.table.ManifestFile;
import io.datashard.table.Snapshot;
import io.datashard.table.Verification;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
  private static final String FLOOR = FOLDER + "/floor";
  private static final String HINT = FOLDER + "/version-hint.text";
  private static final int VERSION_BYTES_MAX = 256 << 20;
  private static final Pattern VERSION = Pattern.compile("v([1-9][0-9]{0,17})\\.metadata\\.json");

  private final Storage storage;
  private final VersionLog log;
  private final boolean deep;
  private final Progress progress;
  private final ArchiveCheck archives;
  private final List<Damage> damages = new ArrayList<>();
  private final List<Damage> notes = new ArrayList<>();
  private final Set<String> reached = new HashSet<>();
  private final Map<String, ManifestContent> manifests = new HashMap<>();
  private final Map<String, SeenFile> dataFiles = new HashMap<>();

  /** The version whose archive is being read. */
  private long archiveOf;

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
    this.log = new VersionLog(storage, env);
    this.deep = deep;
    this.progress = progress;
    this.archives = new ArchiveCheck(storage, this::archiveDamage);
  }

  /**
   * Reads everything.
   *
   * @throws TableNotFoundException there is nothing at all
   */
  public Verification run() {
    TreeMap<Long, Boolean> numbers = versionNumbers();
    if (numbers.isEmpty()) {
      requireAnything();
      damage(FOLDER, "There is no v<N>.metadata.json, so no state of the table can be found.");
      return result(0, 0);
    }
    guarded(FLOOR, () -> leaveOutBelowFloor(numbers));
    if (numbers.isEmpty()) {
      guarded(storage.location(), log::newest); // tells what is wrong
      return result(0, 0);
    }
    findGaps(numbers);
    @Nullable TableMetadata newest = readVersions(numbers);
    checkHint(numbers.lastKey());
    if (newest == null) {
      return result(numbers.size(), 0);
    }
    if (!newest.location().equals(storage.location())) {
      note(
          FOLDER,
          "The table was recorded at "
              + newest.location()
              + " and lies at "
              + storage.location()
              + ": it was moved or copied. DataShard reads it, other engines look at the old place.");
    }
    filesExpected += dataFilesOf(newest);
    checkSources(newest);
    return result(numbers.size(), checkSnapshots(newest));
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
    archives.forEachSnapshot(
        newest,
        snapshot -> {
          if (newest.snapshot(snapshot.snapshotId()).isEmpty()) {
            count[0]++;
            checkSnapshot(newest, snapshot, deep, check);
          }
        });
    if (newest.formatVersion() > 1 && count[0] < newest.lastSequenceNumber()) {
      note(
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

  private TreeMap<Long, Boolean> versionNumbers() {
    TreeMap<Long, Boolean> numbers = new TreeMap<>();
    guarded(
        storage.location() + "/" + FOLDER,
        () -> {
          for (String name : storage.names(FOLDER, "v")) {
            Matcher version = VERSION.matcher(name);
            if (version.matches()) {
              numbers.put(Long.parseLong(version.group(1)), true);
            }
          }
        });
    return numbers;
  }

  private void requireAnything() {
    if (storage.listAll(FOLDER).isEmpty() && storage.listAll("data").isEmpty()) {
      throw new TableNotFoundException(
          "There is no table at " + storage.location() + ": it has no metadata folder.");
    }
  }

  /** Versions below the floor wait to be deleted and say nothing. */
  private void leaveOutBelowFloor(TreeMap<Long, Boolean> numbers) {
    storage.list(FLOOR, "").forEach(file -> reached.add(file.key()));
    NavigableMap<Long, Boolean> below = numbers.headMap(log.floor(), false);
    below.keySet().forEach(number -> reached.add(keyOf(number)));
    below.clear();
  }

  private void findGaps(TreeMap<Long, Boolean> numbers) {
    long gaps = 0;
    long above = numbers.lastKey();
    for (long number : numbers.descendingKeySet()) {
      for (long missing = above - 1; missing > number && gaps < 1_000; missing--) {
        if (!storage.exists(keyOf(missing)) && !isCleanedAway(missing)) {
          gaps++;
          damage(
              keyOf(missing),
              "The version is missing, though "
                  + keyOf(number)
                  + " and "
                  + keyOf(above)
                  + " are there: versions have no gaps.");
        }
      }
      above = number;
    }
    if (gaps == 0) {
      // Tells of versions in other spellings and of catalogs.
      guarded(storage.location(), log::newest);
    }
  }

  private static String keyOf(long version) {
    return FOLDER + "/v" + version + ".metadata.json";
  }

  /** Reads all versions; returns the newest that can be read. */
  private @Nullable TableMetadata readVersions(TreeMap<Long, Boolean> numbers) {
    @Nullable TableMetadata newest = null;
    @Nullable UUID uuid = null;
    long sequenceNumber = 0;
    filesExpected = numbers.size();
    for (long number : numbers.keySet()) {
      progress.see(filesRead++, filesExpected);
      String key = keyOf(number);
      reached.add(key);
      @Nullable TableMetadata metadata = readVersion(number);
      if (metadata == null) {
        continue;
      }
      if (uuid != null && !uuid.equals(metadata.tableUuid())) {
        damage(
            key,
            "It belongs to another table: its uuid is "
                + metadata.tableUuid()
                + ", that of earlier versions "
                + uuid
                + ".");
        continue;
      }
      if (metadata.lastSequenceNumber() < sequenceNumber) {
        damage(
            key,
            "Its last sequence number is "
                + metadata.lastSequenceNumber()
                + ", an earlier version has "
                + sequenceNumber
                + ".");
      }
      archiveOf = number;
      reached.addAll(archives.check(key, metadata));
      sequenceNumber = Math.max(sequenceNumber, metadata.lastSequenceNumber());
      uuid = metadata.tableUuid();
      newest = metadata;
    }
    return newest;
  }

  /** The files of an archive go with the last version that names them. */
  private void archiveDamage(String key, String what) {
    if (!isCleanedAway(archiveOf)) {
      damage(key, what);
    }
  }

  private boolean isCleanedAway(long number) {
    return log.floor() > number;
  }

  private @Nullable TableMetadata readVersion(long number) {
    String key = keyOf(number);
    @Nullable TableMetadata[] read = new TableMetadata[1];
    guarded(
        key,
        () -> {
          Optional<byte[]> content = storage.read(key, VERSION_BYTES_MAX);
          if (content.isEmpty() && !isCleanedAway(number)) {
            damage(key, "The version is listed and cannot be found.");
          } else if (content.isPresent()) {
            read[0] = TableMetadataJson.parse(content.get(), key);
            reached.addAll(Ledger.files(read[0]));
          }
        });
    return read[0];
  }

  private void checkHint(long newest) {
    reached.add(HINT);
    String found;
    try {
      found =
          storage
              .read(HINT, 1_024)
              .map(content -> new String(content, StandardCharsets.UTF_8).strip())
              .orElse("missing");
    } catch (RuntimeException e) {
      found = "not readable: " + e.getMessage();
    }
    if (!found.equals(Long.toString(newest))) {
      note(
          HINT,
          "The newest version is "
              + newest
              + ", the hint is "
              + (found.length() > 80 ? found.substring(0, 77) + "..." : found)
              + ". DataShard does not rely on it; other engines see an older state, or none, until"
              + " the next commit.");
    }
  }

  private void checkFilesOf(
      TableMetadata newest, Snapshot snapshot, boolean findDoubles, DataFileCheck check) {
    List<String> locations = List.of(newest.location(), storage.location());
    String listKey =
        Locations.keyOf(snapshot.manifestList(), locations, "snapshot " + snapshot.snapshotId());
    reached.add(listKey);
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
          damage(
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
      damage(
          listKey,
          "It is the manifest list of snapshot " + owner + ", but snapshot " + id + " names it.");
    }
  }

  private void checkTotal(Snapshot snapshot, String listKey, String what, long found) {
    @Nullable String said = snapshot.summary().get(what);
    if (said != null && !said.equals(Long.toString(found))) {
      damage(
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
              reached.add(Locations.keyOf(manifest.location(), locations, "a manifest list"));
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
      damage(
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
      reached.add(key);
      dataFiles.put(key, seen);
      rows += file.recordCount();
      bytes += file.fileSizeBytes();
    }
    // A file that manifests disagree on is read once for each of them.
    check.run(key, file, what -> damage(key, what));
    progress.see(++filesRead, Math.max(filesRead, filesExpected));
  }

  /** Runs a check; what it throws is a damage of this file. True if it threw nothing. */
  private boolean guarded(String file, Runnable check) {
    try {
      check.run();
      return true;
    } catch (DataShardException e) {
      damage(file, String.valueOf(e.getMessage()));
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      damage(file, "It cannot be read: " + e);
    }
    return false;
  }

  private void damage(String file, String what) {
    damages.add(new Damage(locationOf(file), what));
  }

  private void note(String file, String what) {
    notes.add(new Damage(locationOf(file), what));
  }

  private String locationOf(String file) {
    boolean absolute = file.startsWith("/") || file.matches("(?s)[A-Za-z][A-Za-z0-9+.-]*:.*");
    return absolute ? file : Locations.of(storage.location(), file);
  }

  private Verification result(long versions, long snapshots) {
    long orphans = 0;
    try {
      for (String folder : Arrays.asList(FOLDER, "data")) {
        orphans += storage.listAll(folder).stream().filter(f -> !reached.contains(f.key())).count();
      }
    } catch (RuntimeException e) {
      note(storage.location(), "Its files cannot be listed: " + e.getMessage());
    }
    return new Verification(
        damages,
        notes,
        new Verification.Counts(
            versions, snapshots, manifests.size(), dataFiles.size(), rows, bytes, orphans));
  }
}
