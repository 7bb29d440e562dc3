/** The words of a table's state: snapshots, manifests, data files, what a commit returns. */
@NullMarked
package io.datashard.table;

import org.jspecify.annotations.NullMarked;
