package io.datashard.internal.manifest;

import io.datashard.schema.Field;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The partition specs of a table, with the type of each partition field. */
public final class PartitionTypes {
  private final Map<Integer, PartitionSpec> specs = new HashMap<>();
  private final Map<Integer, List<@Nullable Type>> types = new HashMap<>();

  private PartitionTypes() {}

  /**
   * The types that partition values of these specs have.
   *
   * @param schemas the current one first: the first that has a field's source column decides, so
   *     that values written before a type promotion are read as the promoted type
   */
  public static PartitionTypes of(List<PartitionSpec> specs, List<Schema> schemas) {
    PartitionTypes all = new PartitionTypes();
    for (PartitionSpec spec : specs) {
      List<@Nullable Type> types = new ArrayList<>();
      for (PartitionSpec.PartitionField field : spec.fields()) {
        types.add(typeOf(field, schemas));
      }
      all.specs.put(spec.id(), spec);
      all.types.put(spec.id(), Collections.unmodifiableList(types));
    }
    return all;
  }

  private static @Nullable Type typeOf(PartitionSpec.PartitionField field, List<Schema> schemas) {
    for (Schema schema : schemas) {
      Optional<Field> source = schema.fieldById(field.sourceId());
      if (source.isPresent()) {
        return field.transform().resultType(source.get().type());
      }
    }
    return null;
  }

  /** The spec of this id, if the table has it. */
  public Optional<PartitionSpec> spec(int specId) {
    return Optional.ofNullable(specs.get(specId));
  }

  /** For each field of the spec its type; null where no schema has the source column. */
  List<@Nullable Type> types(int specId) {
    return types.getOrDefault(specId, List.of());
  }
}
