package io.datashard.internal.metadata;

/** Reads a line of words with one space between them; anything else is an error. */
public final class Words {
  private final String line;
  private int place;

  /** The words of this line. */
  public Words(String line) {
    this.line = line;
  }

  /** Whether another word follows. */
  public boolean hasMore() {
    return place <= line.length();
  }

  /**
   * The next word.
   *
   * @throws IllegalArgumentException there is none
   */
  public String next() {
    if (!hasMore()) {
      throw new IllegalArgumentException("'" + shown(line) + "' ends too early");
    }
    int space = line.indexOf(' ', place);
    int end = space < 0 ? line.length() : space;
    String word = line.substring(place, end);
    place = end + 1;
    return word;
  }

  /**
   * The next word, a decimal number.
   *
   * @throws IllegalArgumentException it is none
   */
  public long number() {
    String word = next();
    try {
      return Long.parseLong(word);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'" + shown(word) + "' in '" + shown(line) + "' is no number", e);
    }
  }

  /**
   * The next word, a decimal number from 0 to {@code max}.
   *
   * @throws IllegalArgumentException it is none
   */
  public long count(long max) {
    long number = number();
    if (number < 0 || number > max) {
      throw new IllegalArgumentException(
          number + " in '" + shown(line) + "' is not in the range 0.." + max);
    }
    return number;
  }

  /**
   * The next word, a checksum of eight hexadecimal digits.
   *
   * @throws IllegalArgumentException it is none
   */
  public int checksum() {
    String word = next();
    if (!word.matches("[0-9a-f]{8}")) {
      throw new IllegalArgumentException(
          "'" + shown(word) + "' in '" + shown(line) + "' is no checksum");
    }
    return Integer.parseUnsignedInt(word, 16);
  }

  /**
   * Nothing may be left.
   *
   * @throws IllegalArgumentException something is
   */
  public void end() {
    if (hasMore()) {
      throw new IllegalArgumentException("'" + shown(line) + "' has more words than it should");
    }
  }

  /** A text of a damaged file as an error shows it: at most 100 characters. */
  public static String shown(String text) {
    return text.length() > 100 ? text.substring(0, 97) + "..." : text;
  }
}
