package io.datashard.internal.manifest;

import io.datashard.schema.SingleValue;
import io.datashard.schema.Type;
import io.datashard.schema.Values;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.util.UUID;

/** One value of a partition tuple, from Avro. Spec: Iceberg table spec, Appendix A, "Avro". */
final class PartitionValue {
  private PartitionValue() {}

  /**
   * The type that a value has by what the file says alone; for partition fields whose column the
   * table no longer has.
   *
   * @throws IllegalArgumentException it is no primitive type
   */
  static Type typeOf(AvroType avro) {
    String logical = avro.logicalType();
    return switch (avro.kind()) {
      case BOOLEAN -> Type.BOOLEAN;
      case INT -> logical.equals("date") ? Type.DATE : Type.INT;
      case LONG ->
          switch (logical) {
            case "time-micros" -> Type.TIME;
            case "timestamp-micros" -> avro.adjustToUtc() ? Type.TIMESTAMPTZ : Type.TIMESTAMP;
            default -> Type.LONG;
          };
      case FLOAT -> Type.FLOAT;
      case DOUBLE -> Type.DOUBLE;
      case STRING -> Type.STRING;
      case BYTES ->
          logical.equals("decimal") ? Type.decimal(avro.precision(), avro.scale()) : Type.BINARY;
      case FIXED ->
          switch (logical) {
            case "decimal" -> Type.decimal(avro.precision(), avro.scale());
            case "uuid" -> Type.UUID;
            default -> Type.fixed(avro.size());
          };
      default -> throw new IllegalArgumentException("a partition value cannot be " + avro.kind());
    };
  }

  /**
   * Checks that values of the one can be read as the other.
   *
   * @throws IllegalArgumentException they cannot
   */
  static void check(Type type, AvroType avro, String field) {
    boolean fits =
        switch (type.kind()) {
          case BOOLEAN -> avro.kind() == AvroType.Kind.BOOLEAN;
          case INT, DATE -> avro.kind() == AvroType.Kind.INT;
          case LONG, TIME, TIMESTAMP, TIMESTAMPTZ ->
              avro.kind() == AvroType.Kind.LONG || avro.kind() == AvroType.Kind.INT;
          case FLOAT -> avro.kind() == AvroType.Kind.FLOAT;
          case DOUBLE -> avro.kind() == AvroType.Kind.DOUBLE || avro.kind() == AvroType.Kind.FLOAT;
          case STRING -> avro.kind() == AvroType.Kind.STRING;
          case DECIMAL, BINARY -> isBytes(avro);
          case UUID ->
              avro.kind() == AvroType.Kind.STRING
                  || (avro.kind() == AvroType.Kind.FIXED && avro.size() == 16);
          case FIXED ->
              avro.kind() == AvroType.Kind.BYTES
                  || (avro.kind() == AvroType.Kind.FIXED
                      && avro.size() == ((Type.Fixed) type).length());
        };
    if (!fits) {
      throw new IllegalArgumentException(
          "partition field '" + field + "' is of type " + type + ", the file has " + avro.kind());
    }
  }

  private static boolean isBytes(AvroType avro) {
    return avro.kind() == AvroType.Kind.BYTES || avro.kind() == AvroType.Kind.FIXED;
  }

  /** Reads a value; {@link #check} has passed. */
  static Object read(Type type, AvroType avro, AvroInput in) {
    return switch (type.kind()) {
      case BOOLEAN -> in.readBoolean();
      case INT -> in.readInt();
      case LONG -> in.readLong();
      case FLOAT -> in.readFloat();
      case DOUBLE -> avro.kind() == AvroType.Kind.FLOAT ? (double) in.readFloat() : in.readDouble();
      case DECIMAL -> decimal((Type.Decimal) type, bytes(avro, in), in);
      case DATE -> Values.date(in.readInt());
      case TIME -> time(in);
      case TIMESTAMP -> Values.timestamp(in.readLong());
      case TIMESTAMPTZ -> Values.instant(in.readLong());
      case STRING -> in.readString();
      case UUID -> uuid(avro, in);
      case FIXED, BINARY -> bytes(avro, in);
    };
  }

  private static byte[] bytes(AvroType avro, AvroInput in) {
    return avro.kind() == AvroType.Kind.FIXED ? in.readFixed(avro.size()) : in.readBytes();
  }

  private static Object decimal(Type.Decimal type, byte[] unscaled, AvroInput in) {
    if (unscaled.length == 0 || unscaled.length > 64) {
      throw in.corrupt("a decimal has " + unscaled.length + " bytes");
    }
    return new BigDecimal(new BigInteger(unscaled), type.scale());
  }

  private static Object time(AvroInput in) {
    long micros = in.readLong();
    try {
      return Values.time(micros);
    } catch (DateTimeException | ArithmeticException e) {
      throw in.corrupt(micros + " microseconds are no time of day", e);
    }
  }

  private static Object uuid(AvroType avro, AvroInput in) {
    if (avro.kind() == AvroType.Kind.FIXED) {
      return SingleValue.fromBytes(Type.UUID, in.readFixed(16));
    }
    String text = in.readString();
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      throw in.corrupt("'" + text + "' is no uuid", e);
    }
  }
}
