package io.datashard.arrow;

import java.util.Locale;
import org.apache.arrow.flatbuf.Date;
import org.apache.arrow.flatbuf.DateUnit;
import org.apache.arrow.flatbuf.Decimal;
import org.apache.arrow.flatbuf.DictionaryEncoding;
import org.apache.arrow.flatbuf.Field;
import org.apache.arrow.flatbuf.FixedSizeBinary;
import org.apache.arrow.flatbuf.FloatingPoint;
import org.apache.arrow.flatbuf.Int;
import org.apache.arrow.flatbuf.Precision;
import org.apache.arrow.flatbuf.Time;
import org.apache.arrow.flatbuf.TimeUnit;
import org.apache.arrow.flatbuf.Timestamp;
import org.apache.arrow.flatbuf.Type;
import org.jspecify.annotations.Nullable;

/**
 * A column of Arrow data, as its schema describes it. Spec: Arrow columnar format, Schema.fbs.
 *
 * @param name the column's name
 * @param code which type, a constant of {@link Type}
 * @param width bits of a number, decimal or time; bytes of a fixed size binary; else 0
 * @param signed whether an integer is
 * @param scale digits of a decimal after the point
 * @param unitsPerSecond of a time or timestamp; else 0
 * @param zoned whether a timestamp has a zone
 * @param days whether a date counts days, not milliseconds
 * @param dictionary what its values are indexes into, or null
 * @param children how many columns lie inside
 */
record IncomingField(
    String name,
    byte code,
    int width,
    boolean signed,
    int scale,
    long unitsPerSecond,
    boolean zoned,
    boolean days,
    @Nullable Dictionary dictionary,
    int children) {

  /** A dictionary and how wide indexes into it are. */
  record Dictionary(long id, int bits, boolean signed) {}

  static IncomingField of(Field field) {
    int width = 0;
    boolean signed = false;
    int scale = 0;
    long units = 0;
    boolean zoned = false;
    boolean days = false;
    switch (field.typeType()) {
      case Type.Int -> {
        Int type = (Int) typeOf(field, new Int());
        width = type.bitWidth();
        signed = type.isSigned();
      }
      case Type.FloatingPoint -> {
        FloatingPoint type = (FloatingPoint) typeOf(field, new FloatingPoint());
        width =
            type.precision() == Precision.DOUBLE
                ? 64
                : type.precision() == Precision.SINGLE ? 32 : 16;
      }
      case Type.Decimal -> {
        Decimal type = (Decimal) typeOf(field, new Decimal());
        width = type.bitWidth();
        scale = type.scale();
      }
      case Type.Date -> days = ((Date) typeOf(field, new Date())).unit() == DateUnit.DAY;
      case Type.Time -> {
        Time type = (Time) typeOf(field, new Time());
        width = type.bitWidth();
        units = unitsOf(type.unit());
      }
      case Type.Timestamp -> {
        Timestamp type = (Timestamp) typeOf(field, new Timestamp());
        units = unitsOf(type.unit());
        zoned = type.timezone() != null && !type.timezone().isEmpty();
      }
      case Type.FixedSizeBinary ->
          width = ((FixedSizeBinary) typeOf(field, new FixedSizeBinary())).byteWidth();
      default -> {}
    }
    String name = field.name();
    return new IncomingField(
        name == null ? "" : name,
        field.typeType(),
        width,
        signed,
        scale,
        units,
        zoned,
        days,
        dictionaryOf(field.dictionary()),
        field.childrenLength());
  }

  private static com.google.flatbuffers.Table typeOf(
      Field field, com.google.flatbuffers.Table into) {
    com.google.flatbuffers.Table type = field.type(into);
    if (type == null) {
      throw new Damaged("column '" + field.name() + "' has no type");
    }
    return type;
  }

  private static long unitsOf(short unit) {
    return switch (unit) {
      case TimeUnit.SECOND -> 1;
      case TimeUnit.MILLISECOND -> 1_000;
      case TimeUnit.MICROSECOND -> 1_000_000;
      default -> 1_000_000_000;
    };
  }

  private static @Nullable Dictionary dictionaryOf(@Nullable DictionaryEncoding encoding) {
    if (encoding == null) {
      return null;
    }
    Int index = encoding.indexType();
    return index == null
        ? new Dictionary(encoding.id(), 32, true)
        : new Dictionary(encoding.id(), index.bitWidth(), index.isSigned());
  }

  /** How many buffers a column of this type has, without those of a view's values. */
  int buffers() {
    if (dictionary != null) {
      return 2;
    }
    return switch (code) {
      case Type.Null -> 0;
      case Type.Utf8, Type.Binary, Type.LargeUtf8, Type.LargeBinary -> 3;
      default -> 2;
    };
  }

  /** Whether the values lie in a number of buffers that each batch tells. */
  boolean isView() {
    return dictionary == null && (code == Type.Utf8View || code == Type.BinaryView);
  }

  /** The values of the dictionary as a column of their own. */
  IncomingField ofDictionary() {
    return new IncomingField(
        name, code, width, signed, scale, unitsPerSecond, zoned, days, null, children);
  }

  /** The type in words, for messages. */
  String typeText() {
    String text =
        switch (code) {
          case Type.Int -> (signed ? "int" : "uint") + width;
          case Type.FloatingPoint -> "float" + width;
          case Type.Decimal -> "decimal" + width + " of scale " + scale;
          case Type.Date -> days ? "date32" : "date64";
          case Type.Time -> "time" + width + unitText();
          case Type.Timestamp ->
              "timestamp" + unitText() + (zoned ? " with a zone" : " without zone");
          case Type.FixedSizeBinary -> "fixed_size_binary[" + width + "]";
          default ->
              code >= 0 && code < Type.names.length
                  ? Type.name(code).replace("_", "").toLowerCase(Locale.ROOT)
                  : "type number " + code;
        };
    return dictionary == null ? text : "dictionary of " + text;
  }

  private String unitText() {
    return unitsPerSecond == 1
        ? "[s]"
        : unitsPerSecond == 1_000 ? "[ms]" : unitsPerSecond == 1_000_000 ? "[us]" : "[ns]";
  }
}
