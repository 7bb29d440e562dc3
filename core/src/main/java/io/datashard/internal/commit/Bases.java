package io.datashard.internal.commit;

/**
 * Which version each attempt of one round begins with. A look at the newest one is cheap in a
 * folder; in a remote store it is a round trip, and saved where it would hardly tell anything new.
 * A wrong guess costs a lost attempt and changes nothing else: only the next number can be created.
 */
final class Bases {
  private final Committer committer;
  private final boolean isRemote;
  private boolean isGuess;

  Bases(Committer committer) {
    this.committer = committer;
    this.isRemote = committer.storage().isRemote();
  }

  /** The version that the first attempt begins with. */
  Head first() {
    isGuess =
        isRemote
            && committer
                .rivals()
                .mayGuess(committer.env().nanoTime(), committer.quickAttemptNanos());
    return isGuess ? committer.newestKnown() : committer.newestOrGone();
  }

  /** The version that the next attempt begins with, after one that lost. */
  Head next() {
    if (!isGuess) {
      return committer.newestOrGone();
    }
    isGuess = false;
    committer.rivals().guessedWrong();
    // Whose version came first was read to see whose it is; hardly anybody else commits.
    return committer.newestKnown();
  }
}
