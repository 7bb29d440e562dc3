package io.datashard.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.DataShard;
import io.datashard.table.StoreCheck;
import io.datashard.testkit.s3.FakeBuckets.Conditions;
import io.datashard.testkit.s3.FakeS3;
import io.datashard.testkit.s3.FakeS3.Fault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What {@code check-store} says of stores that are right, and of those that are not. */
@Timeout(60)
class CheckStoreTest {
  private final FakeS3 fake = FakeS3.start();

  @AfterEach
  void stop() {
    fake.close();
  }

  private StoreCheck check(String location) {
    return DataShard.on(Stores.of(fake)).checkStore(location);
  }

  @Test
  void aStoreThatIsRightIsLeftClean() {
    StoreCheck check = check("s3://lake/t");
    assertThat(check.findings()).allMatch(StoreCheck.Finding::isRight).hasSize(9);
    assertThat(check.isRight()).isTrue();
    assertThat(fake.keys("lake")).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = Conditions.class,
      names = {"IGNORED", "EARLY", "UNKNOWN"})
  void aStoreThatBreaksTheConditionIsWrong(Conditions conditions) {
    fake.conditions(conditions);
    StoreCheck check = check("s3://lake/t");
    assertThat(check.isRight()).isFalse();
    assertThat(check.findings())
        .filteredOn(finding -> finding.what().startsWith("exclusive create"))
        .noneMatch(StoreCheck.Finding::isRight);
    assertThat(check.findings())
        .filteredOn(finding -> finding.what().equals("replaced files"))
        .allMatch(StoreCheck.Finding::isRight);
  }

  @Test
  void whatIsWrongIsToldAndTheRestIsTried() {
    fake.plan(
        request ->
            request.operation().equals("ListObjectsV2")
                ? new Fault.Refuse(403, "AccessDenied")
                : new Fault.None());
    StoreCheck check = check("s3://lake/t");
    assertThat(check.findings())
        .filteredOn(finding -> !finding.isRight())
        .extracting(StoreCheck.Finding::what)
        .containsExactly("listing", "latency", "removal");
    assertThat(check.findings().get(5).seen()).contains("AccessDenied");
  }

  @Test
  void aChangedByteIsSeen() {
    fake.plan(
        request ->
            request.operation().equals("GetObject") && request.key().endsWith("/large")
                ? new Fault.ChangeByte(7)
                : new Fault.None());
    assertThat(check("s3://lake/t").findings().get(2).isRight()).isFalse();
  }
}
