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
    """A connection with its extensions, which are loaded from their packages: no download."""
    connection = duckdb.connect(config={"threads": 2})
    for name in ("avro", "iceberg", "httpfs"):
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


def read_bucket(reader, location, columns, endpoint, access_key, secret_key):
    """Rows and digest of a table in a bucket; location: s3://bucket/table, or its metadata file."""
    options = {
        "s3.endpoint": endpoint,
        "s3.region": "us-east-1",
        "s3.access-key-id": access_key,
        "s3.secret-access-key": secret_key,
    }
    if reader == "pyiceberg":
        table = StaticTable.from_metadata(location, options).scan().to_arrow()
    elif reader == "polars":
        table = pl.scan_iceberg(location, storage_options=options).collect().to_arrow()
    else:
        scheme, host = endpoint.split("://")
        duck().execute(
            f"CREATE OR REPLACE SECRET (TYPE s3, KEY_ID '{access_key}', SECRET '{secret_key}',"
            f" REGION 'us-east-1', ENDPOINT '{host}', URL_STYLE 'path', USE_SSL {scheme == 'https'})")
        table = _duckdb(location, None, None)
    count, digest = rows.digest(rows.of_table(table, columns))
    return {"rows": count, "digest": digest}
