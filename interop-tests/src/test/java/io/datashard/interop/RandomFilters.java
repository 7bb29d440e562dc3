package io.datashard.interop;

import static io.datashard.expr.Predicate.column;

import io.datashard.expr.Predicate;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Random filters with literals taken from rows, so that many match something. */
final class RandomFilters {
  private final Schema schema;
  private final List<? extends Map<String, @Nullable Object>> rows;
  private final SplittableRandom random;

  RandomFilters(Schema schema, List<? extends Map<String, @Nullable Object>> rows, long seed) {
    this.schema = schema;
    this.rows = rows;
    this.random = new SplittableRandom(seed);
  }

  Predicate next() {
    return tree(random.nextInt(4) == 0 ? 2 : random.nextInt(2));
  }

  private Predicate tree(int depth) {
    if (depth == 0) {
      return leaf();
    }
    Predicate made =
        switch (random.nextInt(5)) {
          case 0, 1 -> Predicate.and(tree(depth - 1), tree(depth - 1));
          case 2, 3 -> Predicate.or(tree(depth - 1), tree(depth - 1));
          default -> leaf();
        };
    return random.nextInt(4) == 0 ? Predicate.not(made) : made;
  }

  private Predicate leaf() {
    Field field = schema.field(random.nextInt(schema.size()));
    String name = field.name();
    Object literal = literal(field);
    if (literal == null) {
      return column(name).isNull();
    }
    if (field.type() == Type.BOOLEAN) {
      return random.nextBoolean() ? column(name).eq(literal) : column(name).ne(literal);
    }
    return switch (random.nextInt(12)) {
      case 0 -> column(name).isNull();
      case 1 -> column(name).isNotNull();
      case 2 -> column(name).eq(literal);
      case 3 -> column(name).ne(literal);
      case 4 -> column(name).lt(literal);
      case 5 -> column(name).le(literal);
      case 6 -> column(name).gt(literal);
      case 7 -> column(name).ge(literal);
      case 8 -> column(name).in(literals(field, literal));
      case 9 -> column(name).notIn(literals(field, literal).toArray());
      case 10 -> special(field, literal);
      default -> {
        Object other = literal(field);
        yield column(name).between(literal, other == null ? literal : other);
      }
    };
  }

  private Predicate special(Field field, Object literal) {
    Predicate made =
        literal instanceof String text
            ? column(field.name()).startsWith(beginning(text))
            : field.type() == Type.FLOAT || field.type() == Type.DOUBLE
                ? column(field.name()).isNan()
                : column(field.name()).ge(literal);
    return random.nextBoolean() ? Predicate.not(made) : made;
  }

  private String beginning(String text) {
    int points = text.codePointCount(0, text.length());
    String part =
        text.substring(0, text.offsetByCodePoints(0, Math.min(points, 1 + random.nextInt(20))));
    return part.isEmpty() ? "a" : part;
  }

  private List<Object> literals(Field field, Object first) {
    List<Object> literals = new ArrayList<>(List.of(first));
    for (int i = random.nextInt(5); i > 0; i--) {
      Object more = literal(field);
      if (more != null) {
        literals.add(more);
      }
    }
    return literals;
  }

  /** A value that some row has; not NaN, which equals nothing. */
  private @Nullable Object literal(Field field) {
    for (int i = 0; i < 50; i++) {
      Object value = rows.get(random.nextInt(rows.size())).get(field.name());
      boolean nan = value instanceof Double d && d.isNaN() || value instanceof Float f && f.isNaN();
      if (value != null && !nan) {
        return value;
      }
    }
    return null;
  }

  /** Whether a filter asks which of two uuids is larger, which not all readers see alike. */
  static boolean ordersUuids(Predicate filter, Schema schema) {
    if (filter instanceof Predicate.Not not) {
      return ordersUuids(not.part(), schema);
    }
    if (filter instanceof Predicate.And and) {
      return and.parts().stream().anyMatch(part -> ordersUuids(part, schema));
    }
    if (filter instanceof Predicate.Or or) {
      return or.parts().stream().anyMatch(part -> ordersUuids(part, schema));
    }
    return filter instanceof Predicate.Compare compare
        && schema.field(compare.column()).type() == Type.UUID
        && compare.op() != Predicate.Op.EQ
        && compare.op() != Predicate.Op.NE;
  }
}
