package io.datashard.internal.manifest;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How one writer laid out a record: for each of its fields, in the order they lie in the file, what
 * it is to us. Made from the writer's own schema; fields are known by Iceberg field id, never by
 * name or place, and unknown ones are stepped over.
 */
final class RecordProgram {
  /** A field that nobody asked for. */
  private static final int SKIP = -1;

  /**
   * One field.
   *
   * @param id the field id if it was asked for, else -1
   * @param type its type; the branch that is not null if it is optional
   * @param union the union around it, or null if the field is not optional
   */
  record Step(int id, AvroType type, @Nullable AvroType union) {
    /**
     * Whether a value that was asked for follows; steps over a null, and over what nobody asked
     * for.
     */
    boolean hasValue(AvroInput in) {
      if (union != null && union.isNull(union.branch(in))) {
        return false;
      }
      if (id == SKIP) {
        type.skip(in);
        return false;
      }
      return true;
    }
  }

  private final List<Step> steps;
  private final Map<Integer, Step> stepById;

  private RecordProgram(List<Step> steps, Map<Integer, Step> stepById) {
    this.steps = steps;
    this.stepById = stepById;
  }

  /** What is asked for: whether a field of this id is. */
  interface Wanted {
    boolean wants(int fieldId);
  }

  /**
   * The program for a record.
   *
   * @throws IllegalArgumentException the type is no record, an id is there twice, or a field that
   *     is asked for is neither plain nor an optional plain value
   */
  static RecordProgram of(AvroType record, Wanted wanted) {
    if (record.kind() != AvroType.Kind.RECORD) {
      throw new IllegalArgumentException("a record is expected, the file has " + record.kind());
    }
    List<Step> steps = new ArrayList<>();
    Map<Integer, Step> stepById = new HashMap<>();
    for (AvroType.Field field : record.fields()) {
      if (field.id() < 0 || !wanted.wants(field.id())) {
        steps.add(skip(field.type()));
        continue;
      }
      Step step = step(field);
      if (stepById.put(field.id(), step) != null) {
        throw new IllegalArgumentException("two fields have the field-id " + field.id());
      }
      steps.add(step);
    }
    return new RecordProgram(List.copyOf(steps), stepById);
  }

  private static Step skip(AvroType type) {
    List<AvroType> values = values(type);
    return values.size() == 1 && type.kind() == AvroType.Kind.UNION
        ? new Step(SKIP, values.get(0), type)
        : new Step(SKIP, type, null);
  }

  private static List<AvroType> values(AvroType union) {
    return union.branches().stream().filter(b -> b.kind() != AvroType.Kind.NULL).toList();
  }

  private static Step step(AvroType.Field field) {
    if (field.type().kind() != AvroType.Kind.UNION) {
      return new Step(field.id(), field.type(), null);
    }
    List<AvroType> values = values(field.type());
    if (values.size() != 1) {
      throw new IllegalArgumentException(
          "field '" + field.name() + "' is a union of " + values.size() + " types");
    }
    return new Step(field.id(), values.get(0), field.type());
  }

  /** The fields in the order they lie in the file. */
  List<Step> steps() {
    return steps;
  }

  /** The field of this id, or null if the file does not have it. */
  @Nullable Step step(int id) {
    return stepById.get(id);
  }

  /**
   * The field of this id.
   *
   * @throws IllegalArgumentException the file does not have it
   */
  Step required(int id, String name) {
    Step step = stepById.get(id);
    if (step == null) {
      throw new IllegalArgumentException("no field has the field-id " + id + " (" + name + ")");
    }
    return step;
  }

  /**
   * The field of this id, which is of one of these kinds.
   *
   * @throws IllegalArgumentException the file does not have it, or has it as something else
   */
  Step required(int id, String name, AvroType.Kind... kinds) {
    Step step = required(id, name);
    check(step, name, kinds);
    return step;
  }

  /**
   * Checks the kind of a field if the file has it.
   *
   * @throws IllegalArgumentException it is of another kind
   */
  void optional(int id, String name, AvroType.Kind... kinds) {
    Step step = stepById.get(id);
    if (step != null) {
      check(step, name, kinds);
    }
  }

  private static void check(Step step, String name, AvroType.Kind... kinds) {
    if (!List.of(kinds).contains(step.type().kind())) {
      throw new IllegalArgumentException(
          "field "
              + step.id()
              + " ("
              + name
              + ") is "
              + step.type().kind()
              + ", not "
              + List.of(kinds));
    }
  }
}
