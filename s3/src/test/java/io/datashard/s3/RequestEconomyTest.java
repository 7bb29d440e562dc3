package io.datashard.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.error.TableNotFoundException;
import io.datashard.testkit.s3.FakeS3;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * How many requests things cost, and how many of them wait for each other: at 150 ms a request, so
 * that requests at once are seen as such on a busy machine too. An upper bound that grows needs a
 * reason; what a request costs is in docs/s3.md.
 */
@Timeout(60)
class RequestEconomyTest {
  private static final int DELAY_MILLIS = 150;
  private static final String HINT = "metadata/version-hint.text";

  private final FakeS3 fake = FakeS3.start();
  private Table table;

  @BeforeEach
  void open() {
    table = DataShard.on(Stores.proven(Stores.of(fake))).createTable("t", S3Tables.SCHEMA);
    for (int i = 0; i < 5; i++) {
      table.append(S3Tables.rows(i, i + 1));
    }
    forget();
    fake.delayMillis(DELAY_MILLIS);
  }

  @AfterEach
  void stop() {
    table.close();
    fake.close();
  }

  /** What the committer does when nobody waits is over by then. */
  private void forget() {
    forgetNothing();
    fake.clearLog();
  }

  private void forgetNothing() {
    long before;
    do {
      before = fake.log().size();
      pause();
    } while (fake.log().size() > before);
  }

  private static void pause() {
    try {
      Thread.sleep(2 * DELAY_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void cost(String what, int requests, int trips) {
    assertThat(fake.log()).as(what).hasSizeLessThanOrEqualTo(requests);
    assertThat(fake.serialTrips())
        .as("trips of %s: %s", what, fake.log())
        .isLessThanOrEqualTo(trips);
  }

  @Test
  void aWarmAppendOfOneRow() {
    table.append(S3Tables.rows(5, 6));
    awaitHint("7");
    assertThat(fake.log()).as("data, manifest, list, version, hint").hasSize(5);
    assertThat(fake.count("PutObject")).isEqualTo(5);
    assertThat(fake.serialTrips(each -> !each.key().endsWith(HINT)))
        .as("the hint is not waited for: %s", fake.log())
        .isEqualTo(2);
  }

  @Test
  void anAppendThatLostToAnotherMachine() {
    S3Config otherKeys = Stores.configOf(fake).keys("other-machine", FakeS3.SECRET_KEY).build();
    fake.takesKeyId(id -> true);
    try (Table other = DataShard.on(Stores.proven(S3Store.of(otherKeys))).loadTable("t")) {
      other.append(S3Tables.rows(5, 6));
      forget();
      table.append(S3Tables.rows(6, 7));
      awaitHint("8");
      forgetNothing();
    }
    assertThat(fake.log())
        .filteredOn(each -> !each.key().endsWith(HINT) && !each.operation().equals("DeleteObject"))
        .as("data, manifest, list, version lost; whose, its list, list, version")
        .hasSize(8);
    assertThat(fake.serialTrips(each -> each.operation().equals("PutObject") && !isHint(each)))
        .as("data are not sent again: %s", fake.log())
        .isEqualTo(4);
    assertThat(fake.count("DeleteObject")).as("the list that lost").isEqualTo(1);
    assertThat(fake.log())
        .filteredOn(RequestEconomyTest::isHint)
        .as("refused, looked at, replaced")
        .hasSize(3);
  }

  private static boolean isHint(FakeS3.Request request) {
    return request.key().endsWith(HINT);
  }

  /** The hint is written beside; nothing else comes after it. */
  private void awaitHint(String content) {
    for (int i = 0; i < 100; i++) {
      if (fake.content("lake", "t/" + HINT).equals(content)) {
        forgetNothing();
        return;
      }
      pause();
    }
    throw new AssertionError("the hint is " + fake.content("lake", "t/" + HINT));
  }

  @Test
  void scansOfFiveSmallFiles() {
    table.close(); // whose committer looks now and then whether there is something to clean
    try (Table reader = DataShard.on(Stores.of(fake)).loadTable("t")) {
      forget();
      assertThat(reader.scan().toMaps()).hasSize(5);
      cost("a scan from an open handle", 12, 3);
      fake.clearLog();
      assertThat(reader.scan().toMaps()).hasSize(5);
      cost("the same again, manifests at hand", 6, 2);
    }
  }

  @Test
  void aColdOpenAndScan() {
    table.close();
    fake.clearLog();
    try (Table cold = DataShard.on(Stores.of(fake)).loadTable("t")) {
      cost("a cold open", 2, 2);
      assertThat(cold.scan().toMaps()).hasSize(5);
      cost("with a scan", 14, 5);
    }
  }

  @Test
  void aTableThatIsNotThere() {
    table.close();
    fake.clearLog();
    assertThatThrownBy(() -> DataShard.on(Stores.of(fake)).loadTable("none"))
        .isInstanceOf(TableNotFoundException.class);
    cost("a missing table", 2, 2);
  }

  @Test
  void theProofOfABucket() {
    table.close();
    fake.clearLog();
    Stores.of(fake).at("t").createExclusive("metadata/once", java.nio.ByteBuffer.allocate(1));
    cost("the canary and a create", 19, 7);
  }
}
