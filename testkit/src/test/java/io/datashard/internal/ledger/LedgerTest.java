package io.datashard.internal.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.error.CorruptTableException;
import io.datashard.error.OnceRefusedException;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableProperties;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.storage.NewFile;
import io.datashard.testkit.MemoryStorage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A table never says of a number that it is there when it is not, nor the other way round. */
class LedgerTest {
  private static final long DAY = 24 * 3_600_000L;
  private static final long AGE_MAX = 30 * DAY;
  private static final Schema SCHEMA = Schema.builder().required("id", Type.INT).build();

  private final MemoryStorage disk = new MemoryStorage(1);
  private final Map<String, Map<String, String>> headers = new HashMap<>();
  private Ledger warm = new Ledger(disk);
  private String property = "";
  private long version;
  private long nowMillis = 1_800_000_000_000L;
  private int files;

  private TableMetadata metadata() {
    Map<String, String> properties =
        property.isEmpty() ? Map.of() : Map.of(TableProperties.SOURCES, property);
    return TableMetadata.create(
        new UUID(1, 2), disk.location(), SCHEMA, PartitionSpec.UNPARTITIONED, properties, 1);
  }

  private Known known(Ledger ledger) {
    return ledger.at(metadata(), headers::get);
  }

  private Draft draft() {
    return new Draft(known(warm), "memory:t", nowMillis, AGE_MAX);
  }

  private Draft.Next next(Draft draft) {
    return draft.next(version + 1, 1_000_000 + version, nowMillis, 77 + version);
  }

  private void commit(Draft draft) {
    Draft.Next next = next(draft);
    version++;
    String list = "metadata/manifests/snap-" + version + ".avro";
    next.files()
        .forEach(
            (key, content) -> {
              files++;
              try (NewFile file = disk.create(key)) {
                byte[] bytes = new byte[content.remaining()];
                content.get(bytes);
                file.write(bytes, 0, bytes.length);
                file.finish();
              }
            });
    headers.put(list, Map.of(Ledger.HEADER, next.header()));
    property = next.property(list);
    warm.remember(property, next.known());
  }

  private void commit(String source, long number) {
    Draft draft = draft();
    assertThat(draft.find(new Once(source, number))).isNull();
    assertThat(draft.add(new Once(source, number))).isTrue();
    commit(draft);
  }

  private boolean has(String source, long number) {
    return draft().find(new Once(source, number)) != null;
  }

  /** Which version each number of each source came with. */
  private record Model(Map<Once, Long> versions) {}

  @Test
  void answersAreThoseOfASimpleSet() {
    for (long seed = 1; seed <= 30; seed++) {
      Random random = new Random(seed);
      property = "";
      headers.clear();
      Model model = new Model(new HashMap<>());
      List<String> names = names(random);
      for (int round = 0; round < 150; round++) {
        if (random.nextInt(10) == 0) {
          warm = new Ledger(disk); // another process, which reads all of it
        }
        playRound(seed, random, names, model);
      }
    }
    assertThat(files).as("ledgers written").isGreaterThan(10);
  }

  private static List<String> names(Random random) {
    List<String> names =
        new ArrayList<>(List.of("job-7", "job:7 %", "\n", "ä€😀", "a".repeat(256)));
    int more = random.nextInt(60);
    for (int i = 0; i < more; i++) {
      names.add("job-" + (100 + i));
    }
    return names;
  }

  private void playRound(long seed, Random random, List<String> names, Model model) {
    Draft draft = draft();
    Map<Once, Long> added = new HashMap<>();
    for (int i = 0; i < 8; i++) {
      Once once = new Once(names.get(random.nextInt(names.size())), random.nextInt(100));
      Known.Found found = draft.find(once);
      Long expected = model.versions().get(once);
      assertThat(found != null).as("seed %d: %s", seed, once).isEqualTo(expected != null);
      if (found != null && found.version() != 0) {
        assertThat(found.version()).as("seed %d: %s", seed, once).isEqualTo(expected);
        assertThat(found.snapshotId().orElseThrow()).isEqualTo(999_999 + expected);
      }
      if (found == null) {
        assertThat(draft.add(once))
            .as("seed %d: %s", seed, once)
            .isNotEqualTo(added.containsKey(once));
        added.put(once, version + 1);
      }
    }
    if (draft.isEmpty()) {
      return;
    }
    if (random.nextInt(4) == 0) {
      next(draft); // it loses the create, and leaves nothing
    } else {
      commit(draft);
      model.versions().putAll(added);
    }
  }

  @Test
  void theLatestCommitsOfASourceAreRemembered() {
    for (int number = 0; number < 300; number++) {
      commit("job", number);
    }
    warm = new Ledger(disk);
    for (int number = 0; number < 300; number++) {
      Known.Found found = draft().find(new Once("job", number));
      assertThat(found).isNotNull();
      if (number >= 300 - Source.RECENT_MAX) {
        assertThat(found.version()).isEqualTo(number + 1);
        assertThat(found.snapshotId()).hasValue(1_000_000 + number);
      }
    }
    assertThat(draft().find(new Once("job", 0)).snapshotId()).isEmpty();
    assertThat(files).as("one file for about 64 commits").isBetween(2, 6);
  }

  @Test
  void ofTooManyGapsTheLowestNumbersAreNotKnownAnyMore() {
    Draft draft = draft();
    for (int i = 0; i < Source.RANGES_MAX; i++) {
      draft.add(new Once("job", 10 + 2 * i));
    }
    commit(draft);
    assertThat(has("job", 10)).isTrue();
    assertThat(has("job", 3)).isFalse();
    commit("job", 5_000);
    assertThat(has("job", 12)).isTrue();
    assertThat(has("job", 11)).isFalse();
    for (long tooOld : new long[] {0, 3, 10}) {
      assertThatThrownBy(() -> has("job", tooOld))
          .isInstanceOf(OnceRefusedException.class)
          .hasMessage(
              "Cannot tell whether number "
                  + tooOld
                  + " of source 'job' is in memory:t: the source's numbers came with more than 1000"
                  + " gaps, or many sources did, and what is below 11 is not known any more."
                  + " Nothing was committed. Look whether the rows are there; if not, append them"
                  + " under the name of a new source.");
    }
  }

  @Test
  void gapsOfAllSourcesTogetherAreBounded() {
    for (int source = 0; source < 150; source++) {
      Draft draft = draft();
      for (int i = 0; i < 900; i++) {
        draft.add(new Once("job-" + source, 2L * i));
      }
      commit(draft);
    }
    Draft draft = draft();
    draft.add(new Once("one more", 1));
    commit(draft);
    warm = new Ledger(disk);
    long ranges = 0;
    for (int source = 0; source < 149; source++) { // the last one came after the ledger
      ranges += known(warm).source("job-" + source).numbers().ranges();
    }
    assertThat(ranges).isBetween(80_000L, 100_000L);
    assertThat(has("job-0", 2 * 899)).isTrue();
    assertThat(has("job-0", 2 * 899 + 1)).isFalse();
    assertThatThrownBy(() -> has("job-0", 0)).isInstanceOf(OnceRefusedException.class);
  }

  private void fill() {
    for (int i = 0; i < Known.SOURCES_MAX; ) {
      Draft draft = draft();
      for (int end = i + 1_000; i < end; i++) {
        draft.add(new Once("s" + i, 7));
      }
      commit(draft);
      nowMillis += 3_600_000;
    }
  }

  @Test
  void oneSourceTooManyIsRefusedUntilAnotherIsOldEnough() {
    long start = nowMillis;
    fill();
    assertThat(known(warm).sources()).isEqualTo(10_000);
    Once tooMany = new Once("new", 1);
    assertThatThrownBy(() -> draft().add(tooMany))
        .isInstanceOf(OnceRefusedException.class)
        .hasMessage(
            "No room for number 1 of source 'new' in memory:t: the table knows 10000 sources, the"
                + " most it can, and none of the others may be forgotten before "
                + Instant.ofEpochMilli(start + AGE_MAX + 1)
                + " (datashard.once.age-ms-max is 2592000000). Nothing was committed. Use the name"
                + " of a known source, or lower the property.");
    commit("s0", 8); // known ones go on
    nowMillis = start + AGE_MAX;
    assertThatThrownBy(() -> draft().add(tooMany)).isInstanceOf(OnceRefusedException.class);
    nowMillis++;
    commit("new", 1);
    assertThat(has("new", 1)).isTrue();
    assertThat(has("s0", 7)).as("was used since").isTrue();
    assertThat(has("s9999", 7)).as("young enough").isTrue();
    warm = new Ledger(disk);
    assertThat(known(warm).forgotten()).isBetween(1, 256);
    assertThatThrownBy(() -> has("s1", 7))
        .isInstanceOf(OnceRefusedException.class)
        .hasMessageContaining("number 7 of source 's1'")
        .hasMessageContaining("was forgotten to make room")
        .hasMessageContaining("under the name of a new source");
    assertThat(known(warm).sources() + known(warm).forgotten()).isEqualTo(10_001);
  }

  @Test
  void aSourceOfThisRoundIsNotForgottenForAnotherOne() {
    fill();
    nowMillis += AGE_MAX + 1;
    Draft draft = draft();
    draft.add(new Once("s0", 8));
    for (int i = 1; i < Known.SOURCES_MAX; i++) {
      draft.add(new Once("new" + i, 1));
    }
    assertThatThrownBy(() -> draft.add(new Once("s5", 9))).isInstanceOf(OnceRefusedException.class);
    assertThatThrownBy(() -> draft.add(new Once("x", 9))).isInstanceOf(OnceRefusedException.class);
    commit(draft);
    warm = new Ledger(disk);
    assertThat(has("s0", 7)).isTrue();
    assertThat(has("s0", 8)).isTrue();
    assertThat(known(warm).sources()).isEqualTo(10_000);
    assertThat(known(warm).forgotten()).isEqualTo(9_999);
    assertThatThrownBy(() -> has("s5", 7)).isInstanceOf(OnceRefusedException.class);
  }

  @Test
  void whatWasForgottenIsBoundedToo() {
    for (int generation = 0; generation < 11; generation++) {
      Draft draft = draft();
      for (int i = 0; i < Known.SOURCES_MAX; i++) {
        draft.add(new Once(generation + "-" + i, 1));
      }
      commit(draft);
      nowMillis += AGE_MAX + 1;
    }
    warm = new Ledger(disk);
    assertThat(known(warm).forgotten()).isEqualTo(100_000);
    assertThatThrownBy(() -> draft().add(new Once("x", 1)))
        .isInstanceOf(OnceRefusedException.class)
        .hasMessageContaining("has forgotten 100000 of at most 100000")
        .hasMessageContaining("Use the name of a known source");
    commit("10-3", 2);
  }

  private static String ledgerOf(String property) {
    return property.substring(0, property.indexOf(' '));
  }

  private void twoLedgers() {
    for (int number = 0; number < 400; number += 2) {
      commit("job", number);
    }
    assertThat(files).isPositive();
  }

  @Test
  void aMissingLedgerIsAnErrorThatNamesIt() {
    twoLedgers();
    disk.delete(ledgerOf(property));
    assertThatThrownBy(() -> known(new Ledger(disk)))
        .isInstanceOf(CorruptTableException.class)
        .hasMessageContaining(ledgerOf(property) + " is missing, which tells what numbers");
  }

  @Test
  void aChangedLedgerIsAnErrorThatNamesIt() {
    twoLedgers();
    byte[] whole = disk.read(ledgerOf(property), 1 << 20).orElseThrow();
    for (int i = 0; i < whole.length; i += 7) {
      byte[] changed = whole.clone();
      changed[i] ^= 4;
      disk.damage(ledgerOf(property), changed);
      assertThatThrownBy(() -> known(new Ledger(disk)))
          .isInstanceOf(CorruptTableException.class)
          .hasMessageContaining(ledgerOf(property));
    }
    byte[] cut = Arrays.copyOf(whole, whole.length - 1);
    disk.damage(ledgerOf(property), cut);
    assertThatThrownBy(() -> known(new Ledger(disk)))
        .isInstanceOf(CorruptTableException.class)
        .hasMessageContaining(ledgerOf(property));
  }

  @Test
  void noTextOfALedgerIsReadWrong() {
    twoLedgers();
    byte[] whole = disk.read(ledgerOf(property), 1 << 20).orElseThrow();
    Random random = new Random(5);
    for (int i = 0; i < 3_000; i++) { // with a right checksum, as a hostile writer would
      byte[] changed = whole.clone();
      for (int j = random.nextInt(3); j >= 0; j--) {
        changed[random.nextInt(changed.length)] = (byte) " \n0139-,%:a".charAt(random.nextInt(11));
      }
      try {
        Folded.read(changed, "the ledger");
      } catch (CorruptTableException e) {
        assertThat(e).hasMessageContaining("the ledger");
      }
    }
  }

  @Test
  void aListWithoutTheRecordsIsAnErrorThatNamesIt() {
    twoLedgers();
    String list = property.substring(property.lastIndexOf(' ') + 1);
    headers.put(list, Map.of());
    assertThatThrownBy(() -> known(new Ledger(disk)))
        .isInstanceOf(CorruptTableException.class)
        .hasMessageContaining(list + " should tell what is known of sources");
    headers.put(list, Map.of(Ledger.HEADER, "1 2 3 job"));
    assertThatThrownBy(() -> known(new Ledger(disk)))
        .isInstanceOf(CorruptTableException.class)
        .hasMessageContaining(list)
        .hasMessageContaining("no colon");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "-",
        "- 0 00000000",
        "- 0 00000000 ../x.avro",
        "- 0 00000000 metadata/manifests/../../x.avro",
        "/etc/passwd 10 00000000 metadata/manifests/snap-1.avro",
        "metadata/sources/../x.ledger 10 00000000 metadata/manifests/snap-1.avro",
        "- -1 00000000 metadata/manifests/snap-1.avro",
        "- 99999999999 00000000 metadata/manifests/snap-1.avro",
        "- 0 0000000g metadata/manifests/snap-1.avro",
        "- 0 00000000 metadata/manifests/snap-1.avro more"
      })
  void aPropertyThatNamesNoFilesOfOursIsAnError(String text) { // I8
    property = text.isEmpty() ? " " : text;
    assertThatThrownBy(() -> known(new Ledger(disk)))
        .isInstanceOf(CorruptTableException.class)
        .hasMessageContaining("datashard.sources");
  }

  @Test
  void namesAndNumbersOutOfBoundsAreRefused() {
    for (String name : new String[] {"", "a".repeat(257), "ä".repeat(129), "\uD800"}) {
      assertThatThrownBy(() -> new Once(name, 1)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> new Once("a", -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1");
    commit("ä".repeat(128), Long.MAX_VALUE);
    commit("ä".repeat(128), 0);
    assertThat(has("ä".repeat(128), Long.MAX_VALUE)).isTrue();
    assertThat(has("ä".repeat(128), 1)).isFalse();
  }
}
