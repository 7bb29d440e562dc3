package io.datashard.internal.relay;

import io.datashard.error.ConflictException;
import io.datashard.error.CorruptTableException;
import io.datashard.error.DataShardException;
import io.datashard.error.OnceRefusedException;
import io.datashard.error.OutcomeUnknownException;
import io.datashard.error.SchemaMismatchException;
import io.datashard.error.StorageException;
import io.datashard.error.UnsupportedTableException;

/** Errors as another thread or process is told of them. */
final class Failures {
  /** What can be told over a wire; the order is part of the protocol. */
  enum Kind {
    UNKNOWN,
    STORAGE,
    CONFLICT,
    CORRUPT,
    MISMATCH,
    UNSUPPORTED,
    ONCE_REFUSED,
    OTHER
  }

  private Failures() {}

  /** What kind of error this is. */
  static Kind kindOf(Throwable error) {
    if (error instanceof OutcomeUnknownException) {
      return Kind.UNKNOWN;
    } else if (error instanceof StorageException) {
      return Kind.STORAGE;
    } else if (error instanceof ConflictException) {
      return Kind.CONFLICT;
    } else if (error instanceof CorruptTableException) {
      return Kind.CORRUPT;
    } else if (error instanceof SchemaMismatchException) {
      return Kind.MISMATCH;
    } else if (error instanceof UnsupportedTableException) {
      return Kind.UNSUPPORTED;
    } else if (error instanceof OnceRefusedException) {
      return Kind.ONCE_REFUSED;
    }
    return error instanceof DataShardException ? Kind.OTHER : Kind.UNKNOWN;
  }

  /** A new error of this kind. */
  static DataShardException of(Kind kind, String message) {
    return switch (kind) {
      case UNKNOWN -> new OutcomeUnknownException(message);
      case STORAGE -> new StorageException(message);
      case CONFLICT -> new ConflictException(message);
      case CORRUPT -> new CorruptTableException(message);
      case MISMATCH -> new SchemaMismatchException(message);
      case UNSUPPORTED -> new UnsupportedTableException(message);
      case ONCE_REFUSED -> new OnceRefusedException(message);
      case OTHER -> new DataShardException(message);
    };
  }

  /** The same error for one of several threads, each of which may add to it. */
  static DataShardException copyOf(Throwable error) {
    Kind kind = kindOf(error);
    String message =
        error instanceof DataShardException
            ? String.valueOf(error.getMessage())
            : "The committer failed in the middle of a commit: "
                + error
                + ". Look whether the rows are in the table before appending them again.";
    DataShardException copy = of(kind, message);
    copy.initCause(error);
    return copy;
  }

  /** What becomes of an error if another committer may still commit what it refuses (I3). */
  static DataShardException notKnown(DataShardException error) {
    return error instanceof OutcomeUnknownException
        ? error
        : new OutcomeUnknownException(
            "An earlier committer took the append and never answered, so it may be in the table now"
                + " or later. Look whether it is there before appending it again. The attempt after"
                + " that one failed: "
                + error.getMessage(),
            error);
  }
}
