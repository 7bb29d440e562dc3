package io.datashard.internal.history;

/** Reads a line of words with one space between them; anything else is an error. */
final class Words {
  private final String line;
  private int place;

  Words(String line) {
    this.line = line;
  }

  /**
   * The next word.
   *
   * @throws IllegalArgumentException there is none
   */
  String next() {
    if (place > line.length()) {
      throw new IllegalArgumentException("'" + line + "' ends too early");
    }
    int space = line.indexOf(' ', place);
    int end = space < 0 ? line.length() : space;
    String word = line.substring(place, end);
    place = end + 1;
    return word;
  }

  /** The next word, a decimal number. */
  long number() {
    String word = next();
    try {
      return Long.parseLong(word);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("'" + word + "' in '" + line + "' is no number", e);
    }
  }

  /** The next word, a decimal number from 0 to {@code max}. */
  long count(long max) {
    long number = number();
    if (number < 0 || number > max) {
      throw new IllegalArgumentException(
          number + " in '" + line + "' is not in the range 0.." + max);
    }
    return number;
  }

  /** The next word, a checksum of eight hexadecimal digits. */
  int checksum() {
    String word = next();
    if (!word.matches("[0-9a-f]{8}")) {
      throw new IllegalArgumentException("'" + word + "' in '" + line + "' is no checksum");
    }
    return Integer.parseUnsignedInt(word, 16);
  }

  /** Nothing may be left. */
  void end() {
    if (place <= line.length()) {
      throw new IllegalArgumentException("'" + line + "' has more words than it should");
    }
  }
}
