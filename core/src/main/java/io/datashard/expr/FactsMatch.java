package io.datashard.expr;

import io.datashard.schema.Field;
import java.util.List;
import java.util.function.Function;

final class FactsMatch {
  private FactsMatch() {}

  static Bound.Match of(Bound bound, Function<Field, Bound.Facts> facts) {
    throw new IllegalStateException(bound + " " + facts);
  }

  static List<Field> fields(Bound bound) {
    throw new IllegalStateException(bound.toString());
  }
}
