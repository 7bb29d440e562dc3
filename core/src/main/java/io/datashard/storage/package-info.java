/**
 * What DataShard asks of a store, and the local file system as one.
 *
 * <p>A {@link io.datashard.storage.Store} turns locations into a {@link
 * io.datashard.storage.Storage}; that is all the rest of core knows. Whoever has a store of his own
 * hands it to the door. For those who only write {@code s3://bucket/table}, {@link
 * io.datashard.storage.EnvironmentStore} looks for a {@link io.datashard.storage.StoreProvider} on
 * the class path by {@link java.util.ServiceLoader}: so core needs to know no module with a store,
 * and a program that uses one has to say so in its dependencies only.
 */
@NullMarked
package io.datashard.storage;

import org.jspecify.annotations.NullMarked;
