package io.datashard.internal.ledger;

import io.datashard.internal.metadata.Words;

/** How names of sources and counts are written as words of a line. */
final class SourceWords {
  private SourceWords() {}

  /** The next word, a number from 0 on. */
  static long count(Words words) {
    return count(words.next());
  }

  /** The next word, a number from 0 to {@code max}. */
  static int count(Words words, int max) {
    long count = count(words);
    if (count > max) {
      throw new IllegalArgumentException(count + " is more than " + max);
    }
    return (int) count;
  }

  /** The number of a word: decimal digits only, as we write them. */
  static long count(String word) {
    boolean digits = !word.isEmpty() && (word.length() == 1 || word.charAt(0) != '0');
    for (int i = 0; i < word.length(); i++) {
      digits &= word.charAt(i) >= '0' && word.charAt(i) <= '9';
    }
    try {
      if (digits) {
        return Long.parseLong(word);
      }
    } catch (NumberFormatException e) {
      // Said below: it is too large.
    }
    throw new IllegalArgumentException("'" + Words.shown(word) + "' is no number from 0 on");
  }

  /** Writes a name so that it has no space, no colon and no control character. */
  static void escape(String name, StringBuilder out) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (mustEscape(c)) {
        out.append('%')
            .append(Character.forDigit(c >> 4, 16))
            .append(Character.forDigit(c & 15, 16));
      } else {
        out.append(c);
      }
    }
  }

  private static boolean mustEscape(char c) {
    return c <= ' ' || c == ':' || c == '%' || c == 0x7F;
  }

  /**
   * The name of a source that {@link #escape} wrote.
   *
   * @throws IllegalArgumentException it wrote no such thing
   */
  static String unescape(String word) {
    StringBuilder name = new StringBuilder(word.length());
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      if (c == '%' && i + 2 < word.length()) {
        int high = Character.digit(word.charAt(++i), 16);
        int low = Character.digit(word.charAt(++i), 16);
        c = high < 0 || low < 0 ? 'x' : (char) (high << 4 | low);
        if (!mustEscape(c)) {
          throw new IllegalArgumentException("'" + Words.shown(word) + "' is no name");
        }
      } else if (mustEscape(c)) {
        throw new IllegalArgumentException("'" + Words.shown(word) + "' is no name");
      }
      name.append(c);
    }
    Once.requireSource(name.toString());
    return name.toString();
  }
}
