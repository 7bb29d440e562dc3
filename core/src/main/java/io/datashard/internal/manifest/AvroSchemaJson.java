package io.datashard.internal.manifest;

import com.fasterxml.jackson.core.JsonGenerator;
import io.datashard.schema.Type;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Locale;
import java.util.Set;

/**
 * Writes Avro schemas as Iceberg wants them: every field with its id, every optional one a union
 * with null. Spec: Iceberg table spec, Appendix A, "Avro".
 */
final class AvroSchemaJson {
  private final JsonGenerator out;

  AvroSchemaJson(JsonGenerator out) {
    this.out = out;
  }

  void startRecord(String name) throws IOException {
    out.writeStartObject();
    out.writeStringField("type", "record");
    out.writeStringField("name", name);
    out.writeArrayFieldStart("fields");
  }

  void endRecord() throws IOException {
    out.writeEndArray();
    out.writeEndObject();
  }

  /** A required field; its type is to be written next, then {@link #endField}. */
  void startField(String name, int id) throws IOException {
    out.writeStartObject();
    out.writeStringField("name", name);
    out.writeNumberField("field-id", id);
    out.writeFieldName("type");
  }

  void endField() throws IOException {
    out.writeEndObject();
  }

  void required(String name, int id, String type) throws IOException {
    startField(name, id);
    out.writeString(type);
    endField();
  }

  void optional(String name, int id, String type) throws IOException {
    startOptional(name, id);
    out.writeString(type);
    endOptional();
  }

  void startOptional(String name, int id) throws IOException {
    startField(name, id);
    out.writeStartArray();
    out.writeString("null");
  }

  void endOptional() throws IOException {
    out.writeEndArray();
    out.writeNullField("default");
    endField();
  }

  /**
   * A map with int keys: an array of records of key and value; the value's id follows the key's.
   */
  void optionalMap(String name, int id, int keyId, String valueType) throws IOException {
    startOptional(name, id);
    out.writeStartObject();
    out.writeStringField("type", "array");
    out.writeFieldName("items");
    startRecord("k" + keyId + "_v" + (keyId + 1));
    required("key", keyId, "int");
    required("value", keyId + 1, valueType);
    endRecord();
    out.writeStringField("logicalType", "map");
    out.writeEndObject();
    endOptional();
  }

  void optionalList(String name, int id, int elementId, String type) throws IOException {
    startOptional(name, id);
    out.writeStartObject();
    out.writeStringField("type", "array");
    out.writeStringField("items", type);
    out.writeNumberField("element-id", elementId);
    out.writeEndObject();
    endOptional();
  }

  /**
   * An optional field of a column's type.
   *
   * @param name as Avro allows it
   * @param original as the table has it
   * @param typeNames the names of types used so far; Avro wants each defined once
   */
  void optionalValue(String name, String original, int id, Type type, Set<String> typeNames)
      throws IOException {
    out.writeStartObject();
    out.writeStringField("name", name);
    if (!name.equals(original)) {
      out.writeStringField("iceberg-field-name", original);
    }
    out.writeNumberField("field-id", id);
    out.writeFieldName("type");
    out.writeStartArray();
    out.writeString("null");
    value(type, id, typeNames);
    endOptional();
  }

  private void value(Type type, int id, Set<String> typeNames) throws IOException {
    switch (type.kind()) {
      case BOOLEAN, INT, LONG, FLOAT, DOUBLE, STRING -> out.writeString(type.jsonName());
      case BINARY -> out.writeString("bytes");
      case DATE -> logical("int", "date");
      case TIME -> logical("long", "time-micros");
      case TIMESTAMP -> timestamp(false);
      case TIMESTAMPTZ -> timestamp(true);
      case UUID -> {
        fixed("uuid_fixed", 16, id, typeNames);
        out.writeStringField("logicalType", "uuid");
        out.writeEndObject();
      }
      case FIXED -> {
        int length = ((Type.Fixed) type).length();
        fixed("fixed_" + length, length, id, typeNames);
        out.writeEndObject();
      }
      case DECIMAL -> {
        Type.Decimal decimal = (Type.Decimal) type;
        fixed(
            "decimal_" + decimal.precision() + "_" + decimal.scale(),
            decimalBytes(decimal.precision()),
            id,
            typeNames);
        out.writeStringField("logicalType", "decimal");
        out.writeNumberField("precision", decimal.precision());
        out.writeNumberField("scale", decimal.scale());
        out.writeEndObject();
      }
    }
  }

  private void logical(String type, String logicalType) throws IOException {
    out.writeStartObject();
    out.writeStringField("type", type);
    out.writeStringField("logicalType", logicalType);
    out.writeEndObject();
  }

  private void timestamp(boolean adjustToUtc) throws IOException {
    out.writeStartObject();
    out.writeStringField("type", "long");
    out.writeStringField("logicalType", "timestamp-micros");
    out.writeBooleanField("adjust-to-utc", adjustToUtc);
    out.writeEndObject();
  }

  /** Starts a fixed; the object is left open. */
  private void fixed(String name, int size, int id, Set<String> typeNames) throws IOException {
    out.writeStartObject();
    out.writeStringField("type", "fixed");
    out.writeStringField("name", typeNames.add(name) ? name : name + "_f" + id);
    out.writeNumberField("size", size);
  }

  /** The least bytes that hold every number of so many digits. Spec: Appendix A. */
  static int decimalBytes(int precision) {
    return BigInteger.TEN.pow(precision).subtract(BigInteger.ONE).bitLength() / 8 + 1;
  }

  /** The name with everything replaced that Avro forbids, as all Iceberg writers do it. */
  static String compatibleName(String name) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean digit = c >= '0' && c <= '9';
      boolean letter = c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (letter || (digit && i > 0)) {
        text.append(c);
      } else if (digit) {
        text.append('_').append(c);
      } else {
        text.append("_x").append(Integer.toHexString(c).toUpperCase(Locale.ROOT));
      }
    }
    return text.toString();
  }
}
