/** Strict fakes and contract suites for those who write a store, or a program on top of one. */
@NullMarked
package io.datashard.testkit;

import org.jspecify.annotations.NullMarked;
