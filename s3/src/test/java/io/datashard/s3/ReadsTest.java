package io.datashard.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.error.CorruptTableException;
import io.datashard.error.FileMissingException;
import io.datashard.error.StorageException;
import io.datashard.storage.ReadableFile;
import io.datashard.storage.Storage;
import io.datashard.testkit.s3.FakeS3;
import io.datashard.testkit.s3.FakeS3.Fault;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is read is what was written, or an error that names the object (I5). */
@Timeout(60)
class ReadsTest {
  private static final int LARGE = 3_000_000;

  private final FakeS3 fake = FakeS3.start();
  private final AtomicInteger gets = new AtomicInteger();
  private final byte[] small = random(1, 10_000);
  private final byte[] large = random(2, LARGE);
  private Storage storage;

  @BeforeEach
  void open() {
    storage = S3Store.of(Stores.configOf(fake).triesMax(3).build()).at("s3://lake/t");
    fake.overwrite("lake", "t/small", small);
    fake.overwrite("lake", "t/large", large);
  }

  @AfterEach
  void stop() {
    fake.close();
  }

  private static byte[] random(long seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private void gets(Fault... faults) {
    gets.set(0);
    fake.plan(
        request ->
            request.operation().equals("GetObject")
                ? faults[Math.min(gets.getAndIncrement(), faults.length - 1)]
                : new Fault.None());
  }

  private byte[] range(ReadableFile file, int position, int length) {
    byte[] into = new byte[length];
    file.read(position, into, 0, length);
    return into;
  }

  @Test
  void aSmallFileIsOneRequest() {
    try (ReadableFile file = storage.open("small", small.length)) {
      assertThat(range(file, 0, small.length)).isEqualTo(small);
      assertThat(range(file, 5000, 100)).isEqualTo(Arrays.copyOfRange(small, 5000, 5100));
    }
    assertThat(fake.log()).hasSize(1);
    storage.read("small", 1 << 20);
    storage.readWhole("small", -1);
    storage.readWhole("small", small.length);
    assertThat(fake.log()).hasSize(4);
  }

  @Test
  void aMissingFileIsOneRequest() {
    assertThat(storage.read("none", 10)).isEmpty();
    assertThat(storage.exists("none")).isFalse();
    assertThatThrownBy(() -> storage.readWhole("none", 10))
        .isInstanceOf(FileMissingException.class)
        .hasMessageContaining("s3://lake/t/none");
    assertThatThrownBy(() -> storage.open("none", LARGE)).isInstanceOf(FileMissingException.class);
    assertThat(fake.log()).hasSize(4);
  }

  @Test
  void aLargeFileIsOpenedByItsEndAndReadByRanges() {
    try (ReadableFile file = storage.open("large", LARGE)) {
      assertThat(range(file, LARGE - 100_000, 100_000))
          .isEqualTo(Arrays.copyOfRange(large, LARGE - 100_000, LARGE));
      assertThat(fake.log()).hasSize(1);
      assertThat(range(file, 1_000_000, 500_000))
          .isEqualTo(Arrays.copyOfRange(large, 1_000_000, 1_500_000));
      assertThat(range(file, 0, LARGE)).isEqualTo(large);
      assertThat(fake.log()).hasSize(3);
      assertThat(fake.log().get(1).headers())
          .containsEntry("range", "bytes=1000000-1499999")
          .containsKey("if-match");
    }
  }

  @Test
  void aCutBodyIsAskedForAgainAndNeverTakenForWhole() {
    for (int bytes : new int[] {0, 1, 9_999}) {
      gets(new Fault.CutBody(bytes), new Fault.None());
      assertThat(storage.read("small", 1 << 20)).hasValue(small);
      gets(new Fault.CutBody(bytes), new Fault.None());
      try (ReadableFile file = storage.open("large", LARGE)) {
        gets(new Fault.CutBody(bytes), new Fault.None());
        assertThat(range(file, 7, 100_000)).isEqualTo(Arrays.copyOfRange(large, 7, 100_007));
      }
      gets(new Fault.CutBody(bytes));
      for (ThrowingCallable read :
          new ThrowingCallable[] {
            () -> storage.read("small", 1 << 20),
            () -> storage.readWhole("small", small.length),
            () -> storage.readWhole("small", -1),
            () -> storage.open("small", small.length),
            () -> storage.open("large", LARGE)
          }) {
        assertThatThrownBy(read)
            .isExactlyInstanceOf(StorageException.class)
            .hasMessageContaining("s3://lake/t/")
            .hasMessageContaining("was cut")
            .hasMessageContaining("after 3 tries");
      }
      fake.noFaults();
    }
  }

  @Test
  void whatFailsInPassingIsAskedForAgain() {
    for (Fault fault :
        new Fault[] {
          new Fault.Refuse(500, "InternalError"),
          new Fault.Refuse(503, "SlowDown"),
          new Fault.LoseRequest(),
          new Fault.LoseAnswer()
        }) {
      gets(fault, fault, new Fault.None());
      assertThat(storage.read("small", 1 << 20)).as(fault.toString()).hasValue(small);
    }
    gets(new Fault.Refuse(403, "AccessDenied"));
    assertThatThrownBy(() -> storage.read("small", 1 << 20))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("Cannot read s3://lake/t/small: 403 AccessDenied");
    assertThat(gets).as("for good").hasValue(1);
  }

  @Test
  void aFileThatIsReplacedWhileItIsReadIsAnError() {
    try (ReadableFile file = storage.open("large", LARGE)) {
      range(file, 0, 1000);
      fake.overwrite("lake", "t/large", random(3, LARGE));
      assertThatThrownBy(() -> range(file, 0, 1000))
          .isInstanceOf(CorruptTableException.class)
          .hasMessageContaining("s3://lake/t/large")
          .hasMessageContaining("replaced");
      fake.overwrite("lake", "t/large", random(3, 500));
      assertThatThrownBy(() -> range(file, 1000, 1000)).isInstanceOf(CorruptTableException.class);
    }
  }

  @Test
  void aFileOfAnotherLengthIsAnErrorThatTellsBoth() {
    for (long told : new long[] {LARGE - 1, LARGE + 1, LARGE + 5_000_000, 1 << 20}) {
      assertThatThrownBy(() -> storage.open("large", told))
          .as(told + " bytes")
          .isInstanceOf(CorruptTableException.class)
          .hasMessageContaining("s3://lake/t/large")
          .hasMessageContaining(String.valueOf(told));
    }
    assertThatThrownBy(() -> storage.readWhole("large", 10))
        .isInstanceOf(CorruptTableException.class)
        .hasMessageContaining("3000000 bytes")
        .hasMessageContaining("says 10");
  }

  @Test
  void listingsGoOverManyPages() {
    fake.pageKeys(3);
    for (int i = 0; i < 20; i++) {
      fake.overwrite("lake", "t/many/" + i, new byte[i]);
      fake.overwrite("lake", "t/many/below/" + i, new byte[i]);
    }
    fake.overwrite("lake", "t/many/", new byte[0]); // what a console leaves behind
    assertThat(storage.names("many", "")).hasSize(20).contains("0", "19");
    assertThat(storage.list("many", "1")).hasSize(11);
    assertThat(storage.listAll("many")).hasSize(40);
    assertThat(storage.listAll("")).hasSize(42);
  }

  @Test
  void aListingThatIsCutIsNeverTakenForAShortOne() {
    for (int bytes : new int[] {0, 1, 38, 100, 400}) {
      fake.plan(
          request ->
              request.operation().equals("ListObjectsV2")
                  ? new Fault.CutBody(bytes)
                  : new Fault.None());
      assertThatThrownBy(() -> storage.listAll(""))
          .as(bytes + " bytes")
          .isExactlyInstanceOf(StorageException.class)
          .hasMessageContaining("Cannot list s3://lake/t");
    }
    fake.noFaults();
    assertThat(storage.listAll("")).hasSize(2);
  }

  @Test
  void whereTheBucketIsMissingThatIsSaid() {
    Storage nowhere = Stores.of(fake).at("s3://" + FakeS3.NO_BUCKET + "/t");
    for (ThrowingCallable call :
        new ThrowingCallable[] {
          () -> nowhere.list("metadata", "v"), () -> nowhere.read("a", 10),
        }) {
      assertThatThrownBy(call)
          .isExactlyInstanceOf(StorageException.class)
          .hasMessageContaining("NoSuchBucket")
          .hasMessageContaining("Create the bucket");
    }
  }
}
