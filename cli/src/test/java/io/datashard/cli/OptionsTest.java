package io.datashard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.ParameterException;

/** The quick parser answers only what picocli answers too. */
class OptionsTest {
  private static final List<String> WORDS =
      List.of(
          "place",
          "other place",
          "-",
          "--",
          "--flag",
          "--text",
          "--texts",
          "--number",
          "--text=a=b",
          "--texts=x",
          "--number=7",
          "--number=-7",
          "--number=x",
          "--flag=true",
          "--no-flag",
          "-h",
          "--help",
          "--unknown",
          "-x",
          "5",
          "-5",
          "007",
          "9223372036854775807",
          "",
          "@file",
          "a = 'b'",
          "\"quoted\"",
          "--text=",
          "--tex",
          "=",
          "a,b");

  private static Options options(int parameters, boolean many) {
    Options options = new Options();
    for (int i = 0; i < parameters; i++) {
      if (i == 0) {
        options.parameter("FIRST", "first");
      } else {
        options.optionalParameter("P" + i, "next");
      }
    }
    if (many) {
      options.parameters("MORE", "more");
    }
    options.flag("--flag", "a flag");
    options.text("--text", "T", "a text");
    options.texts("--texts", "T", "texts");
    options.number("--number", "N", "a number");
    return options;
  }

  @Test
  void whatIsUnderstoodQuicklyIsUnderstoodTheSameByPicocli() {
    int quick = 0;
    for (int seed = 0; seed < 3_000; seed++) {
      Random random = new Random(seed);
      List<String> words = new ArrayList<>();
      for (int i = random.nextInt(6); i > 0; i--) {
        words.add(WORDS.get(random.nextInt(WORDS.size())));
      }
      Options options = options(random.nextInt(3), random.nextBoolean());
      Args plain = options.parsePlain(words);
      if (plain != null) {
        quick++;
        assertThat(slow(options, words)).as("seed %d: %s", seed, words).isEqualTo(plain.toString());
      }
    }
    assertThat(quick).as("command lines understood quickly").isGreaterThan(300);
  }

  private static String slow(Options options, List<String> words) {
    try {
      return String.valueOf(options.parse("test", words));
    } catch (ParameterException e) {
      return e.getMessage();
    }
  }

  @Test
  void usualCommandLinesNeedNoPicocli() {
    assertThat(options(1, false).parsePlain(List.of("t", "--text", "a = 'b'", "--number=5")))
        .hasToString("{--number=[5], --text=[a = 'b']} [t]");
    assertThat(
            options(1, true)
                .parsePlain(List.of("--texts", "a", "t", "--texts", "b", "--flag", "u", "-")))
        .hasToString("{--flag=[], --texts=[a, b]} [t, u, -]");
  }
}
