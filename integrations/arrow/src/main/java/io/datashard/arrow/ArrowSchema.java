package io.datashard.arrow;

import com.google.flatbuffers.FlatBufferBuilder;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.nio.ByteBuffer;
import org.apache.arrow.flatbuf.Binary;
import org.apache.arrow.flatbuf.Bool;
import org.apache.arrow.flatbuf.Date;
import org.apache.arrow.flatbuf.DateUnit;
import org.apache.arrow.flatbuf.Decimal;
import org.apache.arrow.flatbuf.Endianness;
import org.apache.arrow.flatbuf.FixedSizeBinary;
import org.apache.arrow.flatbuf.FloatingPoint;
import org.apache.arrow.flatbuf.Int;
import org.apache.arrow.flatbuf.KeyValue;
import org.apache.arrow.flatbuf.Precision;
import org.apache.arrow.flatbuf.Time;
import org.apache.arrow.flatbuf.TimeUnit;
import org.apache.arrow.flatbuf.Timestamp;
import org.apache.arrow.flatbuf.Utf8;

/**
 * A table's columns as an Arrow schema. Spec: Arrow columnar format, Schema.fbs.
 *
 * <p>A uuid is 16 bytes with the canonical extension type {@code arrow.uuid}; a timestamptz is a
 * timestamp of the zone UTC; a decimal has 128 bits.
 */
final class ArrowSchema {
  static final String EXTENSION_NAME = "ARROW:extension:name";
  static final String EXTENSION_METADATA = "ARROW:extension:metadata";
  static final String UUID_EXTENSION = "arrow.uuid";

  private ArrowSchema() {}

  /** Writes the schema, to be the header of a message. */
  static int write(Schema schema, FlatBufferBuilder out) {
    int[] fields = new int[schema.size()];
    for (int i = 0; i < fields.length; i++) {
      fields[i] = field(schema.field(i), out);
    }
    int list = org.apache.arrow.flatbuf.Schema.createFieldsVector(out, fields);
    org.apache.arrow.flatbuf.Schema.startSchema(out);
    org.apache.arrow.flatbuf.Schema.addEndianness(out, Endianness.Little);
    org.apache.arrow.flatbuf.Schema.addFields(out, list);
    return org.apache.arrow.flatbuf.Schema.endSchema(out);
  }

  /** The schema by itself. */
  static ByteBuffer bytes(Schema schema) {
    FlatBufferBuilder out = new FlatBufferBuilder();
    out.finish(write(schema, out));
    return ByteBuffer.wrap(out.sizedByteArray());
  }

  private static int field(Field field, FlatBufferBuilder out) {
    int name = out.createString(field.name());
    int type = type(field.type(), out);
    int children = org.apache.arrow.flatbuf.Field.createChildrenVector(out, new int[0]);
    int metadata =
        field.type() == Type.UUID
            ? org.apache.arrow.flatbuf.Field.createCustomMetadataVector(
                out,
                new int[] {
                  pair(out, EXTENSION_NAME, UUID_EXTENSION), pair(out, EXTENSION_METADATA, "")
                })
            : 0;
    org.apache.arrow.flatbuf.Field.startField(out);
    org.apache.arrow.flatbuf.Field.addName(out, name);
    org.apache.arrow.flatbuf.Field.addNullable(out, !field.required());
    org.apache.arrow.flatbuf.Field.addTypeType(out, typeCode(field.type()));
    org.apache.arrow.flatbuf.Field.addType(out, type);
    org.apache.arrow.flatbuf.Field.addChildren(out, children);
    if (metadata != 0) {
      org.apache.arrow.flatbuf.Field.addCustomMetadata(out, metadata);
    }
    return org.apache.arrow.flatbuf.Field.endField(out);
  }

  private static int pair(FlatBufferBuilder out, String key, String value) {
    return KeyValue.createKeyValue(out, out.createString(key), out.createString(value));
  }

  private static byte typeCode(Type type) {
    return switch (type.kind()) {
      case BOOLEAN -> org.apache.arrow.flatbuf.Type.Bool;
      case INT, LONG -> org.apache.arrow.flatbuf.Type.Int;
      case FLOAT, DOUBLE -> org.apache.arrow.flatbuf.Type.FloatingPoint;
      case DECIMAL -> org.apache.arrow.flatbuf.Type.Decimal;
      case DATE -> org.apache.arrow.flatbuf.Type.Date;
      case TIME -> org.apache.arrow.flatbuf.Type.Time;
      case TIMESTAMP, TIMESTAMPTZ -> org.apache.arrow.flatbuf.Type.Timestamp;
      case STRING -> org.apache.arrow.flatbuf.Type.Utf8;
      case UUID, FIXED -> org.apache.arrow.flatbuf.Type.FixedSizeBinary;
      case BINARY -> org.apache.arrow.flatbuf.Type.Binary;
    };
  }

  private static int type(Type type, FlatBufferBuilder out) {
    return switch (type.kind()) {
      case BOOLEAN -> {
        Bool.startBool(out);
        yield Bool.endBool(out);
      }
      case INT -> Int.createInt(out, 32, true);
      case LONG -> Int.createInt(out, 64, true);
      case FLOAT -> FloatingPoint.createFloatingPoint(out, Precision.SINGLE);
      case DOUBLE -> FloatingPoint.createFloatingPoint(out, Precision.DOUBLE);
      case DECIMAL -> {
        Type.Decimal decimal = (Type.Decimal) type;
        yield Decimal.createDecimal(out, decimal.precision(), decimal.scale(), 128);
      }
      case DATE -> Date.createDate(out, DateUnit.DAY);
      case TIME -> Time.createTime(out, TimeUnit.MICROSECOND, 64);
      case TIMESTAMP -> Timestamp.createTimestamp(out, TimeUnit.MICROSECOND, 0);
      case TIMESTAMPTZ ->
          Timestamp.createTimestamp(out, TimeUnit.MICROSECOND, out.createString("UTC"));
      case STRING -> {
        Utf8.startUtf8(out);
        yield Utf8.endUtf8(out);
      }
      case UUID -> FixedSizeBinary.createFixedSizeBinary(out, 16);
      case FIXED -> FixedSizeBinary.createFixedSizeBinary(out, ((Type.Fixed) type).length());
      case BINARY -> {
        Binary.startBinary(out);
        yield Binary.endBinary(out);
      }
    };
  }
}
