package io.datashard.internal.commit;

import io.datashard.error.CorruptTableException;
import io.datashard.error.DataShardException;
import io.datashard.error.OutcomeUnknownException;
import io.datashard.error.SchemaMismatchException;
import io.datashard.error.StorageException;
import io.datashard.internal.env.Env;
import io.datashard.internal.env.Turn;
import io.datashard.internal.history.Cut;
import io.datashard.internal.ledger.Draft;
import io.datashard.internal.ledger.Ledger;
import io.datashard.internal.log.Outcome;
import io.datashard.internal.log.VersionLog;
import io.datashard.internal.manifest.ManifestList;
import io.datashard.internal.metadata.BloomProperties;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableMetadataJson;
import io.datashard.internal.metadata.TableProperties;
import io.datashard.schema.Schema;
import io.datashard.storage.Locations;
import io.datashard.storage.Storage;
import io.datashard.table.Committed;
import io.datashard.table.ManifestFile;
import io.datashard.table.Snapshot;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The attempts of one round, or of one change, until it is in the table or certainly is not. */
final class Attempts {
  /** So often the store may leave us without an answer. */
  private static final int DOUBTS_MAX = 3;

  private final Committer committer;
  private final Storage storage;
  private final Env env;
  private final VersionLog log;
  private final ManifestLists lists;
  private final Round round;
  private final long snapshotId;
  private final Backoff backoff;
  private final Bases bases;
  private final long startNanos;

  /** What becomes of the round's members. */
  private final Settling settling;

  /** Those that the next attempt adds. */
  private List<Round.Member> pending = List.of();

  private Change change;
  private Manifests manifests;

  /** The number of the version that was the newest when these were begun. */
  private long writtenOver;

  /** The fence up to which the files of the change were looked at. */
  private long lookedFor;

  private @Nullable Committed alone;

  /** Whether a create was sent and its outcome is not known. */
  private boolean inDoubt;

  /** Whether files of the last attempt may not be durable: then none of them may be named. */
  private boolean isSpoilt;

  /** How many attempts ended without an answer; what they wrote may be named by a version. */
  private int doubts;

  Attempts(Committer committer, Round round) {
    this.committer = committer;
    this.storage = committer.storage();
    this.env = committer.env();
    this.log = committer.log();
    this.lists = committer.lists();
    this.round = round;
    this.snapshotId = SnapshotIdSource.next(env);
    this.backoff = new Backoff(env);
    this.bases = new Bases(committer);
    this.startNanos = env.nanoTime();
    this.settling = new Settling(committer, round.members());
    this.change = Change.NONE;
    this.manifests = manifestsOf(change, storage);
  }

  private Manifests manifestsOf(Change its, Storage in) {
    return new Manifests(in, env, committer.recentManifests(), committer.chores(), snapshotId, its);
  }

  private void write(Head base, List<Round.Member> members) {
    pending = members;
    writtenOver = base.version().number();
    Change next = round.change(base.metadata(), members);
    manifests =
        next == change ? manifests.anew(env) : manifestsOf(next, committer.storageForCommits());
    change = next;
  }

  /** What became of each append, and for a change alone the one commit. */
  List<Round.Settled> run() {
    try (Turn turn = env.turn(storage.identity("metadata"))) {
      Head before = bases.first();
      if (round.members().isEmpty()) {
        write(before, List.of());
        requireYoung(before);
      } else {
        while (!settle(before, true)) {
          before = committer.newestOrGone();
        }
        if (pending.isEmpty()) {
          ensureDurable(before);
          return answers();
        }
      }
      requireFit(before);
      manifests.prepare(before.metadata());
      Head base = before;
      if (!turn.tryTake()) {
        // The wait is used: what is synced now need not be when the turn comes.
        manifests.makeDurable();
        turn.await();
        base = committer.newestOrGone();
      }
      while (true) {
        long beginNanos = env.nanoTime();
        boolean settled = attempt(base);
        turn.close();
        long attemptNanos = committer.attemptNanos(env.nanoTime() - beginNanos);
        if (settled) {
          return answers();
        }
        pauseAfterLoss(attemptNanos);
        turn.await();
        base = bases.next();
      }
    } catch (OutcomeUnknownException e) {
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw givenUp(
          new StorageException(
              "Not committed to "
                  + storage.location()
                  + ": the thread was interrupted while it waited. Nothing was changed.",
              e));
    } catch (DataShardException e) {
      throw givenUp(e);
    } catch (RuntimeException e) {
      throw inDoubt || doubts > 0 ? surprised(e) : abandoned(e);
    } catch (Error e) {
      if (!inDoubt) {
        abandon(e);
      }
      throw e;
    }
  }

  /** A surprise in the middle of a create may come after its effect (I3). */
  private OutcomeUnknownException surprised(RuntimeException cause) {
    return new OutcomeUnknownException(
        "An attempt to commit to "
            + storage.location()
            + " ended in a way that is not foreseen: "
            + cause
            + ". Look whether the change is in the table before making it again.",
        cause);
  }

  private RuntimeException abandoned(RuntimeException cause) {
    abandon(cause);
    return cause;
  }

  /**
   * What to say when no further attempt is made. The last one changed nothing, as its error says;
   * but an earlier one that was never answered may still take effect (I3).
   */
  private DataShardException givenUp(DataShardException cause) {
    abandon(cause);
    return asTold(cause);
  }

  private DataShardException asTold(DataShardException cause) {
    return doubts == 0 ? cause : doubtful(cause);
  }

  private OutcomeUnknownException doubtful(DataShardException cause) {
    return new OutcomeUnknownException(
        "The store left "
            + doubts
            + " attempts to commit to "
            + storage.location()
            + " without an answer, and a later one failed: "
            + cause.getMessage()
            + " Look whether the change is in the table before making it again.",
        cause);
  }

  /** Removes what was written, if certainly nothing names it. */
  private void abandon(Throwable cause) {
    if (doubts == 0) {
      manifests.dropAll(cause);
      try {
        round.discard();
      } catch (RuntimeException e) {
        cause.addSuppressed(e); // the first cause stays the cause; what is left is an orphan
      }
    }
  }

  /** One attempt; false if another commit came first or nobody knows. */
  private boolean attempt(Head base) {
    if (!settle(base, false)) {
      return false;
    }
    if (pending.isEmpty() && !round.members().isEmpty()) {
      ensureDurable(base);
      return true;
    }
    requireFit(base);
    long number = base.version().number() + 1;
    Planned planned = plan(base, number);
    String token = log.newToken();
    TableMetadata next =
        NextVersion.after(
            base,
            change,
            planned.snapshot(),
            planned.cut(),
            planned.property(),
            env.nowMillis(),
            token,
            storage.location());
    byte[] content = TableMetadataJson.write(next);
    committer.writes(number, content, next);
    inDoubt = true;
    Outcome outcome;
    try {
      outcome = log.create(number, content, token, manifests.takePending());
    } catch (OutcomeUnknownException e) {
      doubts++;
      // A remote store has asked again already, as often as it may.
      if (pending.isEmpty() || doubts == DOUBTS_MAX || storage.isRemote()) {
        throw e;
      }
      manifests.keepTry();
      return false; // the next attempt finds it, or makes sure that it never comes
    } catch (StorageException e) {
      // Nothing was created. Whoever slept until versions up to his own were cleaned away may find
      // that files which he wrote for it were too; he has only lost, as he would have without them.
      if (!isWonByOthers(number) || !canBeWrittenAnew()) {
        throw e;
      }
      inDoubt = false;
      isSpoilt = true;
      return false;
    }
    if (outcome == Outcome.UNDECIDED) {
      doubts++;
      if (pending.isEmpty()) {
        throw tooSlow(number);
      }
      manifests.doubtTry();
      return false; // the next attempt finds it, or it never happened
    }
    if (outcome == Outcome.LOST) {
      inDoubt = false;
      manifests.dropTry();
      return false;
    }
    doubts++; // whatever goes wrong from here on, nothing may be removed
    committer.won();
    Snapshot snapshot = planned.snapshot();
    if (snapshot != null) {
      lists.remember(snapshot.manifestList(), planned.list());
      manifests.dropUnused(planned.list().manifests());
    }
    Draft.Next sources = planned.sources();
    if (sources != null) {
      committer.ledger().remember(Objects.requireNonNull(planned.property()), sources.known());
    }
    SnapshotSummary.Totals totals = planned.totals();
    // Only a change that is alone removes rows.
    settling.added(number, snapshot, totals.removedRows());
    alone = Settling.committed(number, snapshot, totals.addedRows(), totals.removedRows());
    return true;
  }

  /**
   * Whether a version of this number is known to be there, or to have been: a floor stands on it.
   */
  private boolean isWonByOthers(long number) {
    try {
      return log.floor() >= number;
    } catch (StorageException e) {
      return false;
    }
  }

  /** Whether all that has to be synced by this commit can be written into new files (I3). */
  private boolean canBeWrittenAnew() {
    return change.pending().isEmpty() || change.since() == Change.WRITTEN_ON_DEMAND;
  }

  private OutcomeUnknownException tooSlow(long number) {
    return new OutcomeUnknownException(
        "This process slept so long while it made version "
            + number
            + " of "
            + storage.location()
            + " that versions up to it were cleaned away since. Look whether the change is in the"
            + " table before making it again.");
  }

  /** What somebody else created may not have been synced yet (I3). */
  private void ensureDurable(Head head) {
    try {
      committer.ensureDurable(head);
    } catch (StorageException e) {
      throw new OutcomeUnknownException(
          "The append is in "
              + head.version().key()
              + " of "
              + storage.location()
              + ", which may not survive a power cut: "
              + e.getMessage(),
          e);
    }
  }

  private List<Round.Settled> answers() {
    return round.members().isEmpty()
        ? List.of(Settling.settled(Objects.requireNonNull(alone)))
        : settling.answers();
  }

  /**
   * Takes out of the round what is in the table already and what cannot be taken; writes what is
   * left, if that is something else than before, if a clean-up may have taken what was written for
   * orphans (I7), or if what was written may not be durable.
   *
   * @param early whether this is no attempt yet
   * @return false if the base was cleaned away meanwhile, with files that only it named
   */
  private boolean settle(Head base, boolean early) {
    List<Round.Member> adding;
    try {
      adding = settling.over(base, early, this::asTold);
    } catch (CorruptTableException e) {
      if (log.floor() <= base.version().number()) {
        throw e;
      }
      return false; // we slept: a newer version tells
    }
    boolean isFenced = !early && Fences.of(base.metadata()).newest() > writtenOver;
    if (adding.equals(pending) && !isFenced && !isSpoilt) {
      return true;
    }
    isSpoilt = false;
    if (doubts == 0) {
      manifests.dropAll(new IllegalStateException("not to be named any more"));
      round.discard();
    }
    if (adding.isEmpty() && !round.members().isEmpty()) {
      pending = adding;
    } else {
      write(base, adding);
      requireYoung(base);
    }
    return true;
  }

  /** What the change brought along cannot be written anew: its rows are gone. */
  private void requireYoung(Head base) {
    Fences fences = Fences.of(base.metadata());
    if (fences.newest() > lookedFor && fences.newest() > change.since()) {
      fences.requireYoung(storage, base.metadata(), change.added(), change.since());
      lookedFor = fences.newest();
    }
  }

  private void requireFit(Head base) {
    TableDurability.requireSame(base, committer.durability(), storage.location());
    TableDurability.requireKept(base, change, storage.location());
    BloomProperties.requireColumns(change.propertiesSet(), base.metadata().schema());
    Schema expected = change.expected();
    if (expected != null && !base.metadata().schema().sameColumns(expected)) {
      throw new SchemaMismatchException(
          "The columns of "
              + storage.location()
              + " changed while data was written for them.\n"
              + "Written for:\n"
              + expected
              + "\nVersion "
              + base.version().number()
              + " has:\n"
              + base.metadata().schema()
              + "\nNothing was committed.");
    }
  }

  /** What an attempt's snapshot holds; no snapshot if only properties change. */
  private record Planned(
      @Nullable Snapshot snapshot,
      ManifestList list,
      SnapshotSummary.Totals totals,
      @Nullable Cut cut,
      Draft.@Nullable Next sources,
      @Nullable String property) {}

  private Planned plan(Head base, long version) {
    if (!change.changesFiles()) {
      return new Planned(
          null,
          new ManifestList(List.of(), Map.of()),
          SnapshotSummary.Totals.NONE,
          null,
          null,
          null);
    }
    TableMetadata metadata = base.metadata();
    long sequenceNumber = metadata.lastSequenceNumber() + 1;
    Snapshot parent = metadata.currentSnapshot().orElse(null);
    List<ManifestFile> before = parent == null ? List.of() : lists.of(metadata, parent).manifests();
    Manifests.Attempt attempt = manifests.over(metadata, before, sequenceNumber);
    SnapshotSummary.Totals totals = SnapshotSummary.Totals.of(change.added(), attempt.removed());
    Map<String, String> header = new LinkedHashMap<>();
    header.put(ManifestLists.VERSION_KEY, Long.toString(version));
    if (!pending.isEmpty()) {
      header.put(AppendedIds.KEY, AppendedIds.write(pending.stream().map(m -> m.id()).toList()));
    }
    long millis = NextVersion.notBefore(metadata, env.nowMillis());
    Draft draft = settling.draft();
    Draft.Next sources =
        draft == null || draft.isEmpty()
            ? null
            : draft.next(version, snapshotId, millis, env.randomId());
    if (sources != null) {
      header.put(Ledger.HEADER, sources.header());
      sources.files().forEach(manifests::writeOfTry);
    }
    String list = manifests.writeList(parent, sequenceNumber, attempt.manifests(), header);
    Snapshot snapshot =
        new Snapshot(
            snapshotId,
            parent == null ? null : parent.snapshotId(),
            sequenceNumber,
            millis,
            Locations.of(storage.location(), list),
            metadata.currentSchemaId(),
            SnapshotSummary.of(change.operation(), totals, parent));
    Cut cut =
        committer
            .history()
            .cut(metadata, base.version().content().length, millis, version, env.randomId())
            .orElse(null);
    if (cut != null) {
      cut.files().forEach(manifests::writeOfTry);
    }
    return new Planned(
        snapshot,
        new ManifestList(attempt.manifests(), header),
        totals,
        cut,
        sources,
        sources == null ? null : sources.property(list));
  }

  private void pauseAfterLoss(long attemptNanos) throws InterruptedException {
    long timeoutMillis = TableProperties.retryMillisMax(committer.knownMetadata().properties());
    long elapsedMillis = (env.nanoTime() - startNanos) / 1_000_000;
    backoff.lost();
    if (elapsedMillis < timeoutMillis) {
      long leftNanos = TimeUnit.MILLISECONDS.toNanos(timeoutMillis - elapsedMillis);
      if (!committer.lineUpAfter(backoff.losses(), leftNanos)) {
        backoff.pause(attemptNanos);
      }
      return;
    }
    throw new StorageException(
        "Not committed to "
            + storage.location()
            + ": "
            + backoff.losses()
            + " attempts in "
            + elapsedMillis
            + " ms all came second to other writers, and "
            + TableProperties.RETRY_MILLIS_MAX
            + " is "
            + timeoutMillis
            + ". Nothing was changed; try again, or raise the property.");
  }
}
