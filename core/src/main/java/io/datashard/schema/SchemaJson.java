package io.datashard.schema;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Iceberg schema JSON. Spec: Iceberg table spec, Appendix C, "Schemas". */
public final class SchemaJson {
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(com.fasterxml.jackson.core.StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  /** A column's type is one that DataShard does not know, or nested; the message names both. */
  public static final class UnsupportedColumnException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    UnsupportedColumnException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  private SchemaJson() {}

  static Schema parse(String json) {
    try (JsonParser parser = FACTORY.createParser(json)) {
      parser.nextToken();
      Schema schema = read(parser);
      if (parser.nextToken() != null) {
        throw new IllegalArgumentException("Schema JSON goes on after its end: " + json);
      }
      return schema;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("Not schema JSON: " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String write(Schema schema) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(text)) {
      write(schema, json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  /**
   * Reads the schema object that the parser stands at the start of, and stops at its end.
   *
   * @throws UnsupportedColumnException a column's type is nested or unknown
   * @throws IllegalArgumentException the object is no schema
   */
  public static Schema read(JsonParser in) throws IOException {
    expect(in, JsonToken.START_OBJECT, "a schema object");
    int id = 0;
    String type = "struct";
    Set<Integer> identifiers = new HashSet<>();
    @Nullable List<Field> fields = null;
    while (in.nextToken() != JsonToken.END_OBJECT) {
      String key = in.currentName();
      in.nextToken();
      switch (key) {
        case "type" -> type = text(in, key);
        case "schema-id" -> id = number(in, key);
        case "fields" -> fields = readFields(in);
        case "identifier-field-ids" -> {
          expect(in, JsonToken.START_ARRAY, "a list of identifier field ids");
          while (in.nextToken() != JsonToken.END_ARRAY) {
            identifiers.add(number(in, key));
          }
        }
        default -> in.skipChildren();
      }
    }
    if (!type.equals("struct") || fields == null) {
      throw new IllegalArgumentException("Schema JSON needs \"type\": \"struct\" and \"fields\".");
    }
    return Schema.of(id, fields, identifiers);
  }

  /** Writes the schema as one JSON object. */
  public static void write(Schema schema, JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeStringField("type", "struct");
    out.writeNumberField("schema-id", schema.id());
    if (!schema.identifierFieldIds().isEmpty()) {
      out.writeArrayFieldStart("identifier-field-ids");
      for (int id : schema.identifierFieldIds().stream().sorted().toList()) {
        out.writeNumber(id);
      }
      out.writeEndArray();
    }
    out.writeArrayFieldStart("fields");
    for (Field field : schema.fields()) {
      out.writeStartObject();
      out.writeNumberField("id", field.id());
      out.writeStringField("name", field.name());
      out.writeBooleanField("required", field.required());
      out.writeStringField("type", field.type().jsonName());
      if (field.doc() != null) {
        out.writeStringField("doc", field.doc());
      }
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private static List<Field> readFields(JsonParser in) throws IOException {
    expect(in, JsonToken.START_ARRAY, "a list of fields");
    List<Field> fields = new ArrayList<>();
    while (in.nextToken() != JsonToken.END_ARRAY) {
      fields.add(readField(in, fields.size()));
    }
    return fields;
  }

  private static Field readField(JsonParser in, int place) throws IOException {
    expect(in, JsonToken.START_OBJECT, "a field object");
    @Nullable Integer id = null;
    @Nullable String name = null;
    @Nullable String type = null;
    @Nullable String nested = null;
    @Nullable Boolean required = null;
    @Nullable String doc = null;
    while (in.nextToken() != JsonToken.END_OBJECT) {
      String key = in.currentName();
      JsonToken value = in.nextToken();
      switch (key) {
        case "id" -> id = number(in, key);
        case "name" -> name = text(in, "name");
        case "required" -> required = in.getBooleanValue();
        case "doc" -> doc = value == JsonToken.VALUE_NULL ? null : text(in, "doc");
        case "type" -> {
          if (value == JsonToken.START_OBJECT) {
            nested = nestedKind(in);
          } else {
            type = text(in, "type");
          }
        }
        default -> in.skipChildren();
      }
    }
    String called = name == null ? "number " + (place + 1) : "'" + name + "'";
    if (nested != null) {
      throw new UnsupportedColumnException(
          "Column "
              + called
              + " is a "
              + nested
              + ". Nested columns are not supported; use primitive columns, or keep the value as"
              + " JSON text in a string column.",
          null);
    }
    if (id == null || name == null || type == null || required == null) {
      throw new IllegalArgumentException(
          "Column " + called + " lacks one of \"id\", \"name\", \"type\", \"required\".");
    }
    return new Field(id, name, type(called, type), required, doc);
  }

  private static Type type(String column, String name) {
    try {
      return Type.parse(name);
    } catch (IllegalArgumentException e) {
      throw new UnsupportedColumnException("Column " + column + ": " + e.getMessage(), e);
    }
  }

  /** The parser's own method would cut 1.5 to 1. */
  private static int number(JsonParser in, String key) throws IOException {
    if (in.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw new IllegalArgumentException(
          "Schema JSON: \"" + key + "\" must be a whole number, found " + in.currentToken() + ".");
    }
    return in.getIntValue();
  }

  private static String nestedKind(JsonParser in) throws IOException {
    String kind = "nested type";
    while (in.nextToken() != JsonToken.END_OBJECT) {
      String key = in.currentName();
      in.nextToken();
      if (key.equals("type") && in.currentToken() == JsonToken.VALUE_STRING) {
        kind = in.getText();
      }
      in.skipChildren();
    }
    return kind;
  }

  private static String text(JsonParser in, String key) throws IOException {
    if (in.currentToken() != JsonToken.VALUE_STRING) {
      throw new IllegalArgumentException("Schema JSON: \"" + key + "\" must be text.");
    }
    return in.getText();
  }

  private static void expect(JsonParser in, JsonToken token, String what) {
    if (in.currentToken() != token) {
      throw new IllegalArgumentException(
          "Schema JSON: expected " + what + ", found " + in.currentToken() + ".");
    }
  }
}
