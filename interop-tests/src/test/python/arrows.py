"""Arrow IPC streams and Parquet files that the command printed, and streams for it to append."""

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

import rows


def read(reader, path, columns, dump=None):
    """Rows and digest of what a reader sees in a stream or file."""
    lines = rows.of_table(READERS[reader](path), columns)
    count, digest = rows.digest(lines)
    if dump:
        with open(dump, "w", encoding="utf-8", newline="\n") as out:
            out.writelines(line + "\n" for line in lines.to_pylist())
    return {"rows": count, "digest": digest}


def _pyarrow(path):
    with pa.ipc.open_stream(path) as stream:
        table = stream.read_all()
    table.validate(full=True)
    return table


def _pandas(path):
    frame = _pyarrow(path).to_pandas(types_mapper=pd.ArrowDtype)
    return pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)


def _polars(path):
    return pl.read_ipc_stream(path).to_arrow()


def _duckdb(path):
    table = _pyarrow(path)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return connection.from_arrow(table).to_arrow_table()


READERS = {
    "pyarrow": _pyarrow,
    "pandas": _pandas,
    "polars": _polars,
    "duckdb": _duckdb,
    "parquet": pq.read_table,
    "parquet-polars": lambda path: pl.read_parquet(path).to_arrow(),
}


def cut(path, lengths):
    """How many of these beginnings of a stream are read without an error, by reader."""
    with open(path, "rb") as file:
        whole = file.read()
    taken = {"pyarrow": 0, "polars": 0}
    for length in lengths:
        try:
            pa.ipc.open_stream(whole[:length]).read_all()
            taken["pyarrow"] += 1
        except (pa.ArrowInvalid, OSError):
            pass
        try:
            pl.read_ipc_stream(whole[:length])
            taken["polars"] += 1
        except Exception:
            pass
    return taken


def rewrite(path, to, how):
    """Writes the rows of a stream as others write them."""
    table = _pyarrow(path)
    if how == "polars":
        frame = pl.read_ipc_stream(path)
        frame.write_ipc_stream(to)
        return {}
    if how == "polars-file":
        pl.read_ipc_stream(path).write_ipc(to, compression="zstd")
        return {}
    if how == "duckdb":
        table = _duckdb(path)
    if how == "wide":
        table = _cast(table, {pa.string(): pa.large_string(), pa.binary(): pa.large_binary(), pa.int32(): pa.int64()})
    if how == "views":
        table = _cast(table, {pa.string(): pa.string_view(), pa.binary(): pa.binary_view()})
    if how == "dictionaries":
        for place, field in enumerate(table.schema):
            if field.type in (pa.string(), pa.int32(), pa.date32()):
                table = table.set_column(place, field.name, table.column(place).dictionary_encode())
    options = pa.ipc.IpcWriteOptions(
        compression={"lz4": "lz4", "zstd": "zstd"}.get(how), emit_dictionary_deltas=True)
    writer = pa.ipc.new_file if how in ("file", "lz4") else pa.ipc.new_stream
    with writer(to, table.schema, options=options) as out:
        out.write_table(table, max_chunksize=1_000)
    return {}


def _cast(table, types):
    fields = [field.with_type(types.get(field.type, field.type)) for field in table.schema]
    return table.cast(pa.schema(fields))
