package io.datashard.expr;

import io.datashard.schema.Schema;

final class Binder {
  private Binder() {}

  static Bound bind(Predicate predicate, Schema schema) {
    throw new IllegalStateException(predicate + " " + schema);
  }
}
