package io.datashard.duckdb;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON as a tree of maps, lists, strings, numbers (Integer, Long, BigInteger, Double), booleans and
 * nulls, with getters that answer "nothing" instead of failing.
 */
final class PlanJson {
  private static final JsonFactory FACTORY = new JsonFactory();

  private PlanJson() {}

  static @Nullable Object parse(String text) throws IOException {
    try (JsonParser json = FACTORY.createParser(text)) {
      json.nextToken();
      return value(json);
    }
  }

  private static @Nullable Object value(JsonParser json) throws IOException {
    return switch (json.currentToken()) {
      case START_OBJECT -> {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        while (json.nextToken() != JsonToken.END_OBJECT) {
          String key = json.currentName();
          json.nextToken();
          map.put(key, value(json));
        }
        yield map;
      }
      case START_ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
          list.add(value(json));
        }
        yield list;
      }
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> json.getNumberValue();
      case VALUE_TRUE -> Boolean.TRUE;
      case VALUE_FALSE -> Boolean.FALSE;
      case VALUE_NULL -> null;
      default -> json.getText();
    };
  }

  @SuppressWarnings("unchecked") // made by value() only
  static Map<String, @Nullable Object> map(@Nullable Object value) {
    return value instanceof Map ? (Map<String, @Nullable Object>) value : Map.of();
  }

  static Map<String, @Nullable Object> map(Map<String, @Nullable Object> in, String key) {
    return map(in.get(key));
  }

  @SuppressWarnings("unchecked") // made by value() only
  static List<@Nullable Object> list(Map<String, @Nullable Object> in, String key) {
    Object value = in.get(key);
    return value instanceof List ? (List<@Nullable Object>) value : List.of();
  }

  static String text(Map<String, @Nullable Object> in, String key) {
    return in.get(key) instanceof String text ? text : "";
  }

  /** A place in a list, or -1. */
  static int place(@Nullable Object value) {
    return value instanceof Integer number ? number : -1;
  }
}
