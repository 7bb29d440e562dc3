package io.datashard.internal.manifest;

import io.datashard.error.CorruptTableException;
import io.datashard.error.UnsupportedTableException;
import io.datashard.schema.Field;
import io.datashard.schema.PartitionSpec;
import io.datashard.table.ManifestFile;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads data manifests of format v1 and v2 by any writer. Spec: Iceberg table spec, "Manifests".
 */
public final class ManifestReader {
  private ManifestReader() {}

  /**
   * Hands over every entry, also DELETED ones, in order, with snapshot ids and sequence numbers
   * inherited.
   *
   * @param bytes the whole file
   * @param fileName named in errors
   * @param from what the manifest list says of it
   * @param types the table's partition specs
   * @throws CorruptTableException the file is damaged, or is not the one that the manifest list
   *     means (length, spec, fewer live files); entries may have been handed over before
   * @throws UnsupportedTableException it lists delete files or encrypted files, or is of a higher
   *     format version
   */
  public static void read(
      byte[] bytes,
      String fileName,
      ManifestFile from,
      PartitionTypes types,
      EntryFields fields,
      Consumer<ManifestEntry> each) {
    checkLength(bytes, fileName, from);
    AvroFile file = new AvroFile(bytes, fileName);
    EntryDecoder decoder = new EntryDecoder(layout(file, fileName, from, types), from, fields);
    int[] live = new int[1];
    file.forEach(
        in -> {
          ManifestEntry entry = decoder.read(in);
          live[0] += entry.isLive() ? 1 : 0;
          each.accept(entry);
        });
    checkCounts(fileName, from, live[0]);
  }

  /**
   * The live files as columns.
   *
   * @param fields the columns of the table whose metrics are wanted
   * @param known what was read of the same file before, which is not decoded again; null for
   *     nothing. It was read by the same list entry and specs
   * @throws CorruptTableException as for {@link #read}
   * @throws UnsupportedTableException as for {@link #read}
   */
  public static ManifestColumns columns(
      byte[] bytes,
      String fileName,
      ManifestFile from,
      PartitionTypes types,
      List<Field> fields,
      @Nullable ManifestColumns known) {
    checkLength(bytes, fileName, from);
    AvroFile file = new AvroFile(bytes, fileName);
    List<Field> missing = known == null ? fields : known.missing(fields);
    EntryLayout layout = layout(file, fileName, from, types);
    ColumnsDecoder decoder = new ColumnsDecoder(layout, from, missing, known != null);
    file.forEach(decoder::read);
    checkCounts(fileName, from, decoder.size());
    if (known == null) {
      ManifestColumns.Files files = decoder.files();
      return new ManifestColumns(
          ManifestColumns.readingOf(from, types), files, decoder.metrics(files.recordCounts()));
    }
    if (decoder.size() != known.size()) {
      throw new CorruptTableException(
          fileName
              + " lists "
              + decoder.size()
              + " live files where it listed "
              + known.size()
              + " before: it was changed.");
    }
    return known.with(decoder.metrics(known.files().recordCounts()));
  }

  private static void checkLength(byte[] bytes, String fileName, ManifestFile from) {
    if (bytes.length != from.lengthBytes()) {
      throw new CorruptTableException(
          fileName
              + " has "
              + bytes.length
              + " bytes, but the manifest list recorded "
              + from.lengthBytes()
              + ".");
    }
  }

  private static EntryLayout layout(
      AvroFile file, String fileName, ManifestFile from, PartitionTypes types) {
    checkHeader(file, fileName, from);
    PartitionSpec spec =
        types
            .spec(from.specId())
            .orElseThrow(
                () ->
                    new CorruptTableException(
                        fileName
                            + " follows partition spec "
                            + from.specId()
                            + ", which the table does not have."));
    try {
      return new EntryLayout(file.writerSchema(), spec, types.types(spec.id()));
    } catch (IllegalArgumentException e) {
      throw new CorruptTableException(fileName + " is no manifest: " + e.getMessage() + ".", e);
    }
  }

  private static void checkHeader(AvroFile file, String fileName, ManifestFile from) {
    if (from.content() == ManifestFile.Content.DELETES || "deletes".equals(file.text("content"))) {
      throw new UnsupportedTableException(
          fileName
              + " lists delete files, which DataShard does not apply yet. Rewrite the table's data"
              + " files with the engine that deleted the rows.");
    }
    String version = file.text("format-version");
    if (version != null && !version.equals("1") && !version.equals("2")) {
      throw new UnsupportedTableException(
          fileName
              + " is of Iceberg format version "
              + version
              + "; DataShard reads versions 1 and 2.");
    }
    String specId = file.text("partition-spec-id");
    if (specId != null && !specId.equals(Integer.toString(from.specId()))) {
      throw new CorruptTableException(
          fileName
              + " follows partition spec "
              + specId
              + ", but the manifest list recorded "
              + from.specId()
              + ".");
    }
  }

  /**
   * Holds the number of live files to what the list recorded. A file cut between two blocks looks
   * whole; fewer files than recorded would be lost rows.
   */
  public static void checkCounts(String fileName, ManifestFile from, int live) {
    ManifestFile.Counts counts = from.counts();
    int recorded = Math.max(0, counts.addedFiles()) + Math.max(0, counts.existingFiles());
    if (live < recorded) {
      throw new CorruptTableException(
          fileName
              + " lists "
              + live
              + " live files, but the manifest list recorded "
              + recorded
              + ".");
    }
  }

  /** Whether the manifest may list files that belong to the table's rows. */
  static boolean mayHaveLiveFiles(ManifestFile manifest) {
    ManifestFile.Counts counts = manifest.counts();
    return counts.addedFiles() != 0 || counts.existingFiles() != 0;
  }
}
