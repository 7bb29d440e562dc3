package io.datashard.duckdb;

import io.datashard.data.ColumnBuilder;
import io.datashard.schema.Field;
import io.datashard.schema.Type;
import io.datashard.schema.Values;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A column of an answer as one of ours. */
record ResultColumn(Field field) {
  private static final Pattern DECIMAL = Pattern.compile("DECIMAL\\((\\d+),\\s*(\\d+)\\)");

  static List<ResultColumn> of(ResultSetMetaData metadata) throws SQLException {
    List<ResultColumn> columns = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (int i = 1; i <= metadata.getColumnCount(); i++) {
      String label = metadata.getColumnLabel(i);
      String wanted = label == null || label.isBlank() ? "column" : label;
      String name = wanted;
      for (int n = 1; !names.add(name); n++) {
        name = wanted + "_" + n;
      }
      columns.add(
          new ResultColumn(new Field(i, name, type(metadata.getColumnTypeName(i)), false, null)));
    }
    return columns;
  }

  private static Type type(String name) {
    Matcher decimal = DECIMAL.matcher(name);
    if (decimal.matches()) {
      return Type.decimal(Integer.parseInt(decimal.group(1)), Integer.parseInt(decimal.group(2)));
    }
    return switch (name) {
      case "BOOLEAN" -> Type.BOOLEAN;
      case "TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT" -> Type.INT;
      case "BIGINT", "UINTEGER" -> Type.LONG;
      case "UBIGINT", "HUGEINT", "UHUGEINT" -> Type.decimal(38, 0);
      case "FLOAT" -> Type.FLOAT;
      case "DOUBLE" -> Type.DOUBLE;
      case "DATE" -> Type.DATE;
      case "TIME" -> Type.TIME;
      case "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS" -> Type.TIMESTAMP;
      case "TIMESTAMP WITH TIME ZONE" -> Type.TIMESTAMPTZ;
      case "UUID" -> Type.UUID;
      case "BLOB" -> Type.BINARY;
      default -> Type.STRING;
    };
  }

  /** Adds the value at this place of the current row. */
  void add(ResultSet row, int place, ColumnBuilder into) throws SQLException {
    switch (field.type().kind()) {
      case BOOLEAN -> {
        boolean value = row.getBoolean(place);
        if (row.wasNull()) {
          into.addNull();
        } else {
          into.addBoolean(value);
        }
      }
      case INT -> {
        int value = row.getInt(place);
        if (row.wasNull()) {
          into.addNull();
        } else {
          into.addInt(value);
        }
      }
      case LONG -> {
        long value = row.getLong(place);
        if (row.wasNull()) {
          into.addNull();
        } else {
          into.addLong(value);
        }
      }
      case FLOAT -> {
        float value = row.getFloat(place);
        if (row.wasNull()) {
          into.addNull();
        } else {
          into.addFloat(value);
        }
      }
      case DOUBLE -> {
        double value = row.getDouble(place);
        if (row.wasNull()) {
          into.addNull();
        } else {
          into.addDouble(value);
        }
      }
      default -> object(row, place, into);
    }
  }

  private void object(ResultSet row, int place, ColumnBuilder into) throws SQLException {
    Object value =
        switch (field.type().kind()) {
          case DECIMAL -> row.getBigDecimal(place);
          case DATE -> row.getObject(place, LocalDate.class);
          case TIME -> row.getObject(place, LocalTime.class);
          case TIMESTAMP -> row.getObject(place, LocalDateTime.class);
          case TIMESTAMPTZ -> row.getObject(place, OffsetDateTime.class);
          case STRING -> row.getString(place);
          case BINARY -> row.getBytes(place);
          default -> row.getObject(place);
        };
    try {
      into.add(value);
    } catch (IllegalArgumentException e) {
      throw new SqlException(
          "Column '"
              + field.name()
              + "' of the answer has "
              + (value == null ? "null" : Values.describe(value))
              + ", which is no "
              + field.type()
              + ": "
              + e.getMessage()
              + ". Cast it in the query.",
          e);
    }
  }
}
