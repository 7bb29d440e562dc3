package io.datashard.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.error.StorageException;
import io.datashard.storage.ReplaceableFile;
import io.datashard.storage.Storage;
import io.datashard.testkit.s3.FakeBuckets.Conditions;
import io.datashard.testkit.s3.FakeS3;
import io.datashard.testkit.s3.FakeS3.Fault;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The hint where a store does not know {@code If-Match}, and where answers get lost (I6). */
class ReplacedFilesTest {
  private static final String KEY = "metadata/version-hint.text";

  private final FakeS3 fake = FakeS3.start();
  private final Storage storage = Stores.of(fake).at("t");
  private final ReplaceableFile hint = storage.replaceable(KEY);

  @AfterEach
  void stop() {
    fake.close();
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }

  private String content() {
    return fake.content("lake", "t/" + KEY);
  }

  @Test
  void whereConditionsAreRefusedTheLastWriterWins() {
    fake.conditions(Conditions.UNKNOWN);
    hint.read();
    assertThat(hint.tellsOfOthers()).as("nothing was refused yet").isTrue();
    assertThat(hint.replace(bytes("1"))).isTrue();
    assertThat(hint.tellsOfOthers()).isFalse();

    storage.replace(KEY, bytes("7"));
    assertThat(hint.replace(bytes("2"))).isTrue();
    assertThat(content()).isEqualTo("2");
  }

  @Test
  void aRequestThatIsWrongForAnotherReasonSaysNothingOfConditions() {
    hint.read();
    assertThat(hint.replace(bytes("1"))).isTrue();
    fake.plan(request -> new Fault.Refuse(400, "ExpiredToken"));
    assertThatThrownBy(() -> hint.replace(bytes("2"))).isInstanceOf(StorageException.class);
    fake.noFaults();
    storage.replace(KEY, bytes("7"));

    assertThat(hint.tellsOfOthers()).isTrue();
    assertThat(hint.replace(bytes("3"))).as("others came between").isFalse();
    assertThat(content()).isEqualTo("7");
  }

  @Test
  void oneOwnWriteWhoseAnswerWasLostIsSeenAgain() {
    hint.read();
    boolean[] lost = new boolean[1];
    fake.plan(
        request -> {
          boolean now = !lost[0] && request.operation().equals("PutObject");
          lost[0] |= now;
          return now ? new Fault.LoseAnswer() : new Fault.None();
        });
    assertThat(hint.replace(bytes("1"))).as("the second try finds the first").isFalse();
    assertThat(hint.read())
        .hasValueSatisfying(seen -> assertThat(seen).isEqualTo(new byte[] {'1'}));
    assertThat(hint.replace(bytes("2"))).isTrue();
    assertThat(content()).isEqualTo("2");
  }
}
