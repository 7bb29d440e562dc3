package io.datashard.cli;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/**
 * One command: the options it takes and what it does.
 *
 * <p>Options are declared by hand, not by annotations, and only those of the command that was asked
 * for: reading the annotations of all of them would take longer than most commands.
 */
public abstract class Command {
  /** The exit code of success. */
  public static final int OK = 0;

  /** The exit code of an operation that failed. */
  public static final int FAILED = 1;

  /** The exit code of a wrong command line. */
  public static final int USAGE = 2;

  /** The exit code of a table that {@code verify} found damaged. */
  public static final int DAMAGED = 3;

  /** Declares options and parameters. */
  protected abstract void declare(CommandSpec spec);

  /**
   * Does the work.
   *
   * @return the exit code
   */
  protected abstract int run(ParseResult args, Console console) throws IOException;

  /** An option that is there or not. */
  protected static void flag(CommandSpec spec, String name, String description) {
    spec.addOption(
        OptionSpec.builder(name).arity("0").type(boolean.class).description(description).build());
  }

  /** A flag that help does not show. */
  protected static void hiddenFlag(CommandSpec spec, String name) {
    spec.addOption(OptionSpec.builder(name).arity("0").type(boolean.class).hidden(true).build());
  }

  /** An option with a text. */
  protected static void text(CommandSpec spec, String name, String label, String description) {
    option(spec, name, label, String.class, description);
  }

  /** An option with a whole number. */
  protected static void number(CommandSpec spec, String name, String label, String description) {
    option(spec, name, label, Long.class, description);
  }

  private static void option(
      CommandSpec spec, String name, String label, Class<?> type, String description) {
    spec.addOption(
        OptionSpec.builder(name)
            .arity("1")
            .paramLabel(label)
            .type(type)
            .description(description)
            .build());
  }

  /** An option with a text that may be given several times. */
  protected static void texts(CommandSpec spec, String name, String label, String description) {
    spec.addOption(
        OptionSpec.builder(name)
            .arity("1")
            .paramLabel(label)
            .type(List.class)
            .auxiliaryTypes(String.class)
            .description(description)
            .build());
  }

  /** A parameter that must be given. */
  protected static void parameter(CommandSpec spec, int place, String label, String description) {
    parameter(spec, place, label, true, description);
  }

  /** A parameter that may be left out. */
  protected static void optionalParameter(
      CommandSpec spec, int place, String label, String description) {
    parameter(spec, place, label, false, description);
  }

  private static void parameter(
      CommandSpec spec, int place, String label, boolean required, String description) {
    spec.addPositional(
        PositionalParamSpec.builder()
            .index(Integer.toString(place))
            .arity(required ? "1" : "0..1")
            .required(required)
            .paramLabel(label)
            .type(String.class)
            .description(description)
            .build());
  }

  /** All parameters from this place on. */
  protected static void parameters(CommandSpec spec, int place, String label, String description) {
    spec.addPositional(
        PositionalParamSpec.builder()
            .index(place + "..*")
            .arity("0..*")
            .paramLabel(label)
            .type(List.class)
            .auxiliaryTypes(String.class)
            .description(description)
            .build());
  }

  /** The text of an option, or null. */
  protected static @Nullable String textOf(ParseResult args, String option) {
    return args.matchedOptionValue(option, (String) null);
  }

  /** All texts of an option. */
  protected static List<String> textsOf(ParseResult args, String option) {
    return args.matchedOptionValue(option, List.<String>of());
  }

  /**
   * The number of an option.
   *
   * @throws UsageException it is below {@code min}
   */
  protected static long numberOf(ParseResult args, String option, long min, long otherwise) {
    Long number = args.matchedOptionValue(option, (Long) null);
    if (number == null) {
      return otherwise;
    }
    if (number < min) {
      throw new UsageException(option + " must be at least " + min + ", got " + number + ".");
    }
    return number;
  }

  /** The parameter at this place, which must be there. */
  protected static String parameterOf(ParseResult args, int place) {
    String value = args.matchedPositionalValue(place, (String) null);
    if (value == null) {
      throw new UsageException("A parameter is missing.");
    }
    return value;
  }
}
