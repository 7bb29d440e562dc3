package io.datashard.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.s3.S3Config;
import io.datashard.s3.S3Store;
import io.datashard.schema.Schema;
import io.datashard.testkit.s3.NeedsServer;
import io.datashard.testkit.s3.RealServer.Kind;
import io.datashard.testkit.s3.S3Server;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Promise: foreign readers open a table in a bucket by its {@code s3://} location. */
@NeedsPython
@NeedsServer(Kind.VERSITYGW)
class BucketTest {
  private static final Schema SCHEMA = SampleRows.EVERY_TYPE;

  @TempDir static Path folder;

  @SuppressWarnings("NullAway.Init")
  private static S3Server server;

  @SuppressWarnings("NullAway.Init")
  private static Table table;

  @BeforeAll
  static void fill() {
    server = NeedsServer.Condition.start(Kind.VERSITYGW, folder);
    S3Config config =
        S3Config.builder()
            .endpoint(server.endpoint())
            .region("us-east-1")
            .bucket(S3Server.BUCKET)
            .keys(server.accessKey(), server.secretKey())
            .build();
    table =
        DataShard.on(S3Store.of(config))
            .newTable("every/type", SCHEMA)
            .partitionedBy(
                "truncate(1, text)") // names of folders that URIs and buckets may mistake
            .create();
    SampleRows rows = new SampleRows(SCHEMA, 1, 0.1, 0.1);
    for (int i = 0; i < 2; i++) {
      table.append(rows.take(30));
    }
  }

  @AfterAll
  static void stop() {
    table.close();
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"pyiceberg", "polars", "duckdb"})
  void theNewestState(String reader) {
    for (String location : List.of(table.location(), table.metadataLocation())) {
      ObjectNode request =
          PythonWorker.request("read_bucket").put("reader", reader).put("location", location);
      request.set("columns", ForeignReader.columns(SCHEMA));
      request
          .put("endpoint", server.endpoint().toString())
          .put("access_key", server.accessKey())
          .put("secret_key", server.secretKey());
      JsonNode answer = PythonWorker.ask(request);
      Answer.requireSame(
          reader + " of " + location,
          SCHEMA,
          OurReader.read(table.scan()),
          new Answer(answer.path("rows").asLong(), answer.path("digest").asText(), List::of));
    }
  }
}
