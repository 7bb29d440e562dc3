package io.datashard.expr;

import org.jspecify.annotations.Nullable;

/** What comes behind all texts that start alike. */
public final class Successor {
  private Successor() {}

  /**
   * The least text that lies above all texts that start with this one, in the order of code points;
   * null if there is none.
   */
  public static @Nullable String of(String start) {
    int end = start.length();
    while (end > 0) {
      int last = start.codePointBefore(end);
      int before = end - Character.charCount(last);
      if (last < Character.MAX_CODE_POINT) {
        int next = last + 1 == Character.MIN_SURROGATE ? Character.MAX_SURROGATE + 1 : last + 1;
        return start.substring(0, before) + Character.toString(next);
      }
      end = before;
    }
    return null;
  }
}
