/** What can go wrong, told apart by one question: did the table change? */
@NullMarked
package io.datashard.error;

import org.jspecify.annotations.NullMarked;
