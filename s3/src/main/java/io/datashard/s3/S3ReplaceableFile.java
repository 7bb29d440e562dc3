package io.datashard.s3;

import io.datashard.error.StorageException;
import io.datashard.s3.S3Failure.Meaning;
import io.datashard.storage.ReplaceableFile;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An object that is replaced with {@code If-Match}. Not every store knows that: where it is refused
 * the last writer wins, as where it is ignored.
 */
final class S3ReplaceableFile implements ReplaceableFile {
  private final S3Storage storage;
  private final String key;
  private final String full;

  /** What a write asks for; null before anything was seen. */
  private Requests.@Nullable Condition condition;

  S3ReplaceableFile(S3Storage storage, String key, String full) {
    this.storage = storage;
    this.key = key;
    this.full = full;
  }

  @Override
  public Optional<byte[]> read() {
    try {
      Requests.Got got =
          storage
              .calls()
              .send(BYTES_MAX, atMost -> storage.requests().get(full, BYTES_MAX, atMost));
      byte[] bytes = got.bytes();
      if (bytes == null) {
        throw new StorageException(
            storage.at(key)
                + " has "
                + got.length()
                + " bytes; at most "
                + BYTES_MAX
                + " are right.");
      }
      sees(got.eTag());
      return Optional.of(bytes);
    } catch (S3Failure e) {
      if (e.is(Meaning.MISSING) && !Requests.isNoBucket(e)) {
        condition = condition == Requests.Condition.NONE ? condition : Requests.Condition.NEW;
        return Optional.empty();
      }
      throw S3Errors.storage("read", storage.at(key), e);
    }
  }

  /** Content with this tag is there; a store that refused a condition gets no other. */
  private void sees(String eTag) {
    condition =
        eTag.isEmpty() || condition == Requests.Condition.NONE
            ? Requests.Condition.NONE
            : Requests.Condition.is(eTag);
  }

  @Override
  public boolean replace(ByteBuffer content) {
    Requests.Condition now = condition;
    if (now == null) {
      return false;
    }
    try {
      sees(put(content, now));
      return true;
    } catch (S3Failure e) {
      if (now != Requests.Condition.NONE) {
        if (e.is(Meaning.TAKEN) || e.is(Meaning.MISSING) && !Requests.isNoBucket(e)) {
          condition = null; // others were here, or we were and the answer was lost
          return false;
        }
        if (e.is(Meaning.REFUSED) && (e.status() == 400 || e.status() == 501)) {
          return replaceBlindly(content);
        }
      }
      throw S3Errors.storage("replace", storage.at(key), e);
    }
  }

  /** A store that takes this has refused the condition. */
  private boolean replaceBlindly(ByteBuffer content) {
    try {
      put(content, Requests.Condition.NONE);
      condition = Requests.Condition.NONE;
      return true;
    } catch (S3Failure e) {
      throw S3Errors.storage("replace", storage.at(key), e);
    }
  }

  @Override
  public boolean tellsOfOthers() {
    return condition != Requests.Condition.NONE;
  }

  private String put(ByteBuffer content, Requests.Condition asked) throws S3Failure {
    return storage
        .calls()
        .send(
            content.remaining(),
            atMost -> storage.requests().put(full, Requests.bodyOf(content), asked, "", atMost));
  }
}
