package io.datashard.cli;

import java.io.IOException;

/** One command: the options it takes and what it does. */
public abstract class Command {
  /** The exit code of success. */
  public static final int OK = 0;

  /** The exit code of an operation that failed. */
  public static final int FAILED = 1;

  /** The exit code of a wrong command line. */
  public static final int USAGE = 2;

  /** The exit code of a table that {@code verify} found damaged. */
  public static final int DAMAGED = 3;

  /** Declares options and parameters. */
  protected abstract void declare(Options options);

  /**
   * Does the work.
   *
   * @return the exit code
   */
  protected abstract int run(Args args, Console console) throws IOException;
}
