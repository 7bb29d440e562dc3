package io.datashard.internal.log;

import io.datashard.error.ConflictException;
import io.datashard.error.CorruptTableException;
import io.datashard.error.OutcomeUnknownException;
import io.datashard.error.StorageException;
import io.datashard.internal.env.Env;
import io.datashard.storage.Durability;
import io.datashard.storage.NewFile;
import io.datashard.storage.PutOutcome;
import io.datashard.storage.Storage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
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
 * have no gaps and are cleaned away from the oldest on; when many came meanwhile, or the one we
 * knew is gone, the folder is listed again. What was once returned as newest is never followed by
 * an older one.
 *
 * <p>A number is won once, for ever (I1), though old names are freed: see {@link Floor}.
 *
 * <p>What this does <em>not</em> do: look inside a version, or retry.
 *
 * <p>Safe for use by many threads.
 */
public final class VersionLog {
  private static final Logger LOG = LoggerFactory.getLogger(VersionLog.class);
  private static final int VERSION_BYTES_MAX = 256 << 20;

  /** So long nobody looks whether a table of a remote store was deleted or replaced (I11). */
  private static final long FRESH_MILLIS = 60_000;

  /** How often to look for what is taken: for some 600 ms. */
  private static final int TAKEN_LOOKS_MAX = 6;

  /** How often to look again when what was found is gone a moment later. */
  private static final int LOOKS_MAX = 3;

  private static final Pattern TOKEN = Pattern.compile("[0-9a-f]{32}");

  private final Storage storage;
  private final Env env;

  /** At the level at which versions are created. */
  private volatile Storage writing;

  private final StoreTime time;
  private final Floor floor;
  private final HintFile hint;
  private final LookAhead lookAhead;
  private final Cleaner cleaner;
  private final AtomicReference<@Nullable Known> known = new AtomicReference<>();
  private final AtomicLong durableUpTo = new AtomicLong();

  /**
   * The newest version we know of.
   *
   * @param folderIdentity of the folder it was found in
   * @param since a moment at which there was no newer one
   */
  private record Known(Version version, String folderIdentity, StoreTime.Moment since) {
    Known later(Known other) {
      long number = version.number();
      long others = other.version.number();
      if (number != others) {
        return number > others ? this : other;
      }
      // The same object as long as it is the same version.
      return new Known(version, folderIdentity, StoreTime.later(since, other.since));
    }
  }

  /**
   * @param storage the table's
   * @param env random numbers for tokens
   */
  public VersionLog(Storage storage, Env env) {
    this.storage = storage;
    this.env = env;
    this.writing = storage;
    this.time = new StoreTime(storage, env);
    this.floor = new Floor(storage);
    this.hint = new HintFile(storage, floor);
    this.lookAhead = new LookAhead(storage, VERSION_BYTES_MAX);
    this.cleaner = new Cleaner(storage, floor);
  }

  /** A token for one attempt to create one version: 32 hexadecimal digits, never drawn twice. */
  public String newToken() {
    return env.randomHex();
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
      StoreTime.Moment begun = time.now();
      // What is known helps once: if that leads to a name that was freed, the folder is listed.
      boolean list = before == null || look > 1;
      Listing.Looked looked = list ? Listing.look(storage, floor, time, this::read) : null;
      if (looked != null && looked.isBelowFloor() && look < LOOKS_MAX) {
        continue;
      }
      if (looked != null) {
        begun = looked.begun();
      }
      LookAhead.Found ahead = looked != null ? null : lookedAhead(Objects.requireNonNull(before));
      OptionalLong number =
          looked != null
              ? looked.newest(storage)
              : ahead != null ? OptionalLong.of(ahead.number()) : Listing.newestIn(storage, floor);
      if (number.isEmpty()) {
        if (before == null) {
          return Optional.empty();
        }
        throw replaced(before.version());
      }
      if (before != null && number.getAsLong() == before.version().number()) {
        return Optional.of(remember(before.version(), before.folderIdentity(), begun));
      }
      if (before != null && number.getAsLong() < before.version().number()) {
        throw replaced(before.version());
      }
      Optional<Version> found =
          looked != null ? looked.content() : contentOf(number.getAsLong(), ahead);
      if (found.isPresent() && (looked != null || !isFreed(number.getAsLong(), before))) {
        return Optional.of(remember(found.get(), begun));
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

  /**
   * The newest version as far as is known here, if the look that told so is so fresh that another
   * one is hardly worth a request; empty in a store where a look costs next to nothing.
   */
  public Optional<Version> fresh() {
    Known now = known.get();
    return now != null && time.isWithin(FRESH_MILLIS, now.since())
        ? Optional.of(now.version())
        : Optional.empty();
  }

  /** Whether there is a file of this version; an old one may have been cleaned away. */
  public boolean hasVersion(long number) {
    return storage.exists(VersionNames.keyOf(number));
  }

  /**
   * What a look found that began with this version; null if it led to a name that was freed, or
   * over one that is missing.
   */
  private LookAhead.@Nullable Found lookedAhead(Known before) {
    LookAhead.Found found = lookAhead.newestAfter(before.version().number());
    // Versions go from the oldest on: as long as the one we know is there, none above it went.
    return isIntact(before) ? found : null;
  }

  private Optional<Version> contentOf(long number, LookAhead.@Nullable Found ahead) {
    byte[] content = ahead == null ? null : ahead.content();
    return content == null
        ? read(number)
        : Optional.of(new Version(number, content, storage.identity(VersionNames.keyOf(number))));
  }

  private Optional<Version> read(long number) {
    String key = VersionNames.keyOf(number);
    String identity = storage.identity(key);
    return storage
        .read(key, VERSION_BYTES_MAX)
        .map(content -> new Version(number, content, identity));
  }

  /** Keeps it unless a newer one is known already, and returns the newer of the two. */
  private Version remember(Version found, StoreTime.Moment since) {
    return remember(found, storage.identity(VersionNames.FOLDER), since);
  }

  private Version remember(Version found, String folder, StoreTime.Moment since) {
    Known now =
        known.accumulateAndGet(
            new Known(found, folder, since),
            (old, given) -> old == null ? given : old.later(given));
    return now.version();
  }

  /**
   * Creates versions at this level of durability from now on; before, at {@link Durability#FSYNC}.
   * The floor stays durable in any case: it is no part of a commit.
   */
  public void createAt(Durability level) {
    writing = storage.withDurability(level);
  }

  /**
   * Creates version {@code number} with this content if nobody has created it yet (I2).
   *
   * <p>Everything that the content names is durable before: the files given, and others by then.
   *
   * @param number one more than the newest version returned here; 1 if there was none
   * @param content the table's metadata; it holds the token
   * @param named the new files that the content names, finished; durable before the version is
   *     there
   * @param token from {@link #newToken}, for this attempt alone: by it we recognise our own version
   *     when the answer of the store was lost (I4)
   * @return WON: it is there, and as durable as versions are created. LOST: another commit has this
   *     number, ours has not happened. UNDECIDED: a commit had this number, which may have been
   *     ours
   * @throws ConflictException the table was deleted or replaced; nothing was written
   * @throws OutcomeUnknownException it may or may not be there, now or later
   * @throws StorageException nothing was changed
   */
  public Outcome create(long number, byte[] content, String token, List<NewFile> named) {
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
    if (base != null) {
      if (number <= newest || !isIntact(base)) {
        if (!named.isEmpty()) {
          writing.makeDurable(named);
        }
        return Outcome.LOST; // nothing was asked for under this token
      }
      checkOnlySpelling(base.version());
    }
    StoreTime.Moment begun = time.now();
    try {
      PutOutcome put =
          writing.createExclusive(VersionNames.keyOf(number), ByteBuffer.wrap(content), named);
      if (put == PutOutcome.CREATED) {
        return isUncertain(number, base) ? Outcome.UNDECIDED : won(number, content, begun);
      }
    } catch (OutcomeUnknownException unknown) {
      return settle(number, content, token, base, false, unknown);
    }
    // "Already there" can be the echo of our own first try: a client that lost the answer sends
    // the request again. Calling that a conflict would append the same rows twice (I4).
    return settle(
        number,
        content,
        token,
        base,
        storage.isRemote(),
        new OutcomeUnknownException(
            "Version "
                + VersionNames.keyOf(number)
                + " of table "
                + storage.location()
                + " is there, and nobody can tell whether it is ours, because it cannot be read."
                + " Look whether the change is in the table before making it again."));
  }

  /**
   * @param since a moment before it was created: then there was no newer one
   */
  private Outcome won(long number, byte[] content, StoreTime.Moment since) {
    durableUpTo.accumulateAndGet(number, Math::max);
    try {
      remember(new Version(number, content, storage.identity(VersionNames.keyOf(number))), since);
    } catch (RuntimeException e) {
      // The version stands whatever this look says; the next search for the newest finds it.
      LOG.debug("Cannot look at {} just created", VersionNames.keyOf(number), e);
    }
    return Outcome.WON;
  }

  /** Whether it is ours; then it is durable when this returns. */
  private boolean isOurs(long number, byte[] there, String token) {
    if (!contains(there, token)) {
      return false;
    }
    String key = VersionNames.keyOf(number);
    try {
      writing.makeDurable(key);
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
    return true;
  }

  /**
   * Only what is there now can tell whether we won.
   *
   * @param patient whether to look more than once: the store said that the name is taken, and some
   *     say so a moment before the file can be read
   */
  private Outcome settle(
      long number,
      byte[] content,
      String token,
      @Nullable Known base,
      boolean patient,
      OutcomeUnknownException unknown) {
    Optional<byte[]> there;
    boolean ours;
    try {
      there = readTaken(number, patient ? TAKEN_LOOKS_MAX : 1);
      ours = there.isPresent() && isOurs(number, there.get(), token);
    } catch (RuntimeException e) {
      unknown.addSuppressed(e);
      throw unknown;
    }
    if (isUncertain(number, base)) {
      return Outcome.UNDECIDED;
    }
    if (there.isEmpty()) {
      throw unknown; // The request may still take effect.
    }
    // No newer one was there when there was no newer one than the base.
    if (ours) {
      return won(number, content, base == null ? time.never() : base.since());
    }
    if (storage.isRemote() && base != null) {
      remember(new Version(number, there.get(), ""), base.since()); // saves a look
    }
    return Outcome.LOST;
  }

  private Optional<byte[]> readTaken(long number, int looksMax) {
    String key = VersionNames.keyOf(number);
    Optional<byte[]> there = storage.read(key, VERSION_BYTES_MAX);
    try {
      for (int look = 1; there.isEmpty() && look < looksMax; look++) {
        env.sleep(Duration.ofMillis(10L << look));
        there = storage.read(key, VERSION_BYTES_MAX);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return there;
  }

  /**
   * Whether what was just seen of a version says nothing: its name may have been freed and created
   * again.
   *
   * @throws OutcomeUnknownException the floor cannot be read
   */
  private boolean isUncertain(long number, @Nullable Known base) {
    try {
      return isFreed(number, base);
    } catch (RuntimeException e) {
      throw new OutcomeUnknownException(
          "Whether version "
              + VersionNames.keyOf(number)
              + " of table "
              + storage.location()
              + " counts cannot be told: "
              + e.getMessage(),
          e);
    }
  }

  /**
   * Whether the name of a version may have been freed by now.
   *
   * @param base an older version that was known before
   */
  private boolean isFreed(long number, @Nullable Known base) {
    return !(base != null && number > base.version().number() && time.isRecent(base.since()))
        && floor.read() > number;
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

  /**
   * Whether the version we know is still there; false if it was cleaned away, so that there are
   * newer ones.
   */
  private boolean isIntact(Known base) {
    Version version = base.version();
    if (!storage.identity(VersionNames.FOLDER).equals(base.folderIdentity())) {
      throw replaced(version);
    }
    if (!version.identity().isEmpty()
        && storage.identity(version.key()).equals(version.identity())) {
      return true;
    }
    if (version.identity().isEmpty()) {
      return isThere(base); // a store that does not tell files of one name apart
    }
    if (floor.read() > version.number()) {
      return false;
    }
    throw replaced(version);
  }

  /** As {@link #isIntact}, asking a remote store now and then only. */
  private boolean isThere(Known base) {
    Version version = base.version();
    if (time.isWithin(FRESH_MILLIS, base.since())) {
      return true;
    }
    boolean isThere = !storage.isRemote() || storage.exists(version.key());
    // The name goes when its successor is old enough, and that came after this moment. Asked when
    // the look is over: this process may have slept before it.
    if (!time.isRecent(base.since()) && floor.read() > version.number()) {
      return false;
    }
    if (isThere) {
      return true;
    }
    throw replaced(version);
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
   * Makes a version that somebody else created as durable as those that are created here, before
   * this process acknowledges what it holds (I3). Costs something once, and nothing for versions
   * that were created here.
   *
   * @throws StorageException it may not be durable; it must not be acknowledged
   */
  public void ensureDurable(Version version) {
    if (version.number() > durableUpTo.get()) {
      writing.makeDurable(version.key());
      // The sync of the folder covers the names of all older versions too, and each was synced
      // before it got its name.
      durableUpTo.accumulateAndGet(version.number(), Math::max);
    }
  }

  /**
   * Makes a version durable, at whatever level it was created.
   *
   * @throws StorageException it may not be durable
   */
  public void makeDurable(long number) {
    storage.makeDurable(VersionNames.keyOf(number));
  }

  /**
   * Tells foreign readers which version is the newest, when it is durable (I6). One thread writes
   * at a time, the others leave their number to it. A failure is logged, never thrown.
   */
  public void hint(long number) {
    hint.advance(number);
  }

  /**
   * Deletes old versions, a few at a time; the newest one stays in any case.
   *
   * @param kept which versions do not go
   * @param look whether to look even if hardly anything was committed since the last time
   * @return whether more is to be cleaned before anything else is committed
   * @throws StorageException the store refused; what is left is cleaned another time
   */
  public boolean clean(Retention kept, boolean look) {
    Known now = known.get();
    return now != null && cleaner.clean(now.version().number(), kept, look);
  }

  /**
   * The number of the oldest version that counts, as {@link #clean} left it; 0 if it cleaned
   * nothing yet. It is durable that no older one counts.
   */
  public long cleanedTo() {
    return cleaner.durableFloor();
  }

  /**
   * A version that is kept; empty if it was cleaned away.
   *
   * @throws StorageException the store refused
   */
  public Optional<Version> version(long number) {
    return read(number).filter(found -> floor.read() <= number);
  }

  /** The floor: below it versions may be gone; 0 if none ever was cleaned away. */
  public long floor() {
    return floor.read();
  }
}
