package io.datashard.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/**
 * The options and parameters that a command takes.
 *
 * <p>Command lines are parsed by picocli, which also writes help and error messages. But picocli
 * takes a third of the time of a short command, most of it for loading; so a plain command line,
 * where there is nothing to explain, is understood by {@link #parsePlain} without it. What that
 * method answers is what picocli would; whatever it is not sure of it leaves to picocli.
 */
public final class Options {
  private enum Kind {
    FLAG,
    TEXT,
    TEXTS,
    NUMBER
  }

  private record Option(String name, String label, Kind kind, String description) {}

  private record Parameter(String label, boolean required, boolean many, String description) {}

  private final Map<String, Option> options = new LinkedHashMap<>();
  private final List<Parameter> parameters = new ArrayList<>();
  private String about = "";

  Options() {}

  /** Says what the command does; {@code %n} ends a line. */
  public void about(String description) {
    about = description;
  }

  /** An option that is there or not. */
  public void flag(String name, String description) {
    options.put(name, new Option(name, "", Kind.FLAG, description));
  }

  /** A flag that help does not show. */
  public void hiddenFlag(String name) {
    flag(name, "");
  }

  /** An option with a text. */
  public void text(String name, String label, String description) {
    options.put(name, new Option(name, label, Kind.TEXT, description));
  }

  /** An option with a text that may be given several times. */
  public void texts(String name, String label, String description) {
    options.put(name, new Option(name, label, Kind.TEXTS, description));
  }

  /** An option with a whole number. */
  public void number(String name, String label, String description) {
    options.put(name, new Option(name, label, Kind.NUMBER, description));
  }

  /** The next parameter, which must be given. */
  public void parameter(String label, String description) {
    parameters.add(new Parameter(label, true, false, description));
  }

  /** The next parameter, which may be left out. */
  public void optionalParameter(String label, String description) {
    parameters.add(new Parameter(label, false, false, description));
  }

  /** All parameters from here on; there may be none. */
  public void parameters(String label, String description) {
    parameters.add(new Parameter(label, false, true, description));
  }

  /** The arguments of a plain command line, or null if picocli should look at it. */
  @Nullable Args parsePlain(List<String> words) {
    Map<String, List<String>> given = new HashMap<>();
    List<String> places = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (!isOption(word)) {
        places.add(word);
        continue;
      }
      int equals = word.indexOf('=');
      Option option = options.get(equals < 0 ? word : word.substring(0, equals));
      if (option == null || given.containsKey(option.name()) && option.kind() != Kind.TEXTS) {
        return null;
      }
      List<String> values = given.computeIfAbsent(option.name(), name -> new ArrayList<>());
      if (option.kind() == Kind.FLAG) {
        if (equals >= 0) {
          return null;
        }
      } else if (equals >= 0) {
        values.add(word.substring(equals + 1));
      } else if (++i < words.size() && !isOption(words.get(i))) {
        values.add(words.get(i));
      } else {
        return null;
      }
      if (option.kind() == Kind.NUMBER && !isPlainNumber(values.get(0))) {
        return null;
      }
    }
    return fits(places.size()) && !hasOddText(given, places) ? new Args(given, places) : null;
  }

  private static boolean isOption(String word) {
    return word.startsWith("-") && word.length() > 1;
  }

  private static boolean isPlainNumber(String text) {
    if (text.isEmpty() || text.length() > 18) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  private boolean fits(int count) {
    int required = 0;
    for (Parameter parameter : parameters) {
      required += parameter.required() ? 1 : 0;
      if (parameter.many()) {
        return count >= required;
      }
    }
    return count >= required && count <= parameters.size();
  }

  /** Empty words and quotes: what becomes of them is picocli's business. */
  private static boolean hasOddText(Map<String, List<String>> given, List<String> places) {
    for (List<String> values : given.values()) {
      for (String value : values) {
        if (value.isEmpty()) {
          return true;
        }
      }
    }
    return places.contains("");
  }

  /**
   * The arguments as picocli understands them; null if it was asked for help.
   *
   * @throws CommandLine.ParameterException the command line is wrong
   */
  @Nullable Args parse(String commandName, List<String> words) {
    ParseResult result = line(commandName).parseArgs(words.toArray(new String[0]));
    if (result.isUsageHelpRequested()) {
      return null;
    }
    Map<String, List<String>> given = new HashMap<>();
    for (OptionSpec option : result.matchedOptionsSet()) {
      String name = option.longestName();
      boolean flag = option.type() == boolean.class;
      given.put(name, flag ? List.of() : List.copyOf(option.stringValues()));
    }
    List<String> places = new ArrayList<>();
    // One that takes several words is listed once for each stretch of them.
    for (PositionalParamSpec parameter : new LinkedHashSet<>(result.matchedPositionals())) {
      if (parameter.isMultiValue()) {
        places.addAll(parameter.stringValues());
      } else {
        places.add(parameter.stringValues().get(0));
      }
    }
    return new Args(given, places);
  }

  /** The help text. */
  String help(String commandName) {
    CommandLine line = line(commandName);
    line.setUsageHelpWidth(100);
    return line.getUsageMessage(Ansi.OFF);
  }

  private CommandLine line(String commandName) {
    CommandSpec spec = CommandSpec.create().name(commandName);
    spec.usageMessage().description(about);
    options.values().forEach(option -> spec.addOption(specOf(option)));
    for (int i = 0; i < parameters.size(); i++) {
      spec.addPositional(specOf(parameters.get(i), i));
    }
    spec.addOption(
        OptionSpec.builder("-h", "--help")
            .usageHelp(true)
            .type(boolean.class)
            .description("Shows this help.")
            .build());
    // A word that starts with @ is no file of more words here: it may be a filter or a name.
    return new CommandLine(spec).setExpandAtFiles(false);
  }

  private static OptionSpec specOf(Option option) {
    OptionSpec.Builder spec =
        OptionSpec.builder(option.name())
            .arity(option.kind() == Kind.FLAG ? "0" : "1")
            .paramLabel(option.label())
            .hidden(option.description().isEmpty())
            .description(option.description());
    return switch (option.kind()) {
      case FLAG -> spec.type(boolean.class).build();
      case TEXT -> spec.type(String.class).build();
      case TEXTS -> spec.type(List.class).auxiliaryTypes(String.class).build();
      case NUMBER -> spec.type(Long.class).build();
    };
  }

  private static PositionalParamSpec specOf(Parameter parameter, int place) {
    PositionalParamSpec.Builder spec =
        PositionalParamSpec.builder()
            .index(parameter.many() ? place + "..*" : Integer.toString(place))
            .arity(parameter.many() ? "0..*" : parameter.required() ? "1" : "0..1")
            .required(parameter.required())
            .paramLabel(parameter.label())
            .description(parameter.description());
    return parameter.many()
        ? spec.type(List.class).auxiliaryTypes(String.class).build()
        : spec.type(String.class).build();
  }
}
