/** Types, columns, schemas, partition specs, and the Java value of each type. */
@NullMarked
package io.datashard.schema;

import org.jspecify.annotations.NullMarked;
