/** A workflow engine in miniature, for people who see DataShard for the first time. */
@NullMarked
package io.datashard.cli.demo;

import org.jspecify.annotations.NullMarked;
