/** What tables promise, as one suite of tests for any store. */
@NullMarked
package io.datashard.testkit.tables;

import org.jspecify.annotations.NullMarked;
