package io.datashard.internal.commit;

import io.datashard.error.ConflictException;
import io.datashard.error.DataShardException;
import io.datashard.error.OnceRefusedException;
import io.datashard.internal.ledger.Draft;
import io.datashard.internal.ledger.Known;
import io.datashard.internal.ledger.Once;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableProperties;
import io.datashard.table.Committed;
import io.datashard.table.Snapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Settles each append of one round: it is in the table exactly once, or refused.
 *
 * <p>{@link #over} looks up, for each base anew, which appends the table has already, by id or by
 * source and number; what is left is to be added by the next attempt. When one has won, {@link
 * #added} settles those too. Writes nothing.
 */
final class Settling {
  private final Committer committer;
  private final List<Round.Member> members;
  private final Map<AppendId, Round.Settled> done = new HashMap<>();

  /** Members whose fate is not known yet. */
  private List<Round.Member> unsettled;

  /** Those of them that the next attempt adds; the others wait for one with their number. */
  private List<Round.Member> adding = List.of();

  private @Nullable Draft draft;

  /** The fence up to which the files that members brought were looked at. */
  private long lookedFor;

  /** Up to which sequence number the table was searched for the unsettled appends. */
  private long searched = Long.MAX_VALUE;

  Settling(Committer committer, List<Round.Member> members) {
    this.committer = committer;
    this.members = members;
    this.unsettled = members;
    for (Round.Member member : members) {
      searched = Math.min(searched, member.base());
    }
  }

  /**
   * Settles what the base has already, and what cannot be taken.
   *
   * @param early whether this is no attempt yet
   * @param told makes of a refusal what the caller is to be told
   * @return what the next attempt over this base adds: of several with one number the first
   */
  List<Round.Member> over(Head base, boolean early, UnaryOperator<DataShardException> told) {
    if (unsettled.isEmpty()) {
      return adding;
    }
    List<Round.Member> rest = new ArrayList<>(unsettled);
    // First by id: an append that we committed ourselves is there now, not already.
    removeFound(base, rest, early);
    removeTooOld(base, rest, told);
    adding = removeKnown(base, rest, told);
    unsettled = rest;
    return adding;
  }

  /** What the next attempt adds to what is known of sources; null if nothing. */
  @Nullable Draft draft() {
    return draft;
  }

  /** The version that adds what {@link #over} returned last is there; all is settled. */
  void added(long version, @Nullable Snapshot snapshot, long removedRows) {
    boolean all = adding.size() == unsettled.size();
    for (Round.Member member : unsettled) {
      done.put(
          member.id(),
          all || adding.contains(member)
              ? settled(committed(version, snapshot, member.rows(), removedRows))
              : settled(thereAlready(version, idOf(snapshot))));
    }
  }

  /** What became of each member, in their order, when all are settled. */
  List<Round.Settled> answers() {
    List<Round.Settled> all = new ArrayList<>();
    for (Round.Member member : members) {
      all.add(Objects.requireNonNull(done.get(member.id())));
    }
    return all;
  }

  /** Takes out what somebody committed for us since the appends were first handed to anybody. */
  private void removeFound(Head base, List<Round.Member> rest, boolean early) {
    if (early && searched == Long.MAX_VALUE) {
      return;
    }
    long last = base.metadata().lastSequenceNumber();
    if (searched < last) {
      List<Snapshot> missed = committer.snapshotsAfter(base, searched);
      committer.lists().expect(base.metadata(), missed);
      for (Snapshot snapshot : missed) {
        AppendedIds ids = committer.lists().appendsIn(base.metadata(), snapshot);
        rest.removeIf(member -> foundIn(base, snapshot, ids, member));
      }
    }
    searched = last; // who never had the unsettled appends cannot have committed them before
  }

  private boolean foundIn(Head base, Snapshot snapshot, AppendedIds ids, Round.Member member) {
    if (!ids.contains(member.id())) {
      return false;
    }
    long version = committer.lists().versionOf(base.metadata(), snapshot);
    long removed = SnapshotSummary.removedRows(snapshot);
    done.put(member.id(), settled(committed(version, snapshot, member.rows(), removed)));
    return true;
  }

  /** Takes out what brought files that a clean-up may take for orphans (I7). */
  private void removeTooOld(
      Head base, List<Round.Member> rest, UnaryOperator<DataShardException> told) {
    Fences fences = Fences.of(base.metadata());
    if (fences.newest() <= lookedFor) {
      return;
    }
    for (Round.Member member : List.copyOf(rest)) {
      Round.Brought brought = member.brought();
      if (brought != null) {
        try {
          fences.requireYoung(
              committer.storage(), base.metadata(), brought.files(), brought.since());
        } catch (ConflictException e) {
          done.put(member.id(), new Round.Settled(null, told.apply(e)));
          rest.remove(member);
        }
      }
    }
    lookedFor = fences.newest();
  }

  /**
   * Takes out what the table has by source and number, whoever added it, and what nobody can know.
   *
   * <p>What is known is read anew for each base, so whoever creates N+1 knows all that is in N: of
   * any number of committers with the same number at most one creates a version that adds it.
   */
  private List<Round.Member> removeKnown(
      Head base, List<Round.Member> rest, UnaryOperator<DataShardException> told) {
    draft = null;
    if (rest.stream().allMatch(member -> member.once() == null)) {
      return List.copyOf(rest);
    }
    TableMetadata metadata = base.metadata();
    Draft known =
        new Draft(
            committer.knownSources(base),
            committer.storage().location(),
            NextVersion.notBefore(metadata, committer.env().nowMillis()),
            TableProperties.onceAgeMillisMax(metadata.properties()));
    List<Round.Member> added = new ArrayList<>();
    for (Round.Member member : List.copyOf(rest)) {
      Once once = member.once();
      try {
        Known.Found found = once == null ? null : known.find(once);
        if (found != null) {
          long version = found.version() == 0 ? base.version().number() : found.version();
          done.put(member.id(), settled(thereAlready(version, found.snapshotId())));
          rest.remove(member);
        } else if (once == null || known.add(once)) {
          added.add(member);
        }
      } catch (OnceRefusedException e) {
        done.put(member.id(), new Round.Settled(null, told.apply(e)));
        rest.remove(member);
      }
    }
    draft = known;
    return added;
  }

  static Round.Settled settled(Committed committed) {
    return new Round.Settled(committed, null);
  }

  static Committed committed(long version, @Nullable Snapshot snapshot, long added, long removed) {
    return new Committed(version, idOf(snapshot), added, removed, Committed.Outcome.COMMITTED);
  }

  private static Committed thereAlready(long version, OptionalLong snapshotId) {
    return new Committed(version, snapshotId, 0, 0, Committed.Outcome.THERE_ALREADY);
  }

  private static OptionalLong idOf(@Nullable Snapshot snapshot) {
    return snapshot == null ? OptionalLong.empty() : OptionalLong.of(snapshot.snapshotId());
  }
}
