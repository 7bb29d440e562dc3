package io.datashard.internal.scan;

import io.datashard.error.CorruptTableException;
import io.datashard.expr.Bound;
import io.datashard.expr.Bound.Facts;
import io.datashard.schema.Field;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.PartitionSpec.PartitionField;
import io.datashard.schema.Transform;
import io.datashard.schema.Type;
import io.datashard.schema.ValueOrder;
import io.datashard.schema.Values;
import io.datashard.table.ManifestFile;
import io.datashard.table.ManifestFile.PartitionSummary;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What partition values tell of the columns of a filter. Every transform but void tells something:
 * null is made from null alone; a bucket from values with its hash; all else from the values of a
 * {@linkplain SourceRange range}.
 */
final class PartitionFacts {
  private final int fields;
  private final List<Place> places = new ArrayList<>();

  /** A partition field that is made from a column of the filter. */
  private record Place(int index, PartitionField partition, Field source) {
    Transform transform() {
      return partition.transform();
    }

    Type type() {
      return transform().resultType(source.type());
    }
  }

  private PartitionFacts(int fields) {
    this.fields = fields;
  }

  /**
   * For a filter and files of one spec.
   *
   * @param spec null if the table has no such spec
   */
  static PartitionFacts of(Bound filter, @Nullable PartitionSpec spec) {
    PartitionFacts facts = new PartitionFacts(spec == null ? 0 : spec.fields().size());
    for (int i = 0; i < facts.fields; i++) {
      PartitionField partition = Objects.requireNonNull(spec).fields().get(i);
      for (Field field : filter.fields()) {
        if (field.id() == partition.sourceId()
            && partition.transform().kind() != Transform.Kind.VOID
            && partition.transform().takes(field.type())) {
          facts.places.add(new Place(i, partition, field));
        }
      }
    }
    return facts;
  }

  /** Whether they tell anything of the columns that the filter looks at. */
  boolean tell() {
    return !places.isEmpty();
  }

  /** What is left of a filter to ask of the rows of all files of a partition. */
  Bound residual(Bound filter, List<@Nullable Object> partition) {
    // Another number of values than of fields does not say which is whose.
    return partition.size() == fields
        ? residual(filter, place -> of(partition.get(place.index()), place))
        : filter;
  }

  /**
   * What is left of a filter to ask of all rows of all files of a manifest.
   *
   * @throws CorruptTableException a bound is no value of its type
   */
  Bound residual(Bound filter, ManifestFile manifest, String listName) {
    List<PartitionSummary> summaries = manifest.partitions();
    return summaries.size() == fields
        ? residual(filter, place -> of(summaries.get(place.index()), place, manifest, listName))
        : filter;
  }

  /** One after another: several may be made from one column. */
  private Bound residual(Bound filter, Function<Place, Facts> ofPlace) {
    Bound left = filter;
    for (Place place : places) {
      Facts facts = ofPlace.apply(place);
      left = left.residual(field -> field.id() == place.source().id() ? facts : Facts.UNKNOWN);
    }
    return left;
  }

  private static Facts of(
      PartitionSummary summary, Place place, ManifestFile manifest, String listName) {
    try {
      return facts(
          place,
          -1,
          summary.containsNull() ? -1 : 0,
          Boolean.FALSE.equals(summary.containsNan()) ? 0 : -1,
          BoundBytes.decode(place.type(), summary.lower()),
          BoundBytes.decode(place.type(), summary.upper()));
    } catch (IllegalArgumentException e) {
      throw new CorruptTableException(
          listName
              + " records for the manifest "
              + manifest.location()
              + " a bound of the partition field '"
              + place.partition().name()
              + "' that is no "
              + place.type()
              + ": "
              + e.getMessage(),
          e);
    }
  }

  /** All rows of a partition share one value; how many there are does not matter. */
  private static Facts of(@Nullable Object value, Place place) {
    if (value == null) {
      return new Facts(1, 1, 0, null, null);
    }
    Object own;
    try {
      own = Values.canonical(place.type(), value);
    } catch (IllegalArgumentException e) {
      return Facts.UNKNOWN; // Of a type that the column had once.
    }
    return isNan(own) ? new Facts(1, 0, 1, null, null) : facts(place, 1, 0, 0, own, own);
  }

  private static boolean isNan(Object value) {
    return (value instanceof Double d && d.isNaN()) || (value instanceof Float f && f.isNaN());
  }

  /** Of rows whose results lie from the lower to the upper one; null if not known. */
  private static Facts facts(
      Place place,
      long rows,
      long nulls,
      long nans,
      @Nullable Object lower,
      @Nullable Object upper) {
    Transform transform = place.transform();
    Type source = place.source().type();
    if (transform.kind() == Transform.Kind.BUCKET) {
      Predicate<Object> holds =
          lower == null || upper == null
              ? Bound.ANYTHING
              : value -> isBetween(transform, source, value, lower, upper);
      return new Facts(rows, nulls, nans, null, null, true, holds);
    }
    SourceRange first = SourceRange.of(transform, source, lower);
    SourceRange last = SourceRange.of(transform, source, upper);
    return new Facts(
        rows, nulls, nans, first.lower(), last.upper(), last.upperIncluded(), Bound.ANYTHING);
  }

  private static boolean isBetween(
      Transform transform, Type source, Object value, Object lower, Object upper) {
    Object result = Objects.requireNonNull(transform.apply(source, value));
    Type type = transform.resultType(source);
    return ValueOrder.compare(type, lower, result) <= 0
        && ValueOrder.compare(type, result, upper) <= 0;
  }
}
