package io.datashard.storage;

import io.datashard.error.FileMissingException;
import io.datashard.error.StorageException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** What an operating system's refusal means for the user, and how to mend it. */
final class LocalErrors {
  private LocalErrors() {}

  /**
   * @param what the work that failed, for example {@code write}
   * @param path where
   */
  static StorageException storage(String what, Path path, IOException cause) {
    if (cause instanceof NoSuchFileException) {
      return missing(path, cause);
    }
    String reason = reasonOf(cause);
    return new StorageException(
        "Cannot " + what + " " + path + ": " + reason + ". " + mend(cause, reason), cause);
  }

  static FileMissingException missing(Path path, IOException cause) {
    return new FileMissingException(
        "There is no file "
            + path
            + ". If the table was just deleted or moved, load it again from where it is now.",
        cause);
  }

  /** The words of the operating system, without the path that Java puts before them. */
  static String reasonOf(IOException cause) {
    if (cause instanceof AccessDeniedException) {
      return "permission denied";
    }
    String reason =
        cause instanceof FileSystemException typed ? typed.getReason() : cause.getMessage();
    return reason == null ? cause.getClass().getSimpleName() : reason;
  }

  private static String mend(IOException cause, String reason) {
    if (cause instanceof AccessDeniedException || reason.contains("ermission denied")) {
      return "Give this user the right to read and write the table's folder and try again.";
    }
    if (says(reason, "No space left", "uota exceeded")) {
      return "Free some space on that disk and try again; the table was not changed.";
    }
    if (says(reason, "Read-only file system")) {
      return "Mount it for writing, or only read from this table.";
    }
    if (says(reason, "Not a directory")) {
      return "One part of the path is a file where a folder is needed: move it away.";
    }
    if (says(reason, "name too long")) {
      return "Choose a shorter folder or a shorter partition value.";
    }
    if (says(reason, "Too many open files")) {
      return "Raise the limit of open files (ulimit -n) or write fewer files in one commit.";
    }
    return "Look after that disk or folder and try again.";
  }

  static boolean says(String reason, String... words) {
    for (String word : words) {
      if (reason.contains(word)) {
        return true;
      }
    }
    return false;
  }
}
