/** Manifests and manifest lists, Avro to records and back. Bytes only, no storage. */
@NullMarked
package io.datashard.internal.manifest;

import org.jspecify.annotations.NullMarked;
