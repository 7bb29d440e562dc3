package io.datashard.internal.commit;

import io.datashard.error.ConflictException;
import io.datashard.error.CorruptTableException;
import io.datashard.error.DataShardException;
import io.datashard.error.OutcomeUnknownException;
import io.datashard.error.SchemaMismatchException;
import io.datashard.error.StorageException;
import io.datashard.internal.env.Env;
import io.datashard.internal.env.Turn;
import io.datashard.internal.log.Outcome;
import io.datashard.internal.log.Version;
import io.datashard.internal.log.VersionLog;
import io.datashard.internal.manifest.ManifestList;
import io.datashard.internal.manifest.ManifestListReader;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableMetadataJson;
import io.datashard.internal.metadata.TableProperties;
import io.datashard.schema.Schema;
import io.datashard.storage.Locations;
import io.datashard.storage.Storage;
import io.datashard.table.Committed;
import io.datashard.table.ManifestFile;
import io.datashard.table.Snapshot;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
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
  private final Storage storage;
  private final Env env;
  private final VersionLog log;
  private volatile @Nullable Head known;
  private volatile @Nullable Written written;

  /** The newest version that this committer made itself: it need not be parsed. */
  private record Written(long number, TableMetadata metadata) {}

  /** A committer for the table of this storage; nothing is read yet. */
  public Committer(Storage storage, Env env) {
    this.storage = storage;
    this.env = env;
    this.log = new VersionLog(storage, env);
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

  private Head understand(Version version) {
    Head before = known;
    if (before != null && before.version().number() == version.number()) {
      return before;
    }
    Written mine = written;
    TableMetadata metadata =
        mine != null && mine.number() == version.number()
            ? mine.metadata()
            : TableMetadataJson.parse(version.content(), version.key());
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
    Head head = new Head(version, metadata);
    known = head;
    return head;
  }

  /**
   * Creates the table's first version.
   *
   * @return whether this call created it; false if another one did meanwhile, which is durable then
   */
  public boolean create(Schema schema, Map<String, String> properties) {
    String token = log.newToken();
    TableMetadata first = NextVersion.first(storage.location(), env, schema, properties, token);
    Outcome outcome = log.create(1, TableMetadataJson.write(first), token);
    if (outcome == Outcome.WON) {
      log.hint(1);
      return true;
    }
    log.ensureDurable(log.newest().orElseThrow(this::gone));
    return false;
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
      long version = newest().orElseThrow(this::gone).version().number();
      return new Committed(version, OptionalLong.empty(), 0, 0, false);
    }
    return new Attempts(change).run();
  }

  private CorruptTableException gone() {
    return new CorruptTableException(
        "The table at "
            + storage.location()
            + " is gone: its metadata folder holds no version any"
            + " more. Nothing was committed.");
  }

  /** The attempts of one commit. */
  private final class Attempts {
    private final Change change;
    private final long snapshotId = env.randomId() >>> 1;
    private final Manifests manifests;
    private final Backoff backoff = new Backoff(env);
    private final long startNanos = env.nanoTime();

    /** Whether a create was sent and its outcome is not known. */
    private boolean inDoubt;

    Attempts(Change change) {
      this.change = change;
      this.manifests = new Manifests(storage, env, snapshotId, change);
    }

    Committed run() {
      try (Turn turn = env.turn(storage.identity("metadata"))) {
        Head before = newest().orElseThrow(Committer.this::gone);
        requireFit(before);
        manifests.prepare(before.metadata());
        if (!turn.tryTake()) {
          // The wait is used: what is synced now need not be when the turn comes.
          manifests.makeDurable();
          turn.await();
        }
        while (true) {
          long attemptNanos = env.nanoTime();
          Optional<Committed> done = attempt();
          turn.close();
          if (done.isPresent()) {
            log.hint(done.get().version());
            return done.get();
          }
          pauseAfterLoss(env.nanoTime() - attemptNanos);
          turn.await();
        }
      } catch (OutcomeUnknownException e) {
        throw e;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        StorageException interrupted =
            new StorageException(
                "Not committed to "
                    + storage.location()
                    + ": the thread was interrupted while it waited. Nothing was changed.",
                e);
        manifests.dropAll(interrupted);
        throw interrupted;
      } catch (RuntimeException | Error e) {
        // Any error of ours, besides the one above, says that the create changed nothing; a
        // surprise in the middle of it might have (I3).
        if (!inDoubt || e instanceof DataShardException) {
          manifests.dropAll(e);
        }
        throw e;
      }
    }

    /** One attempt; empty if another commit came first. */
    private Optional<Committed> attempt() {
      Head base = newest().orElseThrow(Committer.this::gone);
      requireFit(base);
      Planned planned = plan(base);
      manifests.makeDurable();
      String token = log.newToken();
      TableMetadata next =
          NextVersion.after(
              base, change, planned.snapshot(), env.nowMillis(), token, storage.location());
      byte[] content = TableMetadataJson.write(next);
      long number = base.version().number() + 1;
      inDoubt = true;
      Outcome outcome = log.create(number, content, token);
      inDoubt = false;
      if (outcome == Outcome.LOST) {
        manifests.dropList();
        return Optional.empty();
      }
      written = new Written(number, next);
      return Optional.of(done(number, planned));
    }

    private void requireFit(Head base) {
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
    private record Planned(@Nullable Snapshot snapshot, SnapshotSummary.Totals totals) {}

    private Planned plan(Head base) {
      if (!change.changesFiles()) {
        return new Planned(null, SnapshotSummary.Totals.NONE);
      }
      TableMetadata metadata = base.metadata();
      long sequenceNumber = metadata.lastSequenceNumber() + 1;
      Snapshot parent = metadata.currentSnapshot().orElse(null);
      Manifests.Attempt attempt =
          manifests.over(metadata, manifestsOf(metadata, parent), sequenceNumber);
      SnapshotSummary.Totals totals = SnapshotSummary.Totals.of(change.added(), attempt.removed());
      String list = manifests.writeList(parent, sequenceNumber, attempt.manifests());
      Snapshot snapshot =
          new Snapshot(
              snapshotId,
              parent == null ? null : parent.snapshotId(),
              sequenceNumber,
              NextVersion.notBefore(metadata, env.nowMillis()),
              Locations.of(storage.location(), list),
              metadata.currentSchemaId(),
              SnapshotSummary.of(change.operation(), totals, parent));
      return new Planned(snapshot, totals);
    }

    private List<ManifestFile> manifestsOf(TableMetadata metadata, @Nullable Snapshot parent) {
      if (parent == null) {
        return List.of();
      }
      String key =
          manifests.keyOf(metadata, parent.manifestList(), "snapshot " + parent.snapshotId());
      byte[] bytes = storage.readWhole(key, -1);
      ManifestList list = ManifestListReader.read(bytes, key);
      return list.manifests();
    }

    private Committed done(long version, Planned planned) {
      Snapshot snapshot = planned.snapshot();
      return new Committed(
          version,
          snapshot == null ? OptionalLong.empty() : OptionalLong.of(snapshot.snapshotId()),
          planned.totals().addedRows(),
          planned.totals().removedRows(),
          true);
    }

    private void pauseAfterLoss(long attemptNanos) throws InterruptedException {
      Map<String, String> properties =
          newest().orElseThrow(Committer.this::gone).metadata().properties();
      long timeoutMillis = TableProperties.retryMillisMax(properties);
      long elapsedMillis = (env.nanoTime() - startNanos) / 1_000_000;
      if (elapsedMillis >= timeoutMillis) {
        throw new StorageException(
            "Not committed to "
                + storage.location()
                + ": "
                + (backoff.losses() + 1)
                + " attempts in "
                + elapsedMillis
                + " ms all came second to other writers, and "
                + TableProperties.RETRY_MILLIS_MAX
                + " is "
                + timeoutMillis
                + ". Nothing was changed; try again, or raise the property.");
      }
      backoff.pause(attemptNanos);
    }
  }
}
