package io.datashard.interop;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.datashard.expr.Predicate;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import java.util.List;

/** Predicates as JSON for {@code filters.py}; literals are cells of {@link RowText}. */
final class FilterJson {
  private final Schema schema;

  private FilterJson(Schema schema) {
    this.schema = schema;
  }

  static ObjectNode of(Predicate predicate, Schema schema) {
    return new FilterJson(schema).node(predicate);
  }

  private ObjectNode node(Predicate predicate) {
    if (predicate instanceof Predicate.And and) {
      return junction("and", and.parts());
    }
    if (predicate instanceof Predicate.Or or) {
      return junction("or", or.parts());
    }
    if (predicate instanceof Predicate.Not not) {
      ObjectNode node = op("not");
      node.set("part", node(not.part()));
      return node;
    }
    if (predicate instanceof Predicate.IsNull isNull) {
      return leaf("null", isNull.column());
    }
    if (predicate instanceof Predicate.IsNan isNan) {
      return leaf("nan", isNan.column());
    }
    if (predicate instanceof Predicate.StartsWith starts) {
      return leaf("starts", starts.column()).put("prefix", starts.prefix());
    }
    if (predicate instanceof Predicate.In in) {
      ObjectNode node = leaf("in", in.column());
      ArrayNode values = node.putArray("values");
      in.literals().forEach(literal -> values.add(literal(in.column(), literal)));
      return node;
    }
    if (predicate instanceof Predicate.Compare compare) {
      return leaf("compare", compare.column())
          .put("sign", compare.op().sign())
          .put("value", literal(compare.column(), compare.literal()));
    }
    throw new IllegalArgumentException("no foreign form of " + predicate);
  }

  private static ObjectNode op(String name) {
    return PythonWorker.JSON.createObjectNode().put("op", name);
  }

  private ObjectNode junction(String op, List<Predicate> parts) {
    ObjectNode node = op(op);
    ArrayNode array = node.putArray("parts");
    parts.forEach(part -> array.add(node(part)));
    return node;
  }

  private ObjectNode leaf(String op, String column) {
    return op(op).put("column", column).put("type", schema.field(column).type().jsonName());
  }

  private String literal(String column, Object literal) {
    Field field = schema.field(column);
    // Filters take strings as they are; only lines of rows need escapes.
    return literal instanceof String text ? text : RowText.cell(field.type(), literal);
  }
}
