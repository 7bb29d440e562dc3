"""Answers requests, one JSON object a line on standard input, one answer a line on standard output.

Libraries are imported once; whatever they print goes to standard error.
"""

import json
import os
import sys
import traceback

answers = os.fdopen(os.dup(1), "w", encoding="ascii", buffering=1)
os.dup2(2, 1)

import arrows
import flights
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
    "flights_slices": flights.slices,
    "flights_summary": flights.summary,
    "flights_where": flights.where,
    "flights_rows": flights.rows_of,
    "sizes_files": sizes.files,
    "arrow_read": arrows.read,
    "arrow_cut": arrows.cut,
    "arrow_rewrite": arrows.rewrite,
}

for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"ok": True, **OPERATIONS[request.pop("op")](**request)}
    except BaseException as e:
        traceback.print_exc()
        answer = {"ok": False, "error": f"{type(e).__name__}: {e}"}
    answers.write(json.dumps(answer) + "\n")
    answers.flush()
