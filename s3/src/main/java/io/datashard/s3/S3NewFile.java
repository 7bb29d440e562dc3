package io.datashard.s3;

import io.datashard.error.StorageException;
import io.datashard.s3.S3Failure.Meaning;
import io.datashard.storage.NewFile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * A new object. It is collected in memory and sent when it is finished, beside others; or, when it
 * grows larger than a part, in parts while it is written. Until all of it is there, nobody sees any
 * of it.
 *
 * <p>A name that is taken is found by the condition of the one PUT, or by a look before the first
 * part. Our own write, whose answer was lost, is known by a random token in the object's metadata.
 */
final class S3NewFile implements NewFile {
  private enum State {
    OPEN,
    FINISHED,
    FAILED,
    CLOSED
  }

  private static final int BUFFER_BYTES_FIRST = 4096;
  private static final int PARTS_UNDER_WAY_MAX = 2;

  /** S3 takes 10,000 parts; after so many they get twice as large. */
  private static final int PARTS_OF_ONE_SIZE = 1_000;

  private final S3Storage storage;
  private final String key;
  private final String full;
  private final String token;
  private final int partBytesFirst;
  private byte[] buffer = new byte[BUFFER_BYTES_FIRST];
  private int buffered;
  private long position;
  private State state = State.OPEN;
  private @Nullable String upload;
  private final List<Calls.Pending<CompletedPart>> parts = new ArrayList<>();
  private Calls.@Nullable Pending<Boolean> sent;

  S3NewFile(S3Storage storage, String key, String full) {
    this.storage = storage;
    this.key = key;
    this.full = full;
    this.token = storage.calls().env().randomHex();
    this.partBytesFirst = storage.requests().client().config().partBytes();
  }

  S3Storage storage() {
    return storage;
  }

  @Override
  public String key() {
    return key;
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public void write(byte[] bytes, int start, int length) {
    Objects.checkFromIndexSize(start, length, bytes.length);
    require(State.OPEN, "written");
    for (int done = 0; done < length; ) {
      int partBytes = partBytes();
      if (buffered == partBytes) {
        sendPart();
        continue;
      }
      int piece = Math.min(length - done, partBytes - buffered);
      if (buffer.length - buffered < piece) {
        long wanted = Math.max(buffered + (long) piece, buffer.length * 2L);
        buffer = Arrays.copyOf(buffer, (int) Math.min(partBytes, wanted));
      }
      System.arraycopy(bytes, start + done, buffer, buffered, piece);
      buffered += piece;
      done += piece;
    }
    position += length;
  }

  private int partBytes() {
    int doublings = parts.size() / PARTS_OF_ONE_SIZE;
    return (int) Math.min(1 << 30, (long) partBytesFirst << Math.min(doublings, 16));
  }

  private void sendPart() {
    try {
      if (upload == null) {
        upload = startParts();
      }
      int underWay = parts.size() - PARTS_UNDER_WAY_MAX;
      if (underWay >= 0) {
        parts.get(underWay).await();
      }
    } catch (S3Failure e) {
      state = State.FAILED;
      throw S3Errors.storage("write", storage.at(key), e);
    } catch (StorageException e) {
      state = State.FAILED;
      throw e;
    }
    ByteBuffer content = ByteBuffer.wrap(buffer, 0, buffered);
    String to = Objects.requireNonNull(upload);
    int number = parts.size() + 1;
    parts.add(
        storage
            .calls()
            .startUpload(
                tries ->
                    tries.send(
                        content.remaining(),
                        atMost ->
                            storage
                                .requests()
                                .putPart(full, to, number, Requests.bodyOf(content), atMost))));
    buffer = new byte[Math.min(buffer.length, partBytes())];
    buffered = 0;
  }

  private String startParts() throws S3Failure {
    return storage
        .calls()
        .start(
            tries -> {
              try {
                tries.send(0, atMost -> storage.requests().head(full, atMost));
                throw taken(null);
              } catch (S3Failure e) {
                if (!e.is(Meaning.MISSING)) {
                  throw e;
                }
              }
              return tries.send(0, atMost -> storage.requests().startParts(full, token, atMost));
            })
        .await();
  }

  private StorageException taken(@Nullable S3Failure cause) {
    return new StorageException(
        "Cannot create " + key + ": " + storage.at(key) + " is there already. It was not changed.",
        cause);
  }

  @Override
  public void finish() {
    require(State.OPEN, "finished");
    if (upload == null) {
      ByteBuffer content = ByteBuffer.wrap(buffer, 0, buffered);
      sent = storage.calls().startUpload(tries -> sendWhole(tries, content));
    } else {
      if (buffered > 0) {
        sendPart();
      }
      sent = storage.calls().start(this::endParts);
    }
    buffer = new byte[0];
    state = State.FINISHED;
  }

  private boolean sendWhole(Calls.Tries tries, ByteBuffer content) throws S3Failure {
    try {
      return tries.send(
          content.remaining(),
          atMost -> {
            storage
                .requests()
                .put(full, Requests.bodyOf(content), Requests.Condition.NEW, token, atMost);
            return true;
          });
    } catch (S3Failure e) {
      if (!e.is(Meaning.TAKEN)) {
        throw e;
      }
      if (e.inDoubt() && isOurs(tries)) {
        return true;
      }
      throw taken(e);
    }
  }

  /** Whether what is there is this very file, whose answer was lost. */
  private boolean isOurs(Calls.Tries tries) throws S3Failure {
    return tries.send(0, atMost -> storage.requests().head(full, atMost)).token().equals(token);
  }

  private boolean endParts(Calls.Tries tries) throws S3Failure {
    String of = Objects.requireNonNull(upload);
    try {
      List<CompletedPart> done = new ArrayList<>();
      for (Calls.Pending<CompletedPart> part : parts) {
        done.add(part.await());
      }
      return tries.send(
          0,
          atMost -> {
            storage.requests().endParts(full, of, done, atMost);
            return true;
          });
    } catch (S3Failure e) {
      // An upload that was ended is not there any more when its end is asked for again.
      if (e.is(Meaning.MISSING) && e.inDoubt() && isOurs(tries)) {
        return true;
      }
      dropParts();
      throw e;
    }
  }

  /** Parts that nobody drops are paid for until somebody does. */
  private void dropParts() {
    String of = upload;
    if (of == null) {
      return;
    }
    for (Calls.Pending<CompletedPart> part : parts) {
      try {
        part.await();
      } catch (S3Failure e) {
        // It is dropped in any case.
      }
    }
    try {
      storage
          .calls()
          .send(
              0,
              atMost -> {
                storage.requests().dropParts(full, of, atMost);
                return true;
              });
    } catch (S3Failure e) {
      // The bucket's own rule for incomplete uploads finds it.
    }
  }

  void requireFinished() {
    require(State.FINISHED, "made durable");
  }

  private void require(State wanted, String work) {
    if (state != wanted) {
      throw new IllegalStateException(
          "file " + key + " cannot be " + work + ": it is " + state + ", not " + wanted);
    }
  }

  /**
   * Waits until it is durable.
   *
   * @throws StorageException it may not be; no commit may name it
   */
  void awaitSent() {
    try {
      Objects.requireNonNull(sent).await();
    } catch (S3Failure e) {
      throw S3Errors.storage("write", storage.at(key), e);
    }
  }

  @Override
  public void close() {
    if (state == State.CLOSED) {
      return;
    }
    boolean complete = state == State.FINISHED;
    state = State.CLOSED;
    buffer = new byte[0];
    if (!complete) {
      dropParts();
      return;
    }
    try {
      awaitSent();
    } catch (StorageException e) {
      // Whoever needs to know asks makeDurable.
    }
  }
}
