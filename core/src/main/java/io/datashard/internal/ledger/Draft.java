package io.datashard.internal.ledger;

import io.datashard.error.OnceRefusedException;
import io.datashard.internal.metadata.TableProperties;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an attempt to commit adds to what its base knows of sources. Made anew for each attempt, so
 * nothing of a lost one lives on. Used by one thread.
 */
public final class Draft {
  /** So much is carried from header to header before it is folded, unless the ledger is long. */
  private static final int UNFOLDED_CHARS_MIN = 4 << 10;

  private static final int UNFOLDED_CHARS_MAX = 64 << 10;

  /** Of a long ledger this part: each commit writes the unfolded, each fold the ledger. */
  private static final int UNFOLDED_PART = 16;

  /** So many are forgotten at a time if they may be: each time the ledger is written. */
  private static final int FORGOTTEN_AT_A_TIME = 256;

  /** Commits remembered in a ledger, of all sources together; of each at least one. */
  private static final int RECENT_MAX = 4_096;

  /** Pieces in a ledger, of all sources together; of each at least ten. */
  private static final int RANGES_MAX = 100_000;

  private final Known base;
  private final String table;
  private final long nowMillis;
  private final long ageMillisMax;
  private final Map<String, Numbers> added = new LinkedHashMap<>();
  private int newSources;

  /** Sources that may be forgotten now, unused for longest first; null before it is asked. */
  private @Nullable Set<String> forgettable;

  /**
   * @param base what the base of the attempt knows
   * @param table its location, for messages
   * @param nowMillis the time of the commit
   * @param ageMillisMax what was not used for longer may be forgotten to make room
   */
  public Draft(Known base, String table, long nowMillis, long ageMillisMax) {
    this.base = base;
    this.table = table;
    this.nowMillis = nowMillis;
    this.ageMillisMax = ageMillisMax;
  }

  /**
   * Looks a number up.
   *
   * @return null if it certainly is not in the table
   * @throws OnceRefusedException nobody knows any more
   */
  public Known.@Nullable Found find(Once once) {
    Source source = base.source(once.source());
    if (source == null) {
      if (base.folded.forgot(once.source())) {
        throw forgotten(once);
      }
      return null;
    }
    if (source.numbers().has(once.number())) {
      Source.Recent commit = source.commitOf(once.number());
      return commit == null
          ? new Known.Found(OptionalLong.empty(), 0)
          : new Known.Found(OptionalLong.of(commit.snapshotId()), commit.version());
    }
    if (once.number() < source.known()) {
      throw new OnceRefusedException(
          "Cannot tell whether "
              + once
              + " is in "
              + table
              + ": the source's numbers came with more than "
              + Source.RANGES_MAX
              + " gaps, or many sources did, and what is below "
              + source.known()
              + " is not known any more. Nothing was committed. Look whether the rows are there;"
              + " if not, append them under the name of a new source.");
    }
    return null;
  }

  private OnceRefusedException forgotten(Once once) {
    return new OnceRefusedException(
        "Cannot tell whether "
            + once
            + " is in "
            + table
            + ": the source was not used for more than "
            + ageMillisMax
            + " ms ("
            + TableProperties.ONCE_AGE_MILLIS_MAX
            + ") and was forgotten to make room for others. Nothing was committed. Look whether the"
            + " rows are there; if not, append them under the name of a new source.");
  }

  /**
   * Adds a number that is not in the table.
   *
   * @return false if it was added before
   * @throws OnceRefusedException there is no room for it
   */
  public boolean add(Once once) {
    String name = once.source();
    Numbers before = added.get(name);
    if (before != null) {
      if (before.has(once.number())) {
        return false;
      }
      added.put(name, before.with(once.number(), once.number()));
      return true;
    }
    boolean isNew = base.source(name) == null;
    if (isNew) {
      requireRoom(once);
      newSources++;
    } else if (forgettable != null && forgettable.contains(name)) {
      if (forgettable.size() <= tooMany()) {
        throw forgotten(once); // for the sake of those before it in this round
      }
      forgettable.remove(name);
    }
    added.put(name, Numbers.of(once.number()));
    return true;
  }

  /** How many sources must be forgotten for those that are new. */
  private int tooMany() {
    return Math.max(0, base.sources() + newSources - Known.SOURCES_MAX);
  }

  private void requireRoom(Once once) {
    int needed = base.sources() + newSources + 1 - Known.SOURCES_MAX;
    if (needed <= 0) {
      return;
    }
    if (forgettable == null) {
      forgettable = findForgettable();
    }
    if (forgettable.size() >= needed && base.forgotten() + needed <= Known.FORGOTTEN_MAX) {
      return;
    }
    String full =
        "No room for "
            + once
            + " in "
            + table
            + ": the table knows "
            + base.sources()
            + " sources, the most it can, and ";
    throw new OnceRefusedException(
        full
            + (forgettable.size() < needed
                ? "none of the others may be forgotten before "
                    + Instant.ofEpochMilli(nextForgettable())
                    + " ("
                    + TableProperties.ONCE_AGE_MILLIS_MAX
                    + " is "
                    + ageMillisMax
                    + "). Nothing was committed. Use the name of a known source, or lower the"
                    + " property."
                : "has forgotten "
                    + base.forgotten()
                    + " of at most "
                    + Known.FORGOTTEN_MAX
                    + ". Nothing was committed. Use the name of a known source."));
  }

  private Set<String> findForgettable() {
    List<Map.Entry<String, Source>> old = new ArrayList<>();
    for (Map.Entry<String, Source> entry : base.all().entrySet()) {
      if (nowMillis - entry.getValue().lastUsedMillis() > ageMillisMax
          && !added.containsKey(entry.getKey())) {
        old.add(entry);
      }
    }
    old.sort(Comparator.comparingLong(entry -> entry.getValue().lastUsedMillis()));
    Set<String> names = new LinkedHashSet<>();
    old.forEach(entry -> names.add(entry.getKey()));
    return names;
  }

  private long nextForgettable() {
    long oldest = Long.MAX_VALUE;
    for (Source source : base.all().values()) {
      if (nowMillis - source.lastUsedMillis() <= ageMillisMax) {
        oldest = Math.min(oldest, source.lastUsedMillis());
      }
    }
    return Math.min(oldest, Long.MAX_VALUE - ageMillisMax - 1) + ageMillisMax + 1;
  }

  /** Whether nothing was added. */
  public boolean isEmpty() {
    return added.isEmpty();
  }

  /**
   * What the next version knows, and how it is written down.
   *
   * @param known what it knows
   * @param files content by key: to be durable before the version
   */
  public record Next(Known known, Map<String, ByteBuffer> files) {
    public Next {
      files = Map.copyOf(files);
    }

    /** What the header of its manifest list says. */
    public String header() {
      return known.unfolded;
    }

    /** How the version names all of it. */
    public String property(String list) {
      return new Reference(known.file, known.length, known.checksum, list).toString();
    }
  }

  /**
   * The end of the draft, for this commit.
   *
   * @param random for a name
   */
  public Next next(long version, long snapshotId, long millis, long random) {
    String line = new Records(version, snapshotId, millis, added).line();
    int unfoldedMax =
        Math.min(UNFOLDED_CHARS_MAX, Math.max(UNFOLDED_CHARS_MIN, base.length / UNFOLDED_PART));
    boolean isLong =
        !base.unfolded.isEmpty() && base.unfolded.length() + line.length() > unfoldedMax;
    if (tooMany() == 0 && !isLong) {
      return new Next(base.with(line), Map.of());
    }
    Map<String, Source> all = base.all();
    Set<String> gone = namesToForget();
    all.keySet().removeAll(gone);
    shorten(all);
    Folded folded = new Folded(all, base.folded.forgottenAnd(gone));
    byte[] bytes = folded.bytes();
    String file = Reference.newFile(version, random);
    Known known = Known.of(folded, file, bytes.length, Reference.checksumOf(bytes));
    return new Next(known.with(line), Map.of(file, ByteBuffer.wrap(bytes)));
  }

  private Set<String> namesToForget() {
    Set<String> gone = new LinkedHashSet<>();
    int most = Math.min(FORGOTTEN_AT_A_TIME, Known.FORGOTTEN_MAX - base.forgotten());
    if (forgettable != null && tooMany() > 0) {
      for (String name : forgettable) {
        if (gone.size() >= Math.max(tooMany(), most)) {
          break;
        }
        gone.add(name);
      }
    }
    return gone;
  }

  private static void shorten(Map<String, Source> all) {
    int recent = Math.max(1, Math.min(Source.RECENT_MAX, RECENT_MAX / Math.max(1, all.size())));
    int ranges = Source.RANGES_MAX;
    while (ranges > 10 && rangesWithin(all, ranges) > RANGES_MAX) {
      ranges -= Math.max(1, ranges / 16);
    }
    int rangesMax = ranges;
    all.replaceAll((name, source) -> source.within(rangesMax, recent));
  }

  private static long rangesWithin(Map<String, Source> all, int most) {
    long sum = 0;
    for (Source source : all.values()) {
      sum += Math.min(most, source.numbers().ranges());
    }
    return sum;
  }
}
