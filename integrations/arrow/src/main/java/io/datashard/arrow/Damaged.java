package io.datashard.arrow;

/** Arrow data that contradicts itself or its format. Who reads it says where it is from. */
final class Damaged extends RuntimeException {
  private static final long serialVersionUID = 1L;

  Damaged(String what) {
    super(what);
  }
}
