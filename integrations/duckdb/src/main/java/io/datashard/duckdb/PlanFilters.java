package io.datashard.duckdb;

import static io.datashard.duckdb.PlanJson.list;
import static io.datashard.duckdb.PlanJson.map;
import static io.datashard.duckdb.PlanJson.place;
import static io.datashard.duckdb.PlanJson.text;

import io.datashard.expr.ColumnRef;
import io.datashard.expr.Predicate;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What DuckDB's optimised plan of a query says about the rows of each table that matter.
 *
 * <p>DuckDB filters again, so a filter here must only never leave out a row that DuckDB would keep.
 * What is not understood says nothing. DuckDB takes NaN as larger than all numbers and as equal to
 * itself, which our filters do not; so "larger than" asks for NaN too.
 */
final class PlanFilters {
  private final Map<String, Schema> tables;
  private final Map<String, @Nullable Predicate> found = new HashMap<>();

  private PlanFilters(Map<String, Schema> tables) {
    this.tables = tables;
  }

  /**
   * By table, what its rows must fulfil to matter; a table that is missing says nothing.
   *
   * @param plan what {@code json_serialize_plan} answered
   * @param tables the columns by the name of the table
   */
  static Map<String, Predicate> of(@Nullable Object plan, Map<String, Schema> tables) {
    PlanFilters filters = new PlanFilters(tables);
    for (Object root : list(map(plan), "plans")) {
      filters.node(map(root), List.of());
    }
    Map<String, Predicate> sure = new HashMap<>();
    filters.found.forEach(
        (table, filter) -> {
          if (filter != null) {
            sure.put(table, filter);
          }
        });
    return sure;
  }

  /**
   * @param above the expressions of a filter right above the node
   */
  private void node(Map<String, @Nullable Object> node, List<@Nullable Object> above) {
    if (text(node, "type").equals("LOGICAL_GET")) {
      String table = text(map(node, "function_data"), "table");
      Schema schema = tables.get(table);
      if (schema != null) {
        add(table, get(node, schema, above));
      }
    }
    List<@Nullable Object> filter =
        text(node, "type").equals("LOGICAL_FILTER") ? list(node, "expressions") : List.of();
    for (Object child : list(node, "children")) {
      node(map(child), filter);
    }
  }

  /** A table that is read twice gives the rows that matter to either. */
  private void add(String table, @Nullable Predicate filter) {
    if (!found.containsKey(table)) {
      found.put(table, filter);
      return;
    }
    Predicate before = found.get(table);
    found.put(table, before == null || filter == null ? null : before.or(filter));
  }

  private static @Nullable Predicate get(
      Map<String, @Nullable Object> get, Schema schema, List<@Nullable Object> above) {
    List<@Nullable Field> read = new ArrayList<>();
    for (Object index : list(get, "column_indexes")) {
      int place = place(map(index).get("index"));
      read.add(place >= 0 && place < schema.size() ? schema.field(place) : null);
    }
    List<@Nullable Predicate> all = new ArrayList<>();
    Map<String, @Nullable Object> filters = map(get, "table_filters");
    if (Boolean.TRUE.equals(get.get("table_filters_by_projection"))) {
      for (Object one : list(filters, "filters")) {
        Field field = at(read, place(map(one).get("key")));
        if (field != null) {
          all.add(filter(map(map(one), "value"), field));
        }
      }
    }
    List<@Nullable Field> given = read;
    List<@Nullable Object> projected = list(get, "projection_ids");
    if (!projected.isEmpty()) {
      given = new ArrayList<>();
      for (Object id : projected) {
        given.add(at(read, place(id)));
      }
    }
    for (Object expression : above) {
      all.add(expression(map(expression), given));
    }
    return and(all);
  }

  private static @Nullable Field at(List<@Nullable Field> fields, int place) {
    return place >= 0 && place < fields.size() ? fields.get(place) : null;
  }

  /** All of what is known; null if nothing is. */
  private static @Nullable Predicate and(List<@Nullable Predicate> parts) {
    Predicate all = null;
    for (Predicate part : parts) {
      if (part != null) {
        all = all == null ? part : all.and(part);
      }
    }
    return all;
  }

  /** Any of them; null if one of them is not known. */
  private static @Nullable Predicate or(List<@Nullable Predicate> parts) {
    Predicate any = null;
    for (Predicate part : parts) {
      if (part == null) {
        return null;
      }
      any = any == null ? part : any.or(part);
    }
    return any;
  }

  private static @Nullable Predicate filter(Map<String, @Nullable Object> filter, Field field) {
    return switch (text(filter, "filter_type")) {
      case "LEGACY_CONSTANT_COMPARISON", "CONSTANT_COMPARISON" ->
          compare(text(filter, "comparison_type"), field, map(filter, "constant"));
      case "LEGACY_IS_NULL", "IS_NULL" -> new ColumnRef(field.name()).isNull();
      case "LEGACY_IS_NOT_NULL", "IS_NOT_NULL" -> new ColumnRef(field.name()).isNotNull();
      case "LEGACY_CONJUNCTION_AND", "CONJUNCTION_AND" -> and(children(filter, field));
      case "LEGACY_CONJUNCTION_OR", "CONJUNCTION_OR" -> or(children(filter, field));
      case "LEGACY_IN_FILTER", "IN_FILTER" -> in(list(filter, "values"), field);
      case "EXPRESSION_FILTER" -> expression(map(filter, "expr"), List.of(field));
      default -> null;
    };
  }

  private static List<@Nullable Predicate> children(
      Map<String, @Nullable Object> filter, Field field) {
    List<@Nullable Predicate> parts = new ArrayList<>();
    for (Object child : list(filter, "child_filters")) {
      parts.add(filter(map(child), field));
    }
    return parts;
  }

  private static @Nullable Predicate in(List<@Nullable Object> constants, Field field) {
    List<Object> values = new ArrayList<>();
    for (Object constant : constants) {
      Object value = PlanConstant.of(map(constant), field.type());
      if (value == null || isNan(value)) {
        return null;
      }
      values.add(value);
    }
    return values.isEmpty() ? null : new ColumnRef(field.name()).in(values);
  }

  /** An expression over columns, by their places among these. */
  private static @Nullable Predicate expression(
      Map<String, @Nullable Object> expression, List<@Nullable Field> fields) {
    List<@Nullable Object> children = list(expression, "children");
    String type = text(expression, "type");
    switch (type) {
      case "CONJUNCTION_AND", "CONJUNCTION_OR" -> {
        List<@Nullable Predicate> parts = new ArrayList<>();
        for (Object child : children) {
          parts.add(expression(map(child), fields));
        }
        return type.equals("CONJUNCTION_AND") ? and(parts) : or(parts);
      }
      case "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL" -> {
        Field field = children.isEmpty() ? null : column(map(children.get(0)), fields);
        if (field == null) {
          return null;
        }
        ColumnRef ref = new ColumnRef(field.name());
        return type.equals("OPERATOR_IS_NULL") ? ref.isNull() : ref.isNotNull();
      }
      case "COMPARE_IN" -> {
        Field field = children.isEmpty() ? null : column(map(children.get(0)), fields);
        List<@Nullable Object> constants = new ArrayList<>();
        for (int i = 1; i < children.size(); i++) {
          constants.add(map(children.get(i)).get("value"));
        }
        return field == null ? null : in(constants, field);
      }
      case "BOUND_REF" -> {
        Field field = column(expression, fields);
        return field != null && field.type() == Type.BOOLEAN
            ? new ColumnRef(field.name()).eq(true)
            : null;
      }
      case "BOUND_FUNCTION" -> {
        return prefix(expression, children, fields);
      }
      default -> {
        return children.size() == 2 ? comparison(type, children, fields) : null;
      }
    }
  }

  private static @Nullable Predicate comparison(
      String type, List<@Nullable Object> children, List<@Nullable Field> fields) {
    Map<String, @Nullable Object> left = map(children.get(0));
    Map<String, @Nullable Object> right = map(children.get(1));
    Field field = column(left, fields);
    if (field != null) {
      return compare(type, field, map(right, "value"));
    }
    field = column(right, fields);
    return field == null ? null : compare(turned(type), field, map(left, "value"));
  }

  private static String turned(String type) {
    return switch (type) {
      case "COMPARE_LESSTHAN" -> "COMPARE_GREATERTHAN";
      case "COMPARE_GREATERTHAN" -> "COMPARE_LESSTHAN";
      case "COMPARE_LESSTHANOREQUALTO" -> "COMPARE_GREATERTHANOREQUALTO";
      case "COMPARE_GREATERTHANOREQUALTO" -> "COMPARE_LESSTHANOREQUALTO";
      default -> type;
    };
  }

  private static @Nullable Field column(
      Map<String, @Nullable Object> expression, List<@Nullable Field> fields) {
    return text(expression, "type").equals("BOUND_REF")
        ? at(fields, place(expression.get("index")))
        : null;
  }

  private static @Nullable Predicate prefix(
      Map<String, @Nullable Object> function,
      List<@Nullable Object> children,
      List<@Nullable Field> fields) {
    List<@Nullable Object> path = list(map(function, "qname"), "path");
    Object name = path.isEmpty() ? null : path.get(path.size() - 1);
    if (children.size() != 2 || !("prefix".equals(name) || "starts_with".equals(name))) {
      return null;
    }
    Field field = column(map(children.get(0)), fields);
    if (field == null || field.type() != Type.STRING) {
      return null;
    }
    Object start = PlanConstant.of(map(map(children.get(1)), "value"), Type.STRING);
    return start instanceof String text ? new ColumnRef(field.name()).startsWith(text) : null;
  }

  private static @Nullable Predicate compare(
      String type, Field field, Map<String, @Nullable Object> constant) {
    Object value = PlanConstant.of(constant, field.type());
    if (value == null || isNan(value)) {
      return null;
    }
    ColumnRef column = new ColumnRef(field.name());
    boolean mayBeNan = field.type() == Type.FLOAT || field.type() == Type.DOUBLE;
    return switch (type) {
      case "COMPARE_EQUAL" -> column.eq(value);
      case "COMPARE_NOTEQUAL" -> column.ne(value);
      case "COMPARE_LESSTHAN" -> column.lt(value);
      case "COMPARE_LESSTHANOREQUALTO" -> column.le(value);
      case "COMPARE_GREATERTHAN" ->
          mayBeNan ? column.gt(value).or(column.isNan()) : column.gt(value);
      case "COMPARE_GREATERTHANOREQUALTO" ->
          mayBeNan ? column.ge(value).or(column.isNan()) : column.ge(value);
      default -> null;
    };
  }

  private static boolean isNan(Object value) {
    return value instanceof Double number && number.isNaN()
        || value instanceof Float single && single.isNaN();
  }
}
