package io.datashard.s3;

import io.datashard.testkit.simulation.SimulatedProcess;
import java.util.concurrent.Delayed;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.SdkHttpClient;

/**
 * This module in a simulated process: its threads are the process's, and die and freeze with it.
 */
final class SimulatedS3Env implements S3Env {
  private final SimulatedProcess process;
  private final SdkHttpClient transport;
  private final Uploads uploads;
  private int threads;

  SimulatedS3Env(SimulatedProcess process, SdkHttpClient transport) {
    this.process = process;
    this.transport = transport;
    this.uploads = new Uploads(this);
  }

  @Override
  public long nanoTime() {
    return process.nanoTime();
  }

  @Override
  public long randomLong() {
    return process.randomId();
  }

  @Override
  public void start(Runnable work) {
    process.start("s3-" + ++threads, work);
  }

  @Override
  public Monitor monitor() {
    io.datashard.internal.env.Monitor theirs = process.monitor();
    return new Monitor() {
      @Override
      public void lock() {
        theirs.lock();
      }

      @Override
      public void unlock() {
        theirs.unlock();
      }

      @Override
      public void await(long nanos) throws InterruptedException {
        theirs.await(nanos);
      }

      @Override
      public void signalAll() {
        theirs.signalAll();
      }
    };
  }

  @Override
  public Uploads uploads() {
    return uploads;
  }

  @Override
  public ScheduledExecutorService alarm() {
    return new Alarm();
  }

  @Override
  public @Nullable SdkHttpClient transport() {
    return transport;
  }

  /** Rings in simulated time; it never has a thread. */
  private final class Alarm extends ScheduledThreadPoolExecutor {
    Alarm() {
      super(0);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable work, long delay, TimeUnit unit) {
      return new Ring(process.alarm(unit.toNanos(delay), work));
    }
  }

  private record Ring(Runnable off) implements ScheduledFuture<Object> {
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      off.run();
      return true;
    }

    @Override
    public long getDelay(TimeUnit unit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int compareTo(Delayed other) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean isCancelled() {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean isDone() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Object get() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Object get(long timeout, TimeUnit unit) {
      throw new UnsupportedOperationException();
    }
  }
}
