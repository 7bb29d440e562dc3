package io.datashard.testkit.simulation;

import io.datashard.testkit.s3.FakeAnswer;
import io.datashard.testkit.s3.FakeBuckets;
import io.datashard.testkit.s3.FakeCall;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP front of a simulated bucket, for clients that are the real ones but for their network:
 * requests take simulated time and end as the store's weather says. They fail more often than the
 * calls of other simulated stores, because clients send them again.
 *
 * <p>A request that was sent is on its way, whatever becomes of the sender: it takes effect at its
 * time, and the answer finds somebody who waits or nobody.
 */
public final class SimulatedBucket {
  private static final String NAME = "lake";
  private static final String TABLE = "table";

  /** Where the table lies. */
  public static final String LOCATION = "s3://" + NAME + "/" + TABLE;

  /** How long after it was sent a request may still take effect. */
  static final long LATE_NANOS_MAX = 120_000_000_000L;

  private static final DateTimeFormatter HTTP_DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);
  private static final long CONNECT_NANOS_MAX = 5_000_000_000L;
  private static final long WAY_NANOS = 2_000_000;
  private static final int REFUSALS_TIMES = 8;
  private static final int LOSSES_TIMES = 4;

  private final SimulatedStore store;
  private final Simulation simulation;
  private final Dice dice;
  private final FakeBuckets buckets;

  SimulatedBucket(SimulatedStore store) {
    this.store = store;
    this.simulation = store.simulation();
    this.dice = simulation.dice();
    this.buckets = new FakeBuckets(Shelf::new, dice.pick(List.of(4, 1000, 1000)));
  }

  /**
   * What arrives of an answer.
   *
   * @param headers in the store's spelling
   * @param body perhaps less than the headers promise
   */
  public record Answer(int status, Map<String, String> headers, byte[] body) {}

  /** The objects, which are the files of the store's table. */
  private final class Shelf implements FakeBuckets.Shelf {
    private final TreeMap<String, FakeBuckets.Entry> objects = new TreeMap<>();

    Shelf(String bucket) {
      if (!bucket.equals(NAME)) {
        throw new IllegalArgumentException("there is no bucket " + bucket);
      }
    }

    @Override
    public NavigableMap<String, FakeBuckets.Entry> objects() {
      return objects;
    }

    @Override
    public void put(String key, FakeBuckets.Entry entry) {
      String file = fileOf(key);
      byte[] content = store.written(file, entry.content());
      store.disk().name(file, content, true, store.nowMillis());
      store.disk().syncFolderOf(file);
      objects.put(
          key, new FakeBuckets.Entry(content, entry.eTag(), entry.modified(), entry.metadata()));
    }

    @Override
    public void remove(String key) {
      store.disk().remove(fileOf(key));
      objects.remove(key);
    }

    @Override
    public Instant now() {
      return Instant.ofEpochMilli(store.nowMillis());
    }
  }

  private static String fileOf(String key) {
    if (!key.startsWith(TABLE + "/")) {
      throw new IllegalArgumentException(key + " is no key of the table");
    }
    return key.substring(TABLE.length() + 1);
  }

  /** Whether this makes a version or a floor, the first of its name. */
  private static boolean isCreate(FakeCall call) {
    return call.operation().equals("PutObject")
        && call.key().matches(TABLE + "/metadata/(v[0-9]+\\.metadata\\.json|floor/[0-9]+)");
  }

  private static boolean isChange(FakeCall call) {
    return !call.operation().matches("GetObject|HeadObject|ListObjectsV2");
  }

  /**
   * A connection of a process for one request.
   *
   * @param silenceNanosMax how long it may say nothing
   */
  public Exchange connect(SimulatedProcess client, long silenceNanosMax) {
    return new Exchange(client, silenceNanosMax);
  }

  /** How a request ends that does not end well, at the sender's place or at the store's. */
  private enum Loss {
    /** Nothing arrives. */
    REQUEST,
    /** It arrives long after the sender gave up. */
    LATE,
    /** It takes effect and nobody says so. */
    ANSWER,
    /** Somebody on the way asks twice and hands over the second answer. */
    RESENT,
    /** It is answered, and comes again later. */
    TWICE,
    /** It takes effect, and the answer is an error. */
    ERROR,
    /** The answer is an error, and the effect comes later. */
    ERROR_LATE,
    /** It takes effect, and half of the answer comes. */
    CUT
  }

  /** One request and its answer. */
  public final class Exchange {
    private final SimulatedProcess client;
    private final long silenceNanosMax;
    private @Nullable Actor waiting;
    private @Nullable Answer answer;
    private @Nullable IOException broken;

    private Exchange(SimulatedProcess client, long silenceNanosMax) {
      this.client = client;
      this.silenceNanosMax = silenceNanosMax;
    }

    /**
     * Sends the request and waits for its answer.
     *
     * @throws IOException as a connection of the JDK would, or it was given up
     */
    public Answer send(FakeCall call) throws IOException {
      client.call();
      if (isCreate(call)) {
        store.creating(client);
        client.call();
      }
      surprise(call);
      if (!isOver()) { // it may have been given up before it left
        plan(call);
      }
      Answer got = await();
      surprise(call);
      return got;
    }

    /** Ends the wait for an answer, as of another thread of the process. */
    public void giveUp() {
      end(null, new SocketException("Socket closed"));
    }

    private Answer await() throws IOException {
      long end = simulation.nanos() + silenceNanosMax;
      waiting = simulation.current();
      try {
        while (!isOver()) {
          long left = end - simulation.nanos();
          if (left <= 0) {
            throw new SocketTimeoutException("Read timed out");
          }
          simulation.blockUnless(this::isOver, left, true);
          client.requireAlive();
        }
      } finally {
        waiting = null;
      }
      if (answer == null) {
        throw broken == null ? new SocketException("Socket closed") : broken;
      }
      return answer;
    }

    private boolean isOver() {
      return answer != null || broken != null;
    }

    private void end(@Nullable Answer with, @Nullable IOException by) {
      if (!isOver()) {
        answer = with;
        broken = by;
        Actor sender = waiting;
        if (sender != null) {
          simulation.wake(sender, Actor.Wake.CALLED);
        }
      }
    }

    /** Ends a request as no contract foresees: a bug below us, or no memory. */
    private void surprise(FakeCall call) {
      if (dice.below(2000) < store.weather().surprisePerMille()) {
        String words = call.operation() + " " + call.key() + ": " + SimulatedStore.SURPRISE;
        simulation.note("surprise", words);
        if (dice.chance(30)) {
          throw new OutOfMemoryError(words);
        }
        throw new IllegalStateException(words);
      }
    }

    private void plan(FakeCall call) {
      Weather weather = store.weather();
      if (isChange(call) && store.isFull() && !call.operation().equals("DeleteObject")) {
        answer(call, FakeAnswer.error(507, "InsufficientStorage", call.method()));
      } else if (dice.chance(REFUSALS_TIMES * weather.refusePercent())) {
        refuse(call);
      } else if (dice.chance(
          isCreate(call) ? weather.loseCreatePercent() : LOSSES_TIMES * weather.losePercent())) {
        lose(call, dice.pick(List.of(Loss.values())));
      } else {
        perform(call, way(), this::answered);
      }
    }

    private void note(Object what, FakeCall call) {
      simulation.note(what + " " + call.operation(), call.key());
    }

    /** How long one way takes. */
    private long way() {
      long nanos = WAY_NANOS / 2 + dice.below(3 * WAY_NANOS);
      if (dice.below(1000) < store.weather().slowPerMille() || store.isSlow()) {
        nanos += dice.between(10_000_000L, dice.chance(10) ? 40_000_000_000L : 2_500_000_000L);
      }
      return nanos;
    }

    // How it may go wrong.

    private void refuse(FakeCall call) {
      note("refused", call);
      switch (dice.below(isCreate(call) ? 9 : 8)) {
        case 0 -> breakAfter(way(), new ConnectException("Connection refused"));
        case 1 -> breakAfter(CONNECT_NANOS_MAX, new SocketTimeoutException("Connect timed out"));
        case 2 -> answer(call, FakeAnswer.error(503, "SlowDown", call.method()));
        case 3 -> answer(call, FakeAnswer.error(500, "InternalError", call.method()));
        case 4 -> answer(call, FakeAnswer.error(429, "TooManyRequests", call.method()));
        case 5 -> answer(call, FakeAnswer.error(400, "RequestTimeout", call.method()));
        case 6 -> answer(call, FakeAnswer.error(403, "RequestTimeTooSkewed", call.method()));
        case 7 ->
            answer(
                call,
                dice.chance(20)
                    ? FakeAnswer.error(403, "AccessDenied", call.method())
                    : FakeAnswer.error(502, "", call.method()));
        default -> answer(call, FakeAnswer.error(409, "ConditionalRequestConflict", call.method()));
      }
    }

    private void lose(FakeCall call, Loss loss) {
      note(loss, call);
      switch (loss) {
        case REQUEST -> breakOrSaySilence(way());
        case LATE -> {
          perform(call, late(), (answered, done) -> {});
          breakOrSaySilence(way());
        }
        case ANSWER -> perform(call, way(), (answered, done) -> breakOrSaySilence(way()));
        case RESENT ->
            perform(call, way(), (asked, first) -> perform(call, dice.below(1000), this::answered));
        case TWICE -> {
          perform(call, way(), this::answered);
          perform(call, late(), (answered, done) -> {});
        }
        case ERROR -> perform(call, way(), (answered, done) -> answer(call, error(call)));
        case ERROR_LATE -> {
          perform(call, late(), (answered, done) -> {});
          answer(call, error(call));
        }
        case CUT -> perform(call, way(), this::cut);
      }
    }

    private long late() {
      return dice.between(1_000_000L, dice.chance(50) ? 2_000_000_000L : LATE_NANOS_MAX);
    }

    private FakeAnswer error(FakeCall call) {
      return switch (dice.below(4)) {
        case 0 -> FakeAnswer.error(503, "SlowDown", call.method());
        case 1 -> FakeAnswer.error(500, "InternalError", call.method());
        case 2 -> FakeAnswer.error(504, "", call.method());
        default -> FakeAnswer.error(408, "RequestTimeout", call.method());
      };
    }

    private void breakOrSaySilence(long afterNanos) {
      switch (dice.below(3)) {
        case 0 -> breakAfter(afterNanos, new SocketException("Connection reset"));
        case 1 -> breakAfter(afterNanos, new SocketException("Unexpected end of file from server"));
        default -> {} // the sender's patience ends it
      }
    }

    private void breakAfter(long nanos, IOException as) {
      simulation.after(nanos, () -> end(null, as));
    }

    // How it takes effect and is answered.

    /** What becomes of an answer at the store. */
    private interface Reply {
      void to(FakeCall call, FakeAnswer done);
    }

    /** Does what is asked when the request is there. */
    private void perform(FakeCall call, long afterNanos, Reply reply) {
      simulation.after(
          afterNanos,
          () -> {
            // Of somebody who died before, the last bytes may not have left the machine.
            if (client.isDead() && dice.chance(30)) {
              note("lost with its sender", call);
              return;
            }
            FakeAnswer done = buckets.answer(call);
            simulation.note(
                client + "'s " + call.operation(), call.key() + " is answered " + done.status());
            if (isCreate(call) && done.status() == 200) {
              store.created(client);
            }
            reply.to(call, done);
          });
    }

    private void answered(FakeCall call, FakeAnswer done) {
      answer(call, done);
    }

    private void answer(FakeCall call, FakeAnswer done) {
      Answer whole = answerOf(call, done);
      simulation.after(way(), () -> end(whole, null));
    }

    private Answer answerOf(FakeCall call, FakeAnswer done) {
      Map<String, String> headers = new TreeMap<>(done.headers());
      boolean head = call.method().equals("HEAD");
      if (!head || done.status() == 200) {
        headers.put("Content-Length", Integer.toString(done.body().length));
      }
      headers.put("Date", HTTP_DATE.format(Instant.ofEpochMilli(store.toldMillis())));
      return new Answer(done.status(), headers, head ? new byte[0] : done.body());
    }

    private void cut(FakeCall call, FakeAnswer done) {
      Answer whole = answerOf(call, done);
      if (whole.body().length == 0) {
        breakAfter(way(), new SocketException("Unexpected end of file from server"));
        return;
      }
      byte[] piece = Arrays.copyOf(whole.body(), dice.below(whole.body().length));
      simulation.after(way(), () -> end(new Answer(whole.status(), whole.headers(), piece), null));
    }
  }
}
