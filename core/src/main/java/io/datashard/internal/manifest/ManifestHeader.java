package io.datashard.internal.manifest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.datashard.schema.Field;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.PartitionSpec.PartitionField;
import io.datashard.schema.Schema;
import io.datashard.schema.Transform;
import io.datashard.schema.Type;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The header of manifests of one schema and one partition spec, made once: in a small commit it is
 * nearly the whole file. Names and order of the fields are those that all writers use, since some
 * readers go by name; {@code doc} and the optional key {@code iceberg.schema} would double it.
 */
final class ManifestHeader {
  private static final JsonFactory JSON = new JsonFactory();

  private static volatile @Nullable ManifestHeader last;

  private final Schema schema;
  private final PartitionSpec spec;
  private final List<Type> types;
  private final byte[] plain;
  private final byte[] deflated;

  private ManifestHeader(Schema schema, PartitionSpec spec, List<Type> types) {
    this.schema = schema;
    this.spec = spec;
    this.types = types;
    Map<String, String> keys = new LinkedHashMap<>();
    keys.put("schema", schema.toJson());
    keys.put("schema-id", Integer.toString(schema.id()));
    keys.put("partition-spec", specFields(spec));
    keys.put("partition-spec-id", Integer.toString(spec.id()));
    keys.put("format-version", "2");
    keys.put("content", "data");
    String avro = json(out -> writeEntry(out, spec, types));
    plain = AvroOutput.header(avro, "null", keys);
    deflated = AvroOutput.header(avro, "deflate", keys);
  }

  /**
   * The header for this schema and spec.
   *
   * @throws IllegalArgumentException a partition field is made from a column that the schema lacks
   */
  static ManifestHeader of(Schema schema, PartitionSpec spec) {
    ManifestHeader known = last;
    if (known != null && known.spec.equals(spec) && known.schema.equals(schema)) {
      return known;
    }
    ManifestHeader made = build(schema, spec);
    last = made; // another table's turn costs time only
    return made;
  }

  private static ManifestHeader build(Schema schema, PartitionSpec spec) {
    List<Type> types = new ArrayList<>();
    for (PartitionField field : spec.fields()) {
      types.add(typeOf(field, schema));
    }
    return new ManifestHeader(schema, spec, List.copyOf(types));
  }

  private static Type typeOf(PartitionField field, Schema schema) {
    Type source =
        schema
            .fieldById(field.sourceId())
            .map(Field::type)
            .orElse(field.transform().kind() == Transform.Kind.VOID ? Type.INT : null);
    if (source == null) {
      throw new IllegalArgumentException(
          "Partition field '"
              + field.name()
              + "' is made from the column with id "
              + field.sourceId()
              + ", which the schema does not have.");
    }
    return field.transform().resultType(source);
  }

  PartitionSpec spec() {
    return spec;
  }

  /** The type of each partition field's values. */
  List<Type> types() {
    return types;
  }

  /** Whether the column of this id holds uuids. */
  boolean isUuid(int fieldId) {
    int place = schema.placeOfId(fieldId);
    return place >= 0 && schema.field(place).type() == Type.UUID;
  }

  byte[] bytes(boolean deflate) {
    return deflate ? deflated : plain;
  }

  /** Writes one JSON value. */
  interface JsonBody {
    void write(JsonGenerator out) throws IOException;
  }

  static String json(JsonBody body) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(text)) {
      body.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  private static String specFields(PartitionSpec spec) {
    return json(
        out -> {
          out.writeStartArray();
          for (PartitionField field : spec.fields()) {
            out.writeStartObject();
            out.writeStringField("name", field.name());
            out.writeStringField("transform", field.transform().jsonName());
            out.writeNumberField("source-id", field.sourceId());
            out.writeNumberField("field-id", field.fieldId());
            out.writeEndObject();
          }
          out.writeEndArray();
        });
  }

  private static void writeEntry(JsonGenerator out, PartitionSpec spec, List<Type> types)
      throws IOException {
    AvroSchemaJson json = new AvroSchemaJson(out);
    json.startRecord("manifest_entry");
    json.required("status", 0, "int");
    json.optional("snapshot_id", 1, "long");
    json.optional("sequence_number", 3, "long");
    json.optional("file_sequence_number", 4, "long");
    json.startField("data_file", 2);
    json.startRecord("r2");
    json.required("content", 134, "int");
    json.required("file_path", 100, "string");
    json.required("file_format", 101, "string");
    json.startField("partition", 102);
    writePartition(json, spec, types);
    json.endField();
    json.required("record_count", 103, "long");
    json.required("file_size_in_bytes", 104, "long");
    json.optionalMap("column_sizes", 108, 117, "long");
    json.optionalMap("value_counts", 109, 119, "long");
    json.optionalMap("null_value_counts", 110, 121, "long");
    json.optionalMap("nan_value_counts", 137, 138, "long");
    json.optionalMap("lower_bounds", 125, 126, "bytes");
    json.optionalMap("upper_bounds", 128, 129, "bytes");
    json.optional("key_metadata", 131, "bytes");
    json.optionalList("split_offsets", 132, 133, "long");
    json.optionalList("equality_ids", 135, 136, "int");
    json.optional("sort_order_id", 140, "int");
    json.optional("referenced_data_file", 143, "string");
    json.endRecord();
    json.endField();
    json.endRecord();
  }

  private static void writePartition(AvroSchemaJson json, PartitionSpec spec, List<Type> types)
      throws IOException {
    json.startRecord("r102");
    Set<String> fieldNames = new HashSet<>();
    Set<String> typeNames = new HashSet<>();
    for (int i = 0; i < types.size(); i++) {
      PartitionField field = spec.fields().get(i);
      String name = AvroSchemaJson.compatibleName(field.name());
      if (!fieldNames.add(name)) {
        name += "_f" + field.fieldId(); // two names may differ only in what Avro forbids
        fieldNames.add(name);
      }
      json.optionalValue(name, field.name(), field.fieldId(), types.get(i), typeNames);
    }
    json.endRecord();
  }
}
