package io.datashard.internal.commit;

import io.datashard.error.DataShardException;
import io.datashard.internal.ledger.Once;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.table.Committed;
import io.datashard.table.DataFile;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Appends that become one commit. */
public interface Round {
  /**
   * One of them.
   *
   * @param base a sequence number that the table had before this append was handed to anybody else:
   *     what came later is searched for it. {@link Long#MAX_VALUE} if it never was
   * @param rows how many rows it adds
   * @param once what its caller knows it by: if the table has it, whoever added it, it is not added
   *     again; null if it does not matter
   * @param brought the data files that it brought along; null if it has only rows
   */
  record Member(AppendId id, long base, long rows, @Nullable Once once, @Nullable Brought brought) {
    /** One that has no source and number and brought no files. */
    public Member(AppendId id, long base, long rows) {
      this(id, base, rows, null, null);
    }
  }

  /**
   * Data files that cannot be written again, because their rows are gone.
   *
   * @param since the number of a version that was the newest one before the first of them was
   *     written
   */
  record Brought(List<DataFile> files, long since) {
    public Brought {
      files = List.copyOf(files);
    }
  }

  /**
   * What became of a member.
   *
   * @param committed the commit that holds it; null if it is in none
   * @param refused why this one alone could not be committed; null if it was
   */
  record Settled(@Nullable Committed committed, @Nullable DataShardException refused) {
    /** The commit, or what it was refused with. */
    public Committed orThrow() {
      if (committed == null) {
        throw Objects.requireNonNull(refused);
      }
      return committed;
    }
  }

  /** All of them, in the order of their rows. */
  List<Member> members();

  /**
   * The change that adds what these append; their files are written when this returns. Called first
   * with all members, and again with fewer when others turn out to be in the table already, or with
   * the same when what was written may be taken for orphans; what was written before is to be
   * forgotten then.
   *
   * @param metadata of the version it is made for: how files are written
   * @param members some of {@link #members}, in their order
   * @throws RuntimeException it cannot be written; nothing will be committed
   */
  Change change(TableMetadata metadata, List<Member> members);

  /** Removes what {@link #change} wrote last, because no version names it. */
  void discard();
}
