package io.datashard.internal.parquet;

import java.util.ArrayDeque;
import java.util.Deque;

/** The workspaces of one scan, as many as it has threads. Safe for use by them. */
public final class Workspaces {
  private final Deque<Workspace> idle = new ArrayDeque<>();
  private int users;

  /**
   * None yet.
   *
   * @param users how many will call {@link #end}
   */
  public Workspaces(int users) {
    this.users = users;
  }

  /** One that nobody uses. */
  public synchronized Workspace take() {
    Workspace last = idle.pollLast();
    return last == null ? new Workspace() : last;
  }

  /** Takes one back. */
  public synchronized void giveBack(Workspace workspace) {
    idle.add(workspace);
  }

  /** One user less; with the last one all that were given back are closed. */
  public synchronized void end() {
    if (--users == 0) {
      idle.forEach(Workspace::close);
      idle.clear();
    }
  }
}
