package io.datashard.internal.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.error.UnsupportedTableException;
import io.datashard.table.Snapshot;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which snapshots of a history appended rows, also in histories that other engines made. */
class AppendedTest {
  private static Snapshot snapshot(long id, @Nullable Long parent, String operation) {
    return new Snapshot(id, parent, id, 1_000 * id, "list", 0, Map.of("operation", operation));
  }

  private final Snapshot one = snapshot(1, null, "append");
  private final Snapshot two = snapshot(2, 1L, "replace");
  private final Snapshot three = snapshot(3, 2L, "delete");

  private boolean isEmpty(@Nullable Snapshot after, Snapshot last, List<Snapshot> all) {
    return Appended.between(after, last, all.iterator(), "memory:///t").isEmpty();
  }

  @Test
  void filesThatWereReplacedOrRemovedAppendNothing() {
    List<Snapshot> all = List.of(one, two, three);
    assertThat(isEmpty(null, three, all)).isFalse();
    assertThat(isEmpty(one, three, List.of(two, three))).isTrue();
    assertThat(
            isEmpty(one, snapshot(4, 3L, "append"), List.of(two, three, snapshot(4, 3L, "append"))))
        .isFalse();
  }

  @Test
  void snapshotsOfOtherBranchesDoNotCount() {
    Snapshot branch = snapshot(2, 1L, "overwrite");
    Snapshot main = snapshot(3, 1L, "append");
    assertThat(isEmpty(one, main, List.of(branch, main))).isFalse();
    assertThatThrownBy(() -> isEmpty(branch, main, List.of(main)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no ancestor");
  }

  @Test
  void whatExpiredIsNamed() {
    Snapshot last = snapshot(5, 4L, "append");
    assertThatThrownBy(() -> isEmpty(one, last, List.of(last)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("The oldest that can be read from is 5");
    assertThatThrownBy(() -> isEmpty(null, last, List.of(last)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("The first snapshot");
  }

  @Test
  void unknownOperationsAreRefused() {
    Snapshot odd = snapshot(2, 1L, "merge");
    assertThatThrownBy(() -> isEmpty(one, odd, List.of(odd)))
        .isInstanceOf(UnsupportedTableException.class)
        .hasMessageContaining("merge");
  }
}
