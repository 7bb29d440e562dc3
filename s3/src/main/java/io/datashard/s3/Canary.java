package io.datashard.s3;

import io.datashard.error.StorageException;
import io.datashard.s3.S3Failure.Meaning;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.sync.RequestBody;

/**
 * Proves, before the first commit to a bucket through an endpoint, that of several writers of one
 * new key exactly one is told that it created it. All commits rest on that, and some stores ignore
 * the condition, or look at it too early.
 *
 * <p>Several writers send the first half of a body each, wait for each other and until the store
 * has answered a question sent after that, and then send the rest: a store that looks at the
 * condition when a request begins lets all of them win. Afterwards one more writer comes late, and
 * what is there must be what the winner sent. Two keys are tried, side by side.
 *
 * <p>A store that fails is refused for writing as long as the process lives. A race that came to no
 * end, because requests failed, says nothing and is run again, within the budget of one operation;
 * after that, by the next commit.
 */
final class Canary {
  private static final int KEYS = 2;
  private static final int WRITERS = 4;
  private static final int HALF_BYTES = 32 << 10;
  private static final Duration MEET_MAX = Duration.ofSeconds(5);

  /** What was sent is not yet read: the store gets so long more to look at all beginnings. */
  private static final Duration LOOK = Duration.ofMillis(50);

  private final String endpoint;
  private Calls.@Nullable Pending<Verdict> proof;

  /**
   * @param honoured whether the store keeps the condition
   * @param seen what was seen, for people
   */
  record Verdict(boolean honoured, String seen) {}

  /**
   * How one writer's request ended.
   *
   * @param trouble if it is neither won nor lost, why
   */
  private record Put(boolean won, @Nullable S3Failure trouble) {
    /** Whether it may have been carried out although nobody said so. */
    boolean isUnclear() {
      return trouble != null && trouble.is(Meaning.UNKNOWN);
    }
  }

  /**
   * @param endpoint which store and bucket this is about, for messages
   */
  Canary(String endpoint) {
    this.endpoint = endpoint;
  }

  /**
   * Begins the proof unless there is one.
   *
   * @param folder where its keys may lie for a moment
   */
  synchronized Calls.Pending<Verdict> start(Requests requests, Calls calls, String folder) {
    if (proof == null) {
      proof = calls.start(tries -> prove(tries, requests, calls, folder + "/canary/"));
    }
    return proof;
  }

  /**
   * Waits for the proof.
   *
   * @throws StorageException the store does not keep the condition, or could not be asked; nothing
   *     was changed
   */
  void require(Requests requests, Calls calls, String folder) {
    Calls.Pending<Verdict> running = start(requests, calls, folder);
    try {
      Verdict verdict = running.await();
      if (!verdict.honoured()) {
        throw new StorageException(
            "The store at "
                + endpoint
                + " does not keep its promise about conditional writes (If-None-Match: *): "
                + verdict.seen()
                + ". Two writers could win one version there, and rows would be lost. Nothing was"
                + " written. Tables in it can be read; for writing, use a store that keeps it.");
      }
    } catch (S3Failure e) {
      synchronized (this) {
        if (proof == running) {
          proof = null;
        }
      }
      throw S3Errors.storage("prove conditional writes at", endpoint, e);
    }
  }

  /** One race after the other, until one says something or the budget of an operation is used. */
  private static Verdict prove(Calls.Tries tries, Requests requests, Calls calls, String folder)
      throws S3Failure {
    return tries.send(
        0,
        atMost -> {
          List<String> keys = new ArrayList<>();
          for (int i = 0; i < KEYS; i++) {
            keys.add(folder + name(calls.env()));
          }
          try {
            return race(requests, calls, keys);
          } finally {
            remove(requests, calls, keys);
          }
        });
  }

  /** Called as a temporary file, so that a clean-up removes what a crash or a late write leaves. */
  private static String name(S3Env env) {
    return ".tmp-" + env.randomHex();
  }

  private static void remove(Requests requests, Calls calls, List<String> keys) {
    List<Calls.Pending<Boolean>> removals = new ArrayList<>();
    for (String key : keys) {
      removals.add(
          calls.start(
              tries ->
                  tries.sendOnce(
                      0,
                      atMost -> {
                        requests.delete(key, atMost);
                        return true;
                      })));
    }
    for (Calls.Pending<Boolean> removal : removals) {
      try {
        removal.await();
      } catch (S3Failure e) {
        // It lies beside the table's files, and nothing reads it.
      }
    }
  }

  /** Fails if requests failed so that nothing can be said. */
  private static Verdict race(Requests requests, Calls calls, List<String> keys) throws S3Failure {
    List<List<Calls.Pending<Put>>> all = new ArrayList<>();
    for (String key : keys) {
      Meeting meeting = new Meeting(calls.env(), () -> letLook(requests, calls.env(), key));
      List<Calls.Pending<Put>> writers = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        byte[] content = contentOf(i);
        writers.add(calls.start(tries -> put(tries, requests, key, body(content, meeting))));
      }
      all.add(writers);
    }
    List<Integer> winners = new ArrayList<>();
    Verdict broken = null;
    S3Failure trouble = null;
    for (List<Calls.Pending<Put>> writers : all) {
      int won = 0;
      for (int i = 0; i < WRITERS; i++) {
        Put put = writers.get(i).await();
        if (put.won() && won++ == 0) {
          winners.add(i);
        }
        if (put.trouble() != null && (trouble == null || put.isUnclear())) {
          trouble = put.trouble();
        }
      }
      if (won > 1) {
        broken =
            new Verdict(
                false, won + " of " + WRITERS + " writers of one key were told that it was new");
      }
    }
    if (broken != null) {
      return broken;
    }
    if (winners.size() < keys.size() || (trouble != null && trouble.is(Meaning.UNKNOWN))) {
      throw trouble != null
          ? trouble
          : S3Failure.unknown("all writers of a new key were told that it is taken");
    }
    return late(requests, calls, keys, winners);
  }

  /** When the store has answered this it has most likely seen what was sent before. */
  private static void letLook(Requests requests, S3Env env, String key) {
    try {
      requests.head(key, MEET_MAX.dividedBy(2));
    } catch (S3Failure e) {
      // Nothing is there, or there is trouble, which the writers meet too.
    }
    env.pause(LOOK);
  }

  /** Comes too late, and looks at what is there. */
  private static Verdict late(
      Requests requests, Calls calls, List<String> keys, List<Integer> winners) throws S3Failure {
    List<Calls.Pending<Put>> late = new ArrayList<>();
    for (String key : keys) {
      RequestBody body = Requests.bodyOf(ByteBuffer.wrap(contentOf(WRITERS)));
      late.add(calls.start(tries -> put(tries, requests, key, body)));
    }
    for (Calls.Pending<Put> each : late) {
      Put put = each.await();
      if (put.won()) {
        return new Verdict(false, "a second write of one key was told that it was new");
      }
      if (put.trouble() != null) {
        throw put.trouble();
      }
    }
    List<Calls.Pending<Requests.Got>> reads = new ArrayList<>();
    for (String key : keys) {
      reads.add(
          calls.start(tries -> tries.send(0, atMost -> requests.get(key, 4 * HALF_BYTES, atMost))));
    }
    for (int i = 0; i < keys.size(); i++) {
      byte[] there = reads.get(i).await().bytes();
      if (!Arrays.equals(there, contentOf(winners.get(i)))) {
        return new Verdict(false, "a key holds what a writer sent that was told it was taken");
      }
    }
    return new Verdict(
        true, "of " + WRITERS + " writers at once and one late one, exactly one created each key");
  }

  private static byte[] contentOf(int writer) {
    byte[] content = new byte[2 * HALF_BYTES];
    Arrays.fill(content, (byte) ('a' + writer));
    return content;
  }

  private static Put put(Calls.Tries tries, Requests requests, String key, RequestBody body)
      throws S3Failure {
    try {
      return tries.sendOnce(
          body.optionalContentLength().orElse(0L),
          atMost -> {
            requests.put(key, body, Requests.Condition.NEW, "", atMost);
            return new Put(true, null);
          });
    } catch (S3Failure e) {
      return switch (e.meaning()) {
        case TAKEN -> new Put(false, null);
        case AGAIN, UNKNOWN -> new Put(false, e);
        case MISSING, BEYOND, REFUSED -> throw e;
      };
    }
  }

  private static RequestBody body(byte[] content, Meeting meeting) {
    return RequestBody.fromContentProvider(
        () -> new MeetingStream(content, meeting), content.length, "application/octet-stream");
  }

  /**
   * A body that waits for the others in its middle. It is read more than once, to be signed and to
   * be sent; all of them meet each time. Nobody waits long for one whose request failed.
   */
  private static final class MeetingStream extends InputStream {
    private final byte[] content;
    private final Meeting meeting;
    private int position;

    MeetingStream(byte[] content, Meeting meeting) {
      this.content = content;
      this.meeting = meeting;
    }

    @Override
    public int read() {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int start, int length) {
      if (position == content.length) {
        return -1;
      }
      if (position == HALF_BYTES) {
        meeting.attend();
      }
      int end = position < HALF_BYTES ? HALF_BYTES : content.length;
      int count = Math.min(length, end - position);
      System.arraycopy(content, position, into, start, count);
      position += count;
      return count;
    }
  }

  /** Where the writers of one key wait for each other, again and again. */
  private static final class Meeting {
    private final S3Env env;
    private final S3Env.Monitor monitor;
    private final Runnable whenAllAreThere;
    private int there;
    private int held;

    /** Somebody went without the others: nobody waits any more. */
    private boolean broken;

    Meeting(S3Env env, Runnable whenAllAreThere) {
      this.env = env;
      this.monitor = env.monitor();
      this.whenAllAreThere = whenAllAreThere;
    }

    /** Waits for the others; not for long, and then the race is less close. */
    void attend() {
      monitor.lock();
      try {
        int mine = held;
        if (broken) {
          return;
        }
        if (++there < WRITERS) {
          await(mine);
          return;
        }
      } finally {
        monitor.unlock();
      }
      whenAllAreThere.run();
      monitor.lock();
      there = 0;
      held++;
      monitor.signalAll();
      monitor.unlock();
    }

    private void await(int mine) {
      long end = env.nanoTime() + MEET_MAX.toNanos();
      try {
        for (long left = MEET_MAX.toNanos(); held == mine && !broken; left = end - env.nanoTime()) {
          if (left <= 0) {
            broken = true;
            monitor.signalAll();
          } else {
            monitor.await(left);
          }
        }
      } catch (InterruptedException e) {
        broken = true;
        monitor.signalAll();
        Thread.currentThread().interrupt();
      }
    }
  }
}
