package io.datashard.internal.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.error.ConflictException;
import io.datashard.error.CorruptTableException;
import io.datashard.error.OutcomeUnknownException;
import io.datashard.error.StorageException;
import io.datashard.error.UnsupportedTableException;
import io.datashard.internal.env.Env;
import io.datashard.storage.Storage;
import io.datashard.testkit.FaultyStorage;
import io.datashard.testkit.FaultyStorage.Fault;
import io.datashard.testkit.FaultyStorage.Verb;
import io.datashard.testkit.ForwardingStorage;
import io.datashard.testkit.MemoryStorage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Versions are numbered without gaps, found without the hint, and each is won by one commit. */
class VersionLogTest {
  private final MemoryStorage disk = new MemoryStorage();
  private final VersionLog log = logOn(disk);

  private static VersionLog logOn(Storage storage) {
    return new VersionLog(storage, Env.system());
  }

  // The newest version

  @Test
  void aMissingFolderHasNoVersion() {
    assertThat(log.newest()).isEmpty();
    disk.replace("metadata/version-hint.text", bytes("7"));
    assertThat(log.newest()).isEmpty();
    assertThat(disk.listAll("")).hasSize(1);
  }

  @Test
  void theNewestVersionIsFoundByNumberAndReadWhole() {
    putVersions(1, 12);
    Version newest = log.newest().orElseThrow();

    assertThat(newest.number()).isEqualTo(12);
    assertThat(newest.key()).isEqualTo("metadata/v12.metadata.json");
    assertThat(newest.content()).isEqualTo("content of 12".getBytes(UTF_8));
    assertThat(log.newest().orElseThrow()).as("nothing changed").isSameAs(newest);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 15, 16, 17, 100})
  void versionsOfOthersAreSeenHoweverManyCame(int more) {
    putVersions(1, 3);
    assertThat(numberOf(log.newest())).isEqualTo(3);
    putVersions(4, 3 + more);
    assertThat(numberOf(log.newest())).isEqualTo(3 + more);
    assertThat(numberOf(log.newest())).isEqualTo(3 + more);
  }

  @Test
  void aLookThatFindsNothingNewReadsNoFile() {
    putVersions(1, 3);
    FaultyStorage counted = FaultyStorage.counting(disk);
    VersionLog warm = logOn(counted);
    warm.newest();
    int cold = counted.calls();
    warm.newest();

    assertThat(counted.log().subList(cold, counted.calls()))
        .extracting(FaultyStorage.Call::verb)
        .containsExactly(Verb.EXISTS, Verb.IDENTITY, Verb.IDENTITY);
    assertThat(counted.calls(Verb.LIST)).as("names, and the floor").isEqualTo(2);
    assertThat(counted.calls(Verb.READ)).isEqualTo(1);
  }

  @Test
  void oldVersionsMayBeMissing() {
    putVersions(41, 45);
    assertThat(numberOf(log.newest())).isEqualTo(45);
  }

  // The hint only saves time (I6)

  @ParameterizedTest
  @ValueSource(
      strings = {"", "3", "1", "999", "-1", "v3", "3\n", "garbage", "99999999999999999999"})
  void noHintChangesAResult(String hint) {
    putVersions(1, 3);
    disk.replace("metadata/version-hint.text", bytes(hint));

    assertThat(numberOf(log.newest())).isEqualTo(3);
    String token = log.newToken();
    assertThat(log.create(4, content(token), token, List.of())).isEqualTo(Outcome.WON);
    log.hint(4);
    assertThat(hintText()).isEqualTo("4");
    assertThat(numberOf(logOn(disk).newest())).isEqualTo(4);
  }

  @Test
  void theHintIsPlainDigitsAndNeverGoesBack() {
    putVersions(1, 12);
    log.hint(11);
    assertThat(hintText()).as("a newer version is there").isEqualTo("12");
    log.hint(5);
    assertThat(hintText()).isEqualTo("12");
  }

  @Test
  void aSlowWriterOfTheHintCatchesUp() {
    putVersions(1, 5);
    // Another process wrote 5 long ago; our write of 3 comes late.
    disk.replace("metadata/version-hint.text", bytes("5"));
    log.hint(3);
    assertThat(hintText()).isEqualTo("5");
  }

  @Test
  void aHintThatCannotBeWrittenIsNoError() {
    putVersions(1, 2);
    FaultyStorage refusing =
        FaultyStorage.planned(
            disk, (number, verb, key) -> verb == Verb.REPLACE ? Fault.FAIL : Fault.NONE);
    VersionLog careless = logOn(refusing);
    careless.hint(2);
    careless.hint(2);

    assertThat(refusing.calls(Verb.REPLACE)).isEqualTo(2);
    assertThat(disk.exists("metadata/version-hint.text")).isFalse();
  }

  // Gaps and other layouts are reported, never ignored (I11)

  @Test
  void aGapIsNamed() {
    putVersions(1, 5);
    disk.delete("metadata/v4.metadata.json");
    assertThatThrownBy(log::newest)
        .isInstanceOf(CorruptTableException.class)
        .hasMessage(
            "Table memory:///table has metadata/v5.metadata.json and metadata/v3.metadata.json but"
                + " not metadata/v4.metadata.json: versions have no gaps. Restore that file from a"
                + " copy; if the newer ones were put there by mistake, move them away.");
  }

  @Test
  void aVersionFarBeyondAllOthersIsAGap() {
    putVersions(1, 2);
    putVersions(999_999_999_999_999_999L, 999_999_999_999_999_999L);
    assertThatThrownBy(log::newest)
        .isInstanceOf(CorruptTableException.class)
        .hasMessageContaining("v999999999999999999.metadata.json")
        .hasMessageContaining("not metadata/v999999999999999998.metadata.json");
  }

  @Test
  void aListingThatMissedAVersionIsNoGap() {
    putVersions(1, 5);
    FaultyStorage seen = FaultyStorage.counting(new HalfListing(disk, "v3.metadata.json"));
    assertThat(numberOf(logOn(seen).newest())).isEqualTo(5);
    assertThat(seen.calls(Verb.EXISTS)).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "v4.gz.metadata.json",
        "v4.metadata.json.gz",
        "v3.gz.metadata.json",
        "v9.metadata.json.gz",
        "v04.metadata.json",
        "v99999999999999999999.metadata.json",
        "00007-6f1a3a6e-0b7c-4c0f-9d3e-1f2a3b4c5d6e.metadata.json",
        "00000-6F1A3A6E-0B7C-4C0F-9D3E-1F2A3B4C5D6E.gz.metadata.json"
      })
  void theSpellingOfAnotherWriterIsRefusedByName(String name) {
    putVersions(1, 3);
    disk.createExclusive("metadata/" + name, bytes("{}"));
    assertThatThrownBy(log::newest)
        .isInstanceOf(UnsupportedTableException.class)
        .hasMessageContaining("metadata/" + name)
        .hasMessageContaining("memory:///table");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "v1.gz.metadata.json",
        "v0.metadata.json",
        "00000-6f1a3a6e-0b7c-4c0f-9d3e-1f2a3b4c5d6e.metadata.json"
      })
  void aTableOfAnotherWriterAloneIsNotEmpty(String name) {
    disk.createExclusive("metadata/" + name, bytes("{}"));
    assertThatThrownBy(log::newest)
        .isInstanceOf(UnsupportedTableException.class)
        .hasMessageContaining(name);
  }

  @Test
  void oldVersionsInAnotherSpellingAndOtherFilesAreNoMatter() {
    for (String name :
        List.of(
            "v1.gz.metadata.json",
            "v3.metadata.json.gz",
            "v5.metadata.json.crc",
            ".v5.metadata.json.crc",
            "vanished.metadata.json",
            "v-7.metadata.json",
            "6f1a3a6e-0b7c-4c0f-9d3e-1f2a3b4c5d6e.metadata.json",
            "snap-1-2.avro",
            "sub/v9.metadata.json")) {
      disk.createExclusive("metadata/" + name, bytes("{}"));
    }
    putVersions(2, 2);
    putVersions(4, 4);
    assertThat(numberOf(log.newest())).isEqualTo(4);
  }

  @Test
  void anotherSpellingOfTheNextVersionStopsTheCommit() {
    putVersions(1, 3);
    log.newest();
    for (String name : List.of("v4.gz.metadata.json", "v4.metadata.json.gz")) {
      disk.createExclusive("metadata/" + name, bytes("{}"));
      String token = log.newToken();
      assertThatThrownBy(() -> log.create(4, content(token), token, List.of()))
          .isInstanceOf(UnsupportedTableException.class)
          .hasMessageContaining(name);
      disk.delete("metadata/" + name);
    }
    assertThat(disk.exists("metadata/v4.metadata.json")).isFalse();
  }

  @Test
  void aListedVersionThatCannotBeReadIsAnErrorAndNotAnEmptyTable() {
    putVersions(1, 3);
    VersionLog refused =
        logOn(
            FaultyStorage.planned(
                disk, (number, verb, key) -> verb == Verb.READ ? Fault.FAIL : Fault.NONE));
    assertThatThrownBy(refused::newest).isInstanceOf(StorageException.class);

    HalfListing listing = new HalfListing(disk, "");
    listing.more.add("v4.metadata.json");
    assertThatThrownBy(logOn(listing)::newest)
        .isInstanceOf(CorruptTableException.class)
        .hasMessageContaining("metadata/v4.metadata.json");
  }

  // Creating the next version (I1, I2, I4)

  @Test
  void theFirstToCreateAVersionWinsAndTheOtherLoses() {
    VersionLog other = logOn(disk);
    String ours = log.newToken();
    String theirs = other.newToken();
    assertThat(log.create(1, content(ours), ours, List.of())).isEqualTo(Outcome.WON);
    assertThat(other.create(1, content(theirs), theirs, List.of())).isEqualTo(Outcome.LOST);

    assertThat(other.newest().orElseThrow().content()).isEqualTo(content(ours));
    assertThat(other.create(2, content(theirs), theirs, List.of())).isEqualTo(Outcome.WON);
    disk.crash();
    assertThat(numberOf(logOn(disk).newest())).isEqualTo(2);
  }

  @Test
  void aWonVersionIsKnownWithoutReadingIt() {
    FaultyStorage counted = FaultyStorage.counting(disk);
    VersionLog writer = logOn(counted);
    String token = writer.newToken();
    writer.create(1, content(token), token, List.of());
    Version newest = writer.newest().orElseThrow();

    assertThat(newest.number()).isEqualTo(1);
    assertThat(newest.content()).isEqualTo(content(token));
    assertThat(counted.calls(Verb.READ)).isZero();
  }

  @Test
  void aNumberThatIsKnownToBeTakenIsLostWithoutTrying() {
    putVersions(1, 3);
    FaultyStorage counted = FaultyStorage.counting(disk);
    VersionLog writer = logOn(counted);
    writer.newest();
    String token = writer.newToken();
    assertThat(writer.create(2, content(token), token, List.of())).isEqualTo(Outcome.LOST);
    assertThat(writer.create(3, content(token), token, List.of())).isEqualTo(Outcome.LOST);
    assertThat(counted.calls(Verb.CREATE_EXCLUSIVE)).isZero();
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"RESEND", "LOSE_ANSWER"})
  void ourOwnVersionIsRecognisedWhenTheAnswerIsLost(Fault fault) {
    putVersions(1, 1);
    FaultyStorage faulty = faultyCreate(fault);
    VersionLog writer = logOn(faulty);
    writer.newest();
    String token = writer.newToken();

    assertThat(writer.create(2, content(token), token, List.of())).isEqualTo(Outcome.WON);
    assertThat(faulty.calls(Verb.CREATE_EXCLUSIVE)).isEqualTo(1);
    assertThat(faulty.calls(Verb.MAKE_DURABLE)).as("made durable before it counts").isEqualTo(1);
    assertThat(numberOf(writer.newest())).isEqualTo(2);
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"RESEND", "LOSE_ANSWER"})
  void ourOwnVersionThatMayNotBeDurableIsAnUnknownOutcome(Fault fault) {
    FaultyStorage faulty =
        FaultyStorage.planned(
            disk,
            (number, verb, key) ->
                verb == Verb.CREATE_EXCLUSIVE
                    ? fault
                    : verb == Verb.MAKE_DURABLE ? Fault.FAIL : Fault.NONE);
    VersionLog writer = logOn(faulty);
    String token = writer.newToken();
    assertThatThrownBy(() -> writer.create(1, content(token), token, List.of()))
        .isInstanceOf(OutcomeUnknownException.class);
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"RESEND", "LOSE_ANSWER", "LOSE_REQUEST", "DELAY_REQUEST"})
  void aRivalsVersionIsALossHoweverTheAnswerCame(Fault fault) {
    FaultyStorage faulty = faultyCreate(fault);
    VersionLog writer = logOn(faulty);
    putVersions(1, 1);
    String token = writer.newToken();

    assertThat(writer.create(1, content(token), token, List.of())).isEqualTo(Outcome.LOST);
    faulty.deliverDelayed();
    assertThat(disk.read("metadata/v1.metadata.json", 100))
        .hasValue("content of 1".getBytes(UTF_8));
  }

  @Test
  void aRequestThatMayStillTakeEffectIsAnUnknownOutcome() {
    FaultyStorage faulty = faultyCreate(Fault.DELAY_REQUEST);
    VersionLog writer = logOn(faulty);
    String token = writer.newToken();
    // The delay is counted in calls; this one asks for the version right after.
    FaultyStorage lost = faultyCreate(Fault.LOSE_REQUEST);
    assertThatThrownBy(() -> logOn(lost).create(1, content(token), token, List.of()))
        .isInstanceOf(OutcomeUnknownException.class);
    assertThat(disk.listAll("")).isEmpty();

    try {
      assertThat(writer.create(1, content(token), token, List.of())).isEqualTo(Outcome.WON);
    } catch (OutcomeUnknownException e) {
      faulty.deliverDelayed();
    }
    assertThat(disk.read("metadata/v1.metadata.json", 100)).hasValue(content(token));
  }

  @Test
  void aTakenNumberThatCannotBeReadIsAnUnknownOutcome() {
    putVersions(1, 1);
    VersionLog writer =
        logOn(
            FaultyStorage.planned(
                disk, (number, verb, key) -> verb == Verb.READ ? Fault.FAIL : Fault.NONE));
    String token = writer.newToken();
    // It could be the echo of our own request: "not committed" would be a guess.
    assertThatThrownBy(() -> writer.create(1, content(token), token, List.of()))
        .isInstanceOf(OutcomeUnknownException.class)
        .hasMessageContaining("metadata/v1.metadata.json");
  }

  @Test
  void aRefusedCreateChangesNothing() {
    VersionLog writer = logOn(faultyCreate(Fault.FAIL));
    String token = writer.newToken();
    assertThatThrownBy(() -> writer.create(1, content(token), token, List.of()))
        .isInstanceOf(StorageException.class);
    assertThat(disk.listAll("")).isEmpty();
  }

  @Test
  void aWinIsAWinThoughTheLookAfterItFails() {
    FaultyStorage faulty =
        FaultyStorage.planned(
            disk, (number, verb, key) -> verb == Verb.IDENTITY ? Fault.FAIL : Fault.NONE);
    VersionLog writer = logOn(faulty);
    String token = writer.newToken();
    assertThat(writer.create(1, content(token), token, List.of())).isEqualTo(Outcome.WON);
    assertThat(numberOf(logOn(disk).newest())).isEqualTo(1);
  }

  @Test
  void onlyTheNextVersionWithItsTokenCanBeCreated() {
    putVersions(1, 2);
    String token = log.newToken();
    assertThat(token).matches("[0-9a-f]{32}").isNotEqualTo(log.newToken());
    assertThatThrownBy(() -> log.create(2, content(token), token, List.of()))
        .as("nothing was read yet")
        .isInstanceOf(IllegalArgumentException.class);
    log.newest();
    for (long number : new long[] {4, 0, -1}) {
      assertThatThrownBy(() -> log.create(number, content(token), token, List.of()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(String.valueOf(number));
    }
    assertThatThrownBy(() -> log.create(3, content(log.newToken()), token, List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must hold its token");
    assertThatThrownBy(() -> log.create(3, content("7"), "7", List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(numberOf(logOn(disk).newest())).isEqualTo(2);
  }

  // The table is the one that was read (I11)

  @Test
  void aTableReplacedUnderUsIsNotBuiltUpon() {
    putVersions(1, 2);
    log.newest();
    disk.deleteEverything();
    putVersions(1, 2);
    String token = log.newToken();

    assertThatThrownBy(() -> log.create(3, content(token), token, List.of()))
        .isInstanceOf(ConflictException.class)
        .hasMessage(
            "Table memory:///table was deleted or replaced while it was open:"
                + " metadata/v2.metadata.json is gone or is another file than the one read before."
                + " Nothing was changed. Load the table again.");
    assertThatThrownBy(log::newest).isInstanceOf(ConflictException.class);
    assertThat(disk.listAll("")).hasSize(2);
  }

  @Test
  void aDeletedTableIsNotCreatedAgainByACommit() {
    putVersions(1, 2);
    log.newest();
    disk.deleteEverything();
    String token = log.newToken();
    assertThatThrownBy(() -> log.create(3, content(token), token, List.of()))
        .isInstanceOf(ConflictException.class);
    assertThatThrownBy(log::newest).isInstanceOf(ConflictException.class);
    assertThat(disk.listAll("")).isEmpty();
  }

  @Test
  void aBaseFileThatIsAnotherOneIsNotBuiltUpon() {
    putVersions(1, 2);
    log.newest();
    disk.delete("metadata/v2.metadata.json");
    putVersions(2, 2);
    String token = log.newToken();
    assertThatThrownBy(() -> log.create(3, content(token), token, List.of()))
        .isInstanceOf(ConflictException.class);
    assertThat(disk.exists("metadata/v3.metadata.json")).isFalse();
  }

  // Durable before it is acknowledged (I3)

  @Test
  void aVersionOfSomebodyElseIsMadeDurableOnce() {
    putVersions(1, 3);
    FaultyStorage counted = FaultyStorage.counting(disk);
    VersionLog reader = logOn(counted);
    Version theirs = reader.newest().orElseThrow();
    disk.undoFolderSync(theirs.key());
    assertThat(counted.calls(Verb.MAKE_DURABLE)).isZero();

    reader.ensureDurable(theirs);
    reader.ensureDurable(theirs);
    assertThat(counted.calls(Verb.MAKE_DURABLE)).isEqualTo(1);
    for (int i = 0; i < 10; i++) {
      disk.crash();
    }
    assertThat(numberOf(logOn(disk).newest())).isEqualTo(3);

    String token = reader.newToken();
    reader.create(4, content(token), token, List.of());
    reader.ensureDurable(reader.newest().orElseThrow());
    assertThat(counted.calls(Verb.MAKE_DURABLE)).as("ours is durable").isEqualTo(1);
  }

  @Test
  void aVersionThatCannotBeMadeDurableIsNotAcknowledged() {
    putVersions(1, 1);
    VersionLog reader =
        logOn(
            FaultyStorage.planned(
                disk, (number, verb, key) -> verb == Verb.MAKE_DURABLE ? Fault.FAIL : Fault.NONE));
    Version theirs = reader.newest().orElseThrow();
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> reader.ensureDurable(theirs)).isInstanceOf(StorageException.class);
    }
  }

  // Tools

  private FaultyStorage faultyCreate(Fault fault) {
    return FaultyStorage.planned(
        disk, (number, verb, key) -> verb == Verb.CREATE_EXCLUSIVE ? fault : Fault.NONE);
  }

  private void putVersions(long first, long last) {
    for (long number = first; number <= last; number++) {
      disk.createExclusive("metadata/v" + number + ".metadata.json", bytes("content of " + number));
    }
  }

  private String hintText() {
    return new String(disk.read("metadata/version-hint.text", 100).orElseThrow(), UTF_8);
  }

  private static long numberOf(Optional<Version> version) {
    return version.orElseThrow().number();
  }

  private static byte[] content(String token) {
    return ("{\"token\":\"" + token + "\"}").getBytes(UTF_8);
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }

  /** A listing made while the folder changes: one name is missing, others are gone already. */
  private static final class HalfListing extends ForwardingStorage {
    private final String missing;
    private final List<String> more = new ArrayList<>();

    HalfListing(Storage storage, String missing) {
      super(storage);
      this.missing = missing;
    }

    @Override
    public List<String> names(String folder, String namePrefix) {
      List<String> names = new ArrayList<>(super.names(folder, namePrefix));
      names.remove(missing);
      names.addAll(more);
      return names;
    }
  }
}
