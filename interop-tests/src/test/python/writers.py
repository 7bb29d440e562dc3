"""Writes what we must be able to read: Parquet files and Iceberg tables of other engines."""

import pathlib

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.table import StaticTable
from pyiceberg.transforms import parse_transform

import readers


def parquet(writer, source, target, columns=None, ids=False, options=None):
    """The rows of a table (by its metadata file) as one Parquet file.

    ids: whether the file carries field ids; without, columns are known by name only.
    """
    table = StaticTable.from_metadata(source).scan().to_arrow()
    if columns is not None:
        table = table.select(columns)
    if not ids:
        table = pa.table(table.columns, schema=pa.schema([f.remove_metadata() for f in table.schema]))
    write(writer, table, target, options or {})
    return {}


def write(writer, table, target, options):
    """An Arrow table as one Parquet file of this writer's, with its own options."""
    if writer == "pyarrow":
        pq.write_table(table, target, **options)
    elif writer == "polars":
        pl.from_arrow(table).write_parquet(target, **options)
    elif writer == "duckdb":
        given = "".join(f", {name} {value}" for name, value in options.items())
        with duckdb.connect(config={"threads": 1}) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            connection.register("source", table)
            place = target.replace("'", "''")
            connection.execute(f"COPY (SELECT * FROM source) TO '{place}' (FORMAT parquet{given})")
    else:
        raise ValueError(writer)


def table(source, folder, partition=None, commits=1, properties=None):
    """A table of PyIceberg's own, in a catalog, holding the rows of another one.

    partition: [column, transform] or none.
    """
    given = StaticTable.from_metadata(source)
    data = given.scan().to_arrow()
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    catalog = SqlCatalog("c", uri=f"sqlite:///{folder}/catalog.db", warehouse=f"file://{folder}")
    catalog.create_namespace("ns")
    spec = {}
    if partition is not None:
        column, transform = partition
        field = PartitionField(
            source_id=given.schema().find_field(column).field_id, field_id=1000,
            transform=parse_transform(transform), name=f"{column}_part")
        spec = {"partition_spec": PartitionSpec(field)}
    made = catalog.create_table("ns.t", schema=given.schema(), properties=properties or {}, **spec)
    step = -(-len(data) // commits)
    for start in range(0, len(data), step):
        made.append(data.slice(start, step))
    return {"location": made.location(), "metadata": made.metadata_location}
