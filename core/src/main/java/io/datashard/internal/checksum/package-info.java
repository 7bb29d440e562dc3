/** Checksums that lie inside the files they cover. */
@NullMarked
package io.datashard.internal.checksum;

import org.jspecify.annotations.NullMarked;
