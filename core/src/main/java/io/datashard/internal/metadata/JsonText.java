package io.datashard.internal.metadata;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A strict reader of one JSON text that can hand out any value as the text it was written as.
 *
 * <p>Every method reads the value that the parser stands at and leaves the parser at its last
 * token. What is not as asked is an {@link IllegalArgumentException} naming the key.
 */
final class JsonText implements AutoCloseable {
  static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(200).build())
          .build();

  private final String text;
  private final JsonParser in;

  /** Reads one field's value, or one element of a list. */
  interface Value {
    void read() throws IOException;
  }

  /** Reads the value of the field of this name. */
  interface FieldValue {
    void read(String key) throws IOException;
  }

  /** Stands at the first value of the text. */
  JsonText(String text) throws IOException {
    this.text = text;
    this.in = FACTORY.createParser(text);
    in.nextToken();
  }

  JsonParser parser() {
    return in;
  }

  /** Nothing but white space may follow the value that was read. */
  void end() throws IOException {
    if (in.nextToken() != null) {
      throw new IllegalArgumentException("more follows after the end, from " + in.currentToken());
    }
  }

  void object(String what, FieldValue each) throws IOException {
    expect(JsonToken.START_OBJECT, what, "an object");
    while (in.nextToken() != JsonToken.END_OBJECT) {
      String key = in.currentName();
      in.nextToken();
      each.read(key);
    }
  }

  void array(String what, Value each) throws IOException {
    expect(JsonToken.START_ARRAY, what, "a list");
    while (in.nextToken() != JsonToken.END_ARRAY) {
      each.read();
    }
  }

  boolean isNull() {
    return in.currentToken() == JsonToken.VALUE_NULL;
  }

  String string(String key) throws IOException {
    expect(JsonToken.VALUE_STRING, key, "text");
    return in.getText();
  }

  long longValue(String key) throws IOException {
    expect(JsonToken.VALUE_NUMBER_INT, key, "a whole number");
    return in.getLongValue();
  }

  int intValue(String key) throws IOException {
    expect(JsonToken.VALUE_NUMBER_INT, key, "a whole number");
    return in.getIntValue();
  }

  /** An object of texts; numbers and booleans, which some engines write, are taken as text. */
  Map<String, String> strings(String what) throws IOException {
    Map<String, String> all = new LinkedHashMap<>();
    object(
        what,
        key -> {
          if (!in.currentToken().isScalarValue() || isNull()) {
            throw unlike(what + "\".\"" + key, "text");
          }
          all.put(key, in.getText());
        });
    return all;
  }

  /** Where the value begins in the text; to be asked before it is read. */
  int start() {
    return (int) in.currentTokenLocation().getCharOffset();
  }

  /** The text from {@code start} to the end of the value that was just read. */
  String since(int start) throws IOException {
    in.finishToken();
    return text.substring(start, (int) in.currentLocation().getCharOffset());
  }

  /** The value as it was written. */
  String raw() throws IOException {
    int start = start();
    in.skipChildren();
    return since(start);
  }

  private void expect(JsonToken token, String key, String what) {
    if (in.currentToken() != token) {
      throw unlike(key, what);
    }
  }

  private IllegalArgumentException unlike(String key, String what) {
    return new IllegalArgumentException(
        "\"" + key + "\" must be " + what + ", found " + in.currentToken());
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
