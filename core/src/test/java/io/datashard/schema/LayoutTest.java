package io.datashard.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.schema.PartitionSpec.PartitionField;
import io.datashard.schema.SortOrder.Direction;
import io.datashard.schema.SortOrder.NullOrder;
import io.datashard.schema.SortOrder.SortField;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Partition and sort fields as people write them. */
class LayoutTest {
  private static final Schema SCHEMA =
      Schema.builder()
          .required(7, "ts", Type.TIMESTAMPTZ)
          .optional(3, "user_id", Type.LONG)
          .optional(4, "odd \"name\", (x)", Type.STRING)
          .optional(5, "day", Type.DATE)
          .optional(6, "d", Type.DOUBLE)
          .optional(8, "größe", Type.decimal(9, 2))
          .build();

  private static PartitionField field(int source, int id, String name, String transform) {
    return new PartitionField(source, id, name, Transform.parse(transform));
  }

  @Test
  void partitionFieldsAreNumberedFrom1000() {
    PartitionSpec spec =
        PartitionSpec.of(
            SCHEMA,
            List.of(
                " DAY( ts ) ",
                "bucket(16, user_id), truncate(2,\"odd \"\"name\"\", (x)\") as start",
                "`größe`",
                "day",
                "void(d)"));
    assertThat(spec.id()).isZero();
    assertThat(spec.fields())
        .containsExactly(
            field(7, 1000, "ts_day", "day"),
            field(3, 1001, "user_id_bucket", "bucket[16]"),
            field(4, 1002, "start", "truncate[2]"),
            field(8, 1003, "größe", "identity"),
            field(5, 1004, "day", "identity"),
            field(6, 1005, "d_null", "void"));
    assertThat(PartitionSpec.of(SCHEMA, List.of(spec.text(SCHEMA)))).isEqualTo(spec);
    assertThat(PartitionSpec.of(SCHEMA, List.of()).isUnpartitioned()).isTrue();
  }

  @Test
  void sortFieldsHaveADirectionAndAPlaceForNulls() {
    SortOrder order =
        SortOrder.of(
            SCHEMA,
            List.of("ts", "user_id DESC", "day asc nulls last, month(day) desc Nulls First"));
    assertThat(order)
        .isEqualTo(
            new SortOrder(
                1,
                List.of(
                    new SortField(7, Transform.IDENTITY, Direction.ASC, NullOrder.FIRST),
                    new SortField(3, Transform.IDENTITY, Direction.DESC, NullOrder.LAST),
                    new SortField(5, Transform.IDENTITY, Direction.ASC, NullOrder.LAST),
                    new SortField(5, Transform.parse("month"), Direction.DESC, NullOrder.FIRST))));
    assertThat(SortOrder.of(SCHEMA, List.of(order.text(SCHEMA)))).isEqualTo(order);
    assertThat(SortOrder.of(SCHEMA, List.of())).isSameAs(SortOrder.UNSORTED);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''                  | character 1 (its end) a column or a transform of one is expected",
        "days(ts)            | character 1 (days(ts)) there is no transform 'days'",
        "day(tz)             | character 5 (tz)) there is no column 'tz'; columns: ts, user_id,",
        "day(ts              | character 7 (its end) ')' is missing",
        "day(user_id)        | character 5 (user_id)) day does not go with the type long",
        "hour(day)           | character 6 (day)) hour does not go with the type date",
        "bucket(4, d)        | character 11 (d)) bucket does not go with the type double",
        "bucket(user_id, 4)  | character 8 (user_id, 4)) bucket needs a number before the column",
        "bucket(16 user_id)  | character 11 (user_id)) ',' is missing, as in bucket(16, column)",
        "bucket(0, user_id)  | character 8 (0, user_id)) the number must be 1 to 999999999",
        "bucket(9999999999,x)| character 8 (9999999999,x)) the number must be 1 to 999999999",
        "ts x                | character 4 (x) this does not belong to a partition field",
        "ts as               | character 6 (its end) the partition field's name is expected here",
        "ts,                 | character 4 (its end) a column or a transform of one is expected",
        "\"ts                | character 1 (\"ts) a column or a transform of one is expected",
      })
  void whatCannotBeReadIsShownWithItsPlace(String text, String message) {
    assertThatThrownBy(() -> PartitionSpec.of(SCHEMA, List.of(text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"" + text + "\"")
        .hasMessageContaining(message)
        .hasMessageContaining("bucket(N, column), truncate(WIDTH, column), year, month, day, hour");
  }

  @Test
  void sortFieldsThatCannotBeRead() {
    assertThatThrownBy(() -> SortOrder.of(SCHEMA, List.of("ts desc nulls")))
        .hasMessageContaining("character 14 (its end) 'first' or 'last' is expected here");
    assertThatThrownBy(() -> SortOrder.of(SCHEMA, List.of("ts descending")))
        .hasMessageContaining("character 4 (descending) this does not belong to a sort field");
  }

  @Test
  void namesThatMeanTwoThingsAreRefused() {
    assertThatThrownBy(() -> PartitionSpec.of(SCHEMA, List.of("day(ts) as user_id")))
        .hasMessageContaining("called 'user_id', as another column is");
    assertThatThrownBy(
            () -> PartitionSpec.of(SCHEMA, List.of("bucket(2, user_id)", "bucket(3, user_id)")))
        .hasMessageContaining("called 'user_id_bucket', as another partition field is")
        .hasMessageContaining("\"bucket(3, user_id) as NAME\"");
    assertThatThrownBy(() -> PartitionSpec.of(SCHEMA, List.of("day(ts)", "year(ts)")))
        .hasMessageContaining("day(ts) and year(ts) divide by the same column");
    assertThatThrownBy(() -> PartitionSpec.of(SCHEMA, List.of("user_id", "user_id as u")))
        .hasMessageContaining("user_id and user_id divide by the same column");
  }
}
