package io.datashard.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How the rows of each data file are sorted. Spec: "Sorting".
 *
 * <p>Numbers sort by value, -0.0 before 0.0 and NaN above all; text, binary and uuids by unsigned
 * bytes. Rows that are equal keep the order they were given in.
 *
 * @param id the order's number within its table; 0 is unsorted
 * @param fields what decides, the first one first
 */
public record SortOrder(int id, List<SortField> fields) {
  /** The number of the order that a table is created with. */
  public static final int ID_FIRST = 1;

  /** No order. */
  public static final SortOrder UNSORTED = new SortOrder(0, List.of());

  /** Which end comes first. */
  public enum Direction {
    ASC,
    DESC
  }

  /** Where nulls go. */
  public enum NullOrder {
    FIRST,
    LAST
  }

  /**
   * What rows are sorted by.
   *
   * @param sourceId the field id of the column
   * @param transform what is made from its values before they are compared
   */
  public record SortField(
      int sourceId, Transform transform, Direction direction, NullOrder nullOrder) {}

  public SortOrder {
    fields = List.copyOf(fields);
  }

  /**
   * The order of a new table.
   *
   * @param fields such as {@code "ts"}, {@code "ts desc"}, {@code "day(ts) desc nulls last"};
   *     several in one text are separated by commas. Names that are not plain words stand in double
   *     quotes. Unless said, nulls come first in ascending and last in descending order
   * @throws IllegalArgumentException a text is no sort field of this schema; it says where in the
   *     text, and what there is
   */
  public static SortOrder of(Schema schema, List<String> fields) {
    List<SortField> all = new ArrayList<>();
    for (String text : fields) {
      TermReader reader = new TermReader("sort field", text);
      do {
        TermReader.Term term = reader.term(schema);
        boolean isDesc = reader.isWord("desc");
        if (!isDesc) {
          reader.isWord("asc");
        }
        NullOrder nulls = isDesc ? NullOrder.LAST : NullOrder.FIRST;
        if (reader.isWord("nulls")) {
          nulls = reader.isWord("last") ? NullOrder.LAST : NullOrder.FIRST;
          if (nulls == NullOrder.FIRST) {
            reader.requireWord("first", "'first' or 'last'");
          }
        }
        reader.endOfField();
        Direction direction = isDesc ? Direction.DESC : Direction.ASC;
        all.add(new SortField(term.source().id(), term.transform(), direction, nulls));
      } while (reader.hasMore());
    }
    return all.isEmpty() ? UNSORTED : new SortOrder(ID_FIRST, all);
  }

  /** Whether rows may come in any order. */
  public boolean isUnsorted() {
    return fields.isEmpty();
  }

  /** The fields as {@link #of} reads them: {@code ts desc nulls last}. */
  public String text(Schema schema) {
    return fields.isEmpty()
        ? "unsorted"
        : fields.stream()
            .map(
                field ->
                    field.transform().text(TermReader.columnText(schema, field.sourceId()))
                        + " "
                        + field.direction().name().toLowerCase(Locale.ROOT)
                        + " nulls "
                        + field.nullOrder().name().toLowerCase(Locale.ROOT))
            .collect(Collectors.joining(", "));
  }
}
