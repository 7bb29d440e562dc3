package io.datashard.internal.metadata;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import io.datashard.error.CorruptTableException;
import io.datashard.error.UnsupportedTableException;
import io.datashard.internal.checksum.InnerChecksum;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.PartitionSpec.PartitionField;
import io.datashard.schema.Schema;
import io.datashard.schema.SchemaJson;
import io.datashard.table.Snapshot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Table metadata JSON. Spec: Iceberg table spec, Appendix C, "Table Metadata and Snapshots". */
public final class TableMetadataJson {
  /** How format v2 says "no current snapshot" so that all readers take it; spec, Appendix F. */
  private static final long NO_SNAPSHOT = -1;

  private TableMetadataJson() {}

  /**
   * Reads one metadata file.
   *
   * @param fileName named in errors
   * @throws CorruptTableException the bytes are no table metadata
   * @throws UnsupportedTableException a higher format version, a nested or unknown column type, an
   *     unknown partition transform, a gzip file
   */
  public static TableMetadata parse(byte[] bytes, String fileName) {
    if (bytes.length > 1 && bytes[0] == 0x1f && bytes[1] == (byte) 0x8b) {
      throw new UnsupportedTableException(
          fileName
              + " is compressed with gzip. Set write.metadata.compression-codec to none with the"
              + " engine that wrote it and commit once.");
    }
    MetadataChecksum.verify(bytes, fileName);
    try (JsonText json = new JsonText(text(bytes, fileName))) {
      return new MetadataParser(json, fileName).parse();
    } catch (JsonProcessingException e) {
      throw new CorruptTableException(
          fileName
              + " is no table metadata: "
              + e.getOriginalMessage()
              + (e.getLocation() == null
                  ? ""
                  : " (line "
                      + e.getLocation().getLineNr()
                      + ", column "
                      + e.getLocation().getColumnNr()
                      + ")")
              + "; the file has "
              + bytes.length
              + " bytes.",
          e);
    } catch (IllegalArgumentException e) {
      throw new CorruptTableException(
          fileName + " is no valid table metadata: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(byte[] bytes, String fileName) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new CorruptTableException(
          fileName + " (" + bytes.length + " bytes) is not UTF-8 text.", e);
    }
  }

  /**
   * The bytes of a metadata file, UTF-8, not compressed. Parts that were read from a file and not
   * changed are written as they were read.
   *
   * @throws UnsupportedTableException the table is of format version 1, which is only read
   * @throws IllegalArgumentException a text holds half a surrogate pair, which no file can store
   */
  public static byte[] write(TableMetadata metadata) {
    if (metadata.formatVersion() != TableMetadata.FORMAT_VERSION) {
      throw new UnsupportedTableException(
          "Table "
              + metadata.location()
              + " is of Iceberg format version "
              + metadata.formatVersion()
              + ", which DataShard reads but does not write. Upgrade it to version "
              + TableMetadata.FORMAT_VERSION
              + " with the engine that wrote it.");
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(4096);
    try (JsonGenerator out = JsonText.FACTORY.createGenerator(bytes)) {
      write(metadata, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    byte[] file = bytes.toByteArray();
    MetadataChecksum.seal(file);
    return file;
  }

  private static void write(TableMetadata m, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeNumberField("format-version", m.formatVersion());
    out.writeStringField("table-uuid", m.tableUuid().toString());
    out.writeStringField("location", checked(m.location()));
    out.writeNumberField("last-sequence-number", m.lastSequenceNumber());
    out.writeNumberField("last-updated-ms", m.lastUpdatedMillis());
    out.writeNumberField("last-column-id", m.lastColumnId());
    out.writeNumberField("current-schema-id", m.currentSchemaId());
    out.writeArrayFieldStart("schemas");
    for (Schema schema : m.schemas()) {
      if (!writeKept(m.kept().schemas().get(schema.id()), schema, out)) {
        SchemaJson.write(schema, out);
      }
    }
    out.writeEndArray();
    out.writeNumberField("default-spec-id", m.defaultSpecId());
    out.writeArrayFieldStart("partition-specs");
    for (PartitionSpec spec : m.specs()) {
      if (!writeKept(m.kept().specs().get(spec.id()), spec, out)) {
        writeSpec(spec, out);
      }
    }
    out.writeEndArray();
    out.writeNumberField("last-partition-id", m.lastPartitionId());
    out.writeNumberField("default-sort-order-id", m.defaultSortOrderId());
    out.writeArrayFieldStart("sort-orders");
    for (KeptSortOrder order : m.sortOrders()) {
      out.writeRawValue(order.json());
    }
    out.writeEndArray();
    writeStrings("properties", m.properties(), out);
    Long current = m.currentSnapshotId();
    out.writeNumberField("current-snapshot-id", current == null ? NO_SNAPSHOT : current);
    out.writeObjectFieldStart("refs");
    for (Map.Entry<String, SnapshotRef> ref : m.refs().entrySet()) {
      out.writeFieldName(checked(ref.getKey()));
      writeRef(ref.getValue(), out);
    }
    out.writeEndObject();
    out.writeArrayFieldStart("snapshots");
    for (Snapshot snapshot : m.snapshots()) {
      writeSnapshot(m, snapshot, out);
    }
    out.writeEndArray();
    out.writeArrayFieldStart("snapshot-log");
    for (TableMetadata.SnapshotLogEntry entry : m.snapshotLog()) {
      out.writeStartObject();
      out.writeNumberField("timestamp-ms", entry.timestampMillis());
      out.writeNumberField("snapshot-id", entry.snapshotId());
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeArrayFieldStart("metadata-log");
    for (TableMetadata.MetadataLogEntry entry : m.metadataLog()) {
      out.writeStartObject();
      out.writeNumberField("timestamp-ms", entry.timestampMillis());
      out.writeStringField("metadata-file", checked(entry.metadataFile()));
      out.writeEndObject();
    }
    out.writeEndArray();
    writeUnknown(m.unknown(), out);
    out.writeStringField(MetadataChecksum.KEY, InnerChecksum.PLACEHOLDER);
    out.writeEndObject();
  }

  /** The generator would write half a pair as an escape, which strict readers refuse. */
  private static String checked(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
          throw new IllegalArgumentException(
              "Table metadata cannot hold half a surrogate pair, as in '" + text + "'.");
        }
        break;
      }
    }
    return text;
  }

  private static <T> boolean writeKept(KeptJson.@Nullable Part<T> kept, T value, JsonGenerator out)
      throws IOException {
    if (kept == null || !kept.holds(value)) {
      return false;
    }
    out.writeRawValue(kept.json());
    return true;
  }

  private static void writeSpec(PartitionSpec spec, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeNumberField("spec-id", spec.id());
    out.writeArrayFieldStart("fields");
    for (PartitionField field : spec.fields()) {
      out.writeStartObject();
      out.writeStringField("name", field.name());
      out.writeStringField("transform", field.transform().jsonName());
      out.writeNumberField("source-id", field.sourceId());
      out.writeNumberField("field-id", field.fieldId());
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  /** A listed snapshot, as it was read if it was. */
  static void writeSnapshot(TableMetadata m, Snapshot snapshot, JsonGenerator out)
      throws IOException {
    KeptJson.@Nullable Part<Snapshot> kept = m.kept().snapshots().get(snapshot.snapshotId());
    if (!writeKept(kept, snapshot, out)) {
      writeSnapshot(snapshot, kept == null ? Map.of() : kept.unknown(), out);
    }
  }

  /** A snapshot that was not read from anywhere. */
  static String write(Snapshot snapshot) {
    StringWriter text = new StringWriter(768);
    try (JsonGenerator out = JsonText.FACTORY.createGenerator(text)) {
      writeSnapshot(snapshot, Map.of(), out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  private static void writeSnapshot(
      Snapshot snapshot, Map<String, String> unknown, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeNumberField("sequence-number", snapshot.sequenceNumber());
    out.writeNumberField("snapshot-id", snapshot.snapshotId());
    if (snapshot.parentId() != null) {
      out.writeNumberField("parent-snapshot-id", snapshot.parentId());
    }
    out.writeNumberField("timestamp-ms", snapshot.timestampMillis());
    if (!snapshot.summary().isEmpty()) {
      writeStrings("summary", snapshot.summary(), out);
    }
    out.writeStringField("manifest-list", checked(snapshot.manifestList()));
    if (snapshot.schemaId() != null) {
      out.writeNumberField("schema-id", snapshot.schemaId());
    }
    writeUnknown(unknown, out);
    out.writeEndObject();
  }

  private static void writeRef(SnapshotRef ref, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeNumberField("snapshot-id", ref.snapshotId());
    out.writeStringField("type", ref.kind().name().toLowerCase(Locale.ROOT));
    if (ref.minSnapshotsToKeep() != null) {
      out.writeNumberField("min-snapshots-to-keep", ref.minSnapshotsToKeep());
    }
    if (ref.maxSnapshotAgeMillis() != null) {
      out.writeNumberField("max-snapshot-age-ms", ref.maxSnapshotAgeMillis());
    }
    if (ref.maxRefAgeMillis() != null) {
      out.writeNumberField("max-ref-age-ms", ref.maxRefAgeMillis());
    }
    writeUnknown(ref.unknown(), out);
    out.writeEndObject();
  }

  private static void writeStrings(String key, Map<String, String> all, JsonGenerator out)
      throws IOException {
    out.writeObjectFieldStart(key);
    for (Map.Entry<String, String> one : all.entrySet()) {
      out.writeStringField(checked(one.getKey()), checked(one.getValue()));
    }
    out.writeEndObject();
  }

  private static void writeUnknown(Map<String, String> unknown, JsonGenerator out)
      throws IOException {
    for (Map.Entry<String, String> one : unknown.entrySet()) {
      out.writeFieldName(one.getKey());
      out.writeRawValue(one.getValue());
    }
  }
}
