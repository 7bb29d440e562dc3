package io.datashard.benchmarks.compare;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;

/** Orders from standard input, a line each, each answered by one line of JSON. */
public final class Orders {
  private Orders() {}

  /** Answers orders until the input ends. */
  public static void serve(UnaryOperator<String> answer) throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (String order = in.readLine(); order != null; order = in.readLine()) {
      out.println(answer.apply(order));
    }
  }

  /** The answer to an order that failed. */
  public static String error(RuntimeException failure) {
    return "{\"error\": %s}".formatted(json(failure.toString()));
  }

  /** The error of an order that is none. */
  public static IllegalArgumentException unknown(String order) {
    return new IllegalArgumentException("There is no order '" + order + "'.");
  }

  /** A text in quotes. */
  static String json(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ') {
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
