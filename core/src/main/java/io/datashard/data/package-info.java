/** Column batches: primitive arrays with validity, the one form in which rows travel inside. */
@NullMarked
package io.datashard.data;

import org.jspecify.annotations.NullMarked;
