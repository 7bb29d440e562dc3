package io.datashard.internal.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.internal.env.Env;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;

/** A round waits for those who come again at once, never for a single writer, and never long. */
class CommitDelayTest {
  private static final long ROUND_NANOS = 4_000_000;

  private final AtomicInteger looks = new AtomicInteger();
  private final AtomicLong clock = new AtomicLong();
  private final CommitDelay delay = new CommitDelay(env());

  /** A clock that only sleep moves on. */
  private Env env() {
    return (Env)
        Proxy.newProxyInstance(
            Env.class.getClassLoader(),
            new Class<?>[] {Env.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("sleep")) {
                clock.addAndGet(((Duration) arguments[0]).toNanos());
                return null;
              }
              assertThat(method.getName()).isEqualTo("nanoTime");
              return clock.get();
            });
  }

  /** Looked at again and again: one more is there each time, up to a number. */
  private IntSupplier upTo(int most) {
    looks.set(0);
    return () -> Math.min(most, looks.incrementAndGet());
  }

  @Test
  void aSingleWriterNeverWaits() {
    delay.await(upTo(1));
    delay.ended(1, ROUND_NANOS);
    delay.await(upTo(1));
    assertThat(looks).hasValue(1);
  }

  @Test
  void thoseWhoWereAnsweredAreWaitedFor() {
    delay.ended(12, ROUND_NANOS);
    delay.await(upTo(12));
    assertThat(looks).hasValue(12);
  }

  @Test
  void whoDoesNotComeIsNotWaitedForEachTime() {
    int waits = 0;
    for (int i = 0; i < 200; i++) {
      delay.ended(12, ROUND_NANOS);
      delay.await(upTo(1));
      waits += looks.get() > 1 ? 1 : 0;
    }
    assertThat(waits).as("once, then after 1, 2, 4, ... 64 rounds without").isBetween(5, 9);
  }

  @Test
  void whoComesBackIsWaitedForAgain() {
    for (int i = 0; i < 200; i++) {
      delay.ended(12, ROUND_NANOS);
      delay.await(upTo(1));
    }
    int waited = 0;
    for (int i = 0; i < 80; i++) {
      delay.ended(12, ROUND_NANOS);
      delay.await(upTo(12));
      waited += looks.get() == 12 ? 1 : 0;
    }
    assertThat(waited).isGreaterThanOrEqualTo(16);
  }
}
