package io.datashard.cli.rows;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.datashard.cli.Json;
import io.datashard.data.ColumnBuilder;
import io.datashard.schema.Field;
import io.datashard.schema.TextValues;
import io.datashard.schema.Type;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Rows as JSON Lines: one object a line, keys are column names.
 *
 * <p>What a value may be is decided by its column: numbers are taken digit by digit as they are
 * written, not by way of a double; times, uuids and bytes are strings, as {@link TextValues} lists
 * them. A decimal may be a number or a string; NaN and the infinities are strings. A missing key is
 * null. Blank lines are skipped.
 */
public final class JsonRows {
  private static final JsonFactory FACTORY = Json.factory();

  private final RowSink sink;
  private final Map<String, Integer> places = new HashMap<>();
  private final boolean[] seen;
  private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();

  /** Rows go to this sink. */
  public JsonRows(RowSink sink) {
    this.sink = sink;
    this.seen = new boolean[sink.schema().size()];
    for (int i = 0; i < seen.length; i++) {
      places.put(sink.schema().field(i).name(), i);
    }
  }

  /**
   * Reads all rows of a stream, each as soon as its line is there.
   *
   * @param source how messages call it
   * @throws BadRowException a row does not fit; the rows before it went to the sink
   */
  public void read(InputStream in, String source) throws IOException {
    Lines lines = new Lines(in, source);
    while (lines.next()) {
      if (!lines.isBlank()) {
        readRow(lines, source);
        sink.endRow(source, lines.number());
      }
    }
  }

  private void readRow(Lines lines, String source) throws IOException {
    long line = lines.number();
    requireUtf8(lines, source);
    Arrays.fill(seen, false);
    try (JsonParser json = FACTORY.createParser(lines.bytes(), lines.start(), lines.length())) {
      JsonToken first = json.nextToken();
      if (first != JsonToken.START_OBJECT) {
        throw BadRowException.row(
            source, line, "expected a JSON object on each line, found " + shown(first) + ".", null);
      }
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String key = json.currentName();
        int place = placeOf(key, source, line);
        if (seen[place]) {
          throw BadRowException.value(source, line, key, "the key is there twice.", null);
        }
        seen[place] = true;
        json.nextToken();
        add(json, place, source, line);
      }
      JsonToken more = json.nextToken();
      if (more != null) {
        throw BadRowException.row(
            source, line, "there is " + shown(more) + " behind the object.", null);
      }
    } catch (JsonProcessingException e) {
      throw BadRowException.row(source, line, "not JSON: " + e.getOriginalMessage(), e);
    }
    for (int i = 0; i < seen.length; i++) {
      if (!seen[i]) {
        addNull(i, source, line);
      }
    }
  }

  /** The parser lets some malformed sequences pass. */
  private void requireUtf8(Lines lines, String source) {
    byte[] bytes = lines.bytes();
    int end = lines.start() + lines.length();
    for (int i = lines.start(); i < end; i++) {
      if (bytes[i] < 0) {
        try {
          utf8.decode(ByteBuffer.wrap(bytes, i, end - i));
          return;
        } catch (CharacterCodingException e) {
          throw BadRowException.row(source, lines.number(), "the line is not UTF-8.", e);
        }
      }
    }
  }

  private int placeOf(String key, String source, long line) {
    Integer place = places.get(key);
    if (place == null) {
      throw BadRowException.row(
          source,
          line,
          "there is no column '"
              + key
              + "'. Columns: "
              + String.join(", ", sink.schema().names())
              + ".",
          null);
    }
    return place;
  }

  private void addNull(int place, String source, long line) {
    try {
      sink.column(place).addNull();
    } catch (IllegalArgumentException e) {
      throw BadRowException.value(
          source, line, sink.schema().field(place).name(), e.getMessage() + ".", e);
    }
  }

  private void add(JsonParser json, int place, String source, long line) throws IOException {
    Field field = sink.schema().field(place);
    JsonToken token = json.currentToken();
    if (token == JsonToken.VALUE_NULL) {
      addNull(place, source, line);
      return;
    }
    try {
      add(json, token, field.type(), sink.column(place));
    } catch (IllegalArgumentException e) {
      throw BadRowException.value(source, line, field.name(), e.getMessage() + ".", e);
    }
  }

  private static void add(JsonParser json, JsonToken token, Type type, ColumnBuilder column)
      throws IOException {
    switch (type.kind()) {
      case BOOLEAN -> {
        require(token.isBoolean(), json, type, "true or false");
        column.addBoolean(token == JsonToken.VALUE_TRUE);
      }
      case INT, LONG -> {
        require(token.isNumeric(), json, type, "a number");
        column.add(TextValues.parse(type, json.getText()));
      }
      case FLOAT, DOUBLE -> {
        require(
            token.isNumeric() || isNotFinite(json),
            json,
            type,
            "a number, \"NaN\", \"Infinity\" or \"-Infinity\"");
        column.add(TextValues.parse(type, json.getText()));
      }
      case DECIMAL -> {
        require(
            token.isNumeric() || token == JsonToken.VALUE_STRING,
            json,
            type,
            "a number or a string of digits");
        column.add(TextValues.parse(type, json.getText()));
      }
      case DATE, TIME, TIMESTAMP, TIMESTAMPTZ, STRING, UUID, FIXED, BINARY -> {
        require(token == JsonToken.VALUE_STRING, json, type, "a string");
        column.add(TextValues.parse(type, json.getText()));
      }
    }
  }

  private static boolean isNotFinite(JsonParser json) throws IOException {
    return switch (json.getText()) {
      case "NaN", "Infinity", "-Infinity" -> json.currentToken() == JsonToken.VALUE_STRING;
      default -> false;
    };
  }

  private static void require(boolean fits, JsonParser json, Type type, String wanted)
      throws IOException {
    if (!fits) {
      JsonToken token = json.currentToken();
      String found = token.isScalarValue() ? shownValue(json) : shown(token);
      throw new IllegalArgumentException(type + " is written as " + wanted + ", found " + found);
    }
  }

  private static String shownValue(JsonParser json) throws IOException {
    String text = json.getText();
    String cut = text.length() > 80 ? text.substring(0, 77) + "..." : text;
    return json.currentToken() == JsonToken.VALUE_STRING ? "the string \"" + cut + "\"" : cut;
  }

  private static String shown(JsonToken token) {
    if (token == null) {
      return "nothing";
    }
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "a list";
      case VALUE_STRING -> "a string";
      case VALUE_NULL -> "null";
      case VALUE_TRUE, VALUE_FALSE -> "true or false";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
      default -> token.toString();
    };
  }
}
