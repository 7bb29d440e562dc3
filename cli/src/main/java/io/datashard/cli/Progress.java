package io.datashard.cli;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * How far long work is: a bar on standard error if that is a terminal, else nothing. The library of
 * the bar is touched only then, since it takes longer to load than most commands take.
 */
public final class Progress implements AutoCloseable {
  private final @Nullable ProgressBar bar;

  private Progress(@Nullable ProgressBar bar) {
    this.bar = bar;
  }

  /**
   * A bar that counts things.
   *
   * @param total how many there will be; -1 if not known
   */
  public static Progress count(Console console, String task, String unit, long total) {
    return new Progress(console.errIsTerminal() ? bar(task, unit, 1, total) : null);
  }

  /**
   * A bar that counts bytes, shown as megabytes.
   *
   * @param total how many there will be; -1 for no bar at all
   */
  public static Progress bytes(Console console, String task, long total) {
    return new Progress(
        console.errIsTerminal() && total > 1 << 20 ? bar(task, " MB", 1_000_000, total) : null);
  }

  private static ProgressBar bar(String task, String unit, long size, long total) {
    return new ProgressBarBuilder()
        .setTaskName(task)
        .setInitialMax(total)
        .setUnit(unit, size)
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(200)
        .setConsumer(new ConsoleProgressBarConsumer(System.err))
        .build();
  }

  /** So much more is done. */
  public void advance(long by) {
    if (bar != null) {
      bar.stepBy(by);
    }
  }

  /** So much is done in all. */
  public void at(long done) {
    if (bar != null) {
      bar.stepTo(done);
    }
  }

  /** So much is done of so much in all, and this can be said of it. */
  public void at(long done, long total, String message) {
    if (bar != null) {
      bar.maxHint(total);
      bar.stepTo(done);
      bar.setExtraMessage(message);
    }
  }

  /** The stream, whose bytes count as they are read. */
  InputStream counting(InputStream in) {
    return bar == null ? in : new Counting(in, this);
  }

  private static final class Counting extends FilterInputStream {
    private final Progress progress;

    Counting(InputStream in, Progress progress) {
      super(in);
      this.progress = progress;
    }

    @Override
    public int read() throws IOException {
      int one = super.read();
      progress.advance(one < 0 ? 0 : 1);
      return one;
    }

    @Override
    public int read(byte[] into, int start, int length) throws IOException {
      int read = super.read(into, start, length);
      progress.advance(Math.max(0, read));
      return read;
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
