package io.datashard.internal.commit;

import io.datashard.internal.metadata.TableMetadata;
import java.util.List;

/** Appends that become one commit. */
public interface Round {
  /**
   * One of them.
   *
   * @param base a sequence number that the table had before this append was handed to anybody else:
   *     what came later is searched for it. {@link Long#MAX_VALUE} if it never was
   * @param rows how many rows it adds
   */
  record Member(AppendId id, long base, long rows) {}

  /** All of them, in the order of their rows. */
  List<Member> members();

  /**
   * The change that adds what these append; their files are written when this returns. Called first
   * with all members, and again with fewer when others turn out to be in the table already; what
   * was written before is to be forgotten then.
   *
   * @param metadata of the version it is made for: how files are written
   * @param members some of {@link #members}, in their order
   * @throws RuntimeException it cannot be written; nothing will be committed
   */
  Change change(TableMetadata metadata, List<Member> members);

  /** Removes what {@link #change} wrote last, because no version names it. */
  void discard();
}
