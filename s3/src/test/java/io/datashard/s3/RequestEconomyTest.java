package io.datashard.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.error.TableNotFoundException;
import io.datashard.testkit.s3.FakeS3;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * How many requests things cost, and how many of them wait for each other: the fake answers none of
 * those that are to come at once before all of them are there. An upper bound that grows needs a
 * reason; what a request costs is in docs/s3.md.
 */
@Timeout(120)
class RequestEconomyTest {
  private static final String HINT = "metadata/version-hint.text";

  private final FakeS3 fake = FakeS3.start();
  private Table table;

  @BeforeEach
  void open() {
    table = DataShard.on(Stores.proven(Stores.of(fake))).createTable("t", S3Tables.SCHEMA);
    for (int i = 0; i < 5; i++) {
      table.append(S3Tables.rows(i, i + 1));
    }
    awaitHint("6");
    fake.clearLog();
  }

  @AfterEach
  void stop() {
    table.close();
    fake.close();
  }

  /** Written beside, it is the last thing that an append does. */
  private void awaitHint(String content) {
    for (int i = 0; i < 3_000; i++) {
      if (fake.content("lake", "t/" + HINT).equals(content)) {
        awaitAnswers();
        return;
      }
      pause();
    }
    throw new AssertionError("the hint is " + fake.content("lake", "t/" + HINT));
  }

  private void awaitAnswers() {
    for (int i = 0; i < 3_000 && fake.underWay() > 0; i++) {
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(10);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** All requests so far are these many, which came as they were expected. */
  private void came(String what, int requests) {
    assertThat(fake.log()).as(what).hasSize(requests);
    assertThat(fake.cameAsExpected()).as("%s at once as expected: %s", what, fake.log()).isTrue();
  }

  @Test
  void aWarmAppendOfOneRow() {
    fake.expectTogether(3, 1, 1);
    table.append(S3Tables.rows(5, 6));
    awaitHint("7");
    came("data, manifest and list; version; hint", 5);
    assertThat(fake.count("PutObject")).isEqualTo(5);
  }

  @Test
  void anAppendDoesNotWaitForTheHint() {
    CountDownLatch answered = new CountDownLatch(1);
    fake.plan(
        request -> {
          if (isHint(request)) {
            awaitUninterruptibly(answered);
          }
          return new FakeS3.Fault.None();
        });
    table.append(S3Tables.rows(5, 6));
    assertThat(fake.log()).as("what was answered").hasSize(4);
    answered.countDown();
    awaitHint("7");
  }

  @Test
  void anAppendThatLostToAnotherMachine() {
    S3Config otherKeys = Stores.configOf(fake).keys("other-machine", FakeS3.SECRET_KEY).build();
    fake.takesKeyId(id -> true);
    try (Table other = DataShard.on(Stores.proven(S3Store.of(otherKeys))).loadTable("t")) {
      other.append(S3Tables.rows(5, 6));
      awaitHint("7");
      fake.clearLog();
      fake.expectTogether(3, 1, 1, 1, 1, 1);
      table.append(S3Tables.rows(6, 7));
      awaitHint("8");
      table.close(); // which waits for what lost to be deleted
    }
    assertThat(fake.log())
        .filteredOn(each -> !isHint(each) && !each.operation().equals("DeleteObject"))
        .as("data, manifest, list; version lost; whose; its list; list; version")
        .hasSize(8);
    assertThat(fake.count("DeleteObject")).as("the list that lost").isEqualTo(1);
    assertThat(fake.log())
        .filteredOn(RequestEconomyTest::isHint)
        .as("refused, looked at, replaced")
        .hasSize(3);
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean isHint(FakeS3.Request request) {
    return request.key().endsWith(HINT);
  }

  @Test
  void scansOfFiveSmallFiles() {
    table.close();
    try (Table reader = DataShard.on(Stores.of(fake)).loadTable("t")) {
      fake.clearLog();
      fake.expectTogether(2, 5, 5);
      assertThat(reader.scan().toMaps()).hasSize(5);
      came("the look and the list, manifests, files", 12);
      fake.clearLog();
      fake.expectTogether(1, 5);
      assertThat(reader.scan().toMaps()).hasSize(5);
      came("the same again, list and manifests at hand", 6);
    }
  }

  @Test
  void aColdOpenAndScan() {
    table.close();
    fake.clearLog();
    fake.expectTogether(1, 1, 2, 5, 5);
    try (Table cold = DataShard.on(Stores.of(fake)).loadTable("t")) {
      assertThat(fake.log()).as("names, version").hasSize(2);
      assertThat(cold.scan().toMaps()).hasSize(5);
      came("names; version; the look and the list; manifests; files", 14);
    }
  }

  @Test
  void aTableThatIsNotThere() {
    table.close();
    fake.clearLog();
    assertThatThrownBy(() -> DataShard.on(Stores.of(fake)).loadTable("none"))
        .isInstanceOf(TableNotFoundException.class);
    assertThat(fake.log()).as("names, floor").hasSize(2);
  }

  @Test
  void theProofOfABucket() {
    table.close();
    fake.clearLog();
    Stores.of(fake).at("t").createExclusive("metadata/once", java.nio.ByteBuffer.allocate(1));
    assertThat(fake.log()).as("the canary and a create").hasSizeLessThanOrEqualTo(19);
  }
}
