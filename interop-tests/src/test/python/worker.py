"""The foreign readers and writers, imported once for all tests of a JVM."""

from serve import serve

import arrows
import flights
import matrix
import readers
import sizes
import writers

OPERATIONS = {
    "hello": readers.versions,
    "read": readers.read,
    "read_bucket": readers.read_bucket,
    "duckdb_as_of": readers.duckdb_as_of,
    "write_parquet": writers.parquet,
    "write_table": writers.table,
    "matrix_write": matrix.write,
    "matrix_exchange": matrix.exchange,
    "matrix_read": matrix.read,
    "flights_slices": flights.slices,
    "flights_summary": flights.summary,
    "flights_where": flights.where,
    "flights_rows": flights.rows_of,
    "sizes_files": sizes.files,
    "arrow_read": arrows.read,
    "arrow_cut": arrows.cut,
    "arrow_rewrite": arrows.rewrite,
}

serve(OPERATIONS)
