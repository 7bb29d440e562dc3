package io.datashard.duckdb;

import io.datashard.schema.Field;
import io.datashard.schema.Type;
import java.sql.SQLException;
import org.duckdb.DuckDBColumnType;
import org.duckdb.DuckDBLogicalType;
import org.duckdb.DuckDBTableFunctionBindInfo;

/**
 * How columns cross into DuckDB. A table function of its Java driver can give neither times, uuids
 * nor bytes, and dates and timestamps only as objects: these cross as numbers or as hex text, and
 * the view that queries see turns them back, a vector at a time.
 */
final class DuckTypes {
  private DuckTypes() {}

  /** The type that queries see. */
  static String sqlType(Type type) {
    return switch (type.kind()) {
      case BOOLEAN -> "BOOLEAN";
      case INT -> "INTEGER";
      case LONG -> "BIGINT";
      case FLOAT -> "FLOAT";
      case DOUBLE -> "DOUBLE";
      case DECIMAL -> {
        Type.Decimal decimal = (Type.Decimal) type;
        yield "DECIMAL(" + decimal.precision() + "," + decimal.scale() + ")";
      }
      case DATE -> "DATE";
      case TIME -> "TIME";
      case TIMESTAMP -> "TIMESTAMP";
      case TIMESTAMPTZ -> "TIMESTAMPTZ";
      case STRING -> "VARCHAR";
      case UUID -> "UUID";
      case FIXED, BINARY -> "BLOB";
    };
  }

  /** Declares the column as it crosses. */
  static void declare(DuckDBTableFunctionBindInfo info, String name, Type type)
      throws SQLException {
    if (type instanceof Type.Decimal decimal) {
      try (DuckDBLogicalType logical =
          DuckDBLogicalType.decimal(decimal.precision(), decimal.scale())) {
        info.addResultColumn(name, logical);
      }
      return;
    }
    info.addResultColumn(
        name,
        switch (type.kind()) {
          case BOOLEAN -> DuckDBColumnType.BOOLEAN;
          case INT, DATE -> DuckDBColumnType.INTEGER;
          case LONG, TIME, TIMESTAMP, TIMESTAMPTZ -> DuckDBColumnType.BIGINT;
          case FLOAT -> DuckDBColumnType.FLOAT;
          case DOUBLE -> DuckDBColumnType.DOUBLE;
          case UUID -> DuckDBColumnType.UHUGEINT;
          case STRING, FIXED, BINARY, DECIMAL -> DuckDBColumnType.VARCHAR;
        });
  }

  /** What the view makes of what crossed. */
  static String seen(Field field, String crossed) {
    String value =
        switch (field.type().kind()) {
          case DATE -> "make_date(" + crossed + ")";
          case TIME -> "make_timestamp(" + crossed + ")::TIME";
          case TIMESTAMP -> "make_timestamp(" + crossed + ")";
          case TIMESTAMPTZ -> "make_timestamptz(" + crossed + ")";
          case UUID -> crossed + "::UUID";
          case FIXED, BINARY -> "unhex(" + crossed + ")";
          default -> crossed;
        };
    return value + " AS " + name(field.name());
  }

  /** A name as SQL has it. */
  static String name(String name) {
    return '"' + name.replace("\"", "\"\"") + '"';
  }

  /** A text as SQL has it. */
  static String text(String text) {
    return '\'' + text.replace("'", "''") + '\'';
  }
}
