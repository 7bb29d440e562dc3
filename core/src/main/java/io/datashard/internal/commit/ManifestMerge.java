package io.datashard.internal.commit;

import io.datashard.error.CorruptTableException;
import io.datashard.error.StorageException;
import io.datashard.internal.history.Tiers;
import io.datashard.internal.manifest.EntryFields;
import io.datashard.internal.manifest.ManifestReader;
import io.datashard.internal.manifest.ManifestWriter;
import io.datashard.internal.manifest.PartitionTypes;
import io.datashard.internal.manifest.WrittenManifest;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.schema.PartitionSpec;
import io.datashard.table.ManifestFile;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the manifests of a table few: each commit may put the last ones of the base into one, as
 * {@link Tiers} chooses. What is merged holds its entries as EXISTING with their own snapshot ids
 * and sequence numbers, so it does not depend on who wins, and it is used in every try whose base
 * still lists all of what it replaces, side by side.
 *
 * <p>Merging only saves time: what cannot be read is left as it is, for readers to complain of.
 */
final class ManifestMerge {
  private static final Logger LOG = LoggerFactory.getLogger(ManifestMerge.class);

  /** More than this takes longer than the rest of a commit. */
  private static final int BYTES_MAX = 1 << 20;

  /**
   * Of this many manifests, with columns so many that few entries make a megabyte, more are merged
   * at once: the list of all of them is written with every commit.
   */
  private static final int MANY = 48;

  private static final int BYTES_MAX_OF_MANY = 8 * BYTES_MAX;

  private final long snapshotId;
  private final RecentManifests recent;
  private final Files files;
  private @Nullable Done done;

  /** What reads and writes for the commit. */
  interface Files {
    /** Tells that these will be read. */
    void expect(TableMetadata base, List<ManifestFile> manifests);

    byte[] read(TableMetadata base, ManifestFile manifest);

    Manifests.Kept write(WrittenManifest manifest);
  }

  private record Done(List<String> replaced, Manifests.Kept manifest) {}

  ManifestMerge(long snapshotId, RecentManifests recent, Files files) {
    this.snapshotId = snapshotId;
    this.recent = recent;
    this.files = files;
  }

  /** The manifests of the new snapshot so far, with the last ones merged if it is time. */
  List<ManifestFile> over(TableMetadata base, List<ManifestFile> all, long sequenceNumber) {
    Done before = done;
    if (before != null) {
      int from = placeOf(before.replaced(), all);
      if (from >= 0) {
        return replace(all, from, before, sequenceNumber);
      }
      done = null; // somebody else merged these
    }
    int last = all.size();
    int first = firstOfAKind(all);
    long[] sizes = new long[last - first];
    long[] bytes = new long[last - first];
    for (int i = first; i < last; i++) {
      ManifestFile.Counts counts = all.get(i).counts();
      sizes[i - first] = Math.max(1, (long) counts.addedFiles() + counts.existingFiles());
      bytes[i - first] = all.get(i).lengthBytes();
    }
    int bytesMax = last < MANY ? BYTES_MAX : BYTES_MAX_OF_MANY;
    int from = first + Tiers.mergeFrom(sizes, bytes, 1, bytesMax);
    Done merged = from < last ? merge(base, all.subList(from, last)) : null;
    done = merged;
    return merged == null ? all : replace(all, from, merged, sequenceNumber);
  }

  private static int placeOf(List<String> locations, List<ManifestFile> all) {
    for (int from = 0; from + locations.size() <= all.size(); from++) {
      int same = 0;
      while (same < locations.size()
          && all.get(from + same).location().equals(locations.get(same))) {
        same++;
      }
      if (same == locations.size()) {
        return from;
      }
    }
    return -1;
  }

  private static List<ManifestFile> replace(
      List<ManifestFile> all, int from, Done merged, long sequenceNumber) {
    List<ManifestFile> fewer = new ArrayList<>(all.subList(0, from));
    fewer.add(merged.manifest().at(sequenceNumber));
    fewer.addAll(all.subList(from + merged.replaced().size(), all.size()));
    return fewer;
  }

  /** From where on all manifests can become one. */
  private int firstOfAKind(List<ManifestFile> all) {
    int first = all.size();
    while (first > 0
        && canMerge(all.get(first - 1))
        && all.get(first - 1).specId() == all.get(all.size() - 1).specId()) {
      first--;
    }
    return first;
  }

  private boolean canMerge(ManifestFile manifest) {
    ManifestFile.Counts counts = manifest.counts();
    return manifest.content() == ManifestFile.Content.DATA
        && manifest.addedSnapshotId() != snapshotId // it tells what this commit removes
        && counts.addedFiles() >= 0
        && counts.existingFiles() >= 0
        && counts.addedRows() >= 0
        && counts.existingRows() >= 0
        && !recent.isRefused(manifest.location());
  }

  private @Nullable Done merge(TableMetadata base, List<ManifestFile> manifests) {
    PartitionTypes types = PartitionTypes.of(base.specs(), base.schemas());
    PartitionSpec spec = types.spec(manifests.get(0).specId()).orElse(null);
    if (spec == null) {
      return null;
    }
    WrittenManifest merged;
    ManifestFile current = manifests.get(0);
    try {
      ManifestWriter writer = ManifestWriter.of(base.schema(), spec, snapshotId);
      files.expect(base, manifests);
      for (ManifestFile manifest : manifests) {
        current = manifest;
        copy(files.read(base, manifest), manifest, types, writer);
      }
      merged = writer.finish();
    } catch (RuntimeException e) {
      if (!(e instanceof StorageException)) {
        recent.refuse(current.location());
      }
      LOG.warn(
          "Cannot merge manifest {} with others; it is left as it is. Verify the table: {}",
          current.location(),
          e.getMessage());
      return null;
    }
    return new Done(manifests.stream().map(ManifestFile::location).toList(), files.write(merged));
  }

  private static void copy(
      byte[] content, ManifestFile manifest, PartitionTypes types, ManifestWriter writer) {
    String name = manifest.location();
    long[] live = new long[2];
    ManifestReader.read(
        content,
        name,
        manifest,
        types,
        EntryFields.ALL,
        entry -> {
          if (entry.isLive()) {
            live[0]++;
            live[1] += entry.file().recordCount();
            writer.add(entry.asExisting());
          }
        });
    // Readers hold manifests against what the list says of them; a merged one must not hide that
    // one of its sources did not fit.
    ManifestFile.Counts counts = manifest.counts();
    if (live[0] != (long) counts.addedFiles() + counts.existingFiles()
        || live[1] != counts.addedRows() + counts.existingRows()) {
      throw new CorruptTableException(
          name
              + " lists "
              + live[0]
              + " live files of "
              + live[1]
              + " rows, but the manifest list recorded "
              + counts
              + ".");
    }
  }
}
