package io.datashard.internal.env;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Writes down what a listener hears, in order. */
final class Recorder implements Wire.Listener {
  private static final long SECONDS_MAX = 30;

  record Event(String what, Wire wire) {}

  private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
  volatile @Nullable Thread thread;

  static ByteBuffer message(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  static String text(ByteBuffer message) {
    return StandardCharsets.UTF_8.decode(message).toString();
  }

  @Override
  public void opened(Wire wire) {
    thread = Thread.currentThread();
    events.add(new Event("opened", wire));
  }

  @Override
  public void received(Wire wire, ByteBuffer message) {
    events.add(new Event(text(message), wire));
  }

  @Override
  public void closed(Wire wire) {
    events.add(new Event("closed", wire));
  }

  /** Waits for the next event, which must be this one. */
  Wire expect(String what) throws InterruptedException {
    Event next = events.poll(SECONDS_MAX, TimeUnit.SECONDS);
    assertThat(next).as("something comes").isNotNull();
    assertThat(next.what()).isEqualTo(what);
    return next.wire();
  }

  /** Waits for the next event, whatever it is. */
  String next() throws InterruptedException {
    Event next = events.poll(SECONDS_MAX, TimeUnit.SECONDS);
    assertThat(next).as("something comes").isNotNull();
    return next.what();
  }

  boolean isEmpty() {
    return events.isEmpty();
  }
}
