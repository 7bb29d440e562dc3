package io.datashard.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.error.StorageException;
import io.datashard.storage.NewFile;
import io.datashard.storage.PutOutcome;
import io.datashard.storage.Storage;
import io.datashard.testkit.s3.FakeBuckets.Conditions;
import io.datashard.testkit.s3.FakeS3;
import io.datashard.testkit.s3.FakeS3.Fault;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** No commit before the store has proved that it keeps the condition that commits rest on (I1). */
@Timeout(60)
class CanaryTest {
  private final FakeS3 fake = FakeS3.start();
  private final Storage storage = Stores.of(fake).at("s3://lake/t");

  @AfterEach
  void stop() {
    fake.close();
  }

  private static ByteBuffer content() {
    return ByteBuffer.wrap(new byte[] {1});
  }

  @Test
  void aStoreThatKeepsItIsWrittenToAndLeftClean() {
    assertThat(storage.createExclusive("metadata/v1", content())).isEqualTo(PutOutcome.CREATED);
    assertThat(fake.keys("lake")).containsExactly("t/metadata/v1");
  }

  @ParameterizedTest
  @CsvSource({"IGNORED, writers of one key", "EARLY, writers of one key"})
  void aStoreThatDoesNotIsRefusedForWriting(Conditions conditions, String seen) {
    fake.overwrite("lake", "t/metadata/v1", new byte[] {7});
    fake.conditions(conditions);
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> storage.createExclusive("metadata/v2", content()))
          .isExactlyInstanceOf(StorageException.class)
          .hasMessageContaining(fake.endpoint() + ", bucket lake")
          .hasMessageContaining("If-None-Match")
          .hasMessageContaining(seen)
          .hasMessageContaining("Nothing was written");
    }
    assertThatThrownBy(
            () -> {
              try (NewFile file = storage.create("data/a")) {
                file.finish();
                storage.makeDurable(List.of(file));
              }
            })
        .isInstanceOf(StorageException.class);
    assertThat(fake.keys("lake")).contains("t/metadata/v1").doesNotContain("t/metadata/v2");
    assertThat(storage.read("metadata/v1", 10)).as("reading").hasValue(new byte[] {7});
    assertThat(storage.names("metadata", "v")).containsExactly("v1");
  }

  @Test
  void aStoreThatDoesNotKnowItIsRefusedForWriting() {
    fake.conditions(Conditions.UNKNOWN);
    assertThatThrownBy(() -> storage.createExclusive("metadata/v1", content()))
        .isExactlyInstanceOf(StorageException.class)
        .hasMessageContaining("501 NotImplemented");
    assertThat(fake.keys("lake")).isEmpty();
    assertThat(storage.read("metadata/v1", 10)).isEmpty();
  }

  @Test
  void itIsAskedOnceForAllTablesOfABucketAndAnewForAnother() {
    S3Store store = Stores.of(fake);
    store.at("s3://lake/a").createExclusive("metadata/v1", content());
    long once = fake.count("PutObject");
    store.at("s3://lake/a").createExclusive("metadata/v2", content());
    store.at("s3://lake/b").createExclusive("metadata/v1", content());
    assertThat(fake.count("PutObject")).isEqualTo(once + 2);

    store.at("s3://other/a").createExclusive("metadata/v1", content());
    assertThat(fake.count("PutObject")).isEqualTo(2 * once + 2);
  }

  @Test
  void aReaderNeverAsks() {
    storage.read("metadata/v1", 10);
    storage.listAll("");
    storage.replace("metadata/hint", content());
    assertThat(fake.keys("lake")).containsExactly("t/metadata/hint");
    assertThat(fake.count("PutObject")).isEqualTo(1);
  }

  @Test
  void troubleIsNoProofAndIsTriedAgain() {
    fake.plan(
        request ->
            request.operation().equals("PutObject")
                ? new Fault.Refuse(503, "SlowDown")
                : new Fault.None());
    assertThatThrownBy(() -> storage.createExclusive("metadata/v1", content()))
        .isExactlyInstanceOf(StorageException.class)
        .hasMessageContaining("prove conditional writes")
        .hasMessageContaining("503 SlowDown")
        .hasMessageContaining("overloaded");
    fake.noFaults();
    assertThat(storage.createExclusive("metadata/v1", content())).isEqualTo(PutOutcome.CREATED);
  }

  @Test
  void someTroubleInTheRaceDoesNotRefuseAGoodStore() {
    AtomicInteger puts = new AtomicInteger();
    fake.plan(
        request ->
            request.operation().equals("PutObject") && puts.incrementAndGet() == 3
                ? new Fault.LoseAnswer()
                : new Fault.None());
    assertThat(storage.createExclusive("metadata/v1", content())).isEqualTo(PutOutcome.CREATED);
  }

  @Test
  void muchTroubleIsSatOut() {
    AtomicInteger puts = new AtomicInteger();
    fake.plan(
        request ->
            request.operation().equals("PutObject") && puts.incrementAndGet() <= 32
                ? new Fault.Refuse(500, "InternalError") // four races of eight writers
                : new Fault.None());
    assertThat(storage.createExclusive("metadata/v1", content())).isEqualTo(PutOutcome.CREATED);
    assertThat(fake.keys("lake")).containsExactly("t/metadata/v1");
  }
}
