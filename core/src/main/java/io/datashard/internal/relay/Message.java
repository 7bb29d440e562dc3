package io.datashard.internal.relay;

import io.datashard.internal.env.Wire;
import io.datashard.internal.ledger.Once;
import io.datashard.internal.rows.BatchCodec;
import io.datashard.schema.Schema;
import io.datashard.table.Committed;
import io.datashard.table.Committed.Outcome;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What committer and followers say to each other: one byte of kind, then fixed fields, big-endian,
 * then at most one text or payload up to the end.
 */
final class Message {
  /** Changes with every change of a message; others are turned away. */
  static final int PROTOCOL = 6;

  /** From the follower: protocol (int), table uuid (2 longs). */
  static final byte HELLO = 1;

  /** From the committer: the table's last sequence number (long). */
  static final byte WELCOME = 2;

  /** From the committer, which will not serve this follower: why (text). */
  static final byte REFUSED = 3;

  /** From the follower: the columns of what it sends from now on (JSON). */
  static final byte COLUMNS = 4;

  /**
   * From the follower: id (3 longs), base (long: a sequence number that the table had before the
   * append was handed to anybody), length of a source's name (short, 0 if there is none), the name,
   * the number (long, only if there is a name), kind of payload (byte), payload.
   */
  static final byte APPEND = 5;

  /**
   * From the committer: number of the id, version, snapshot, rows (longs), whether it was committed
   * ({@link #NOW}) or was there before (byte), last sequence number (long).
   */
  static final byte DONE = 6;

  /** From the committer: number of the id (long), kind of error (byte), message (text). */
  static final byte FAILED = 7;

  /** From the follower: number of an id (long) that it wants back. */
  static final byte CANCEL = 8;

  /** From the committer: number of an id (long) that it will not commit. */
  static final byte CANCELLED = 9;

  /** From the committer while requests wait: the table's last sequence number (long). */
  static final byte BEAT = 10;

  /** From the committer: send nothing more, it leaves. */
  static final byte LEAVING = 11;

  /** Payload kinds. */
  static final byte ROWS = 1;

  /**
   * Files: the number of a version that was read before they were written (long), then what names
   * them.
   */
  static final byte FILES = 2;

  /** Kinds of what is done: committed, there before, there before without a known snapshot. */
  static final byte NOW = 1;

  static final byte BEFORE = 2;

  static final byte BEFORE_SNAPSHOT_UNKNOWN = 3;

  /** What an append takes besides payload and source; and besides the payload at most. */
  private static final int APPEND_BYTES = 2 + 5 * Long.BYTES + Short.BYTES;

  private static final int APPEND_BYTES_MAX = APPEND_BYTES + Once.SOURCE_BYTES_MAX;

  private Message() {}

  /** A message of numbers. */
  static ByteBuffer of(byte kind, long... numbers) {
    ByteBuffer message = ByteBuffer.allocate(1 + Long.BYTES * numbers.length);
    message.put(kind);
    for (long number : numbers) {
      message.putLong(number);
    }
    return message.flip();
  }

  /** A message of a text. */
  static ByteBuffer of(byte kind, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(1 + bytes.length).put(kind).put(bytes).flip();
  }

  /** Whether an append can be told in one message, when its columns are told. */
  static boolean fits(Request request) {
    return APPEND_BYTES_MAX + request.payload.bytes() <= Wire.MESSAGE_BYTES_MAX;
  }

  /** The columns of what is sent from now on; too long for a message if there are very many. */
  static ByteBuffer columns(Schema schema) {
    return of(COLUMNS, schema.toJson());
  }

  /** An append. */
  static ByteBuffer append(Request request) {
    Once once = request.once;
    byte[] source = once == null ? new byte[0] : once.source().getBytes(StandardCharsets.UTF_8);
    ByteBuffer message =
        ByteBuffer.allocate(APPEND_BYTES + source.length + request.payload.bytes())
            .put(APPEND)
            .putLong(request.id.high())
            .putLong(request.id.low())
            .putLong(request.id.number())
            .putLong(request.base)
            .putShort((short) source.length);
    if (once != null) {
      message.put(source).putLong(once.number());
    }
    if (request.payload instanceof Payload.Rows rows) {
      BatchCodec.write(rows.batch(), message.put(ROWS));
    } else if (request.payload instanceof Payload.Files files) {
      message.put(FILES).putLong(files.since()).put(files.encoded().duplicate());
    }
    return message.flip();
  }

  /**
   * The source and number of an append.
   *
   * @throws IllegalArgumentException they are none
   * @throws CharacterCodingException the name is no text
   */
  static @Nullable Once once(ByteBuffer append) throws CharacterCodingException {
    int length = append.getShort();
    if (length == 0) {
      return null;
    }
    if (length < 0 || length > Once.SOURCE_BYTES_MAX) {
      throw new IllegalArgumentException("a name of " + length + " bytes");
    }
    byte[] name = new byte[length];
    append.get(name);
    return new Once(strictText(ByteBuffer.wrap(name)), append.getLong());
  }

  /** The good end of an append. */
  static ByteBuffer done(long number, Committed committed, long sequence) {
    byte how = !committed.wasThere() ? NOW : BEFORE;
    if (how == BEFORE && committed.snapshot().isEmpty()) {
      how = BEFORE_SNAPSHOT_UNKNOWN;
    }
    return ByteBuffer.allocate(2 + 5 * Long.BYTES)
        .put(DONE)
        .putLong(number)
        .putLong(committed.version())
        .putLong(committed.snapshot().orElse(0))
        .putLong(committed.rowsAdded())
        .put(how)
        .putLong(sequence)
        .flip();
  }

  /** What an append ended with, after its number. */
  static Committed committed(ByteBuffer done) {
    long version = done.getLong();
    long snapshot = done.getLong();
    long rows = done.getLong();
    byte how = done.get();
    return switch (how) {
      case NOW -> new Committed(version, OptionalLong.of(snapshot), rows, 0, Outcome.COMMITTED);
      case BEFORE ->
          new Committed(version, OptionalLong.of(snapshot), rows, 0, Outcome.THERE_ALREADY);
      case BEFORE_SNAPSHOT_UNKNOWN ->
          new Committed(version, OptionalLong.empty(), rows, 0, Outcome.THERE_ALREADY);
      default -> throw new IndexOutOfBoundsException("an append done in the way " + how);
    };
  }

  /** A failure. */
  static ByteBuffer failed(long number, Failures.Kind kind, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(bytes.length, 16 << 10); // a message may hold a whole schema
    ByteBuffer message = ByteBuffer.allocate(1 + Long.BYTES + 1 + length);
    return message
        .put(FAILED)
        .putLong(number)
        .put((byte) kind.ordinal())
        .put(bytes, 0, length)
        .flip();
  }

  /** The rest of a message as text. */
  static String text(ByteBuffer message) {
    return StandardCharsets.UTF_8.decode(message.slice()).toString();
  }

  /**
   * The rest of a message as text that must be one.
   *
   * @throws CharacterCodingException it is none
   */
  static String strictText(ByteBuffer message) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(message.slice()).toString();
  }
}
