package io.datashard.internal.history;

/**
 * The smallest and the largest of some numbers.
 *
 * @param min greater than {@code max} if there are none
 */
record Span(long min, long max) {
  static final Span NONE = new Span(Long.MAX_VALUE, Long.MIN_VALUE);

  Span with(long number) {
    return new Span(Math.min(min, number), Math.max(max, number));
  }

  Span and(Span other) {
    return new Span(Math.min(min, other.min), Math.max(max, other.max));
  }

  boolean has(long number) {
    return min <= number && number <= max;
  }
}
