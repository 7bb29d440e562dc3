package io.datashard.internal.parquet;

import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.format.ConvertedType;
import org.apache.parquet.format.DateType;
import org.apache.parquet.format.DecimalType;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.LogicalType;
import org.apache.parquet.format.MicroSeconds;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.StringType;
import org.apache.parquet.format.TimeType;
import org.apache.parquet.format.TimeUnit;
import org.apache.parquet.format.TimestampType;
import org.apache.parquet.format.UUIDType;

/** Iceberg types as Parquet types. Spec: Iceberg table spec, Appendix A, "Parquet". */
final class ParquetTypes {
  private static final int UUID_BYTES = 16;

  private ParquetTypes() {}

  /** How many bytes the unscaled values of a decimal take at least. */
  static int decimalBytes(Type.Decimal type) {
    // 10^precision - 1 and a sign; log2(10) = 3.3219...
    int bits = (int) Math.ceil(type.precision() * 3.321928094887362) + 1;
    return (bits + 7) / 8;
  }

  /** The width of FIXED_LEN_BYTE_ARRAY, 0 for other physical types. */
  static int fixedLength(Type type) {
    return switch (type.kind()) {
      case UUID -> UUID_BYTES;
      case FIXED -> ((Type.Fixed) type).length();
      case DECIMAL -> ((Type.Decimal) type).fitsLong() ? 0 : decimalBytes((Type.Decimal) type);
      default -> 0;
    };
  }

  /** The physical type. */
  static org.apache.parquet.format.Type physical(Type type) {
    return switch (type.kind()) {
      case BOOLEAN -> org.apache.parquet.format.Type.BOOLEAN;
      case INT, DATE -> org.apache.parquet.format.Type.INT32;
      case LONG, TIME, TIMESTAMP, TIMESTAMPTZ -> org.apache.parquet.format.Type.INT64;
      case FLOAT -> org.apache.parquet.format.Type.FLOAT;
      case DOUBLE -> org.apache.parquet.format.Type.DOUBLE;
      case STRING, BINARY -> org.apache.parquet.format.Type.BYTE_ARRAY;
      case UUID, FIXED -> org.apache.parquet.format.Type.FIXED_LEN_BYTE_ARRAY;
      case DECIMAL -> {
        int precision = ((Type.Decimal) type).precision();
        if (precision <= 9) {
          yield org.apache.parquet.format.Type.INT32;
        }
        yield precision <= 18
            ? org.apache.parquet.format.Type.INT64
            : org.apache.parquet.format.Type.FIXED_LEN_BYTE_ARRAY;
      }
    };
  }

  /** The schema of a footer: the root, named "table", and each column. */
  static List<SchemaElement> elements(Schema schema) {
    List<SchemaElement> elements = new ArrayList<>(schema.size() + 1);
    SchemaElement root = new SchemaElement("table");
    root.setNum_children(schema.size());
    elements.add(root);
    for (Field field : schema.fields()) {
      elements.add(element(field));
    }
    return elements;
  }

  private static SchemaElement element(Field field) {
    SchemaElement element = new SchemaElement(field.name());
    element.setType(physical(field.type()));
    element.setRepetition_type(
        field.required() ? FieldRepetitionType.REQUIRED : FieldRepetitionType.OPTIONAL);
    element.setField_id(field.id());
    if (fixedLength(field.type()) > 0) {
      element.setType_length(fixedLength(field.type()));
    }
    switch (field.type().kind()) {
      case STRING -> annotate(element, LogicalType.STRING(new StringType()), ConvertedType.UTF8);
      case DATE -> annotate(element, LogicalType.DATE(new DateType()), ConvertedType.DATE);
      case UUID -> element.setLogicalType(LogicalType.UUID(new UUIDType()));
      // The old annotations for times mean UTC, so those without zone have none.
      case TIME -> element.setLogicalType(LogicalType.TIME(new TimeType(false, micros())));
      case TIMESTAMP ->
          element.setLogicalType(LogicalType.TIMESTAMP(new TimestampType(false, micros())));
      case TIMESTAMPTZ ->
          annotate(
              element,
              LogicalType.TIMESTAMP(new TimestampType(true, micros())),
              ConvertedType.TIMESTAMP_MICROS);
      case DECIMAL -> {
        Type.Decimal decimal = (Type.Decimal) field.type();
        element.setPrecision(decimal.precision());
        element.setScale(decimal.scale());
        annotate(
            element,
            LogicalType.DECIMAL(new DecimalType(decimal.scale(), decimal.precision())),
            ConvertedType.DECIMAL);
      }
      case BOOLEAN, INT, LONG, FLOAT, DOUBLE, FIXED, BINARY -> {}
    }
    return element;
  }

  private static TimeUnit micros() {
    return TimeUnit.MICROS(new MicroSeconds());
  }

  private static void annotate(
      SchemaElement element, LogicalType logical, ConvertedType converted) {
    element.setLogicalType(logical);
    element.setConverted_type(converted);
  }
}
