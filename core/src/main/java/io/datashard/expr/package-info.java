/**
 * Predicates: built in Java or parsed from text, bound to a schema, tried on bounds and on batches.
 */
@NullMarked
package io.datashard.expr;

import org.jspecify.annotations.NullMarked;
