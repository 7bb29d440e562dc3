"""Writers that only the slow suite asks, because they are large: ClickHouse, Spark and fastparquet.

Each takes its rows from a file of pyarrow's.
"""

from serve import serve

import functools
import glob
import importlib.metadata
import os
import shutil


def write(writer, source, target, options=None):
    WRITERS[writer](source, target, options or {})
    return {}


def fastparquet(source, target, options):
    import fastparquet
    import pyarrow.parquet as pq

    # Its own types of pandas keep integers whole beside nulls.
    frame = pq.read_table(source).to_pandas(types_mapper=_nullable)
    encoding = {}
    for name in frame.columns:
        if frame[name].dtype == object or str(frame[name].dtype).startswith("str"):
            some = frame[name].dropna()
            encoding[name] = "bytes" if len(some) and isinstance(some.iloc[0], bytes) else "utf8"
            frame[name] = frame[name].astype(object).where(frame[name].notna(), None)
    fastparquet.write(target, frame, object_encoding=encoding, write_index=False, **options)


def _nullable(arrow):
    import pandas as pd

    return {"int8": pd.Int8Dtype(), "int16": pd.Int16Dtype(), "int32": pd.Int32Dtype(), "int64": pd.Int64Dtype(),
            "uint8": pd.UInt8Dtype(), "uint16": pd.UInt16Dtype(), "uint32": pd.UInt32Dtype(), "uint64": pd.UInt64Dtype(),
            "bool": pd.BooleanDtype()}.get(str(arrow))


def clickhouse(source, target, options):
    import chdb

    settings = ", ".join(f"{name} = {value!r}" for name, value in options.items())
    chdb.query(
        f"INSERT INTO FUNCTION file('{target}', 'Parquet') SELECT * FROM file('{source}', 'Parquet')"
        f" SETTINGS session_timezone = 'UTC', schema_inference_make_columns_nullable = 1{', ' + settings if settings else ''}")


@functools.cache
def _spark():
    from pyspark.sql import SparkSession

    return (
        SparkSession.builder.master("local[1]").appName("writer")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.parquet.datetimeRebaseModeInWrite", "CORRECTED")
        .config("spark.sql.parquet.int96RebaseModeInWrite", "CORRECTED")
        .config("spark.sql.parquet.datetimeRebaseModeInRead", "CORRECTED")
        .config("spark.sql.parquet.inferTimestampNTZ.enabled", "true")
        .getOrCreate())


def spark(source, target, options):
    session = _spark()
    folder = target + ".folder"
    frame = session.read.parquet(source).coalesce(1)
    made = frame.write
    for name, value in options.items():
        if name.startswith("spark."):
            session.conf.set(name, value)
        else:
            made = made.option(name, value)
    try:
        made.parquet(folder)
    finally:
        for name in options:
            if name.startswith("spark."):
                session.conf.unset(name)
    parts = glob.glob(os.path.join(folder, "part-*.parquet"))
    if len(parts) != 1:
        raise ValueError(f"{len(parts)} parts")
    shutil.move(parts[0], target)
    shutil.rmtree(folder)


def versions():
    names = ("chdb-core", "fastparquet", "pyspark")
    return {name: importlib.metadata.version(name) for name in names}


WRITERS = {"fastparquet": fastparquet, "clickhouse": clickhouse, "spark": spark}

serve({"hello": versions, "write": write})
