package io.datashard.internal.parquet;

import io.datashard.data.Batch;
import io.datashard.expr.Bound;
import io.datashard.expr.Bound.Match;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.storage.ReadableFile;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads row groups one after the other, those that statistics do not rule out. */
final class FileScan implements BatchReader {
  private final ParquetFooter footer;
  private final Bound filter;
  private final ScanPlan plan;
  private final FileBytes bytes;
  private final Workspace workspace;
  private final boolean ownsWorkspace;
  private final int endGroup;
  private int nextGroup;
  private @Nullable RowGroupScan group;
  private ReadCounts counts = ReadCounts.NONE;

  FileScan(
      ReadableFile file,
      ParquetFooter footer,
      Schema wanted,
      Bound filter,
      int batchRowsMax,
      int firstGroup,
      int endGroup,
      @Nullable Workspace workspace,
      Set<Shortcut> shortcuts) {
    this.footer = footer;
    this.filter = filter;
    this.plan = ScanPlan.of(footer, wanted, filter, batchRowsMax, shortcuts);
    this.bytes = new FileBytes(file);
    this.nextGroup = firstGroup;
    this.endGroup = endGroup;
    this.ownsWorkspace = workspace == null;
    this.workspace = workspace == null ? new Workspace() : workspace;
    byte[] whole = footer.wholeFile();
    if (whole != null) {
      bytes.keep(0, whole.length, whole);
    }
  }

  @Override
  public @Nullable Batch next() {
    while (true) {
      RowGroupScan current = group;
      if (current == null) {
        if (nextGroup >= endGroup) {
          return null;
        }
        openGroup(nextGroup++);
        continue;
      }
      Batch batch = current.next();
      if (batch != null) {
        return batch;
      }
      counts = counts.plus(current.finish());
      bytes.clear();
      group = null;
    }
  }

  private void openGroup(int number) {
    long rows = footer.rowGroupRows(number);
    if (rows == 0) {
      return;
    }
    Match match = judge(number);
    RuledOutBy by = RuledOutBy.STATISTICS;
    if (match != Match.NONE) {
      RowGroupScan opened = new RowGroupScan(footer, plan, number, bytes, workspace);
      by = match == Match.ALL ? RuledOutBy.NOTHING : opened.narrow();
      if (by == RuledOutBy.NOTHING) {
        group = opened;
      } else {
        bytes.clear();
      }
    }
    counts = counts.plus(by.counted());
  }

  /** What there is to read from here on, without reading data pages. */
  Outlook outlook() {
    Outlook all = Outlook.NONE;
    for (; nextGroup < endGroup; nextGroup++) {
      if (footer.rowGroupRows(nextGroup) > 0) {
        all = all.plus(outlook(nextGroup));
        bytes.clear();
      }
    }
    return all;
  }

  private Outlook outlook(int number) {
    RowGroupScan opened = new RowGroupScan(footer, plan, number, bytes, workspace);
    RuledOutBy by =
        switch (judge(number)) {
          case NONE -> RuledOutBy.STATISTICS;
          case SOME -> opened.narrowUnread();
          case ALL -> RuledOutBy.NOTHING;
        };
    Outlook counted = new Outlook(by.counted(), 0);
    return by == RuledOutBy.NOTHING ? counted.plus(opened.outlook()) : counted;
  }

  private Match judge(int number) {
    return plan.takes(Shortcut.GROUP_STATISTICS)
        ? filter.match(field -> facts(number, field))
        : Match.SOME;
  }

  private Bound.Facts facts(int number, Field field) {
    FileColumn column = footer.find(field);
    return column == null
        ? Stats.onlyNulls(footer.rowGroupRows(number))
        : footer.facts(number, column, field.type());
  }

  @Override
  public ReadCounts counts() {
    return counts.plus(new ReadCounts(0, 0, 0, 0, 0, 0, 0, 0, bytes.bytesRead()));
  }

  @Override
  public int rowGroupsSkipped() {
    return Math.toIntExact(counts.rowGroupsSkipped());
  }

  @Override
  public long pagesSkipped() {
    return counts.pagesSkipped();
  }

  @Override
  public long bytesRead() {
    return bytes.bytesRead();
  }

  @Override
  public void close() {
    nextGroup = endGroup;
    if (group != null) {
      counts = counts.plus(group.finish());
      group = null;
    }
    bytes.clear();
    if (ownsWorkspace) {
      workspace.close();
    }
  }
}
