"""Reads tables as users of each engine would."""

import functools
import importlib.metadata
import pathlib

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
from pyiceberg.expressions import AlwaysTrue
from pyiceberg.table import StaticTable

import filters
import rows


def versions():
    names = ("pyiceberg", "polars", "duckdb", "pyarrow", "pandas")
    return {"versions": {name: importlib.metadata.version(name) for name in names}}


def read(reader, location, columns, filter=None, snapshot=None, dump=None):
    """Rows and digest of what a reader sees; with dump, the lines go to that file too.

    location: the table's folder, or the path of a metadata file.
    """
    lines = rows.of_table(READERS[reader](location, filter, snapshot), columns)
    count, digest = rows.digest(lines)
    if dump:
        with open(dump, "w", encoding="utf-8", newline="\n") as out:
            out.writelines(line + "\n" for line in lines.to_pylist())
    return {"rows": count, "digest": digest}


def _pyiceberg_scan(location, filter, snapshot):
    expression = AlwaysTrue() if filter is None else filters.to_pyiceberg(filter)
    return StaticTable.from_metadata(location).scan(row_filter=expression, snapshot_id=snapshot)


def _pyiceberg(location, filter, snapshot):
    return _pyiceberg_scan(location, filter, snapshot).to_arrow()


def _pandas(location, filter, snapshot):
    frame = _pyiceberg_scan(location, filter, snapshot).to_pandas(types_mapper=pd.ArrowDtype)
    return pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)


def _polars(location, filter, snapshot, **how):
    frame = pl.scan_iceberg(location, snapshot_id=snapshot, **how)
    if filter is not None:
        frame = frame.filter(filters.to_polars(filter))
    return frame.collect().to_arrow()


@functools.cache
def duck():
    """A connection with the Iceberg extension, which is loaded from its package: no download."""
    connection = duckdb.connect(config={"threads": 2})
    for name in ("avro", "iceberg"):
        [path] = [f for f in importlib.metadata.files(f"duckdb-extension-{name}")
                  if f.name == f"{name}.duckdb_extension"]
        connection.load_extension(str(pathlib.Path(path.locate())))
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def _duckdb(location, filter, snapshot):
    options = "" if snapshot is None else f", snapshot_from_id = {snapshot}"
    where = "" if filter is None else " WHERE " + filters.to_sql(filter)
    place = location.replace("'", "''")
    return duck().execute(f"SELECT * FROM iceberg_scan('{place}'{options}){where}").to_arrow_table()


def duckdb_as_of(location, time):
    """How many rows DuckDB sees as of a time, ISO in UTC."""
    place = location.replace("'", "''")
    moment = time.replace("T", " ").replace("Z", "")
    sql = f"FROM iceberg_scan('{place}', snapshot_from_timestamp = TIMESTAMP '{moment}')"
    return {"rows": duck().execute(f"SELECT count(*) {sql}").fetchone()[0]}


READERS = {
    "pyiceberg": _pyiceberg,
    "pandas": _pandas,
    "polars": _polars,
    "polars-pyiceberg": functools.partial(_polars, reader_override="pyiceberg"),
    "duckdb": _duckdb,
}


def read_bucket(reader, location, columns, options):
    """Rows and digest of a table in a bucket.

    location: the table's key, s3://bucket/table.
    options: where and how, in PyIceberg's words, which Polars takes over.
    """
    if reader == "pyiceberg":
        table = StaticTable.from_metadata(location, options).scan().to_arrow()
    else:
        table = pl.scan_iceberg(location, storage_options=options).collect().to_arrow()
    count, digest = rows.digest(rows.of_table(table, columns))
    return {"rows": count, "digest": digest}
