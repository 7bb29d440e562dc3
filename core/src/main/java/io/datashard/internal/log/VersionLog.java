package io.datashard.internal.log;

import io.datashard.error.ConflictException;
import io.datashard.error.CorruptTableException;
import io.datashard.error.OutcomeUnknownException;
import io.datashard.error.StorageException;
import io.datashard.internal.env.Env;
import io.datashard.storage.PutOutcome;
import io.datashard.storage.Storage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The numbered versions of one table: which is the newest, and creating the next.
 *
 * <p>The names in {@code metadata/} are the truth; the hint is only written, for others (I6). The
 * first look lists the folder. Later ones ask for the next number, which is sound because versions
 * have no gaps and are never taken back; when many came meanwhile, the folder is listed again. What
 * was once returned as newest is never followed by an older one.
 *
 * <p>What this does <em>not</em> do: look inside a version, retry, or remove old versions. All
 * versions are kept, so the number of one that exists is settled for ever (I1).
 *
 * <p>Safe for use by many threads.
 */
public final class VersionLog {
  private static final Logger LOG = LoggerFactory.getLogger(VersionLog.class);
  private static final int VERSION_BYTES_MAX = 256 << 20;

  /** So many next numbers are asked for one by one before the folder is listed. */
  private static final int PROBES_MAX = 16;

  /** How often to look again when what was found is gone a moment later. */
  private static final int LOOKS_MAX = 3;

  private static final Pattern TOKEN = Pattern.compile("[0-9a-f]{32}");

  private final Storage storage;
  private final Env env;
  private final HintFile hint;
  private final AtomicReference<@Nullable Known> known = new AtomicReference<>();
  private final AtomicLong durableUpTo = new AtomicLong();

  /** The newest version we know of and the folder it was found in. */
  private record Known(Version version, String folderIdentity) {}

  /**
   * @param storage the table's
   * @param env random numbers for tokens
   */
  public VersionLog(Storage storage, Env env) {
    this.storage = storage;
    this.env = env;
    this.hint = new HintFile(storage);
  }

  /** A token for one attempt to create one version: 32 hexadecimal digits, never drawn twice. */
  public String newToken() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(env.randomId()) + hex.toHexDigits(env.randomId());
  }

  /**
   * The newest version, whole; empty if the folder has none or is not there.
   *
   * @throws ConflictException the table was deleted or replaced since it was read first
   * @throws CorruptTableException a version is missing in the middle or cannot be read
   * @throws io.datashard.error.UnsupportedTableException somebody else writes it in another layout
   * @throws StorageException the store refused
   */
  public Optional<Version> newest() {
    for (int look = 1; ; look++) {
      Known before = known.get();
      OptionalLong number = before == null ? Listing.newestIn(storage) : newestAfter(before);
      if (number.isEmpty()) {
        if (before == null) {
          return Optional.empty();
        }
        throw replaced(before.version());
      }
      if (before != null && number.getAsLong() == before.version().number()) {
        return Optional.of(before.version());
      }
      Optional<Version> found = read(number.getAsLong());
      if (found.isPresent()) {
        return Optional.of(remember(found.get()));
      }
      if (look == LOOKS_MAX) {
        throw new CorruptTableException(
            "Table "
                + storage.location()
                + " lists "
                + VersionNames.keyOf(number.getAsLong())
                + ", which is not there when it is read. Restore that file from a copy.");
      }
    }
  }

  private OptionalLong newestAfter(Known before) {
    long number = before.version().number();
    for (int probe = 0; probe < PROBES_MAX; probe++) {
      if (!storage.exists(VersionNames.keyOf(number + 1))) {
        checkSameTable(before);
        return OptionalLong.of(number);
      }
      number++;
    }
    OptionalLong listed = Listing.newestIn(storage);
    return listed.isPresent() ? OptionalLong.of(Math.max(listed.getAsLong(), number)) : listed;
  }

  private Optional<Version> read(long number) {
    String key = VersionNames.keyOf(number);
    String identity = storage.identity(key);
    return storage
        .read(key, VERSION_BYTES_MAX)
        .map(content -> new Version(number, content, identity));
  }

  /** Keeps it unless a newer one is known already, and returns the newer of the two. */
  private Version remember(Version found) {
    String folder = storage.identity(VersionNames.FOLDER);
    Known now =
        known.accumulateAndGet(
            new Known(found, folder),
            (old, given) ->
                old != null && old.version().number() >= given.version().number() ? old : given);
    return now.version();
  }

  /**
   * Creates version {@code number} with this content if nobody has created it yet (I2).
   *
   * <p>Everything that the content names must be durable before.
   *
   * @param number one more than the newest version returned here; 1 if there was none
   * @param content the table's metadata; it holds the token
   * @param token from {@link #newToken}, for this attempt alone: by it we recognise our own version
   *     when the answer of the store was lost (I4)
   * @return WON: it is there and durable. LOST: another commit has this number, ours has not
   *     happened
   * @throws ConflictException the table was deleted or replaced; nothing was written
   * @throws OutcomeUnknownException it may or may not be there, now or later
   * @throws StorageException nothing was changed
   */
  public Outcome create(long number, byte[] content, String token) {
    if (!TOKEN.matcher(token).matches() || !contains(content, token)) {
      throw new IllegalArgumentException(
          "version " + number + " must hold its token of 32 hexadecimal digits, got " + token);
    }
    Known base = known.get();
    long newest = base == null ? 0 : base.version().number();
    if (number > newest + 1 || number < 1) {
      throw new IllegalArgumentException(
          "version " + number + " cannot be created: the newest known one is " + newest);
    }
    if (base != null && number <= newest) {
      return outcomeOf(number, token).orElseThrow(() -> replaced(base.version()));
    }
    if (base != null) {
      checkSameTable(base);
      checkOnlySpelling(base.version());
    }
    try {
      PutOutcome put =
          storage.createExclusive(VersionNames.keyOf(number), ByteBuffer.wrap(content));
      if (put == PutOutcome.CREATED) {
        return won(number, content);
      }
    } catch (OutcomeUnknownException unknown) {
      return settle(number, content, token, unknown);
    }
    // "Already there" can be the echo of our own first try: a client that lost the answer sends
    // the request again. Calling that a conflict would append the same rows twice (I4).
    return settle(
        number,
        content,
        token,
        new OutcomeUnknownException(
            "Version "
                + VersionNames.keyOf(number)
                + " of table "
                + storage.location()
                + " is there, and nobody can tell whether it is ours, because it cannot be read."
                + " Look whether the change is in the table before making it again."));
  }

  private Outcome won(long number, byte[] content) {
    durableUpTo.accumulateAndGet(number, Math::max);
    try {
      remember(new Version(number, content, storage.identity(VersionNames.keyOf(number))));
    } catch (RuntimeException e) {
      // The version stands whatever this look says; the next search for the newest finds it.
      LOG.debug("Cannot look at {} just created", VersionNames.keyOf(number), e);
    }
    return Outcome.WON;
  }

  /** Whose a version is that exists; ours is durable then. Empty if it does not exist. */
  private Optional<Outcome> outcomeOf(long number, String token) {
    String key = VersionNames.keyOf(number);
    Optional<byte[]> there = storage.read(key, VERSION_BYTES_MAX);
    if (there.isEmpty()) {
      return Optional.empty();
    }
    if (!contains(there.get(), token)) {
      return Optional.of(Outcome.LOST);
    }
    try {
      storage.makeDurable(key);
    } catch (StorageException e) {
      throw new OutcomeUnknownException(
          "Version "
              + key
              + " of table "
              + storage.location()
              + " is ours, but may not survive a power cut: "
              + e.getMessage(),
          e);
    }
    return Optional.of(Outcome.WON);
  }

  /** Only what is there now can tell whether we won. */
  private Outcome settle(
      long number, byte[] content, String token, OutcomeUnknownException unknown) {
    Optional<Outcome> outcome;
    try {
      outcome = outcomeOf(number, token);
    } catch (RuntimeException e) {
      unknown.addSuppressed(e);
      throw unknown;
    }
    if (outcome.isEmpty()) {
      throw unknown; // The request may still take effect.
    }
    return outcome.get() == Outcome.WON ? won(number, content) : Outcome.LOST;
  }

  private static boolean contains(byte[] content, String token) {
    byte[] wanted = token.getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i <= content.length - wanted.length; i++) {
      int same = 0;
      while (same < wanted.length && content[i + same] == wanted[same]) {
        same++;
      }
      if (same == wanted.length) {
        return true;
      }
    }
    return false;
  }

  private void checkSameTable(Known base) {
    if (!storage.identity(VersionNames.FOLDER).equals(base.folderIdentity())
        || !storage.identity(base.version().key()).equals(base.version().identity())) {
      throw replaced(base.version());
    }
  }

  private ConflictException replaced(Version base) {
    return new ConflictException(
        "Table "
            + storage.location()
            + " was deleted or replaced while it was open: "
            + base.key()
            + " is gone or is another file than the one read before. Nothing was changed. Load the"
            + " table again.");
  }

  /** Only where a look costs next to nothing: a store without identities is a remote one. */
  private void checkOnlySpelling(Version base) {
    if (base.identity().isEmpty()) {
      return;
    }
    for (String other : VersionNames.otherKeysOf(base.number() + 1)) {
      if (storage.exists(other)) {
        String name = other.substring(VersionNames.FOLDER.length() + 1);
        throw Listing.otherSpelling(storage, name, base.number());
      }
    }
  }

  /**
   * Makes a version durable that somebody else created, before this process acknowledges what it
   * holds (I3). Costs something once, and nothing for versions that were created here.
   *
   * @throws StorageException it may not be durable; it must not be acknowledged
   */
  public void ensureDurable(Version version) {
    if (version.number() > durableUpTo.get()) {
      storage.makeDurable(version.key());
      // The sync of the folder covers the names of all older versions too, and each was synced
      // before it got its name.
      durableUpTo.accumulateAndGet(version.number(), Math::max);
    }
  }

  /**
   * Tells foreign readers which version is the newest, when it is durable (I6). One thread writes
   * at a time, the others leave their number to it. A failure is logged, never thrown.
   */
  public void hint(long number) {
    hint.advance(number);
  }
}
