package io.datashard.internal.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.internal.env.Env;
import io.datashard.internal.env.Monitor;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A round waits for those who come again at once, never for a single writer, and never long. */
class CommitDelayTest {
  private static final long ROUND_NANOS = 4_000_000;
  private static final long LOOK_NANOS = 50_000;

  private final AtomicInteger looks = new AtomicInteger();
  private final AtomicLong clock = new AtomicLong();
  private final CommitDelay delay = new CommitDelay(env());
  private final Monitor monitor = monitor();

  /** A clock that only waiting moves on. */
  private Env env() {
    return proxy(
        Env.class,
        (method, nanos) -> {
          assertThat(method).isEqualTo("nanoTime");
          return clock.get();
        });
  }

  /** Wakes who waits again and again before the time is over. */
  private Monitor monitor() {
    return proxy(
        Monitor.class,
        (method, nanos) -> {
          assertThat(method).isEqualTo("awaitUninterruptibly");
          clock.addAndGet(Math.min(LOOK_NANOS, nanos));
          return null;
        });
  }

  private static <T> T proxy(Class<T> type, BiFunction<String, Long, @Nullable Object> called) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) ->
                called.apply(method.getName(), arguments == null ? 0L : (Long) arguments[0])));
  }

  /** Looked at again and again: one more is there each time, up to a number. */
  private IntSupplier upTo(int most) {
    looks.set(0);
    return () -> Math.min(most, looks.incrementAndGet());
  }

  @Test
  void aSingleWriterNeverWaits() {
    delay.await(monitor, upTo(1));
    delay.ended(1, ROUND_NANOS);
    delay.await(monitor, upTo(1));
    assertThat(looks).hasValue(1);
  }

  @Test
  void thoseWhoWereAnsweredAreWaitedFor() {
    delay.ended(12, ROUND_NANOS);
    delay.await(monitor, upTo(12));
    assertThat(looks).hasValue(12);
  }

  @Test
  void whoDoesNotComeIsNotWaitedForEachTime() {
    int waits = 0;
    for (int i = 0; i < 200; i++) {
      delay.ended(12, ROUND_NANOS);
      delay.await(monitor, upTo(1));
      waits += looks.get() > 1 ? 1 : 0;
    }
    assertThat(waits).as("once, then after 1, 2, 4, ... 64 rounds without").isBetween(5, 9);
  }

  @Test
  void whoComesBackIsWaitedForAgain() {
    for (int i = 0; i < 200; i++) {
      delay.ended(12, ROUND_NANOS);
      delay.await(monitor, upTo(1));
    }
    int waited = 0;
    for (int i = 0; i < 80; i++) {
      delay.ended(12, ROUND_NANOS);
      delay.await(monitor, upTo(12));
      waited += looks.get() == 12 ? 1 : 0;
    }
    assertThat(waited).isGreaterThanOrEqualTo(16);
  }
}
