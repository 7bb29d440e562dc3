package io.datashard.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/** Where rows go: standard output, or a file that is there when it is whole and not before. */
final class RowOutput implements AutoCloseable {
  static final String OPTION = "--output";

  private final Output out;
  private final @Nullable OutputStream file;
  private final @Nullable Path target;
  private final @Nullable Path part;

  private RowOutput(
      Output out, @Nullable OutputStream file, @Nullable Path target, @Nullable Path part) {
    this.out = out;
    this.file = file;
    this.target = target;
    this.part = part;
  }

  static void declare(Options options) {
    options.text(
        OPTION,
        "FILE",
        "Write to this file instead of standard output. It appears, or is replaced, when all rows"
            + " are written.");
  }

  /** What was asked for; a file is written under another name first. */
  static RowOutput of(Args args, Console console) {
    String name = args.text(OPTION);
    if (name == null) {
      return new RowOutput(console.out(), null, null, null);
    }
    try {
      Path target = Path.of(name).toAbsolutePath();
      if (Files.isDirectory(target)) {
        throw new FailedException(name + " is a folder; name a file.");
      }
      if (Files.exists(target) && !Files.isRegularFile(target)) {
        OutputStream pipe = Files.newOutputStream(target); // there is nothing to replace
        return new RowOutput(new Output(pipe), pipe, null, null);
      }
      String hidden = "." + target.getFileName() + "." + ProcessHandle.current().pid() + ".part";
      Path part = target.resolveSibling(hidden);
      OutputStream file = Files.newOutputStream(part);
      return new RowOutput(new Output(file), file, target, part);
    } catch (InvalidPathException e) {
      throw new UsageException(OPTION + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new FailedException("Cannot write " + name + ": " + e, e);
    }
  }

  Output out() {
    return out;
  }

  /** All rows are written: now the file may be seen. */
  void end() throws IOException {
    out.flush();
    if (file != null) {
      file.close();
    }
    if (target != null && part != null) {
      Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Gives up what was not ended. */
  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
    }
    if (part != null) {
      Files.deleteIfExists(part);
    }
  }
}
