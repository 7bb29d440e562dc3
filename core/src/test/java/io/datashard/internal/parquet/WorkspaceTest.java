package io.datashard.internal.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Arrays are used again, and few lie about. */
class WorkspaceTest {
  private static final int BOUND = 1 << 20;

  private final Workspace workspace = new Workspace(BOUND);

  @Test
  void anArrayComesBackWhereItFits() {
    byte[] large = workspace.take(500_000);
    byte[] small = workspace.take(10_240);
    workspace.giveBack(large);
    workspace.giveBack(small);
    assertThat(workspace.take(10_000)).as("the smallest that fits").isSameAs(small);
    assertThat(workspace.take(10_000)).isSameAs(large);
    assertThat(workspace.take(10_000)).isNotSameAs(large).hasSizeGreaterThanOrEqualTo(10_000);
  }

  @Test
  void pagesOfAboutOneSizeShareAnArray() {
    byte[] first = workspace.take(250_000);
    workspace.giveBack(first);
    assertThat(workspace.take(250_500)).isSameAs(first);
  }

  @Test
  void noMoreThanItsBoundIsKept() {
    List<byte[]> arrays = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      arrays.add(workspace.take(BOUND / 4));
    }
    arrays.forEach(workspace::giveBack);
    int again = 0;
    for (int i = 0; i < 10; i++) {
      again += arrays.contains(workspace.take(BOUND / 4)) ? 1 : 0;
    }
    assertThat(again).isEqualTo(4);
  }

  @Test
  void theWorkspacesOfAScanAreSharedInTurn() {
    Workspaces all = new Workspaces(2);
    Workspace one = all.take();
    assertThat(all.take()).as("while the first is used").isNotSameAs(one);
    byte[] array = one.take(5_000);
    one.giveBack(array);
    all.giveBack(one);
    all.end();
    assertThat(all.take()).as("when it is not").isSameAs(one);
    assertThat(one.take(5_000)).isSameAs(array);
    one.giveBack(array);
    all.giveBack(one);
    all.end();
    assertThat(one.take(5_000)).as("closed with the last user").isNotSameAs(array);
  }
}
