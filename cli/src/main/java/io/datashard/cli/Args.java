package io.datashard.cli;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a command was given, checked against its {@link Options}. */
public final class Args {
  private final Map<String, List<String>> options;
  private final List<String> parameters;

  /**
   * Values by option, in the order given; a flag that is there has none.
   *
   * @param parameters what belongs to no option
   */
  Args(Map<String, List<String>> options, List<String> parameters) {
    this.options = options;
    this.parameters = parameters;
  }

  /** Whether the option or flag is there. */
  public boolean has(String option) {
    return options.containsKey(option);
  }

  /** The text of an option, or null. */
  public @Nullable String text(String option) {
    List<String> texts = texts(option);
    return texts.isEmpty() ? null : texts.get(0);
  }

  /** All texts of an option. */
  public List<String> texts(String option) {
    return options.getOrDefault(option, List.of());
  }

  /** The number of an option, or null. */
  public @Nullable Long numberOrNull(String option) {
    String text = text(option);
    return text == null ? null : Long.valueOf(text);
  }

  /**
   * The number of an option.
   *
   * @throws UsageException it is below {@code min}
   */
  public long number(String option, long min, long otherwise) {
    Long number = numberOrNull(option);
    if (number == null) {
      return otherwise;
    }
    if (number < min) {
      throw new UsageException(option + " must be at least " + min + ", got " + number + ".");
    }
    return number;
  }

  /** The parameter at this place, which must be there. */
  public String parameter(int place) {
    return parameters.get(place);
  }

  /** The parameter at this place, or null. */
  public @Nullable String parameterOrNull(int place) {
    return place < parameters.size() ? parameters.get(place) : null;
  }

  /** All parameters from this place on. */
  public List<String> parametersFrom(int place) {
    return parameters.subList(Math.min(place, parameters.size()), parameters.size());
  }

  /** All of it, for messages. */
  @Override
  public String toString() {
    return new java.util.TreeMap<>(options) + " " + parameters;
  }
}
