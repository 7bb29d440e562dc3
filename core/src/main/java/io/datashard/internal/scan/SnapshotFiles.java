package io.datashard.internal.scan;

import io.datashard.error.CorruptTableException;
import io.datashard.error.FileMissingException;
import io.datashard.error.UnsupportedTableException;
import io.datashard.internal.manifest.EntryFields;
import io.datashard.internal.manifest.ManifestColumns;
import io.datashard.internal.manifest.ManifestEntry;
import io.datashard.internal.manifest.ManifestList;
import io.datashard.internal.manifest.ManifestListReader;
import io.datashard.internal.manifest.ManifestReader;
import io.datashard.internal.manifest.PartitionTypes;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.schema.Field;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.Schema;
import io.datashard.storage.Locations;
import io.datashard.storage.Storage;
import io.datashard.table.DataFile;
import io.datashard.table.ManifestFile;
import io.datashard.table.Snapshot;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The manifests and data files of one snapshot. The manifest list is read when this is made;
 * manifests are read when they are asked for, as columns for plans or entry by entry.
 *
 * <p>What the snapshot names and is not there, is cut, or contradicts itself is a {@link
 * CorruptTableException} that names the file (I5); what it names outside the table is not read
 * (I8).
 */
public final class SnapshotFiles {
  private final Storage storage;
  private final FileCache cache;
  private final PartitionTypes partitionTypes;
  private final List<String> locations;
  private final String listName;
  private final List<ManifestFile> manifests;
  private Map<String, String> listHeader = Map.of();
  private int filesRead;
  private long bytesRead;

  private SnapshotFiles(
      Storage storage, TableMetadata metadata, @Nullable Snapshot snapshot, FileCache cache) {
    this.storage = storage;
    this.cache = cache;
    this.partitionTypes = PartitionTypes.of(metadata.specs(), schemasCurrentFirst(metadata));
    this.locations = locationsOf(storage, metadata);
    if (snapshot == null) {
      listName = storage.location();
      manifests = List.of();
    } else {
      String namedBy = namedBy(storage, snapshot);
      String key = Locations.keyOf(snapshot.manifestList(), locations, namedBy);
      listName = name(key);
      manifests = readList(snapshot, key, namedBy);
    }
  }

  /**
   * The files of a snapshot.
   *
   * @param metadata a version of the table that lists the snapshot, or is as new
   * @param snapshot null for a table that never had one: there are no files then
   * @param cache keeps manifests for the next time; shared by all that read one table
   * @throws CorruptTableException the manifest list is missing or damaged
   * @throws UnsupportedTableException it lists delete files, which are not applied yet
   */
  public static SnapshotFiles of(
      Storage storage, TableMetadata metadata, @Nullable Snapshot snapshot, FileCache cache) {
    return new SnapshotFiles(storage, metadata, snapshot, cache);
  }

  /** Tells the store that the manifest list of this snapshot will be read, if it is not at hand. */
  public static void expectList(
      Storage storage, TableMetadata metadata, Snapshot snapshot, FileCache cache) {
    String key;
    try {
      key =
          Locations.keyOf(
              snapshot.manifestList(), locationsOf(storage, metadata), namedBy(storage, snapshot));
    } catch (CorruptTableException e) {
      return; // whoever reads it says so; a newer version may be mended
    }
    if (!cache.holds(key, -1)) {
      storage.expect(List.of(new Storage.Expected(key, -1)));
    }
  }

  private static List<String> locationsOf(Storage storage, TableMetadata metadata) {
    return Stream.of(metadata.location(), storage.location()).distinct().toList();
  }

  private static String namedBy(Storage storage, Snapshot snapshot) {
    return "Snapshot " + snapshot.snapshotId() + " of " + storage.location();
  }

  private static List<Schema> schemasCurrentFirst(TableMetadata metadata) {
    List<Schema> all = new ArrayList<>(List.of(metadata.schema()));
    all.addAll(metadata.schemas());
    Collections.reverse(all.subList(1, all.size()));
    return all;
  }

  private List<ManifestFile> readList(Snapshot snapshot, String key, String namedBy) {
    ManifestList list = cache.list(key);
    if (list == null) {
      list = ManifestListReader.read(load(key, -1, "manifest list", namedBy), listName);
      cache.keep(key, list);
    }
    List<ManifestFile> data = new ArrayList<>();
    listHeader = list.header();
    for (ManifestFile manifest : list.manifests()) {
      if (manifest.content() == ManifestFile.Content.DATA) {
        data.add(manifest);
      } else if (mayHaveLiveFiles(manifest)) {
        throw new UnsupportedTableException(
            listName
                + " lists the delete manifest "
                + manifest.location()
                + ". DataShard does not apply delete files yet; compact the table with the engine"
                + " that wrote them.");
      }
    }
    checkTotal(snapshot, data);
    return Collections.unmodifiableList(data);
  }

  private static boolean mayHaveLiveFiles(ManifestFile manifest) {
    return manifest.counts().addedFiles() != 0 || manifest.counts().existingFiles() != 0;
  }

  /** An Avro file that was cut between two blocks is still one, with fewer manifests. */
  private void checkTotal(Snapshot snapshot, List<ManifestFile> data) {
    String total = snapshot.summary().get("total-data-files");
    if (total == null || !total.matches("[0-9]{1,18}")) {
      return;
    }
    long listed = 0;
    for (ManifestFile manifest : data) {
      ManifestFile.Counts counts = manifest.counts();
      if (counts.addedFiles() < 0 || counts.existingFiles() < 0) {
        return;
      }
      listed += (long) counts.addedFiles() + counts.existingFiles();
    }
    if (listed < Long.parseLong(total)) {
      throw new CorruptTableException(
          listName
              + " lists manifests of "
              + listed
              + " data files, but snapshot "
              + snapshot.snapshotId()
              + " has "
              + total
              + " (total-data-files of its summary). The list is cut or was replaced; restore it"
              + " from a backup, or read an earlier snapshot.");
    }
  }

  /** The key-value metadata of the manifest list; empty if there is no snapshot. */
  public Map<String, String> listHeader() {
    return listHeader;
  }

  /** Manifest list and manifests that the storage was asked for, since this was made. */
  int filesRead() {
    return filesRead;
  }

  /** How many bytes those have. */
  long bytesRead() {
    return bytesRead;
  }

  /** The data manifests, in the order they are listed. */
  public List<ManifestFile> manifests() {
    return manifests;
  }

  /**
   * Hands over the live files of one manifest, in order.
   *
   * @throws CorruptTableException the manifest is missing or damaged, or is not the one that the
   *     list means; some files may have been handed over before
   */
  public void forEachLive(ManifestFile manifest, EntryFields fields, Consumer<ManifestEntry> each) {
    String key = Locations.keyOf(manifest.location(), locations, listName);
    byte[] bytes = readNamed(key, manifest.lengthBytes(), "manifest", listName);
    long[] rows = new long[1];
    ManifestReader.read(
        bytes,
        name(key),
        manifest,
        partitionTypes,
        fields,
        entry -> {
          if (entry.isLive()) {
            rows[0] += entry.file().recordCount();
            each.accept(entry);
          }
        });
    checkRows(manifest, name(key), rows[0]);
  }

  /** A manifest to decode into columns: what of it is at hand, and the file if that is not all. */
  record Undecoded(
      ManifestFile manifest,
      String key,
      @Nullable ManifestColumns known,
      byte @Nullable [] bytes) {}

  /**
   * Reads a manifest, unless the metrics of all these columns of the table are at hand.
   *
   * @throws CorruptTableException the manifest is missing or has another length
   */
  Undecoded undecoded(ManifestFile manifest, List<Field> fields) {
    String key = Locations.keyOf(manifest.location(), locations, listName);
    ManifestColumns known = cache.columns(key, manifest.lengthBytes());
    if (known != null && !known.isReadBy(manifest, partitionTypes)) {
      known = null;
    }
    byte[] bytes =
        known != null && known.holds(fields)
            ? null
            : readNamed(key, manifest.lengthBytes(), "manifest", listName);
    return new Undecoded(manifest, key, known, bytes);
  }

  /**
   * The live files of a manifest, with the metrics of these columns of the table.
   *
   * @throws CorruptTableException the manifest is damaged, or is not the one that the list means
   */
  ManifestColumns decode(Undecoded from, List<Field> fields) {
    ManifestFile manifest = from.manifest();
    String name = name(from.key());
    ManifestColumns known = from.known();
    ManifestColumns columns = known;
    if (from.bytes() != null) {
      columns = ManifestReader.columns(from.bytes(), name, manifest, partitionTypes, fields, known);
      cache.count(columns.columnCount() - (known == null ? 0 : known.columnCount()));
    }
    columns = Objects.requireNonNull(columns).as(fields);
    ManifestReader.checkCounts(name, manifest, columns.size());
    checkRows(manifest, name, columns.rows());
    if (columns != known) {
      cache.keep(from.key(), manifest.lengthBytes(), columns);
    }
    return columns;
  }

  /** Counts are answered from the rows that manifests record, so those are held to the list's. */
  private void checkRows(ManifestFile manifest, String name, long rows) {
    ManifestFile.Counts counts = manifest.counts();
    if (counts.addedRows() >= 0
        && counts.existingRows() >= 0
        && rows != counts.addedRows() + counts.existingRows()) {
      throw new CorruptTableException(
          name
              + " lists live files of "
              + rows
              + " rows, but "
              + listName
              + " recorded "
              + (counts.addedRows() + counts.existingRows())
              + ".");
    }
  }

  /** Tells the store that these manifests will be read soon, but for those at hand. */
  void expect(List<ManifestFile> soon) {
    List<Storage.Expected> files = new ArrayList<>();
    for (ManifestFile manifest : soon) {
      String key = Locations.keyOf(manifest.location(), locations, listName);
      if (!cache.holds(key, manifest.lengthBytes())) {
        files.add(new Storage.Expected(key, manifest.lengthBytes()));
      }
    }
    storage.expect(files);
  }

  /** The live files of one manifest, in order; errors as for {@link #forEachLive}. */
  public List<DataFile> liveFiles(ManifestFile manifest, EntryFields fields) {
    List<DataFile> files = new ArrayList<>();
    forEachLive(manifest, fields, entry -> files.add(entry.file()));
    return files;
  }

  /**
   * All live data files, in manifest order. Manifests are read as the stream comes to them, one at
   * a time, so their errors come from the stream. Nothing needs closing.
   */
  public Stream<DataFile> files(EntryFields fields) {
    return manifests.stream().flatMap(manifest -> liveFiles(manifest, fields).stream());
  }

  /**
   * The key of a data file.
   *
   * @throws CorruptTableException it lies outside the table (I8)
   */
  public String keyOf(DataFile file, ManifestFile manifest) {
    return keyOf(file, nameOf(manifest));
  }

  /** The same, for many files of one manifest, whose name was made before. */
  String keyOf(DataFile file, String manifestName) {
    return Locations.keyOf(file.location(), locations, manifestName);
  }

  /** Where a manifest is now, for messages: the table may have moved since it was recorded. */
  String nameOf(ManifestFile manifest) {
    return name(Locations.keyOf(manifest.location(), locations, listName));
  }

  /** The manifest list, for messages. */
  String listName() {
    return listName;
  }

  /** The partition spec of a manifest's files, if the table has it. */
  Optional<PartitionSpec> specOf(ManifestFile manifest) {
    return partitionTypes.spec(manifest.specId());
  }

  private byte[] readNamed(String key, long length, String what, String namedBy) {
    return cache.get(key, length, () -> load(key, length, what, namedBy));
  }

  private byte[] load(String key, long length, String what, String namedBy) {
    try {
      byte[] bytes = storage.readWhole(key, length);
      filesRead++;
      bytesRead += bytes.length;
      return bytes;
    } catch (FileMissingException e) {
      throw new CorruptTableException(
          "The "
              + what
              + " "
              + name(key)
              + " is missing. "
              + namedBy
              + " names it, so the rows it leads to cannot be read. Restore it from a"
              + " backup, or read another snapshot.",
          e);
    }
  }

  private String name(String key) {
    return Locations.of(storage.location(), key);
  }
}
