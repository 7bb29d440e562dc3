package io.datashard.internal.commit;

import io.datashard.internal.log.Version;
import io.datashard.internal.metadata.TableMetadata;

/** A version of the table, read and understood. */
public record Head(Version version, TableMetadata metadata) {}
