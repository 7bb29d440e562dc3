package io.datashard.cli;

import io.datashard.Batches;
import io.datashard.DataShard;
import io.datashard.Following;
import io.datashard.Scan;
import io.datashard.Table;
import io.datashard.cli.rows.RowPrinter;
import io.datashard.data.Batch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code scan --follow}: rows as they are appended. */
final class FollowedRows {
  private static final long POSITION_BYTES_MAX = 1_000;
  private static final Duration ANY_TIME = Duration.ofDays(1);

  private final Console console;
  private final Following following;
  private final @Nullable Path position;
  private final RowPrinter printer;

  private FollowedRows(
      Console console, Following following, @Nullable Path position, RowPrinter printer) {
    this.console = console;
    this.following = following;
    this.position = position;
    this.printer = printer;
  }

  static int print(Args args, ReadOptions what, RowFormat form, Console console) {
    RowPrinter.Format format = form.ofLines();
    if (format == null) {
      throw new UsageException("--follow prints jsonl or csv: give --format.");
    }
    if (args.text("--output") != null) {
      throw new UsageException("--follow prints to standard output: leave --output out.");
    }
    Path position = pathOf(args.text("--position"));
    Long idle = args.numberOrNull("--idle");
    try (Table table = DataShard.loadTable(args.parameter(0))) {
      Scan scan = what.scan(table);
      Following following = scan.follow(position == null ? "" : read(position));
      RowPrinter printer = RowPrinter.of(format, scan.schema(), console.out());
      new FollowedRows(console, following, position, printer)
          .run(idle == null ? null : Duration.ofSeconds(idle));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IllegalArgumentException e) {
      throw new FailedException(String.valueOf(e.getMessage()), e);
    }
    return Command.OK;
  }

  private static @Nullable Path pathOf(@Nullable String text) {
    try {
      return text == null ? null : Path.of(text);
    } catch (InvalidPathException e) {
      throw new UsageException("--position: " + e.getMessage(), e);
    }
  }

  private static String read(Path file) {
    try {
      if (!Files.exists(file)) {
        return "";
      }
      if (Files.size(file) > POSITION_BYTES_MAX) {
        throw new FailedException(file + " is too long to hold a position.");
      }
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new FailedException("Cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  private void run(@Nullable Duration idle) throws InterruptedException {
    while (true) {
      Optional<Following.Piece> piece = following.poll(idle == null ? ANY_TIME : idle);
      if (piece.isEmpty() && idle != null) {
        printer.end();
        return;
      }
      if (piece.isPresent()) {
        print(piece.get());
      }
    }
  }

  private void print(Following.Piece piece) {
    try (Batches batches = piece.rows().batches(Scan.BATCH_ROWS_DEFAULT)) {
      for (Batch batch : batches) {
        printer.print(batch);
      }
    }
    console.out().flush();
    if (position != null) {
      keep(position, piece.position());
    }
  }

  /** Whole or not at all, whenever the process ends. */
  private static void keep(Path file, String position) {
    Path parent = file.toAbsolutePath().getParent();
    Path name = file.getFileName();
    try {
      Path next = Files.createTempFile(parent, name == null ? "" : name + ".", ".new");
      Files.writeString(next, position + "\n");
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new FailedException(
          "Cannot keep the position in " + file + ": " + e.getMessage() + ". It is " + position, e);
    }
  }
}
