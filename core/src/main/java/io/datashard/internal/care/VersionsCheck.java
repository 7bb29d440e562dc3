package io.datashard.internal.care;

import io.datashard.error.TableNotFoundException;
import io.datashard.internal.history.ArchiveCheck;
import io.datashard.internal.ledger.Ledger;
import io.datashard.internal.log.VersionLog;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableMetadataJson;
import io.datashard.storage.Storage;
import io.datashard.table.Snapshot;
import java.nio.charset.StandardCharsets;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads every version that counts, with its archive, and tells what is wrong with one of them or
 * between them: gaps, another table, a floor or a hint that does not fit. Used once.
 */
final class VersionsCheck {
  private static final String FOLDER = "metadata";
  private static final String FLOOR = FOLDER + "/floor";
  private static final String HINT = FOLDER + "/version-hint.text";
  private static final int VERSION_BYTES_MAX = 256 << 20;
  private static final Pattern VERSION = Pattern.compile("v([1-9][0-9]{0,17})\\.metadata\\.json");

  private final Storage storage;
  private final VersionLog log;
  private final Findings findings;
  private final Verifier.Progress progress;
  private final ArchiveCheck archives;

  /** The version whose archive is being read. */
  private long archiveOf;

  /**
   * What there is.
   *
   * @param versions how many count
   * @param newest the newest that can be read; null if none can
   */
  record Found(long versions, @Nullable TableMetadata newest) {}

  VersionsCheck(Storage storage, VersionLog log, Findings findings, Verifier.Progress progress) {
    this.storage = storage;
    this.log = log;
    this.findings = findings;
    this.progress = progress;
    this.archives = new ArchiveCheck(storage, this::archiveDamage);
  }

  /**
   * Checks them all.
   *
   * @throws TableNotFoundException there is nothing at all
   */
  Found run() {
    TreeSet<Long> numbers = versionNumbers();
    if (numbers.isEmpty()) {
      requireAnything();
      findings.damage(
          FOLDER, "There is no v<N>.metadata.json, so no state of the table can be found.");
      return new Found(0, null);
    }
    findings.guarded(FLOOR, () -> leaveOutBelowFloor(numbers));
    if (numbers.isEmpty()) {
      findings.guarded(storage.location(), log::newest); // tells what is wrong
      return new Found(0, null);
    }
    findGaps(numbers);
    TableMetadata newest = readVersions(numbers);
    checkHint(numbers.last());
    return new Found(numbers.size(), newest);
  }

  /** Hands over the archived snapshots of a version, but for those in damaged blocks. */
  void forEachArchived(TableMetadata metadata, Consumer<Snapshot> each) {
    archives.forEachSnapshot(metadata, each);
  }

  private TreeSet<Long> versionNumbers() {
    TreeSet<Long> numbers = new TreeSet<>();
    findings.guarded(
        storage.location() + "/" + FOLDER,
        () -> {
          for (String name : storage.names(FOLDER, "v")) {
            Matcher version = VERSION.matcher(name);
            if (version.matches()) {
              numbers.add(Long.parseLong(version.group(1)));
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
  private void leaveOutBelowFloor(TreeSet<Long> numbers) {
    storage.list(FLOOR, "").forEach(file -> findings.reach(file.key()));
    NavigableSet<Long> below = numbers.headSet(log.floor(), false);
    below.forEach(number -> findings.reach(keyOf(number)));
    below.clear();
  }

  private void findGaps(TreeSet<Long> numbers) {
    long gaps = 0;
    long above = numbers.last();
    for (long number : numbers.descendingSet()) {
      for (long missing = above - 1; missing > number && gaps < 1_000; missing--) {
        if (!storage.exists(keyOf(missing)) && !isCleanedAway(missing)) {
          gaps++;
          findings.damage(
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
      findings.guarded(storage.location(), log::newest);
    }
  }

  private static String keyOf(long version) {
    return FOLDER + "/v" + version + ".metadata.json";
  }

  /** Reads all versions; returns the newest that can be read. */
  private @Nullable TableMetadata readVersions(TreeSet<Long> numbers) {
    @Nullable TableMetadata newest = null;
    @Nullable UUID uuid = null;
    long sequenceNumber = 0;
    long read = 0;
    for (long number : numbers) {
      progress.see(read++, numbers.size());
      String key = keyOf(number);
      findings.reach(key);
      @Nullable TableMetadata metadata = readVersion(number);
      if (metadata == null) {
        continue;
      }
      if (uuid != null && !uuid.equals(metadata.tableUuid())) {
        findings.damage(
            key,
            "It belongs to another table: its uuid is "
                + metadata.tableUuid()
                + ", that of earlier versions "
                + uuid
                + ".");
        continue;
      }
      if (metadata.lastSequenceNumber() < sequenceNumber) {
        findings.damage(
            key,
            "Its last sequence number is "
                + metadata.lastSequenceNumber()
                + ", an earlier version has "
                + sequenceNumber
                + ".");
      }
      archiveOf = number;
      findings.reachAll(archives.check(key, metadata));
      sequenceNumber = Math.max(sequenceNumber, metadata.lastSequenceNumber());
      uuid = metadata.tableUuid();
      newest = metadata;
    }
    return newest;
  }

  /** The files of an archive go with the last version that names them. */
  private void archiveDamage(String key, String what) {
    if (!isCleanedAway(archiveOf)) {
      findings.damage(key, what);
    }
  }

  private boolean isCleanedAway(long number) {
    return log.floor() > number;
  }

  private @Nullable TableMetadata readVersion(long number) {
    String key = keyOf(number);
    @Nullable TableMetadata[] read = new TableMetadata[1];
    findings.guarded(
        key,
        () -> {
          Optional<byte[]> content = storage.read(key, VERSION_BYTES_MAX);
          if (content.isEmpty() && !isCleanedAway(number)) {
            findings.damage(key, "The version is listed and cannot be found.");
          } else if (content.isPresent()) {
            read[0] = TableMetadataJson.parse(content.get(), key);
            findings.reachAll(Ledger.files(read[0]));
          }
        });
    return read[0];
  }

  private void checkHint(long newest) {
    findings.reach(HINT);
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
      findings.note(
          HINT,
          "The newest version is "
              + newest
              + ", the hint is "
              + (found.length() > 80 ? found.substring(0, 77) + "..." : found)
              + ". DataShard does not rely on it; other engines see an older state, or none, until"
              + " the next commit.");
    }
  }
}
