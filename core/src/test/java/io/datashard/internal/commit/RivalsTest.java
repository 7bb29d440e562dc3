package io.datashard.internal.commit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Who wins all the time lets others go first; who is alone hardly ever waits. */
class RivalsTest {
  private static final long ATTEMPT = 40;

  private final Rivals rivals = new Rivals();
  private long now = 1_000_000;

  /** Rounds that follow each other at once, until one has to wait; how many won before. */
  private int winsUntilPause() {
    int wins = 0;
    while (rivals.pauseNanos(now, ATTEMPT) == 0) {
      now += ATTEMPT;
      rivals.won(now);
      wins++;
    }
    return wins;
  }

  @Test
  void aLoneCommitterPausesMoreAndMoreRarely() {
    assertThat(winsUntilPause()).isEqualTo(3);
    assertThat(rivals.pauseNanos(now, ATTEMPT)).isEqualTo(2 * ATTEMPT);
    rivals.paused(false);
    assertThat(winsUntilPause()).isEqualTo(6);
    rivals.paused(false);
    assertThat(winsUntilPause()).isEqualTo(12);
    rivals.paused(false);
    assertThat(winsUntilPause()).isEqualTo(24);
    rivals.paused(false);
    assertThat(winsUntilPause()).as("no more than this").isEqualTo(24);
  }

  @Test
  void whoSeesOthersPausesOftenAgain() {
    for (int i = 0; i < 4; i++) {
      winsUntilPause();
      rivals.paused(false);
    }
    rivals.seen();
    assertThat(winsUntilPause()).isEqualTo(3);
    rivals.paused(true);
    assertThat(winsUntilPause()).isEqualTo(3);
  }

  @Test
  void nobodyPausesAfterATimeWithoutCommits() {
    assertThat(winsUntilPause()).isEqualTo(3);
    now += ATTEMPT + 1;
    assertThat(rivals.pauseNanos(now, ATTEMPT)).as("others had their time").isZero();
    assertThat(winsUntilPause()).isEqualTo(3);
  }

  @Test
  void guessesFollowOnesOwnVersions() {
    assertThat(rivals.mayGuess()).as("nothing is known").isFalse();
    rivals.won(now);
    assertThat(rivals.mayGuess()).isTrue();
    rivals.seen();
    assertThat(rivals.mayGuess()).as("somebody else commits").isFalse();
    rivals.won(now);
    assertThat(rivals.mayGuess()).isTrue();
  }

  @Test
  void wrongGuessesMakeCautious() {
    rivals.won(now);
    rivals.guessedWrong();
    rivals.seen();
    for (int i = 0; i < 4; i++) {
      assertThat(rivals.mayGuess()).as("after %d quiet commits", i).isFalse();
      rivals.won(now);
    }
    assertThat(rivals.mayGuess()).isTrue();
    for (int i = 0; i < 12; i++) {
      rivals.won(now);
    }
    rivals.seen();
    rivals.won(now);
    assertThat(rivals.mayGuess()).as("forgotten").isTrue();
  }
}
