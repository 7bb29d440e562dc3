package io.datashard.internal.commit;

import io.datashard.error.ConflictException;
import io.datashard.error.CorruptTableException;
import io.datashard.error.OutcomeUnknownException;
import io.datashard.error.SchemaMismatchException;
import io.datashard.error.StorageException;
import io.datashard.error.UnsupportedTableException;
import io.datashard.internal.env.Env;
import io.datashard.internal.history.History;
import io.datashard.internal.ledger.Known;
import io.datashard.internal.ledger.Ledger;
import io.datashard.internal.ledger.Once;
import io.datashard.internal.log.Outcome;
import io.datashard.internal.log.Version;
import io.datashard.internal.log.VersionLog;
import io.datashard.internal.metadata.BloomProperties;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableMetadataJson;
import io.datashard.internal.metadata.TableProperties;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.Schema;
import io.datashard.schema.SortOrder;
import io.datashard.storage.Durability;
import io.datashard.storage.Storage;
import io.datashard.table.Committed;
import io.datashard.table.DataFile;
import io.datashard.table.Snapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Applies a change to the newest version of one table, again and again until it wins or cannot.
 *
 * <p>One attempt: read the newest version, write what the change adds to it, make all of that
 * durable (first generation of syncs), then create the next version exclusively (second
 * generation). Losing the create means that another commit came first: data files and manifests are
 * kept, only manifest list and metadata are made again. Safe for use by many threads.
 */
public final class Committer {
  /** So many times as long as a quick attempt one may take because of its work. */
  private static final int ATTEMPT_QUICKS_MAX = 4;

  /** So long the first attempt counts at most: nothing tells yet whether something held it up. */
  private static final long FIRST_ATTEMPT_NANOS_MAX = Duration.ofMillis(100).toNanos();

  /** So old a version may be used, however often its columns are confirmed: it has properties. */
  private static final long CONFIRMED_NANOS_MAX = Duration.ofSeconds(30).toNanos();

  private final Storage storage;
  private final Env env;
  private final VersionLog log;
  private final ManifestLists lists;
  private final History history;
  private final Ledger ledger;
  private final RecentSnapshots recentSnapshots = new RecentSnapshots();
  private final RecentManifests recentManifests = new RecentManifests();
  private final Rivals rivals = new Rivals();

  /** Null where an attempt is so short that whoever loses wins soon. */
  private final @Nullable CommitQueue queue;

  /** What a commit leaves over. */
  private final Chores chores;

  private final OldVersions oldVersions;
  private volatile @Nullable Head known;
  private volatile long lookedNanos = Long.MIN_VALUE / 2;
  private volatile long confirmedNanos = Long.MIN_VALUE / 2;
  private volatile @Nullable Written written;

  /** Null before a version was read that says something we know. */
  private volatile @Nullable Leveled leveled;

  private volatile long quickAttemptNanos = Long.MAX_VALUE;

  /**
   * What this committer wrote last as a version, whether it is one or not: it need not be parsed.
   */
  private record Written(long number, byte[] content, TableMetadata metadata) {
    boolean is(Version version) {
      return number == version.number() && Arrays.equals(content, version.content());
    }
  }

  /** The storage at the level of durability that the table had when it was opened. */
  private record Leveled(Durability level, Storage storage) {}

  /** A committer for the table of this storage; nothing is read yet. */
  public Committer(Storage storage, Env env) {
    this.storage = storage;
    this.env = env;
    this.log = new VersionLog(storage, env);
    this.lists = new ManifestLists(storage);
    this.history = new History(storage);
    this.ledger = new Ledger(storage);
    this.chores = new Chores(env, !storage.isRemote());
    this.oldVersions = new OldVersions(this);
    this.queue = storage.isRemote() ? new CommitQueue(storage, env, new OwnNewest()) : null;
  }

  /**
   * The newest version, as one cheap look at the store tells; empty if there is no table.
   *
   * @throws CorruptTableException it cannot be read, or became another table under this handle
   *     (I11)
   */
  public Optional<Head> newest() {
    return log.newest().map(this::understand);
  }

  /**
   * The newest version of a table that must be there.
   *
   * @throws CorruptTableException it is not, or as for {@link #newest}
   */
  public Head newestOrGone() {
    return newest().orElseThrow(this::gone);
  }

  /**
   * A version of a moment ago, or an older one whose columns were {@linkplain #confirm confirmed} a
   * moment ago; of a remote store one that was the newest within the last minute.
   *
   * @param ageMax so long ago its columns may have been the newest
   * @throws CorruptTableException as for {@link #newestOrGone}
   */
  public Head recent(Duration ageMax) {
    if (storage.isRemote()) {
      return newestKnown();
    }
    Head head = known;
    long now = env.nanoTime();
    long age = now - lookedNanos;
    boolean isConfirmed = now - confirmedNanos < ageMax.toNanos() && age < CONFIRMED_NANOS_MAX;
    if (head != null && (isConfirmed || age < ageMax.toNanos())) {
      return head;
    }
    Head newest = newestOrGone();
    lookedNanos = now;
    return newest;
  }

  /**
   * Somebody committed rows of these columns just now, so they were the newest. Saves another look
   * at the newest version, which costs more than to hand over an append.
   */
  public void confirm(Schema columns) {
    Head head = known;
    if (head != null && head.metadata().schema() == columns) {
      confirmedNanos = env.nanoTime();
    }
  }

  /** The newest version that is known, if that is fresh; else the newest one. */
  Head newestKnown() {
    Optional<Version> fresh = log.fresh();
    return fresh.isPresent() ? understand(fresh.get()) : newestOrGone();
  }

  private Head understand(Version version) {
    Head before = known;
    if (before != null && before.version().number() >= version.number()) {
      return before; // another thread was quicker
    }
    Written mine = written;
    TableMetadata metadata;
    if (mine != null && mine.is(version)) {
      metadata = mine.metadata();
    } else {
      metadata = TableMetadataJson.parse(version.content(), version.key());
      if (before != null) {
        rivals.seen();
        if (queue != null) {
          queue.seenOthers();
        }
      }
    }
    if (before != null && !before.metadata().tableUuid().equals(metadata.tableUuid())) {
      throw new CorruptTableException(
          "The table at "
              + storage.location()
              + " was replaced by another one: version "
              + before.version().number()
              + " had the uuid "
              + before.metadata().tableUuid()
              + ", version "
              + version.number()
              + " has "
              + metadata.tableUuid()
              + ". Nothing was committed. Load the table again.");
    }
    if (leveled == null) {
      TableDurability.find(metadata.properties()).ifPresent(this::openAt);
    }
    return knows(new Head(version, metadata));
  }

  private synchronized Head knows(Head head) {
    Head before = known;
    if (before != null && before.version().number() >= head.version().number()) {
      return before;
    }
    recentSnapshots.add(head.metadata());
    known = head;
    return head;
  }

  /** The first level counts, for as long as this committer is used. */
  private synchronized void openAt(Durability level) {
    if (leveled == null) {
      log.createAt(level);
      leveled = new Leveled(level, storage.withDurability(level));
    }
  }

  private Leveled leveled() {
    Leveled found = leveled;
    if (found == null) {
      throw TableDurability.unknown(knownMetadata());
    }
    return found;
  }

  /**
   * How durable commits are: as the first version said that was read here. Only when that is known,
   * something can be written.
   *
   * @throws UnsupportedTableException the table says something that we do not know
   * @throws IllegalStateException no version was read yet
   */
  public Durability durability() {
    return leveled().level();
  }

  /**
   * The storage for whatever becomes part of a commit: at the level of {@link #durability()}.
   *
   * @throws RuntimeException as there
   */
  public Storage storageForCommits() {
    return leveled().storage();
  }

  /**
   * Creates the table's first version.
   *
   * @return whether this call created it; false if another one did meanwhile, which is durable then
   */
  public boolean create(
      Schema schema, PartitionSpec spec, SortOrder order, Map<String, String> properties) {
    BloomProperties.requireColumns(properties, schema);
    String token = log.newToken();
    TableMetadata first =
        NextVersion.first(storage.location(), env, schema, spec, order, properties, token);
    Durability level = TableDurability.ofNew(properties);
    log.createAt(level);
    Outcome outcome = log.create(1, TableMetadataJson.write(first), token, List.of());
    if (outcome == Outcome.WON) {
      openAt(level);
      log.hint(1);
      return true;
    }
    log.createAt(Durability.FSYNC); // until the table that is there says something else
    // UNDECIDED: somebody made the table so long ago that its first version is cleaned away.
    ensureDurable(newestOrGone());
    return false;
  }

  /**
   * Makes a version that somebody else created as durable as the table promises, so that it can be
   * acknowledged (I3).
   *
   * @throws StorageException it may not be durable
   */
  public void ensureDurable(Head head) {
    log.ensureDurable(head.version());
  }

  /**
   * Commits the change.
   *
   * @throws ConflictException the change cannot be applied to the newest version; nothing was
   *     committed
   * @throws SchemaMismatchException the columns changed under the data; nothing was committed
   * @throws OutcomeUnknownException it may or may not have been committed; nothing was deleted (I3)
   * @throws StorageException nothing was committed
   */
  public Committed commit(Change change) {
    if (change.isEmpty()) {
      long version = newestOrGone().version().number();
      return new Committed(version, OptionalLong.empty(), 0, 0, Committed.Outcome.NOTHING_TO_DO);
    }
    return settled(alone(change, List.of()));
  }

  /**
   * Commits the change unless the table has this source and number already.
   *
   * @param change of files
   * @throws io.datashard.error.OnceRefusedException nobody knows whether the table has it; nothing
   *     was committed
   * @throws RuntimeException as for {@link #commit(Change)}
   */
  public Committed commit(Change change, Once once) {
    long rows = change.added().stream().mapToLong(DataFile::recordCount).sum();
    AppendId id = new AppendId.Source(env).next();
    Round.Member member = new Round.Member(id, Long.MAX_VALUE, rows, once, null);
    return settled(alone(change, List.of(member)));
  }

  /**
   * Commits the fence of a clean-up: a version that changes no data, but whoever was about to
   * commit loses to it, looks at how old his files are, and writes them anew if need be (I7).
   *
   * @param keptSinceMillis files that were written before are too old, by the store's clock; see
   *     {@link Fences}
   * @return the number of the fence's version, which is durable
   * @throws RuntimeException as for {@link #commit(Change)}
   */
  public long fence(long keptSinceMillis) {
    long number = commit(Change.fence(keptSinceMillis)).version();
    if (durability() != Durability.FSYNC) {
      log.makeDurable(number); // what it lets be deleted is not back after a power cut either
    }
    return number;
  }

  private Committed settled(Round alone) {
    Committed done;
    if (queue == null) {
      done = new Attempts(this, alone).run().get(0).orThrow();
    } else {
      queue.enter();
      try {
        letOthersGo(queue, () -> true);
        done = new Attempts(this, alone).run().get(0).orThrow();
      } finally {
        queue.exit();
      }
    }
    if (!done.wasThere()) {
      hint(done.version());
    }
    cleanSoon(false);
    return done;
  }

  /**
   * Commits appends together, each exactly once however often it is given to whomever. The caller
   * sees to {@link #hint}, and to {@link #leaveQueue} when it has no more of them.
   *
   * @return what became of each, in their order: this commit, or the earlier one that held it
   *     already, or why it alone was refused
   * @throws ConflictException nothing of it was committed
   * @throws SchemaMismatchException the columns changed under the data; nothing was committed
   * @throws OutcomeUnknownException each may or may not be committed, now or later; nothing was
   *     deleted (I3). Giving the same appends again with the same bases settles it
   * @throws StorageException nothing was committed
   */
  public List<Round.Settled> commit(Round round) {
    return round.members().isEmpty() ? List.of() : new Attempts(this, round).run();
  }

  /**
   * The line commits, after those who wait to commit to the same table of a remote store.
   *
   * @param wanted whether the line still has something to commit; asked now and then
   */
  public void letOthersGo(BooleanSupplier wanted) {
    if (queue != null) {
      queue.lineCommits();
      letOthersGo(queue, wanted);
    }
  }

  private void letOthersGo(CommitQueue itsQueue, BooleanSupplier wanted) {
    Head head = known;
    long millisMax =
        head == null
            ? TableProperties.RETRY_MILLIS_MAX_DEFAULT
            : TableProperties.retryMillisMax(head.metadata().properties());
    try {
      if (itsQueue.letOthersGo(wanted, TimeUnit.MILLISECONDS.toNanos(millisMax))) {
        rivals.seen();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // whoever commits now sees it
    }
  }

  /**
   * Waits for the turn of this committer among those of a remote store, if that helps.
   *
   * @param losses so many attempts in a row
   * @param nanosMax how long to wait at most
   * @return whether it is its turn; if not, it may try all the same
   */
  boolean lineUpAfter(int losses, long nanosMax) throws InterruptedException {
    return queue != null && queue.lineUpAfter(losses, nanosMax);
  }

  /** Whether others may wait until {@link #leaveQueue} is called. */
  public boolean isInQueue() {
    return queue != null && queue.isLineInQueue();
  }

  /** The line has nothing to commit now: others need not wait for this committer's turn. */
  public void leaveQueue() {
    if (queue != null) {
      queue.lineLeaves();
    }
  }

  /** The line has users again. */
  public void openQueue() {
    if (queue != null) {
      queue.open();
    }
  }

  /** The line has no users, and the process may end: it commits what is left without waiting. */
  public void closeQueue() {
    if (queue != null) {
      queue.close();
    }
  }

  /** Waits for what commits left to be done beside them, some seconds at most. */
  public void finish() {
    if (queue != null) {
      queue.finish();
    }
    chores.finish();
    oldVersions.finish();
  }

  /** Tells foreign readers of a version that was committed (I6); never fails. */
  public void hint(long version) {
    log.hint(version);
  }

  /**
   * Deletes a few old versions, as the table's properties say, in a remote store beside whatever
   * comes; never fails.
   *
   * @param look whether to look even if hardly anything was committed since the last time
   */
  public void cleanSoon(boolean look) {
    oldVersions.cleanSoon(look);
  }

  /** Whether more is to be cleaned before anything else is committed. */
  public boolean hasOldVersions() {
    return oldVersions.areLeft();
  }

  /** A change that nobody else was given. */
  private static Round alone(Change change, List<Round.Member> members) {
    return new Round() {
      @Override
      public List<Member> members() {
        return members;
      }

      @Override
      public Change change(TableMetadata metadata, List<Member> members) {
        return change;
      }

      @Override
      public void discard() {}
    };
  }

  /**
   * Every snapshot that was ever made after this sequence number, up to this head, oldest first.
   *
   * @throws OutcomeUnknownException nobody can tell: somebody else removed some of them
   * @throws CorruptTableException the archive of older snapshots cannot be read
   */
  List<Snapshot> snapshotsAfter(Head head, long sequenceNumber) {
    TableMetadata metadata = head.metadata();
    // Each snapshot takes the next sequence number, whoever makes it.
    long expected = metadata.lastSequenceNumber() - sequenceNumber;
    List<Snapshot> after = new ArrayList<>();
    for (Snapshot snapshot : metadata.snapshots()) {
      if (snapshot.sequenceNumber() > sequenceNumber) {
        after.add(snapshot);
      }
    }
    if (after.size() < expected) {
      after.clear();
      for (long number = sequenceNumber + 1; number <= metadata.lastSequenceNumber(); number++) {
        recentSnapshots.of(number).ifPresent(after::add);
      }
    }
    if (after.size() < expected) {
      after.clear();
      history.snapshots(metadata, sequenceNumber).forEachRemaining(after::add);
    }
    if (after.size() < expected) {
      throw new OutcomeUnknownException(
          "Version "
              + head.version().number()
              + " of "
              + storage.location()
              + " tells of "
              + after.size()
              + " of the "
              + expected
              + " snapshots since sequence number "
              + sequenceNumber
              + ": another writer removed the others. Look whether the rows are in the table before"
              + " appending them again.");
    }
    after.sort(Comparator.comparingLong(Snapshot::sequenceNumber));
    return after;
  }

  /**
   * A sequence number that the table had at some time up to now, without a look at the store; -1
   * before the first look.
   */
  public long knownSequence() {
    Head head = known;
    return head == null ? -1 : head.metadata().lastSequenceNumber();
  }

  /** Whether there is a version of this number; an old one may have been cleaned away. */
  public boolean hasVersion(long number) {
    return log.hasVersion(number);
  }

  /**
   * The newest version seen so far.
   *
   * @throws IllegalStateException none was looked at yet
   */
  public Head knownHead() {
    Head head = known;
    if (head == null) {
      throw new IllegalStateException("No version of the table was read yet.");
    }
    return head;
  }

  /**
   * The metadata of the newest version seen so far.
   *
   * @throws IllegalStateException none was looked at yet
   */
  public TableMetadata knownMetadata() {
    return knownHead().metadata();
  }

  /** The uuid of the table, as the newest version seen so far has it. */
  public UUID knownUuid() {
    return knownMetadata().tableUuid();
  }

  private CorruptTableException gone() {
    return new CorruptTableException(
        "The table at "
            + storage.location()
            + " is gone: its metadata folder holds no version any"
            + " more. Nothing was committed.");
  }

  /**
   * A version will be created; if somebody sees it before that is answered, it is known as ours.
   */
  void writes(long number, byte[] content, TableMetadata metadata) {
    written = new Written(number, content, metadata);
    if (queue != null) {
      queue.creates();
    }
  }

  /** It was created. */
  void won() {
    rivals.won(env.nanoTime());
    if (queue != null) {
      queue.won();
    }
  }

  /**
   * How long an attempt takes where nothing holds it up: this one's own time, unless earlier ones
   * were much quicker. A process that was frozen in the middle of one must not wait as long again.
   */
  long attemptNanos(long measured) {
    long quick = quickAttemptNanos;
    if (quick == Long.MAX_VALUE) {
      quickAttemptNanos = measured;
      return Math.min(measured, FIRST_ATTEMPT_NANOS_MAX);
    }
    // What was quick is forgotten little by little: the store may have become slower.
    quick = Math.min(measured, quick + quick / 8 + 1);
    quickAttemptNanos = quick;
    return Math.min(measured, ATTEMPT_QUICKS_MAX * quick);
  }

  Storage storage() {
    return storage;
  }

  Chores chores() {
    return chores;
  }

  Rivals rivals() {
    return rivals;
  }

  /** What the queue asks of this committer. */
  private final class OwnNewest implements CommitQueue.Newest {
    @Override
    public long known() {
      return knownHead().version().number();
    }

    @Override
    public long look() {
      return newestOrGone().version().number();
    }

    @Override
    public void catchUp() {
      long seen = knownSequence();
      TableMetadata metadata = newestOrGone().metadata();
      List<Snapshot> missed =
          metadata.snapshots().stream().filter(each -> each.sequenceNumber() > seen).toList();
      lists.expect(metadata, missed);
      missed.forEach(each -> lists.of(metadata, each));
    }

    @Override
    public long attemptNanos() {
      long quick = quickAttemptNanos();
      return quick == 0 ? FIRST_ATTEMPT_NANOS_MAX : quick;
    }
  }

  /** What an attempt takes where nothing holds it up, or 0 if that is not known yet. */
  public long quickAttemptNanos() {
    long quick = quickAttemptNanos;
    return quick == Long.MAX_VALUE ? 0 : quick;
  }

  Env env() {
    return env;
  }

  VersionLog log() {
    return log;
  }

  ManifestLists lists() {
    return lists;
  }

  /** All snapshots of the table, also those that the newest version does not list. */
  public History history() {
    return history;
  }

  Ledger ledger() {
    return ledger;
  }

  /**
   * What this version knows of sources.
   *
   * @throws CorruptTableException a file that tells it is missing or damaged; it is named
   */
  public Known knownSources(Head head) {
    return ledger.at(head.metadata(), lists::headerOf);
  }

  RecentManifests recentManifests() {
    return recentManifests;
  }
}
