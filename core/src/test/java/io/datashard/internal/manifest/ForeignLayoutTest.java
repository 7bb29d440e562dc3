package io.datashard.internal.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.error.CorruptTableException;
import io.datashard.error.UnsupportedTableException;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.PartitionSpec.PartitionField;
import io.datashard.schema.Schema;
import io.datashard.schema.Transform;
import io.datashard.schema.Type;
import io.datashard.table.ManifestFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.DeflaterOutputStream;
import org.apache.avro.Schema.Field;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.file.CodecFactory;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Manifests laid out as nobody lays them out, but as the spec allows: fields in any order under any
 * name, unknown fields of every kind between them, null on either side of the union, lists in
 * blocks that tell their size, every codec. Written by Avro's own library.
 */
class ForeignLayoutTest {
  private static final Schema SCHEMA =
      Schema.builder().required("id", Type.LONG).optional("name", Type.STRING).build();
  private static final PartitionSpec SPEC =
      new PartitionSpec(
          4,
          List.of(
              new PartitionField(1, 1000, "id", Transform.parse("identity")),
              new PartitionField(2, 1001, "name", Transform.parse("identity"))));
  private static final PartitionTypes TYPES = PartitionTypes.of(List.of(SPEC), List.of(SCHEMA));

  /** Builds one random layout; field names mean nothing. */
  private static final class Layout {
    private final Random random;
    private int names;

    Layout(long seed) {
      random = new Random(seed);
    }

    String name() {
      return "n" + names++;
    }

    org.apache.avro.Schema primitive(org.apache.avro.Schema.Type type) {
      return org.apache.avro.Schema.create(type);
    }

    org.apache.avro.Schema optional(org.apache.avro.Schema type) {
      org.apache.avro.Schema none = primitive(org.apache.avro.Schema.Type.NULL);
      return random.nextBoolean()
          ? org.apache.avro.Schema.createUnion(none, type)
          : org.apache.avro.Schema.createUnion(type, none);
    }

    org.apache.avro.Schema longOrInt() {
      return primitive(
          random.nextBoolean()
              ? org.apache.avro.Schema.Type.LONG
              : org.apache.avro.Schema.Type.INT);
    }

    Field field(int id, org.apache.avro.Schema type) {
      Field field = new Field(name(), type, null, (Object) null);
      field.addProp("field-id", id);
      return field;
    }

    /** The fields in any order, unknown ones between them. */
    org.apache.avro.Schema record(List<Field> known) {
      List<Field> all = new ArrayList<>(known);
      for (int i = random.nextInt(4); i > 0; i--) {
        all.add(new Field(name(), unknown(0), null, (Object) null));
      }
      Collections.shuffle(all, random);
      return org.apache.avro.Schema.createRecord("r" + name(), null, null, false, all);
    }

    org.apache.avro.Schema map(int keyId, org.apache.avro.Schema value) {
      Field key = field(keyId, primitive(org.apache.avro.Schema.Type.INT));
      return org.apache.avro.Schema.createArray(
          record(List.of(key, field(keyId + 1, optionally(value)))));
    }

    org.apache.avro.Schema optionally(org.apache.avro.Schema type) {
      return random.nextBoolean() ? optional(type) : type;
    }

    org.apache.avro.Schema unknown(int depth) {
      return switch (random.nextInt(depth > 2 ? 8 : 13)) {
        case 0 -> primitive(org.apache.avro.Schema.Type.NULL);
        case 1 -> primitive(org.apache.avro.Schema.Type.BOOLEAN);
        case 2 -> primitive(org.apache.avro.Schema.Type.LONG);
        case 3 -> primitive(org.apache.avro.Schema.Type.FLOAT);
        case 4 -> primitive(org.apache.avro.Schema.Type.DOUBLE);
        case 5 -> primitive(org.apache.avro.Schema.Type.STRING);
        case 6 -> SchemaBuilder.fixed(name()).size(random.nextInt(5));
        case 7 -> SchemaBuilder.enumeration(name()).symbols("A", "B");
        case 8 -> org.apache.avro.Schema.createArray(unknown(depth + 1));
        case 9 -> org.apache.avro.Schema.createMap(unknown(depth + 1));
        case 10 -> optional(primitive(org.apache.avro.Schema.Type.BYTES));
        case 11 -> {
          org.apache.avro.Schema self =
              org.apache.avro.Schema.createRecord("r" + name(), null, "a.b", false);
          self.setFields(
              List.of(
                  new Field("next", optional(self), null, (Object) null),
                  new Field("v", unknown(depth + 1), null, (Object) null)));
          yield self;
        }
        default ->
            org.apache.avro.Schema.createRecord(
                "r" + name(),
                null,
                null,
                false,
                List.of(new Field("x", unknown(depth + 1), null, (Object) null)));
      };
    }

    org.apache.avro.Schema entry() {
      org.apache.avro.Schema aLong = primitive(org.apache.avro.Schema.Type.LONG);
      org.apache.avro.Schema bytes = primitive(org.apache.avro.Schema.Type.BYTES);
      org.apache.avro.Schema anInt = primitive(org.apache.avro.Schema.Type.INT);
      org.apache.avro.Schema string = primitive(org.apache.avro.Schema.Type.STRING);
      org.apache.avro.Schema partition =
          record(
              List.of(
                  field(1001, optional(string)),
                  field(1000, optionally(longOrInt())),
                  field(1777, anInt)));
      org.apache.avro.Schema file =
          record(
              List.of(
                  field(134, optionally(anInt)),
                  field(100, string),
                  field(101, string),
                  field(102, partition),
                  field(103, longOrInt()),
                  field(104, longOrInt()),
                  field(105, aLong), // block_size_in_bytes of format v1
                  field(108, optional(map(117, longOrInt()))),
                  field(109, optional(map(119, aLong))),
                  field(110, optionally(map(121, aLong))),
                  field(137, optional(map(138, aLong))),
                  field(125, optional(map(126, bytes))),
                  field(128, optional(map(129, bytes))),
                  field(131, optional(bytes)),
                  field(132, optional(org.apache.avro.Schema.createArray(aLong))),
                  field(140, optional(anInt))));
      return record(
          List.of(
              field(0, anInt),
              field(1, optional(aLong)),
              field(3, optional(aLong)),
              field(4, optional(aLong)),
              field(2, file)));
    }

    /** A value of the schema; what an entry says is found by field id. */
    Object value(org.apache.avro.Schema schema, Map<Integer, Object> known, int depth) {
      return switch (schema.getType()) {
        case NULL -> null;
        case BOOLEAN -> random.nextBoolean();
        case INT -> random.nextInt();
        case LONG -> random.nextLong();
        case FLOAT -> random.nextFloat();
        case DOUBLE -> random.nextDouble();
        case STRING -> "s" + random.nextInt();
        case BYTES -> ByteBuffer.wrap(new byte[random.nextInt(5)]);
        case FIXED -> new GenericData.Fixed(schema, new byte[schema.getFixedSize()]);
        case ENUM -> new GenericData.EnumSymbol(schema, "B");
        case ARRAY -> {
          List<Object> items = new ArrayList<>();
          for (int i = random.nextInt(4); i > 0; i--) {
            items.add(value(schema.getElementType(), known, depth + 1));
          }
          yield items;
        }
        case MAP -> {
          Map<String, Object> items = new LinkedHashMap<>();
          for (int i = random.nextInt(4); i > 0; i--) {
            items.put("k" + i, value(schema.getValueType(), known, depth + 1));
          }
          yield items;
        }
        case UNION -> {
          int branch = random.nextInt(schema.getTypes().size());
          yield depth > 6 ? null : value(schema.getTypes().get(branch), known, depth + 1);
        }
        case RECORD -> {
          GenericRecord record = new GenericData.Record(schema);
          for (Field field : schema.getFields()) {
            Integer id = (Integer) field.getObjectProp("field-id");
            record.put(
                field.pos(),
                id != null && known.containsKey(id)
                    ? known(field.schema(), id, known)
                    : value(field.schema(), known, depth + 1));
          }
          yield record;
        }
      };
    }

    private Object known(org.apache.avro.Schema schema, int id, Map<Integer, Object> known) {
      Object value = known.get(id);
      org.apache.avro.Schema plain =
          schema.getType() == org.apache.avro.Schema.Type.UNION
              ? schema.getTypes().stream()
                  .filter(t -> t.getType() != org.apache.avro.Schema.Type.NULL)
                  .findFirst()
                  .orElseThrow()
              : schema;
      if (value == null) {
        return null;
      }
      if (value instanceof Map<?, ?> nested
          && plain.getType() == org.apache.avro.Schema.Type.RECORD) {
        Map<Integer, Object> inner = new LinkedHashMap<>();
        nested.forEach((key, one) -> inner.put((Integer) key, one));
        return value(plain, inner, 0);
      }
      if (value instanceof Map<?, ?> pairs) {
        List<Object> items = new ArrayList<>();
        pairs.forEach(
            (key, one) -> {
              Map<Integer, Object> pair = new LinkedHashMap<>();
              int keyId = keyId(id);
              pair.put(keyId, key);
              pair.put(keyId + 1, one);
              items.add(value(plain.getElementType(), pair, 0));
            });
        return items;
      }
      return value instanceof Long number && plain.getType() == org.apache.avro.Schema.Type.INT
          ? (Object) number.intValue()
          : value;
    }

    private static int keyId(int id) {
      return switch (id) {
        case 108 -> 117;
        case 109 -> 119;
        case 110 -> 121;
        case 137 -> 138;
        case 125 -> 126;
        default -> 129;
      };
    }
  }

  /** One file, whose numbers depend on {@code i}, as fields by id. */
  private static Map<Integer, Object> entry(int i) {
    Map<Integer, Object> partition = new LinkedHashMap<>();
    partition.put(1000, 100L + i);
    partition.put(1001, i % 2 == 0 ? null : "n" + i);
    Map<Integer, Object> file = new LinkedHashMap<>();
    file.put(134, 0);
    file.put(100, "s3://b/é" + i + ".parquet");
    file.put(101, "parquet");
    file.put(102, partition);
    file.put(103, 10L + i);
    file.put(104, 1_000L + i);
    file.put(108, Map.of(1, 50L));
    file.put(109, new LinkedHashMap<>(Map.of(1, 10L, 2, 9L)));
    file.put(110, Map.of(2, 3L));
    file.put(137, null);
    file.put(125, Map.of(1, ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5, 6, 7, (byte) i})));
    file.put(128, Map.of(2, ByteBuffer.wrap(new byte[] {'z'})));
    file.put(131, null);
    file.put(132, i == 0 ? null : List.of(4L, 900L));
    file.put(140, i % 3 == 0 ? null : 1);
    Map<Integer, Object> entry = new LinkedHashMap<>();
    entry.put(0, 1);
    entry.put(1, i % 2 == 0 ? null : 55L);
    entry.put(3, null);
    entry.put(4, null);
    entry.put(2, file);
    return entry;
  }

  /** What {@link RandomManifests#show} says of that file. */
  private static String shown(int i) {
    String bound = RandomManifests.hex(new byte[] {1, 2, 3, 4, 5, 6, 7, (byte) i});
    return "ADDED "
        + (i % 2 == 0 ? 7 : 55)
        + " 8 8 s3://b/é"
        + i
        + ".parquet PARQUET 4 "
        + (i % 3 == 0 ? null : 1)
        + " "
        + (10 + i)
        + " "
        + (1_000 + i)
        + " "
        + (i == 0 ? "[]" : "[4, 900]")
        + " ("
        + (100 + i)
        + ","
        + (i % 2 == 0 ? null : "n" + i)
        + ",)"
        + " 1=50/10/-1/-1/"
        + bound
        + "/- 2=-1/9/3/-1/-/x7a";
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "deflate", "snappy", "zstandard"})
  void anyLayoutIsRead(String codec) throws IOException {
    for (long seed = 0; seed < 100; seed++) {
      Layout layout = new Layout(seed);
      org.apache.avro.Schema schema = layout.entry();
      int count = 1 + (int) (seed % 7);
      List<GenericRecord> entries = new ArrayList<>();
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        entries.add((GenericRecord) layout.value(schema, entry(i), 0));
        expected.add(shown(i));
      }
      byte[] bytes = file(schema, entries, codec, seed % 2 == 0, Map.of());

      assertThat(RandomManifests.show(read(bytes)))
          .as("seed %d, codec %s, schema %s", seed, codec, schema)
          .isEqualTo(expected);
    }
  }

  private static List<ManifestEntry> read(byte[] bytes) {
    return RandomManifests.read(bytes, from(bytes), TYPES, EntryFields.ALL);
  }

  private static ManifestFile from(byte[] bytes) {
    return new ManifestFile(
        "s3://b/m.avro",
        bytes.length,
        SPEC.id(),
        ManifestFile.Content.DATA,
        8,
        8,
        7,
        new ManifestFile.Counts(-1, -1, -1, -1, -1, -1),
        List.of());
  }

  /**
   * @param sized whether lists are written in blocks that tell their size in bytes
   */
  private static byte[] file(
      org.apache.avro.Schema schema,
      List<GenericRecord> entries,
      String codec,
      boolean sized,
      Map<String, String> header)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    GenericDatumWriter<GenericRecord> datums = new GenericDatumWriter<>(schema);
    try (DataFileWriter<GenericRecord> writer = new DataFileWriter<>(datums)) {
      writer.setCodec(CodecFactory.fromString(codec)).setSyncInterval(200);
      header.forEach(writer::setMeta);
      writer.create(schema, out);
      for (GenericRecord entry : entries) {
        if (!sized) {
          writer.append(entry);
          continue;
        }
        ByteArrayOutputStream one = new ByteArrayOutputStream();
        BinaryEncoder encoder =
            new EncoderFactory().configureBlockSize(64).blockingBinaryEncoder(one, null);
        datums.write(entry, encoder);
        encoder.flush();
        writer.appendEncoded(ByteBuffer.wrap(one.toByteArray()));
      }
    }
    return out.toByteArray();
  }

  private static byte[] fileOf(Map<Integer, Object> entry, Map<String, String> header)
      throws IOException {
    Layout layout = new Layout(1);
    org.apache.avro.Schema schema = layout.entry();
    GenericRecord record = (GenericRecord) layout.value(schema, entry, 0);
    return file(schema, List.of(record), "null", false, header);
  }

  @SuppressWarnings("unchecked")
  private static Map<Integer, Object> entryWith(int fileField, Object value) {
    Map<Integer, Object> entry = entry(0);
    ((Map<Integer, Object>) entry.get(2)).put(fileField, value);
    return entry;
  }

  @Test
  void whatIsNotAppliedIsRefusedByName() throws IOException {
    byte[] positions = fileOf(entryWith(134, 1), Map.of());
    assertThatThrownBy(() -> read(positions))
        .isInstanceOf(UnsupportedTableException.class)
        .hasMessageContaining("m0.avro lists the position deletes s3://b/é0.parquet");
    byte[] equalities = fileOf(entryWith(134, 2), Map.of());
    assertThatThrownBy(() -> read(equalities))
        .isInstanceOf(UnsupportedTableException.class)
        .hasMessageContaining("the equality deletes s3://b/é0.parquet");
    byte[] encrypted = fileOf(entryWith(131, ByteBuffer.wrap(new byte[] {1})), Map.of());
    assertThatThrownBy(() -> read(encrypted))
        .isInstanceOf(UnsupportedTableException.class)
        .hasMessageContaining("lists the encrypted file s3://b/é0.parquet");
    byte[] deletes = fileOf(entry(0), Map.of("content", "deletes"));
    assertThatThrownBy(() -> read(deletes)).isInstanceOf(UnsupportedTableException.class);
    byte[] version3 = fileOf(entry(0), Map.of("format-version", "3"));
    assertThatThrownBy(() -> read(version3))
        .isInstanceOf(UnsupportedTableException.class)
        .hasMessageContaining("m0.avro is of Iceberg format version 3");
    byte[] otherSpec = fileOf(entry(0), Map.of("partition-spec-id", "5"));
    assertThatThrownBy(() -> read(otherSpec))
        .isInstanceOf(CorruptTableException.class)
        .hasMessageContaining("m0.avro follows partition spec 5, but the manifest list recorded 4");
  }

  @Test
  void wrongValuesAreDamage() throws IOException {
    for (Map<Integer, Object> wrong :
        List.of(entryWith(134, 9), entryWith(103, -1L), entryWith(104, -5L))) {
      byte[] bytes = fileOf(wrong, Map.of());
      assertThatThrownBy(() -> read(bytes))
          .isInstanceOf(CorruptTableException.class)
          .hasMessageStartingWith("m0.avro is damaged: a data file has");
    }
    Map<Integer, Object> status = entry(0);
    status.put(0, 3);
    byte[] bytes = fileOf(status, Map.of());
    assertThatThrownBy(() -> read(bytes))
        .isInstanceOf(CorruptTableException.class)
        .hasMessageContaining("an entry has the status 3");
  }

  @Test
  void aPartitionFieldThatTheFileLacksIsDamageAndNotNull() throws IOException {
    byte[] bytes = fileOf(entry(0), Map.of());
    PartitionSpec more =
        new PartitionSpec(
            4, List.of(new PartitionField(1, 1002, "other", Transform.parse("identity"))));
    assertThatThrownBy(
            () ->
                RandomManifests.read(
                    bytes,
                    from(bytes),
                    PartitionTypes.of(List.of(more), List.of(SCHEMA)),
                    EntryFields.ALL))
        .isInstanceOf(CorruptTableException.class)
        .hasMessage(
            "m0.avro is no manifest: partition field 'other' of spec 4 has no field with field-id"
                + " 1002.");
  }

  @Test
  void aFieldWithoutFieldIdIsNotFoundByItsName() throws IOException {
    org.apache.avro.Schema schema =
        SchemaBuilder.record("manifest_entry")
            .fields()
            .requiredInt("status")
            .requiredLong("snapshot_id")
            .endRecord();
    byte[] bytes = file(schema, List.of(), "null", false, Map.of());
    assertThatThrownBy(() -> read(bytes))
        .isInstanceOf(CorruptTableException.class)
        .hasMessage("m0.avro is no manifest: no field has the field-id 0 (status).");
  }

  /** PyIceberg and fastavro cut two bytes before and one byte after what zlib gives them. */
  @Test
  void theRestOfAZlibFrameIsNoDamage() throws IOException {
    Layout layout = new Layout(3);
    org.apache.avro.Schema schema = layout.entry();
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(plain, null);
    new GenericDatumWriter<GenericRecord>(schema)
        .write((GenericRecord) layout.value(schema, entry(1), 0), encoder);
    ByteArrayOutputStream zlib = new ByteArrayOutputStream();
    try (DeflaterOutputStream deflater = new DeflaterOutputStream(zlib)) {
      deflater.write(plain.toByteArray());
    }
    byte[] header =
        RandomManifests.unsealed(AvroOutput.header(schema.toString(), "deflate", Map.of()));
    AvroOutput file = new AvroOutput(1_000);
    file.writeRaw(header, 0, header.length);
    file.writeLong(1);
    file.writeBytes(Arrays.copyOfRange(zlib.toByteArray(), 2, zlib.size() - 1));
    file.writeRaw(header, header.length - 16, 16);

    assertThat(RandomManifests.show(read(file.toByteArray()))).containsExactly(shown(1));
  }

  @Test
  void otherCodecsAreRefusedByName() throws IOException {
    byte[] bytes = fileOf(entry(0), Map.of());
    String text = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
    int at = text.indexOf("avro.codec") + "avro.codec".length() + 1;
    bytes[at] = 'x';
    assertThatThrownBy(() -> read(bytes))
        .isInstanceOf(UnsupportedTableException.class)
        .hasMessage(
            "m0.avro is compressed with 'xull'; DataShard reads null, deflate, snappy and"
                + " zstandard.");
  }
}
