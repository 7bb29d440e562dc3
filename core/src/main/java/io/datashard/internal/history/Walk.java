package io.datashard.internal.history;

import io.datashard.table.Snapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Walks through snapshots by sequence number. Segments and blocks are opened when the walk comes to
 * what they may hold, and mostly one at a time; a snapshot that lost its tag late lies in a later
 * block than its neighbours, so several may be open.
 */
final class Walk implements Iterator<Snapshot> {
  private final ArchiveFiles files;
  private final long after;

  /** By the least sequence number that may come out; what is not opened yet comes first. */
  private final PriorityQueue<Source> sources =
      new PriorityQueue<>(
          Comparator.comparingLong(Source::next)
              .thenComparing(source -> source instanceof Snapshots));

  private @Nullable Snapshot next;

  /** Something that snapshots come out of. */
  private sealed interface Source permits WholeSegment, OneBlock, Snapshots {
    long next();
  }

  private record WholeSegment(Segment segment) implements Source {
    @Override
    public long next() {
      return segment.extent().sequences().min();
    }
  }

  private record OneBlock(Segment segment, Block block) implements Source {
    @Override
    public long next() {
      return block.extent().sequences().min();
    }
  }

  private record Snapshots(List<Snapshot> rest) implements Source {
    @Override
    public long next() {
      return rest.get(0).sequenceNumber();
    }
  }

  Walk(ArchiveFiles files, List<Segment> segments, List<Snapshot> listed, long after) {
    this.files = files;
    this.after = after;
    for (Segment segment : segments) {
      if (segment.extent().sequences().max() > after) {
        sources.add(new WholeSegment(segment));
      }
    }
    addSnapshots(listed);
    next = advance();
  }

  private void addSnapshots(List<Snapshot> snapshots) {
    List<Snapshot> rest = new ArrayList<>(snapshots);
    rest.removeIf(snapshot -> snapshot.sequenceNumber() <= after);
    rest.sort(Comparator.comparingLong(Snapshot::sequenceNumber));
    if (!rest.isEmpty()) {
      sources.add(new Snapshots(rest));
    }
  }

  private @Nullable Snapshot advance() {
    while (!sources.isEmpty()) {
      Source source = sources.remove();
      if (source instanceof WholeSegment whole) {
        open(whole.segment());
      } else if (source instanceof OneBlock one) {
        try (ArchiveFiles.Opened opened = files.open(one.segment())) {
          addSnapshots(opened.page(one.block()).snapshots());
        }
      } else if (source instanceof Snapshots some) {
        Snapshot first = some.rest().get(0);
        if (some.rest().size() > 1) {
          sources.add(new Snapshots(some.rest().subList(1, some.rest().size())));
        }
        if (!first.equals(next)) { // listed again by somebody who went back to it
          return first;
        }
      }
    }
    return null;
  }

  private void open(Segment segment) {
    try (ArchiveFiles.Opened opened = files.open(segment)) {
      for (Block block : opened.blocks()) {
        if (block.extent().sequences().max() > after) {
          sources.add(new OneBlock(segment, block));
        }
      }
    }
  }

  @Override
  public boolean hasNext() {
    return next != null;
  }

  @Override
  public Snapshot next() {
    Snapshot given = next;
    if (given == null) {
      throw new NoSuchElementException();
    }
    next = advance();
    return given;
  }
}
