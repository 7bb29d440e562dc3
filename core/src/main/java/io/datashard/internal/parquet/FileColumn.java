package io.datashard.internal.parquet;

import io.datashard.internal.parquet.Conversion.Lane;
import io.datashard.schema.Type;
import java.util.Locale;
import org.apache.parquet.format.ConvertedType;
import org.apache.parquet.format.LogicalType;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One column at the top level of a file's schema. Spec: Parquet format, "Logical Types", with the
 * converted types of older files; Iceberg table spec, "Parquet".
 *
 * @param name as the file names it
 * @param id its field id, given by the file or by a name mapping; 0 if it has none
 * @param required whether null is forbidden
 * @param place its number among all leaves of the schema; -1 if it is nested or repeated
 * @param physical what its values are stored as; null if nested
 * @param length bytes of a value of fixed length, else 0
 * @param meaning what the stored values mean
 * @param precision digits of a decimal, else 0
 * @param scale digits after the point of a decimal, else 0
 */
public record FileColumn(
    String name,
    int id,
    boolean required,
    int place,
    org.apache.parquet.format.@Nullable Type physical,
    int length,
    Meaning meaning,
    int precision,
    int scale) {

  /** What stored values mean. */
  public enum Meaning {
    /** No more than the stored type says. */
    PLAIN,
    STRING,
    DATE,
    TIME_MILLIS,
    TIME_MICROS,
    TIME_NANOS,
    /** Whether it is an instant is not said. */
    TIMESTAMP_MILLIS_OF_OLD,
    /** Whether it is an instant is not said. */
    TIMESTAMP_MICROS_OF_OLD,
    TIMESTAMP_MILLIS,
    TIMESTAMP_MICROS,
    TIMESTAMP_NANOS,
    TIMESTAMPTZ_MILLIS,
    TIMESTAMPTZ_MICROS,
    TIMESTAMPTZ_NANOS,
    DECIMAL,
    UUID,
    HALF,
    UNSIGNED_32,
    UNSIGNED_64,
    /** A column of nothing but null, of no type. */
    NULL,
    /** Something that tables have no type for. */
    FOREIGN
  }

  /** The column of a schema element that is no group. */
  static FileColumn leaf(SchemaElement element, int id, int place, boolean repeated) {
    return new FileColumn(
        element.getName(),
        id,
        element.getRepetition_type() == org.apache.parquet.format.FieldRepetitionType.REQUIRED,
        repeated ? -1 : place,
        repeated ? null : element.getType(),
        element.getType() == org.apache.parquet.format.Type.FIXED_LEN_BYTE_ARRAY
            ? element.getType_length()
            : 0,
        repeated ? Meaning.FOREIGN : meaning(element),
        digits(element, true),
        digits(element, false));
  }

  /** A group: a struct, list or map. */
  static FileColumn nested(String name, int id) {
    return new FileColumn(name, id, false, -1, null, 0, Meaning.FOREIGN, 0, 0);
  }

  private static int digits(SchemaElement element, boolean precision) {
    if (element.isSetLogicalType() && element.getLogicalType().isSetDECIMAL()) {
      var decimal = element.getLogicalType().getDECIMAL();
      return precision ? decimal.getPrecision() : decimal.getScale();
    }
    return precision ? element.getPrecision() : element.getScale();
  }

  private static Meaning meaning(SchemaElement element) {
    if (element.isSetLogicalType()) {
      return meaning(element.getLogicalType());
    }
    return element.isSetConverted_type() ? meaning(element.getConverted_type()) : Meaning.PLAIN;
  }

  private static Meaning meaning(LogicalType type) {
    if (type.getSetField() == null) { // a type of a later version of the format
      return Meaning.FOREIGN;
    }
    return switch (type.getSetField()) {
      case STRING, ENUM, JSON -> Meaning.STRING;
      case BSON -> Meaning.PLAIN;
      case DECIMAL -> Meaning.DECIMAL;
      case DATE -> Meaning.DATE;
      case TIME -> pick(type.getTIME().getUnit(), Meaning.TIME_MILLIS);
      case TIMESTAMP ->
          pick(
              type.getTIMESTAMP().getUnit(),
              type.getTIMESTAMP().isIsAdjustedToUTC()
                  ? Meaning.TIMESTAMPTZ_MILLIS
                  : Meaning.TIMESTAMP_MILLIS);
      case INTEGER -> integer(type.getINTEGER().getBitWidth(), type.getINTEGER().isIsSigned());
      case UNKNOWN -> Meaning.NULL;
      case UUID -> Meaning.UUID;
      case FLOAT16 -> Meaning.HALF;
      case MAP, LIST, VARIANT, GEOMETRY, GEOGRAPHY -> Meaning.FOREIGN;
    };
  }

  /** The meaning in this unit, where millis, micros and nanos follow each other in the enum. */
  private static Meaning pick(TimeUnit unit, Meaning millis) {
    if (unit.getSetField() == null) {
      return Meaning.FOREIGN;
    }
    int steps =
        switch (unit.getSetField()) {
          case MILLIS -> 0;
          case MICROS -> 1;
          case NANOS -> 2;
        };
    return Meaning.values()[millis.ordinal() + steps];
  }

  private static Meaning integer(int bits, boolean signed) {
    if (bits != 8 && bits != 16 && bits != 32 && bits != 64) {
      return Meaning.FOREIGN;
    }
    // Unsigned numbers of 8 and 16 bits are stored as positive ints.
    return signed || bits < 32
        ? Meaning.PLAIN
        : bits == 32 ? Meaning.UNSIGNED_32 : Meaning.UNSIGNED_64;
  }

  private static Meaning meaning(ConvertedType type) {
    return switch (type) {
      case UTF8, ENUM, JSON -> Meaning.STRING;
      case BSON, INT_8, INT_16, INT_32, INT_64, UINT_8, UINT_16 -> Meaning.PLAIN;
      case UINT_32 -> Meaning.UNSIGNED_32;
      case UINT_64 -> Meaning.UNSIGNED_64;
      case DECIMAL -> Meaning.DECIMAL;
      case DATE -> Meaning.DATE;
      case TIME_MILLIS -> Meaning.TIME_MILLIS;
      case TIME_MICROS -> Meaning.TIME_MICROS;
      case TIMESTAMP_MILLIS -> Meaning.TIMESTAMP_MILLIS_OF_OLD;
      case TIMESTAMP_MICROS -> Meaning.TIMESTAMP_MICROS_OF_OLD;
      case MAP, MAP_KEY_VALUE, LIST, INTERVAL -> Meaning.FOREIGN;
    };
  }

  /** The same column under this field id. */
  FileColumn withId(int newId) {
    return new FileColumn(
        name, newId, required, place, physical, length, meaning, precision, scale);
  }

  /** Whether its type says that it can hold nothing but null. */
  public boolean holdsOnlyNull() {
    return meaning == Meaning.NULL;
  }

  /** The type whose columns hold these values, or null if no type of tables does. */
  public @Nullable Type type() {
    if (physical == null) {
      return null;
    }
    Type natural =
        switch (physical) {
          case BOOLEAN -> Type.BOOLEAN;
          case INT32 ->
              switch (meaning) {
                case PLAIN -> Type.INT;
                case UNSIGNED_32 -> Type.LONG;
                case DATE -> Type.DATE;
                case TIME_MILLIS -> Type.TIME;
                case DECIMAL -> decimal();
                default -> null;
              };
          case INT64 ->
              switch (meaning) {
                case PLAIN, UNSIGNED_64 -> Type.LONG;
                case TIME_MICROS, TIME_NANOS -> Type.TIME;
                case TIMESTAMP_MILLIS, TIMESTAMP_MICROS, TIMESTAMP_NANOS -> Type.TIMESTAMP;
                // The format says that these are instants.
                case TIMESTAMP_MILLIS_OF_OLD,
                    TIMESTAMP_MICROS_OF_OLD,
                    TIMESTAMPTZ_MILLIS,
                    TIMESTAMPTZ_MICROS,
                    TIMESTAMPTZ_NANOS ->
                    Type.TIMESTAMPTZ;
                case DECIMAL -> decimal();
                default -> null;
              };
          case INT96 -> Type.TIMESTAMPTZ;
          case FLOAT -> Type.FLOAT;
          case DOUBLE -> Type.DOUBLE;
          case BYTE_ARRAY ->
              switch (meaning) {
                case STRING -> Type.STRING;
                case PLAIN -> Type.BINARY;
                case DECIMAL -> decimal();
                default -> null;
              };
          case FIXED_LEN_BYTE_ARRAY ->
              switch (meaning) {
                case PLAIN -> length > 0 ? Type.fixed(length) : null;
                case UUID -> Type.UUID;
                case HALF -> Type.FLOAT;
                case DECIMAL -> decimal();
                default -> null;
              };
        };
    return natural == null || conversionTo(natural) == null ? null : natural;
  }

  private @Nullable Type decimal() {
    boolean valid = precision >= 1 && precision <= 38 && scale >= 0 && scale <= precision;
    return valid ? Type.decimal(precision, scale) : null;
  }

  /** Whether a column of this type can be read from this one without loss. */
  public boolean readableAs(Type wanted) {
    return holdsOnlyNull() || conversionTo(wanted) != null;
  }

  /** How stored values become values of this type; null if they do not. */
  @Nullable Conversion conversionTo(Type wanted) {
    if (physical == null) {
      return null;
    }
    return switch (wanted.kind()) {
      case BOOLEAN -> same(org.apache.parquet.format.Type.BOOLEAN, Meaning.PLAIN);
      case INT -> same(org.apache.parquet.format.Type.INT32, Meaning.PLAIN);
      case DATE -> same(org.apache.parquet.format.Type.INT32, Meaning.DATE);
      case LONG -> toLong();
      case FLOAT -> toFloat();
      case DOUBLE ->
          toFloat() == Conversion.SAME
              ? Conversion.FLOAT_TO_DOUBLE
              : same(org.apache.parquet.format.Type.DOUBLE, Meaning.PLAIN);
      case TIME -> toTime();
      case TIMESTAMP -> toTimestamp(false);
      case TIMESTAMPTZ -> toTimestamp(true);
      case DECIMAL -> toDecimal((Type.Decimal) wanted);
      case STRING ->
          meaning == Meaning.PLAIN || meaning == Meaning.STRING
              ? same(org.apache.parquet.format.Type.BYTE_ARRAY, meaning)
              : null;
      case BINARY ->
          physical == org.apache.parquet.format.Type.FIXED_LEN_BYTE_ARRAY && length > 0
              ? same(physical, Meaning.PLAIN)
              : same(org.apache.parquet.format.Type.BYTE_ARRAY, Meaning.PLAIN);
      case UUID -> length == 16 && meaning != Meaning.DECIMAL ? fixed() : null;
      case FIXED -> length == ((Type.Fixed) wanted).length() ? fixed() : null;
    };
  }

  private @Nullable Conversion same(org.apache.parquet.format.Type stored, Meaning meant) {
    return physical == stored && meaning == meant ? Conversion.SAME : null;
  }

  private @Nullable Conversion fixed() {
    return meaning == Meaning.PLAIN || meaning == Meaning.UUID ? Conversion.SAME : null;
  }

  private @Nullable Conversion toLong() {
    if (physical == org.apache.parquet.format.Type.INT32) {
      return switch (meaning) {
        case PLAIN -> Conversion.INT_TO_LONG;
        case UNSIGNED_32 -> Conversion.UINT_TO_LONG;
        default -> null;
      };
    }
    return meaning == Meaning.UNSIGNED_64 && physical == org.apache.parquet.format.Type.INT64
        ? Conversion.ULONG_TO_LONG
        : same(org.apache.parquet.format.Type.INT64, Meaning.PLAIN);
  }

  private @Nullable Conversion toFloat() {
    return meaning == Meaning.HALF && length == 2
        ? Conversion.HALF_TO_FLOAT
        : same(org.apache.parquet.format.Type.FLOAT, Meaning.PLAIN);
  }

  private @Nullable Conversion toTime() {
    if (physical == org.apache.parquet.format.Type.INT32) {
      return meaning == Meaning.TIME_MILLIS ? Conversion.INT_MILLIS_TO_MICROS : null;
    }
    if (physical != org.apache.parquet.format.Type.INT64) {
      return null;
    }
    return switch (meaning) {
      case TIME_MICROS -> Conversion.SAME;
      case TIME_NANOS -> Conversion.NANOS_TO_MICROS;
      default -> null;
    };
  }

  private @Nullable Conversion toTimestamp(boolean instant) {
    if (physical == org.apache.parquet.format.Type.INT96) {
      return Conversion.INT96_TO_MICROS;
    }
    if (physical != org.apache.parquet.format.Type.INT64) {
      return null;
    }
    return switch (meaning) {
      // Files of that age say nothing of zones, or the wrong thing: the table knows.
      case TIMESTAMP_MILLIS_OF_OLD -> Conversion.MILLIS_TO_MICROS;
      case TIMESTAMP_MICROS_OF_OLD -> Conversion.SAME;
      case TIMESTAMP_MILLIS -> instant ? null : Conversion.MILLIS_TO_MICROS;
      case TIMESTAMP_MICROS -> instant ? null : Conversion.SAME;
      case TIMESTAMP_NANOS -> instant ? null : Conversion.NANOS_TO_MICROS;
      case TIMESTAMPTZ_MILLIS -> instant ? Conversion.MILLIS_TO_MICROS : null;
      case TIMESTAMPTZ_MICROS -> instant ? Conversion.SAME : null;
      case TIMESTAMPTZ_NANOS -> instant ? Conversion.NANOS_TO_MICROS : null;
      default -> null;
    };
  }

  private @Nullable Conversion toDecimal(Type.Decimal wanted) {
    if (meaning != Meaning.DECIMAL
        || decimal() == null
        || scale != wanted.scale()
        || precision > wanted.precision()) {
      return null;
    }
    return switch (java.util.Objects.requireNonNull(physical)) {
      case INT32 -> wanted.fitsLong() ? Conversion.INT_TO_LONG : Conversion.INT_TO_BYTES;
      case INT64 -> wanted.fitsLong() ? Conversion.SAME : Conversion.LONG_TO_BYTES;
      case BYTE_ARRAY -> wanted.fitsLong() ? Conversion.BYTES_TO_LONG : Conversion.SAME;
      case FIXED_LEN_BYTE_ARRAY ->
          length < 1 ? null : wanted.fitsLong() ? Conversion.BYTES_TO_LONG : Conversion.SAME;
      default -> null;
    };
  }

  /** The array that holds columns of this type. */
  static Lane lane(Type type) {
    return switch (type.kind()) {
      case BOOLEAN -> Lane.BOOLEAN;
      case INT, DATE -> Lane.INT;
      case LONG, TIME, TIMESTAMP, TIMESTAMPTZ -> Lane.LONG;
      case FLOAT -> Lane.FLOAT;
      case DOUBLE -> Lane.DOUBLE;
      case DECIMAL -> ((Type.Decimal) type).fitsLong() ? Lane.LONG : Lane.BYTES;
      case STRING, UUID, FIXED, BINARY -> Lane.BYTES;
    };
  }

  /** The stored type with its meaning, for messages: {@code INT64 (TIMESTAMP_MICROS)}. */
  public String storedAs() {
    if (physical == null) {
      return "a nested column";
    }
    String stored = physical.name();
    if (length > 0) {
      stored += "[" + length + "]";
    }
    if (meaning == Meaning.DECIMAL) {
      return stored + String.format(Locale.ROOT, " (DECIMAL(%d, %d))", precision, scale);
    }
    return meaning == Meaning.PLAIN ? stored : stored + " (" + meaning + ")";
  }
}
