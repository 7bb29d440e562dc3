package io.datashard.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.error.StorageException;
import io.datashard.storage.NewFile;
import io.datashard.storage.ReplaceableFile;
import io.datashard.storage.Storage;
import io.datashard.testkit.s3.FakeS3;
import io.datashard.testkit.s3.FakeS3.Fault;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** New files: small ones in one request, side by side; large ones in parts. */
@Timeout(120)
class UploadsTest {
  private static final int PART = 5 << 20;

  private final FakeS3 fake = FakeS3.start();
  private Storage storage;

  @BeforeEach
  void open() {
    storage =
        Stores.proven(S3Store.of(Stores.configOf(fake).triesMax(3).partBytes(PART).build()))
            .at("s3://lake/t");
    fake.clearLog();
  }

  @AfterEach
  void stop() {
    fake.close();
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  @Test
  void aStoreThatIsOnlySlowIsAskedForTheConditionAgain() {
    ReplaceableFile mine = storage.replaceable("metadata/hint");
    mine.read();
    fake.plan(
        request ->
            request.operation().equals("PutObject")
                ? new Fault.Refuse(400, "RequestTimeout")
                : new Fault.None());
    assertThatThrownBy(() -> mine.replace(ByteBuffer.wrap(new byte[] {'1'})))
        .isInstanceOf(StorageException.class);
    fake.noFaults();
    ReplaceableFile theirs = storage.replaceable("metadata/hint");
    theirs.read();
    assertThat(theirs.replace(ByteBuffer.wrap(new byte[] {'2'}))).isTrue();
    assertThat(mine.replace(ByteBuffer.wrap(new byte[] {'1'}))).as("backwards (I6)").isFalse();
    assertThat(fake.content("lake", "t/metadata/hint")).isEqualTo("2");
  }

  private NewFile finished(String key, byte[] content) {
    NewFile file = storage.create(key);
    for (int start = 0; start < content.length; start += 1_000_000) {
      file.write(content, start, Math.min(1_000_000, content.length - start));
    }
    file.finish();
    return file;
  }

  /** The first request of this kind for each key ends like this. */
  private void firstOf(String operation, Fault fault) {
    ConcurrentHashMap<String, AtomicInteger> counts = new ConcurrentHashMap<>();
    fake.plan(
        request ->
            request.operation().equals(operation)
                    && counts
                            .computeIfAbsent(request.key(), key -> new AtomicInteger())
                            .getAndIncrement()
                        == 0
                ? fault
                : new Fault.None());
  }

  @Test
  void smallFilesAreSentSideBySideInOneRequestEach() {
    fake.expectTogether(3);
    List<NewFile> files = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      files.add(finished("data/" + i, random(10_000)));
    }
    storage.makeDurable(files);
    assertThat(fake.log()).hasSize(3).allMatch(each -> each.operation().equals("PutObject"));
    assertThat(fake.cameAsExpected()).as("at once").isTrue();
  }

  @Test
  void aLargeFileGoesInParts() {
    byte[] content = random(3 * PART + 17);
    storage.makeDurable(List.of(finished("data/large", content)));

    assertThat(storage.readWhole("data/large", content.length)).isEqualTo(content);
    assertThat(fake.count("UploadPart")).isEqualTo(4);
    assertThat(fake.openUploads()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {PART - 1, PART, PART + 1, 2 * PART})
  void nothingIsLostAtTheEndOfAPart(int length) {
    byte[] content = random(length);
    storage.makeDurable(List.of(finished("data/large", content)));
    assertThat(storage.readWhole("data/large", length)).isEqualTo(content);
  }

  @Test
  void metadataNeverGoesInParts() {
    byte[] content = random(3 * PART);
    storage.createExclusive("metadata/v1", java.nio.ByteBuffer.wrap(content));
    assertThat(fake.log()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"})
  void anUploadOutlivesTroubleAtEachStep(String operation) {
    byte[] content = random(2 * PART + 17);
    for (Fault fault :
        List.of(
            new Fault.Refuse(500, "InternalError"),
            new Fault.Refuse(503, "SlowDown"),
            new Fault.LoseRequest(),
            new Fault.LoseAnswer(),
            new Fault.CutBody(0),
            new Fault.CutBody(30),
            new Fault.DoAndSay(500, "InternalError"))) {
      firstOf(operation, fault);
      storage.makeDurable(List.of(finished("data/large", content)));
      fake.noFaults();
      assertThat(storage.readWhole("data/large", content.length))
          .as(operation + " " + fault)
          .isEqualTo(content);
      storage.delete("data/large");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"UploadPart", "CompleteMultipartUpload"})
  void thePartsOfAFailedUploadAreDropped(String operation) {
    fake.plan(
        request ->
            request.operation().equals(operation)
                ? new Fault.Refuse(403, "AccessDenied")
                : new Fault.None());
    assertThatThrownBy(
            () -> {
              try (NewFile file = storage.create("data/large")) {
                file.write(random(4 * PART), 0, 4 * PART);
                file.finish();
                storage.makeDurable(List.of(file));
              }
            })
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("s3://lake/t/data/large")
        .hasMessageContaining("AccessDenied");
    assertThat(fake.openUploads()).isZero();
    assertThat(fake.keys("lake")).isEmpty();
  }

  @Test
  void thePartsOfAFileThatIsGivenUpAreDropped() {
    NewFile file = storage.create("data/large");
    file.write(random(2 * PART), 0, 2 * PART);
    assertThat(fake.openUploads()).isEqualTo(1);
    file.close();
    assertThat(fake.openUploads()).isZero();
  }

  @Test
  void aNameThatIsTakenStaysAsItIsAlsoForALargeFile() {
    fake.overwrite("lake", "t/data/large", new byte[] {1});
    assertThatThrownBy(
            () -> {
              try (NewFile file = storage.create("data/large")) {
                file.write(random(2 * PART), 0, 2 * PART);
                file.finish();
                storage.makeDurable(List.of(file));
              }
            })
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("is there already");
    assertThat(storage.read("data/large", 10)).hasValue(new byte[] {1});
    assertThat(fake.openUploads()).isZero();
  }

  @Test
  void aSmallFileWhoseAnswerWasLostIsOurs() {
    for (Fault fault :
        List.of(new Fault.LoseAnswer(), new Fault.LoseRequest(), new Fault.DoAndSay(503, "X"))) {
      firstOf("PutObject", fault);
      storage.makeDurable(List.of(finished("data/a", random(100))));
      assertThat(storage.read("data/a", 100)).as(fault.toString()).hasValue(random(100));
      fake.noFaults();
      storage.delete("data/a");
    }
  }

  @Test
  void aSmallFileOfSomebodyElseIsNotTakenForOurs() {
    firstOf("PutObject", new Fault.LoseRequest());
    fake.overwrite("lake", "t/data/a", random(100));
    assertThatThrownBy(() -> storage.makeDurable(List.of(finished("data/a", random(100)))))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("is there already");
  }

  @Test
  void ofSeveralFilesTheFirstFailureIsTold() {
    fake.plan(
        request ->
            request.key().endsWith("1") ? new Fault.Refuse(403, "AccessDenied") : new Fault.None());
    List<NewFile> files = List.of(finished("data/0", random(10)), finished("data/1", random(10)));
    assertThatThrownBy(() -> storage.makeDurable(files))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("s3://lake/t/data/1");
  }

  @Test
  void encryptionAndStorageClassAreAskedForWithEachObject() {
    Storage asking =
        Stores.proven(
                S3Store.of(
                    Stores.configOf(fake)
                        .partBytes(PART)
                        .encryption("aws:kms")
                        .kmsKeyId("key-7")
                        .storageClass("STANDARD_IA")
                        .build()))
            .at("s3://lake/t");
    asking.createExclusive("metadata/v1", java.nio.ByteBuffer.allocate(1));
    asking.replace("metadata/hint", java.nio.ByteBuffer.allocate(1));
    for (int length : new int[] {10, PART + 1}) {
      NewFile file = asking.create("data/" + length);
      file.write(new byte[length], 0, length);
      file.finish();
      asking.makeDurable(List.of(file));
    }
    assertThat(fake.log())
        .filteredOn(
            each ->
                each.operation().equals("PutObject")
                    || each.operation().equals("CreateMultipartUpload"))
        .hasSizeGreaterThan(4)
        .allSatisfy(
            each ->
                assertThat(each.headers())
                    .containsEntry("x-amz-server-side-encryption", "aws:kms")
                    .containsEntry("x-amz-server-side-encryption-aws-kms-key-id", "key-7")
                    .containsEntry("x-amz-storage-class", "STANDARD_IA"));
  }
}
