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
    assertThat(winsUntilPause()).isEqualTo(5);
    assertThat(rivals.pauseNanos(now, ATTEMPT)).isEqualTo(2 * ATTEMPT);
    rivals.paused(false);
    assertThat(winsUntilPause()).isEqualTo(10);
    rivals.paused(false);
    assertThat(winsUntilPause()).isEqualTo(20);
    rivals.paused(false);
    assertThat(winsUntilPause()).isEqualTo(40);
    rivals.paused(false);
    assertThat(winsUntilPause()).as("no more than this").isEqualTo(40);
  }

  @Test
  void whoSeesOthersPausesOftenAgain() {
    for (int i = 0; i < 4; i++) {
      winsUntilPause();
      rivals.paused(false);
    }
    rivals.seen(2);
    assertThat(winsUntilPause()).isEqualTo(5);
    rivals.paused(true);
    assertThat(winsUntilPause()).isEqualTo(5);
  }

  @Test
  void aPauseHasRoomForTheTurnsOfAllOthers() {
    rivals.seen(8);
    winsUntilPause();
    assertThat(rivals.pauseNanos(now, ATTEMPT)).isEqualTo(7 * 7 * ATTEMPT);
    rivals.seen(1);
    winsUntilPause();
    assertThat(rivals.pauseNanos(now, ATTEMPT)).as("somebody was seen").isEqualTo(7 * ATTEMPT);
    rivals.seen(1_000);
    winsUntilPause();
    assertThat(rivals.pauseNanos(now, ATTEMPT)).as("there is an end").isEqualTo(120 * ATTEMPT);
  }

  @Test
  void aPauseEndsWhereNobodyUsesIt() {
    long first = Rivals.firstLookNanos(ATTEMPT);
    assertThat(Rivals.areUsing(0, first, ATTEMPT)).isFalse();
    assertThat(Rivals.areUsing(1, first, ATTEMPT)).isTrue();
    assertThat(Rivals.areUsing(1, 2 * first, ATTEMPT)).as("now and then").isFalse();
    assertThat(Rivals.areUsing(2, 2 * first, ATTEMPT)).isTrue();
  }

  @Test
  void nobodyPausesAfterATimeWithoutCommits() {
    assertThat(winsUntilPause()).isEqualTo(5);
    now += ATTEMPT + 1;
    assertThat(rivals.pauseNanos(now, ATTEMPT)).as("others had their time").isZero();
    assertThat(winsUntilPause()).isEqualTo(5);
  }

  /** An attempt later: others may have committed meanwhile. */
  private boolean mayGuess() {
    return rivals.mayGuess(now + ATTEMPT, ATTEMPT);
  }

  @Test
  void whoHasJustWonGuessesWhateverOthersDo() {
    rivals.seen(2);
    rivals.won(now);
    rivals.guessedWrong();
    assertThat(rivals.mayGuess(now + ATTEMPT / 4, ATTEMPT)).isFalse();
    assertThat(rivals.mayGuess(now + ATTEMPT / 4 - 1, ATTEMPT)).isTrue();
    rivals.seen(2);
    assertThat(rivals.mayGuess(now, ATTEMPT)).as("somebody came first").isFalse();
  }

  @Test
  void guessesFollowOnesOwnVersions() {
    assertThat(mayGuess()).as("nothing is known").isFalse();
    rivals.won(now);
    assertThat(mayGuess()).isTrue();
    rivals.seen(2);
    assertThat(mayGuess()).as("somebody else commits").isFalse();
    rivals.won(now);
    assertThat(mayGuess()).isTrue();
  }

  @Test
  void wrongGuessesMakeCautious() {
    rivals.won(now);
    rivals.guessedWrong();
    rivals.seen(2);
    for (int i = 0; i < 4; i++) {
      assertThat(mayGuess()).as("after %d quiet commits", i).isFalse();
      rivals.won(now);
    }
    assertThat(mayGuess()).isTrue();
    for (int i = 0; i < 12; i++) {
      rivals.won(now);
    }
    rivals.seen(2);
    rivals.won(now);
    assertThat(mayGuess()).as("forgotten").isTrue();
  }
}
