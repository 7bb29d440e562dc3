package io.datashard.internal.commit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Who saw no others lately begins with the version that it knows. */
class RivalsTest {
  private static final long ATTEMPT = 40;

  private final Rivals rivals = new Rivals();
  private final long now = 1_000_000;

  /** An attempt later: others may have committed meanwhile. */
  private boolean mayGuess() {
    return rivals.mayGuess(now + ATTEMPT, ATTEMPT);
  }

  @Test
  void whoHasJustWonGuessesWhateverOthersDo() {
    rivals.seen();
    rivals.won(now);
    rivals.guessedWrong();
    assertThat(rivals.mayGuess(now + ATTEMPT / 4, ATTEMPT)).isFalse();
    assertThat(rivals.mayGuess(now + ATTEMPT / 4 - 1, ATTEMPT)).isTrue();
    rivals.seen();
    assertThat(rivals.mayGuess(now, ATTEMPT)).as("somebody came first").isFalse();
  }

  @Test
  void guessesFollowOnesOwnVersions() {
    assertThat(mayGuess()).as("nothing is known").isFalse();
    rivals.won(now);
    assertThat(mayGuess()).isTrue();
    rivals.seen();
    assertThat(mayGuess()).as("somebody else commits").isFalse();
    rivals.won(now);
    assertThat(mayGuess()).isTrue();
  }

  @Test
  void wrongGuessesMakeCautious() {
    rivals.won(now);
    rivals.guessedWrong();
    rivals.seen();
    for (int i = 0; i < 4; i++) {
      assertThat(mayGuess()).as("after %d quiet commits", i).isFalse();
      rivals.won(now);
    }
    assertThat(mayGuess()).isTrue();
    for (int i = 0; i < 12; i++) {
      rivals.won(now);
    }
    rivals.seen();
    rivals.won(now);
    assertThat(mayGuess()).as("forgotten").isTrue();
  }
}
