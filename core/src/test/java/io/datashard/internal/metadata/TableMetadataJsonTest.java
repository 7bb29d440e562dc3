package io.datashard.internal.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.datashard.error.CorruptTableException;
import io.datashard.error.UnsupportedTableException;
import io.datashard.internal.metadata.TableMetadata.MetadataLogEntry;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.PartitionSpec.PartitionField;
import io.datashard.schema.Schema;
import io.datashard.schema.Transform;
import io.datashard.schema.Type;
import io.datashard.table.Snapshot;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Metadata files: what is written is read, what is not ours survives, damage is named. */
class TableMetadataJsonTest {
  private static final String NAME = "v3.metadata.json";

  private static final Schema SCHEMA =
      Schema.builder()
          .required("id", Type.LONG)
          .optional("näme", Type.STRING)
          .optional("amount", Type.decimal(9, 2))
          .build();

  private static final PartitionSpec SPEC =
      new PartitionSpec(
          0, List.of(new PartitionField(1, 1000, "id_bucket", Transform.parse("bucket[16]"))));

  /** As another engine may write it: v2, spaces, other order, fields that nobody knows. */
  private static final String FOREIGN =
      """
      {
        "x-top" : { "deep" : [ 1.50, {"a": null}, "q\\"" ] },
        "format-version" : 2,
        "table-uuid" : "fb072c92-a02b-11e9-ae9c-1bb7bc9eca94",
        "location" : "s3://b/wh/data.db/tbl",
        "last-sequence-number" : 34,
        "last-updated-ms" : 1602638573590,
        "last-column-id" : 3,
        "current-schema-id" : 1,
        "schemas" : [
          {"type":"struct","schema-id":0,"fields":[
            {"id":1,"name":"x","required":true,"type":"long"}]},
          {"type":"struct","schema-id":1,"x-schema":7,"identifier-field-ids":[1],"fields":[
            {"id":1,"name":"x","required":true,"type":"long","x-field":"kept"},
            {"id":3,"name":"z","required":false,"type":"decimal(9, 2)","doc":"c"}]}],
        "default-spec-id" : 0,
        "partition-specs" : [{"spec-id":0,"x-spec":[],"fields":[
            {"name":"x","transform":"identity","source-id":1,"field-id":1000}]}],
        "last-partition-id" : 1000,
        "default-sort-order-id" : 3,
        "sort-orders" : [{"order-id":3,"fields":[
            {"transform":"identity","source-id":1,"direction":"asc","null-order":"nulls-first"}]}],
        "properties" : {"read.split.target.size":"134217728","n":5,"b":true},
        "current-snapshot-id" : 3055729675574597004,
        "snapshots" : [
          {"snapshot-id":3051729675574597004,"timestamp-ms":1515100955770,"sequence-number":0,
           "summary":{"operation":"append"},"manifest-list":"s3://a/b/1.avro"},
          {"snapshot-id":3055729675574597004,"parent-snapshot-id":3051729675574597004,
           "timestamp-ms":1555100955770,"sequence-number":1,"summary":{"operation":"append"},
           "manifest-list":"s3://a/b/2.avro","schema-id":1,"x-snapshot":{"k":[0.1]}}],
        "snapshot-log" : [
          {"snapshot-id":3051729675574597004,"timestamp-ms":1515100955770},
          {"snapshot-id":3055729675574597004,"timestamp-ms":1555100955770}],
        "metadata-log" : [{"metadata-file":"s3://bucket/v1.json","timestamp-ms":1515100}],
        "refs" : {
          "main": {"snapshot-id":3055729675574597004,"type":"branch"},
          "t1": {"snapshot-id":3051729675574597004,"type":"tag","max-ref-age-ms":9,"x-ref":[]}},
        "statistics" : [{"snapshot-id":3051729675574597004,"statistics-path":"s3://a/s.puffin"}],
        "partition-statistics" : []
      }
      """;

  private static TableMetadata parse(String json) {
    return TableMetadataJson.parse(json.getBytes(StandardCharsets.UTF_8), NAME);
  }

  private static String written(TableMetadata metadata) {
    return new String(TableMetadataJson.write(metadata), StandardCharsets.UTF_8);
  }

  private static TableMetadata fresh() {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("z", "1");
    properties.put("a", "Ünï \u0001\"\\ \uD83D\uDE00");
    return TableMetadata.create(
        UUID.fromString("6a1dd3ae-47f7-4ec9-8b7c-1e6c4b7ac0ae"),
        "file:///lake/task logs",
        SCHEMA,
        SPEC,
        properties,
        1_700_000_000_000L);
  }

  private static Snapshot snapshot(long id, Long parent, long sequenceNumber) {
    Map<String, String> summary = new LinkedHashMap<>();
    summary.put("operation", "append");
    summary.put("added-records", "5");
    return new Snapshot(
        id,
        parent,
        sequenceNumber,
        1_700_000_000_000L + sequenceNumber,
        "file:///lake/task%20logs/metadata/snap-" + id + ".avro",
        0,
        summary);
  }

  private static void assertSame(TableMetadata a, TableMetadata b) {
    assertThat(a.formatVersion()).isEqualTo(b.formatVersion());
    assertThat(a.tableUuid()).isEqualTo(b.tableUuid());
    assertThat(a.location()).isEqualTo(b.location());
    assertThat(a.lastSequenceNumber()).isEqualTo(b.lastSequenceNumber());
    assertThat(a.lastUpdatedMillis()).isEqualTo(b.lastUpdatedMillis());
    assertThat(a.lastColumnId()).isEqualTo(b.lastColumnId());
    assertThat(a.schemas()).isEqualTo(b.schemas());
    assertThat(a.currentSchemaId()).isEqualTo(b.currentSchemaId());
    assertThat(a.specs()).isEqualTo(b.specs());
    assertThat(a.defaultSpecId()).isEqualTo(b.defaultSpecId());
    assertThat(a.lastPartitionId()).isEqualTo(b.lastPartitionId());
    assertThat(a.sortOrders()).isEqualTo(b.sortOrders());
    assertThat(a.defaultSortOrderId()).isEqualTo(b.defaultSortOrderId());
    assertThat(List.copyOf(a.properties().entrySet()))
        .isEqualTo(List.copyOf(b.properties().entrySet()));
    assertThat(a.currentSnapshotId()).isEqualTo(b.currentSnapshotId());
    assertThat(a.snapshots()).isEqualTo(b.snapshots());
    assertThat(a.snapshotLog()).isEqualTo(b.snapshotLog());
    assertThat(a.metadataLog()).isEqualTo(b.metadataLog());
    assertThat(a.refs()).isEqualTo(b.refs());
    assertThat(a.unknown()).isEqualTo(b.unknown());
  }

  @Test
  void aNewTableIsReadAsItWasWritten() {
    TableMetadata fresh = fresh();
    TableMetadata read = TableMetadataJson.parse(TableMetadataJson.write(fresh), NAME);
    assertSame(read, fresh);
    assertThat(read.currentSnapshot()).isEmpty();
    assertThat(read.lastPartitionId()).isEqualTo(1000);
    assertThat(read.refs()).isEmpty();
    assertThat(written(fresh)).contains("\"current-snapshot-id\":-1,");

    TableMetadata unpartitioned =
        TableMetadata.create(
            fresh.tableUuid(), "s3://b/t", SCHEMA, PartitionSpec.UNPARTITIONED, Map.of(), 1);
    assertThat(written(unpartitioned))
        .contains("\"last-partition-id\":999,")
        .contains("\"sort-orders\":[{\"order-id\":0,\"fields\":[]}]")
        .contains("\"partition-specs\":[{\"spec-id\":0,\"fields\":[]}]");
  }

  @Test
  void commitsAreReadAsTheyWereWritten() {
    TableMetadata now = fresh();
    for (int i = 1; i <= 20; i++) {
      Long parent = now.currentSnapshotId();
      now =
          now.toBuilder()
              .addSnapshot(snapshot(i * 1_000L, parent, i))
              .addMetadataLog(new MetadataLogEntry(i, "file:///v" + i + ".metadata.json"), 5)
              .property("datashard.commit.token", "t" + i)
              .build();
      now = TableMetadataJson.parse(TableMetadataJson.write(now), NAME);
      assertSame(TableMetadataJson.parse(TableMetadataJson.write(now), NAME), now);
    }
    assertThat(now.snapshots()).hasSize(20);
    assertThat(now.snapshotLog()).hasSize(20);
    assertThat(now.metadataLog()).hasSize(5);
    assertThat(now.metadataLog().get(4).metadataFile()).endsWith("v20.metadata.json");
    assertThat(now.currentSnapshot().orElseThrow().parentId()).isEqualTo(19_000L);
    assertThat(now.lastSequenceNumber()).isEqualTo(20);
    assertThat(now.lastUpdatedMillis()).isEqualTo(1_700_000_000_020L);
    assertThat(now.refs()).containsOnlyKeys("main");
    assertThat(now.properties().keySet()).containsExactly("z", "a", "datashard.commit.token");
  }

  @Test
  void aForeignFileIsRead() {
    TableMetadata read = parse(FOREIGN);
    assertThat(read.schema().id()).isEqualTo(1);
    assertThat(read.schema().names()).containsExactly("x", "z");
    assertThat(read.schema().identifierFieldIds()).containsExactly(1);
    assertThat(read.spec().fields())
        .containsExactly(new PartitionField(1, 1000, "x", Transform.parse("identity")));
    assertThat(read.properties()).containsEntry("n", "5").containsEntry("b", "true");
    assertThat(read.snapshots()).hasSize(2);
    Snapshot old = read.snapshot(3051729675574597004L).orElseThrow();
    assertThat(old.parentId()).isNull();
    assertThat(read.schemaOf(old)).isSameAs(read.schema());
    assertThat(read.currentSnapshot().orElseThrow().schemaId()).isEqualTo(1);
    assertThat(read.refs().get("t1").kind()).isEqualTo(SnapshotRef.Kind.TAG);
    assertThat(read.refs().get("t1").maxRefAgeMillis()).isEqualTo(9);
    assertThat(read.metadataLog())
        .containsExactly(new MetadataLogEntry(1515100, "s3://bucket/v1.json"));
  }

  @Test
  void whatWeDoNotKnowSurvivesAsItWasWritten() {
    TableMetadata next =
        parse(FOREIGN).toBuilder()
            .addSnapshot(snapshot(7, 3055729675574597004L, 35))
            .property("more", "yes")
            .build();
    String text = written(next);
    for (int round = 0; round < 2; round++) {
      assertThat(text)
          .contains("\"x-top\":{ \"deep\" : [ 1.50, {\"a\": null}, \"q\\\"\" ] }")
          .contains("\"x-schema\":7")
          .contains("\"x-field\":\"kept\"")
          .contains("\"x-spec\":[]")
          .contains("\"x-snapshot\":{\"k\":[0.1]}")
          .contains("\"x-ref\":[]")
          .contains(
              "\"statistics\":[{\"snapshot-id\":3051729675574597004,\"statistics-path\":"
                  + "\"s3://a/s.puffin\"}]")
          .contains("\"partition-statistics\":[]")
          .contains("{\"transform\":\"identity\",\"source-id\":1,\"direction\":\"asc\"");
      TableMetadata again = parse(text);
      assertSame(again, next);
      text = written(again);
    }
  }

  @Test
  void unknownFieldsOfAChangedSnapshotSurvive() {
    TableMetadata read = parse(FOREIGN);
    List<Snapshot> moved = new ArrayList<>();
    for (Snapshot one : read.snapshots()) {
      moved.add(
          new Snapshot(
              one.snapshotId(),
              one.parentId(),
              one.sequenceNumber(),
              one.timestampMillis(),
              one.manifestList().replace("s3://a/", "s3://moved/"),
              one.schemaId(),
              one.summary()));
    }
    String text = written(read.toBuilder().snapshots(moved).build());
    assertThat(text).contains("s3://moved/b/2.avro").doesNotContain("s3://a/b/2.avro");
    assertThat(text).contains("\"x-snapshot\":{\"k\":[0.1]}");
    assertThat(parse(text).snapshots()).isEqualTo(moved);
  }

  @Test
  void everyByteIsUnderTheChecksum() {
    byte[] good = TableMetadataJson.write(fresh());
    int unseen = 0;
    for (int i = 0; i < good.length; i++) {
      byte[] bad = good.clone();
      bad[i] ^= 0x04;
      try {
        TableMetadataJson.parse(bad, "v3.metadata.json");
        unseen++;
      } catch (CorruptTableException | UnsupportedTableException e) {
        assertThat(e).as("byte %d", i).hasMessageContaining("v3.metadata.json");
      }
    }
    // The key itself: the file is as good as one that somebody else wrote.
    assertThat(unseen).isEqualTo(MetadataChecksum.KEY.length());
  }

  @Test
  void aChecksumThatOthersCarriedAlongIsNotBelieved() {
    String ours = written(fresh());
    String elsewhere =
        "{\""
            + MetadataChecksum.KEY
            + "\":\"00000000\","
            + ours.substring(1, ours.lastIndexOf(','))
            + "}";
    assertThat(parse(elsewhere).unknown()).isEmpty();
    assertThat(written(parse(elsewhere))).isEqualTo(ours);
  }

  @Test
  void noCurrentSnapshotHasThreeSpellings() {
    String none = written(fresh()).replace(MetadataChecksum.KEY, "x");
    for (String spelling : List.of("\"current-snapshot-id\":-1,", "")) {
      String text = none.replace("\"current-snapshot-id\":-1,", spelling);
      assertThat(parse(text).currentSnapshot()).isEmpty();
    }
    String isNull = none.replace("\"current-snapshot-id\":-1", "\"current-snapshot-id\":null");
    assertThat(parse(isNull).currentSnapshotId()).isNull();
  }

  @Test
  void mainIsThereEvenWhereRefsAreNot() {
    int from = FOREIGN.indexOf("\"refs\"");
    int to = FOREIGN.indexOf("\"statistics\"");
    TableMetadata read = parse(FOREIGN.substring(0, from) + FOREIGN.substring(to));
    assertThat(read.refs()).containsOnlyKeys("main");
    assertThat(read.refs().get("main").snapshotId()).isEqualTo(3055729675574597004L);
    TableMetadata empty =
        parse(FOREIGN.substring(0, from) + "\"refs\":{}," + FOREIGN.substring(to));
    assertThat(empty.refs()).containsOnlyKeys("main");
  }

  @Test
  void versionOneIsReadAndNotWritten() {
    String v1 =
        """
        {"format-version":1,"table-uuid":"fb072c92-a02b-11e9-ae9c-1bb7bc9eca94",
         "location":"s3://b/t","last-updated-ms":5,"last-column-id":1,
         "schema":{"type":"struct","fields":[{"id":1,"name":"x","required":true,"type":"date"}]},
         "partition-spec":[{"name":"x_day","transform":"day","source-id":1},
                           {"name":"x","transform":"identity","source-id":1}],
         "properties":{},"current-snapshot-id":1,
         "snapshots":[{"snapshot-id":1,"timestamp-ms":5,"manifest-list":"s3://b/t/l.avro"}]}
        """;
    TableMetadata read = parse(v1);
    assertThat(read.formatVersion()).isEqualTo(1);
    assertThat(read.schema().names()).containsExactly("x");
    assertThat(read.spec().fields())
        .extracting(PartitionField::fieldId)
        .containsExactly(1000, 1001);
    assertThat(read.lastPartitionId()).isEqualTo(1001);
    assertThat(read.currentSnapshot().orElseThrow().sequenceNumber()).isZero();
    assertThat(read.sortOrders()).containsExactly(KeptSortOrder.UNSORTED);
    assertThatThrownBy(() -> TableMetadataJson.write(read))
        .isInstanceOf(UnsupportedTableException.class)
        .hasMessageStartingWith(
            "Table s3://b/t is of Iceberg format version 1, which DataShard reads");

    assertThatThrownBy(
            () -> parse(v1.replace("\"manifest-list\":\"s3://b/t/l.avro\"", "\"manifests\":[]")))
        .isInstanceOf(UnsupportedTableException.class)
        .hasMessageStartingWith(NAME + ": snapshot 1 lists its manifests itself");
    assertThatThrownBy(() -> parse(v1.replace("table-uuid", "x")))
        .isInstanceOf(UnsupportedTableException.class)
        .hasMessageContaining("no \"table-uuid\"");
  }

  @Test
  void whatIsNotSupportedIsRefusedByName() {
    // The version is said even where the file also holds a type that only that version has.
    String v3 =
        FOREIGN
            .replace("\"format-version\" : 2", "\"format-version\" : 3")
            .replace("decimal(9, 2)", "variant");
    assertThatThrownBy(() -> parse(v3))
        .isInstanceOf(UnsupportedTableException.class)
        .hasMessageStartingWith(
            "v3.metadata.json is of Iceberg format version 3; DataShard reads versions 1 and 2.");
    assertThatThrownBy(() -> parse(FOREIGN.replace("decimal(9, 2)", "timestamp_ns")))
        .isInstanceOf(UnsupportedTableException.class)
        .hasMessageStartingWith(NAME + ": Column 'z': Unknown type 'timestamp_ns'.");
    assertThatThrownBy(
            () ->
                parse(
                    FOREIGN.replace(
                        "\"decimal(9, 2)\"", "{\"type\":\"struct\",\"fields\":[{\"id\":9}]}")))
        .isInstanceOf(UnsupportedTableException.class)
        .hasMessageStartingWith(NAME + ": Column 'z' is a struct. Nested columns");
    assertThatThrownBy(
            () ->
                parse(
                    FOREIGN.replace(
                        "\"transform\":\"identity\",\"source-id\":1,\"field-id\"",
                        "\"transform\":\"zorder\",\"source-id\":1,\"field-id\"")))
        .isInstanceOf(UnsupportedTableException.class)
        .hasMessage(NAME + ": partition field 'x': Unknown partition transform 'zorder'.");
    assertThatThrownBy(() -> TableMetadataJson.parse(new byte[] {0x1f, (byte) 0x8b, 8}, NAME))
        .isInstanceOf(UnsupportedTableException.class)
        .hasMessageStartingWith(NAME + " is compressed with gzip.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "current-schema-id" : 1        | "current-schema-id" : 2       | "current-schema-id" is 2, but "schemas" has only [0, 1].
          "default-spec-id" : 0          | "default-spec-id" : 8         | "default-spec-id" is 8, but "partition-specs" has only [0].
          "default-sort-order-id" : 3    | "default-sort-order-id" : 0   | "default-sort-order-id" is 0
          "current-snapshot-id" : 3055729675574597004 | "current-snapshot-id" : 4 | "current-snapshot-id" is 4, which is not among the 2 in "snapshots".
          "current-snapshot-id" : 3055729675574597004 | "current-snapshot-id" : 3051729675574597004 | but the branch main is at 3055729675574597004.
          "current-snapshot-id" : 3055729675574597004 | "x" : 1              | "current-snapshot-id" is null, but the branch main is at 3055729675574597004.
          "t1": {"snapshot-id":3051729675574597004 | "t1": {"snapshot-id":5 | Reference 't1' points to snapshot 5
          "type":"tag"                   | "type":"twig"                 | Reference 't1' has the type 'twig'
          "last-sequence-number" : 34    | "last-sequence-number" : 0    | has the sequence number 1, but "last-sequence-number" is 0.
          "last-sequence-number" : 34    | "last-sequence-number" : -4   | "last-sequence-number" is -4, below 0
          "schema-id":0                  | "schema-id":1                 | "schemas" lists the id 1 twice.
          "snapshot-id":3051729675574597004,"timestamp-ms":1515100955770,"sequence-number":0 | "snapshot-id":3055729675574597004,"timestamp-ms":1515100955770,"sequence-number":0 | "snapshots" lists the id 3055729675574597004 twice.
          "format-version" : 2           | "format-version" : 0          | "format-version" is 0
          "format-version" : 2           | "format-version" : 2.0        | "format-version" must be a whole number
          "format-version" : 2,          | ``                            | "format-version" is missing
          "location" :                   | "x" :                         | "location" is missing
          "last-column-id" :             | "x" :                         | "last-column-id" is missing
          "schemas" :                    | "x" :                         | "schemas" is missing
          "partition-specs" :            | "x" :                         | "partition-specs" is missing
          "sort-orders" :                | "x" :                         | "sort-orders" is missing
          "last-partition-id" :          | "x" :                         | "last-partition-id" is missing
          "manifest-list":"s3://a/b/2    | "x":"s3://a/b/2               | "manifest-list" is missing
          "last-updated-ms" : 1602638573590 | "last-updated-ms" : 99999999999999999999 | out of range of
          "last-column-id" : 3           | "last-column-id" : 3000000000 | out of range of
          "last-column-id" : 3           | "last-column-id" : "3"        | "last-column-id" must be a whole number, found VALUE_STRING
          "location" : "s3://b/wh/data.db/tbl" | "location" : null       | "location" must be text
          "fb072c92-a02b-11e9-ae9c-1bb7bc9eca94" | "fb072c92-a02b-11e9-ae9c-1bb7bc9eca9" | "table-uuid" is no UUID: 'fb072c92-a02b-11e9-ae9c-1bb7bc9eca9'
          "n":5                          | "n":[5]                       | "properties"."n" must be text
          "n":5                          | "b":"twice"                   | Duplicate
          "x-field":"kept"               | "x-field":{"a":1,"a":2}       | Duplicate
          "name":"z"                     | "name":"x"                    | Two columns are named 'x'.
          "id":3,"name"                  | "id":1,"name"                 | have the same field id 1
          "id":3,"name"                  | "id":3.5,"name"               | "id" must be a whole number
          "identifier-field-ids":[1]     | "identifier-field-ids":[3]    | Identifier field id 3
          """)
  void damageIsNamed(String from, String to, String message) {
    assertThat(FOREIGN).contains(from);
    String bad = FOREIGN.replace(from, to);
    assertThatThrownBy(() -> parse(bad))
        .isInstanceOf(CorruptTableException.class)
        .hasMessageStartingWith(NAME)
        .hasMessageContaining(message);
  }

  @Test
  void otherTextIsNamed() {
    String[] texts = {
      "", " ", "{", "[]", "null", "5", "\"a\"", "{}", FOREIGN + "x", FOREIGN + "{}", "\uFEFF{}"
    };
    for (String text : texts) {
      assertThatThrownBy(() -> parse(text))
          .as(text)
          .isInstanceOf(CorruptTableException.class)
          .hasMessageStartingWith(NAME);
    }
    for (byte[] bytes :
        new byte[][] {{(byte) 0xff, (byte) 0xfe, '{', 0, '}', 0}, {'{', (byte) 0xc3}}) {
      assertThatThrownBy(() -> TableMetadataJson.parse(bytes, NAME))
          .isInstanceOf(CorruptTableException.class)
          .hasMessage(NAME + " (" + bytes.length + " bytes) is not UTF-8 text.");
    }
    for (String open : new String[] {"[", "{\"a\":"}) {
      String deep = "{\"x\":" + open.repeat(100_000);
      assertThatThrownBy(() -> parse(deep))
          .isInstanceOf(CorruptTableException.class)
          .hasMessageStartingWith(NAME);
    }
  }

  @Test
  @Timeout(300) // a hang, not slowness
  void everyChangedByteIsNamedOrHarmless() {
    byte[] good = FOREIGN.getBytes(StandardCharsets.UTF_8);
    Random random = new Random(4);
    for (int i = 0; i < good.length; i++) {
      for (int change : new int[] {1, 0x80, 1 + random.nextInt(255)}) {
        byte[] bad = good.clone();
        bad[i] ^= (byte) change;
        try {
          TableMetadata read = TableMetadataJson.parse(bad, NAME);
          assertThat(read.currentSnapshot()).as("byte %d ^ %d", i, change).isPresent();
          assertThat(read.snapshots()).as("byte %d ^ %d", i, change).hasSize(2);
          assertSame(TableMetadataJson.parse(TableMetadataJson.write(read), NAME), read);
        } catch (CorruptTableException | UnsupportedTableException e) {
          assertThat(e).hasMessageContaining(NAME);
        } catch (RuntimeException e) {
          fail("byte " + i + " ^ " + change, e);
        }
      }
    }
  }

  @Test
  void everyPrefixIsNamed() {
    byte[] good = FOREIGN.strip().getBytes(StandardCharsets.UTF_8);
    for (int length = 0; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThatThrownBy(() -> TableMetadataJson.parse(cut, NAME))
          .as("length %d", length)
          .isInstanceOf(CorruptTableException.class)
          .hasMessageStartingWith(NAME);
    }
  }

  @Test
  void textThatNoFileCanStoreIsRefused() {
    TableMetadata bad = fresh().toBuilder().property("k", "half \uD83D").build();
    assertThatThrownBy(() -> TableMetadataJson.write(bad))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Table metadata cannot hold half a surrogate pair");
  }

  @Test
  void aBuilderChecksItsIds() {
    assertThatThrownBy(() -> fresh().toBuilder().currentSnapshotId(4L).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("\"current-snapshot-id\" is 4, which is not among the 0 in \"snapshots\".");
    assertThatThrownBy(
            () ->
                TableMetadata.create(
                    UUID.randomUUID(),
                    "s3://b/t",
                    Schema.builder().required("b", Type.LONG).build().withId(3),
                    new PartitionSpec(
                        0, List.of(new PartitionField(9, 1000, "p", Transform.parse("identity")))),
                    Map.of(),
                    1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Partition field 'p' is made from the column with id 9, which the schema does not have.");
  }

  /** Rows are not sorted by what nobody here understands, and the order is kept as it was. */
  @Test
  void ordersThatCannotBeFollowedAreKept() {
    String plain =
        new String(
            TableMetadataJson.write(
                TableMetadata.create(
                    new UUID(1, 2),
                    "file:///t",
                    Schema.builder().required("x", Type.INT).build(),
                    PartitionSpec.UNPARTITIONED,
                    Map.of(),
                    5)),
            StandardCharsets.UTF_8);
    for (String field :
        List.of(
            "{\"transform\":\"zorder\",\"source-id\":1,\"direction\":\"asc\",\"null-order\":\"nulls-first\"}",
            "{\"transform\":\"identity\",\"source-ids\":[1],\"direction\":\"asc\",\"null-order\":\"nulls-first\"}",
            "{\"transform\":\"identity\",\"source-id\":9,\"direction\":\"asc\",\"null-order\":\"nulls-first\"}",
            "{\"transform\":\"day\",\"source-id\":1,\"direction\":\"asc\",\"null-order\":\"nulls-first\"}")) {
      String order = "{\"order-id\":4,\"fields\":[" + field + "]}";
      TableMetadata read =
          parse(
              plain
                  .replace("{\"order-id\":0,\"fields\":[]}", order)
                  .replace("\"default-sort-order-id\":0", "\"default-sort-order-id\":4")
                  .replaceAll(",\"datashard-crc32\":\"[^}]*", ""));
      assertThat(read.sortOrder().isUnsorted()).as(field).isTrue();
      assertThat(new String(TableMetadataJson.write(read), StandardCharsets.UTF_8)).contains(order);
    }
  }
}
