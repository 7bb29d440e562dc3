/** How values become the bytes of a page. Spec: Parquet format, "Encodings". */
@NullMarked
package io.datashard.internal.parquet.encode;

import org.jspecify.annotations.NullMarked;
