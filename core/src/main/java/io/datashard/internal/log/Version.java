package io.datashard.internal.log;

/**
 * One numbered state of a table, as read from its file.
 *
 * <p>Two calls that find the same version may return the same object, so a caller who keeps it sees
 * by {@code ==} or by the number that nothing changed.
 */
public final class Version {
  private final long number;
  private final String key;
  private final byte[] content;
  private final String identity;

  Version(long number, byte[] content, String identity) {
    this.number = number;
    this.key = VersionNames.keyOf(number);
    this.content = content;
    this.identity = identity;
  }

  /** From 1 on, without gaps. */
  public long number() {
    return number;
  }

  /** Its file, for example {@code metadata/v7.metadata.json}. */
  public String key() {
    return key;
  }

  /** The whole file. Shared, not to be changed. */
  public byte[] content() {
    return content;
  }

  /** What tells its file from another of the same name, or "" if the store has no such thing. */
  String identity() {
    return identity;
  }

  @Override
  public String toString() {
    return key + " (" + content.length + " bytes)";
  }
}
