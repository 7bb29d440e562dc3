package io.datashard.internal.manifest;

import io.datashard.table.ManifestFile;
import io.datashard.table.ManifestFile.Counts;
import io.datashard.table.ManifestFile.PartitionSummary;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes a manifest list of format v2. Spec: Iceberg table spec, "Manifest Lists". */
public final class ManifestListWriter {
  /**
   * A header key of ours: how many manifests follow. A list cut after its header, or between two
   * blocks, looks like a whole list of fewer manifests.
   */
  static final String MANIFESTS = "datashard.manifests";

  private static final String SCHEMA =
      ManifestHeader.json(
          out -> {
            AvroSchemaJson json = new AvroSchemaJson(out);
            json.startRecord("manifest_file");
            json.required("manifest_path", 500, "string");
            json.required("manifest_length", 501, "long");
            json.required("partition_spec_id", 502, "int");
            json.required("content", 517, "int");
            json.required("sequence_number", 515, "long");
            json.required("min_sequence_number", 516, "long");
            json.required("added_snapshot_id", 503, "long");
            json.required("added_files_count", 504, "int");
            json.required("existing_files_count", 505, "int");
            json.required("deleted_files_count", 506, "int");
            json.required("added_rows_count", 512, "long");
            json.required("existing_rows_count", 513, "long");
            json.required("deleted_rows_count", 514, "long");
            json.startOptional("partitions", 507);
            out.writeStartObject();
            out.writeStringField("type", "array");
            out.writeFieldName("items");
            json.startRecord("r508");
            json.required("contains_null", 509, "boolean");
            json.optional("contains_nan", 518, "boolean");
            json.optional("lower_bound", 510, "bytes");
            json.optional("upper_bound", 511, "bytes");
            json.endRecord();
            out.writeNumberField("element-id", 508);
            out.writeEndObject();
            json.endOptional();
            json.optional("key_metadata", 519, "bytes");
            json.endRecord();
          });

  private ManifestListWriter() {}

  /**
   * The bytes of a manifest list.
   *
   * @param snapshotId the snapshot it is for
   * @param parentId the snapshot before; null for the first
   * @param sequenceNumber of the snapshot
   * @param manifests in the order to list them
   * @param extraHeader more keys for the file's header, in this order
   * @throws IllegalArgumentException an extra key is one that the spec or Avro uses, or a manifest
   *     has no counts, as some of format v1
   */
  public static byte[] write(
      long snapshotId,
      @Nullable Long parentId,
      long sequenceNumber,
      List<ManifestFile> manifests,
      Map<String, String> extraHeader) {
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("snapshot-id", Long.toString(snapshotId));
    keys.put("parent-snapshot-id", String.valueOf(parentId)); // "null" is what other writers say
    keys.put("sequence-number", Long.toString(sequenceNumber));
    keys.put("format-version", "2");
    keys.put(MANIFESTS, Integer.toString(manifests.size()));
    extraHeader.forEach(
        (key, value) -> {
          if (key.startsWith("avro.")
              || key.equals(AvroChecksum.KEY)
              || keys.putIfAbsent(key, value) != null) {
            throw new IllegalArgumentException("The header key '" + key + "' is taken.");
          }
        });
    AvroOutput block = new AvroOutput(256 * manifests.size() + 16);
    for (ManifestFile manifest : manifests) {
      write(manifest, block);
    }
    byte[] data = block.toByteArray();
    boolean deflate = data.length >= ManifestWriter.BLOCK_BYTES;
    byte[] header = AvroOutput.header(SCHEMA, deflate ? "deflate" : "null", keys);
    if (deflate) {
      data = ManifestWriter.deflate(data, data.length);
    }
    AvroOutput out = new AvroOutput(header.length + data.length + 64);
    out.writeRaw(header, 0, header.length);
    if (!manifests.isEmpty()) {
      out.writeLong(manifests.size());
      out.writeBytes(data);
      out.writeRaw(header, header.length - AvroOutput.SYNC_BYTES, AvroOutput.SYNC_BYTES);
    }
    byte[] file = out.toByteArray();
    AvroChecksum.seal(file, file.length);
    return file;
  }

  private static void write(ManifestFile manifest, AvroOutput out) {
    Counts counts = manifest.counts();
    if (counts.addedFiles() < 0
        || counts.existingFiles() < 0
        || counts.deletedFiles() < 0
        || counts.addedRows() < 0
        || counts.existingRows() < 0
        || counts.deletedRows() < 0) {
      throw new IllegalArgumentException(
          "Manifest "
              + manifest.location()
              + " has no counts, which a list of format v2 must record: "
              + counts
              + ".");
    }
    out.writeString(manifest.location());
    out.writeLong(manifest.lengthBytes());
    out.writeLong(manifest.specId());
    out.writeLong(manifest.content().ordinal());
    out.writeLong(manifest.sequenceNumber());
    out.writeLong(manifest.minSequenceNumber());
    out.writeLong(manifest.addedSnapshotId());
    out.writeLong(counts.addedFiles());
    out.writeLong(counts.existingFiles());
    out.writeLong(counts.deletedFiles());
    out.writeLong(counts.addedRows());
    out.writeLong(counts.existingRows());
    out.writeLong(counts.deletedRows());
    if (manifest.partitions().isEmpty()) {
      out.writeNull();
    } else {
      out.writePresent();
      out.writeLong(manifest.partitions().size());
      for (PartitionSummary summary : manifest.partitions()) {
        write(summary, out);
      }
      out.writeLong(0);
    }
    out.writeNull(); // key_metadata
  }

  private static void write(PartitionSummary summary, AvroOutput out) {
    out.writeBoolean(summary.containsNull());
    Boolean nan = summary.containsNan();
    if (nan == null) {
      out.writeNull();
    } else {
      out.writePresent();
      out.writeBoolean(nan);
    }
    writeBound(summary.lower(), out);
    writeBound(summary.upper(), out);
  }

  private static void writeBound(@Nullable ByteBuffer bound, AvroOutput out) {
    if (bound == null) {
      out.writeNull();
      return;
    }
    byte[] bytes = new byte[bound.remaining()];
    bound.duplicate().get(bytes);
    out.writePresent();
    out.writeBytes(bytes);
  }
}
