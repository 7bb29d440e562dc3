package io.datashard.storage;

/** What an exclusive create found. */
public enum PutOutcome {
  /** The name was free and now holds the content, whole and durable. */
  CREATED,
  /** The name was taken, possibly by an earlier try of this very call (I4). Nothing was changed. */
  EXISTED
}
