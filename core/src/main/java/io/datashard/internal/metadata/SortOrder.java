package io.datashard.internal.metadata;

/**
 * A sort order, kept as it was read: DataShard does not sort rows. Spec: Iceberg table spec,
 * "Sorting".
 *
 * @param id its number within the table; 0 is unsorted
 * @param json the whole object as JSON text
 */
public record SortOrder(int id, String json) {
  /** No order. */
  public static final SortOrder UNSORTED = new SortOrder(0, "{\"order-id\":0,\"fields\":[]}");
}
