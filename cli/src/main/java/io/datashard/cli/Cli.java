package io.datashard.cli;

import io.datashard.error.DataShardException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParameterException;

/** Finds the command, parses its options, runs it, and turns what went wrong into a message. */
public final class Cli {
  private Cli() {}

  /**
   * Runs one command line.
   *
   * @param in standard input
   * @param out standard output: data only
   * @param err standard error: messages and progress
   * @return the exit code: 0 success, 1 the operation failed, 2 wrong usage, 3 damage was found
   */
  public static int run(List<String> args, InputStream in, OutputStream out, OutputStream err) {
    Console console = new Console(in, out, err);
    List<String> words = new ArrayList<>(args);
    boolean debug = words.remove("--debug");
    int code;
    try {
      code = dispatch(words, console);
      console.out().flush();
    } catch (Output.ClosedException e) {
      return Command.OK; // whoever reads has seen enough
    } catch (StackOverflowError | OutOfMemoryError e) {
      console.say("datashard: " + e + "; give it more memory with DATASHARD_JAVA_OPTS=-Xmx2g");
      return Command.FAILED;
    } catch (RuntimeException | IOException e) {
      flushQuietly(console);
      console.say("datashard" + commandOf(words) + ": " + messageOf(e));
      if (e instanceof UsageException || e instanceof ParameterException) {
        console.say("Try '" + Console.launcher() + commandOf(words) + " --help'.");
      }
      if (debug) {
        console.sayRaw(traceOf(e));
      }
      return e instanceof UsageException || e instanceof ParameterException
          ? Command.USAGE
          : Command.FAILED;
    }
    return code;
  }

  private static void flushQuietly(Console console) {
    try {
      console.out().flush();
    } catch (RuntimeException e) {
      // The first failure is the one to tell.
    }
  }

  private static String commandOf(List<String> words) {
    return words.isEmpty() || Commands.find(words.get(0)).isEmpty() ? "" : " " + words.get(0);
  }

  private static int dispatch(List<String> words, Console console) throws IOException {
    String first = words.isEmpty() ? "" : words.get(0);
    switch (first) {
      case "" -> {
        console.say(Commands.help());
        return Command.USAGE;
      }
      case "--help", "-h" -> {
        console.out().line(Commands.help());
        return Command.OK;
      }
      case "--version", "-V" -> {
        console.out().line("datashard " + version());
        return Command.OK;
      }
      case "help" -> {
        return dispatch(
            words.size() == 1 ? List.of("--help") : List.of(words.get(1), "--help"), console);
      }
      default -> {
        Optional<Command> command = Commands.find(first);
        if (command.isEmpty()) {
          throw new UsageException(
              "there is no command '" + first + "'. Commands: " + Commands.names() + ".");
        }
        return run(first, command.get(), words.subList(1, words.size()), console);
      }
    }
  }

  private static int run(String name, Command command, List<String> words, Console console)
      throws IOException {
    Options options = new Options();
    command.declare(options);
    Args args = options.parsePlain(words);
    if (args == null) {
      args = options.parse(Console.launcher() + " " + name, words);
    }
    if (args == null) {
      console.out().text(options.help(Console.launcher() + " " + name));
      return Command.OK;
    }
    return command.run(args, console);
  }

  /** The version of the jar that this class is from; unknown when run from classes. */
  static String version() {
    @Nullable String version = Cli.class.getPackage().getImplementationVersion();
    return version == null ? "(built from sources)" : version;
  }

  private static String messageOf(Throwable e) {
    if (e instanceof UncheckedIOException && e.getCause() != null) {
      return messageOf(e.getCause());
    }
    String message = e.getMessage();
    boolean meant =
        e instanceof DataShardException
            || e instanceof UsageException
            || e instanceof FailedException
            || e instanceof ParameterException
            || e instanceof IllegalArgumentException
            || e instanceof IllegalStateException;
    if (meant && message != null && !message.isBlank()) {
      return message;
    }
    if (e instanceof java.nio.file.NoSuchFileException) {
      return "there is no file " + message;
    }
    return e.getClass().getSimpleName()
        + (message == null ? "" : ": " + message)
        + (e instanceof IOException ? "" : "; --debug shows where");
  }

  private static String traceOf(Throwable e) {
    StringWriter trace = new StringWriter();
    e.printStackTrace(new PrintWriter(trace, true));
    return trace.toString();
  }
}
