package io.datashard.cli.stress;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.datashard.cli.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Journals held against rows, both ways.
 *
 * @param acknowledged ids whose append was acknowledged
 * @param sent ids whose append was asked for
 * @param rows rows there are
 * @param lost acknowledged ids that no row has
 * @param doubled rows whose id an earlier row has
 * @param unsent rows that nobody asked for
 * @param interrupted ids that were sent and not acknowledged, because their process was killed
 * @param examples some of the ids that are lost, doubled or unsent, with the word
 * @param medianMillis the time of an append that half of them took
 * @param p99Millis the time that one of a hundred exceeded
 * @param slowestMillis the time of the slowest
 */
record Comparison(
    long acknowledged,
    long sent,
    long rows,
    long lost,
    long doubled,
    long unsent,
    long interrupted,
    List<String> examples,
    double medianMillis,
    double p99Millis,
    double slowestMillis) {

  private static final int EXAMPLES_MAX = 10;

  /** Takes the rows one by one. */
  static final class Builder {
    private final Set<String> sent = new HashSet<>();
    private final Set<String> acknowledged = new HashSet<>();
    private final Map<String, Integer> found = new HashMap<>();
    private final List<String> examples = new ArrayList<>();
    private final double[] millis;
    private long rows;
    private long doubled;
    private long unsent;

    Builder(List<Journal.Line> sentLines, List<Journal.Line> ackedLines) {
      sentLines.forEach(line -> sent.add(line.id()));
      ackedLines.forEach(line -> acknowledged.add(line.id()));
      millis = ackedLines.stream().mapToDouble(Journal.Line::millis).sorted().toArray();
    }

    void row(String id, boolean asSent) {
      rows++;
      if (found.merge(id, 1, Integer::sum) > 1) {
        doubled++;
        example("doubled " + id);
      }
      if (!asSent || !sent.contains(id)) {
        unsent++;
        example("unsent " + id);
      }
    }

    private void example(String text) {
      if (examples.size() < EXAMPLES_MAX) {
        examples.add(text);
      }
    }

    Comparison build() {
      long lost = 0;
      for (String id : acknowledged) {
        if (!found.containsKey(id)) {
          lost++;
          example("lost " + id);
        }
      }
      long interrupted = sent.stream().filter(id -> !acknowledged.contains(id)).count();
      return new Comparison(
          acknowledged.size(),
          sent.size(),
          rows,
          lost,
          doubled,
          unsent,
          interrupted,
          List.copyOf(examples),
          at(0.5),
          at(0.99),
          at(1));
    }

    private double at(double part) {
      return millis.length == 0
          ? 0
          : millis[(int) Math.min(millis.length - 1, Math.round(part * (millis.length - 1)))];
    }

    @Override
    public String toString() {
      return rows + " rows, times " + Arrays.toString(millis);
    }
  }

  /** Whether every acknowledged row is there once, and none that nobody sent. */
  boolean isRight() {
    return lost == 0 && doubled == 0 && unsent == 0;
  }

  void write(JsonGenerator json) throws IOException {
    json.writeNumberField("acknowledged", acknowledged);
    json.writeNumberField("sent", sent);
    json.writeNumberField("rows", rows);
    json.writeNumberField("lost", lost);
    json.writeNumberField("doubled", doubled);
    json.writeNumberField("unsent", unsent);
    json.writeNumberField("interrupted", interrupted);
    json.writeNumberField("median_ms", medianMillis);
    json.writeNumberField("p99_ms", p99Millis);
    json.writeNumberField("slowest_ms", slowestMillis);
    json.writeArrayFieldStart("examples");
    for (String example : examples) {
      json.writeString(example);
    }
    json.writeEndArray();
  }

  /** What {@link #write} wrote, as an object. */
  static Comparison parse(String line) throws IOException {
    Map<String, Double> numbers = new HashMap<>();
    List<String> examples = new ArrayList<>();
    try (JsonParser json = Json.factory().createParser(line)) {
      for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
        if (token.isNumeric()) {
          numbers.put(json.currentName(), json.getDoubleValue());
        } else if (token == JsonToken.VALUE_STRING) {
          examples.add(json.getText());
        }
      }
    }
    return new Comparison(
        whole(numbers, "acknowledged"),
        whole(numbers, "sent"),
        whole(numbers, "rows"),
        whole(numbers, "lost"),
        whole(numbers, "doubled"),
        whole(numbers, "unsent"),
        whole(numbers, "interrupted"),
        examples,
        number(numbers, "median_ms"),
        number(numbers, "p99_ms"),
        number(numbers, "slowest_ms"));
  }

  private static long whole(Map<String, Double> numbers, String key) throws IOException {
    return Math.round(number(numbers, key));
  }

  private static double number(Map<String, Double> numbers, String key) throws IOException {
    Double number = numbers.get(key);
    if (number == null) {
      throw new IOException("The checking process told no \"" + key + "\".");
    }
    return number;
  }
}
