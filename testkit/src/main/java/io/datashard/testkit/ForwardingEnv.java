package io.datashard.testkit;

import io.datashard.internal.env.Env;
import io.datashard.internal.env.Machine;
import io.datashard.internal.env.Monitor;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The real machine, seen by a process of its own: what there is one of in a process is shared with
 * nobody else. A test overrides what it wants to be otherwise.
 */
public abstract class ForwardingEnv implements Env {
  private final Env env = Env.system();
  private final Map<Class<?>, Object> shared = new ConcurrentHashMap<>();

  /** A process that shares nothing yet. */
  protected ForwardingEnv() {}

  @Override
  public long nowMillis() {
    return env.nowMillis();
  }

  @Override
  public long nanoTime() {
    return env.nanoTime();
  }

  @Override
  public long randomId() {
    return env.randomId();
  }

  @Override
  public long randomBelow(long bound) {
    return env.randomBelow(bound);
  }

  @Override
  public void sleep(Duration time) throws InterruptedException {
    env.sleep(time);
  }

  @Override
  public Monitor monitor() {
    return env.monitor();
  }

  @Override
  public void start(String threadName, Runnable body) {
    env.start(threadName, body);
  }

  @Override
  public Machine machine() {
    return env.machine();
  }

  @Override
  public <T> T shared(Class<T> type, Supplier<T> make) {
    return type.cast(shared.computeIfAbsent(type, absent -> make.get()));
  }
}
