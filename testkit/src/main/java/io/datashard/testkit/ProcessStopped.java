package io.datashard.testkit;

/**
 * The process died here, as far as the storage can tell. An {@link Error}, so that no handler for
 * what can go wrong in a living process catches it.
 */
public final class ProcessStopped extends Error {
  private static final long serialVersionUID = 1L;

  ProcessStopped(String where) {
    super("the process was stopped at " + where);
  }
}
