"""Parquet files of other writers in every way they can write them, and what others read in them.

Besides the columns of the source there are columns stored narrower than a table has them, times in
other units and, if wanted, nested columns in between.
"""

import datetime
import functools

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyiceberg.table import StaticTable

import rows
import writers

ARROW = {
    "boolean": pa.bool_(), "int": pa.int32(), "long": pa.int64(), "float": pa.float32(), "double": pa.float64(),
    "date": pa.date32(), "time": pa.time64("us"), "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", "UTC"), "string": pa.large_string(), "binary": pa.large_binary(),
}

# Stored narrower or otherwise than the table's type, which is the second word.
DERIVED = {
    "int8": "int", "int16": "int", "uint8": "int", "uint16": "int", "uint32": "long", "uint64": "long",
    "half": "float", "wide_i": "long", "wide_f": "double", "wide_dec9": "decimal(12, 2)",
    "wider_dec9": "decimal(30, 2)", "wider_dec18": "decimal(38, 18)", "ms": "timestamp", "ns": "timestamp",
    "clock_ms": "time", "clock_ns": "time", "nothing": "string", "same": "string", "words": "string",
    "runs": "int", "steps": "long",
}

# What a writer has no type for, or changes.
CANNOT = {
    "pyarrow": set(),
    "duckdb": {"fx", "half", "clock_ns"},
    "polars": {"fx", "u", "clock", "clock_ms", "clock_ns", "half"},
    "fastparquet": {"fx", "u", "clock", "clock_ms", "clock_ns", "half", "dec1", "dec9", "dec18", "dec19", "dec38", "day",
                    "wide_dec9", "wider_dec9", "wider_dec18", "nothing"},
    # All its byte strings are texts to it.
    "clickhouse": {"u", "clock", "clock_ms", "clock_ns", "half", "nothing", "uint64", "bin"},
    "spark": {"fx", "u", "clock", "clock_ms", "clock_ns", "half", "uint64", "nothing", "ns"},
}


@functools.cache
def _source(metadata):
    table = StaticTable.from_metadata(metadata).scan().to_arrow().combine_chunks()
    table = pa.table(table.columns, schema=pa.schema([f.remove_metadata() for f in table.schema]))
    i, l, f, ts = (table[name].combine_chunks() for name in ("i", "l", "f", "ts"))
    low = functools.partial(pc.bit_wise_and, i)
    size = len(table)
    place = np.arange(size)
    clipped = pc.if_else(pc.less(pc.abs(ts.cast(pa.int64())), 9_000_000_000_000_000), ts, pa.scalar(None, ts.type))
    clock = table["clock"].combine_chunks().cast(pa.int64())
    millis = pc.multiply(pc.divide(clock, 1000), 1000).cast(pa.time64("us"))
    with np.errstate(over="ignore"):
        half = pa.array(f.to_numpy(zero_copy_only=False).astype(np.float16), mask=f.is_null().to_numpy(zero_copy_only=False))
    made = {
        "int8": pc.subtract(low(0xFF), 128).cast(pa.int8()),
        "int16": pc.subtract(low(0xFFFF), 32768).cast(pa.int16()),
        "uint8": low(0xFF).cast(pa.uint8()),
        "uint16": low(0xFFFF).cast(pa.uint16()),
        "uint32": pc.bit_wise_and(l, 0xFFFFFFFF).cast(pa.uint32()),
        "uint64": pc.bit_wise_and(l, 0x7FFFFFFFFFFFFFFF).cast(pa.uint64()),
        "half": half,
        "wide_i": i,
        "wide_f": f,
        "wide_dec9": table["dec9"],
        "wider_dec9": table["dec9"],
        "wider_dec18": table["dec18"],
        "ms": ts.cast(pa.timestamp("ms"), safe=False),
        "ns": clipped.cast(pa.timestamp("ns")),
        "clock_ms": millis.cast(pa.time32("ms")),
        "clock_ns": table["clock"].cast(pa.time64("ns")),
        "nothing": pa.nulls(size, pa.string()),
        "same": pa.array(["always the same"] * size),
        # First a dictionary, which grows too large for some writers; no order.
        "words": pa.array([f"word {n * 7919 % 1009}" if n % 3 else f"word {n % 5}" for n in place.tolist()]),
        # Long runs of values and of nulls.
        "runs": pa.array((place // 97 % 5).astype(np.int32), mask=place // 61 % 4 == 1),
        # Grows by equal steps, then by huge ones.
        "steps": pa.array(np.where(place < size // 2, place * 3, (place * 0x9E3779B97F4A7C1) - (1 << 61)).astype(np.int64)),
    }
    for name, column in made.items():
        table = table.append_column(name, column)
    return table


def _nested(table):
    """Nested and repeated columns before, between and behind the flat ones."""
    size = len(table)
    ids = table["id"].to_pylist()
    lists = pa.array([None if n % 7 == 0 else list(range(n % 4)) for n in ids], pa.list_(pa.int64()))
    structs = pa.array([None if n % 5 == 0 else {"a": n, "b": f"b{n}" if n % 3 else None} for n in ids])
    deep = pa.array([[{"x": [f"{n}", None], "y": n % 2 == 0}] * (n % 3) for n in ids])
    table = table.add_column(0, "nested list", lists)
    table = table.add_column(size and 7, "nested struct", structs)
    return table.append_column("nested deep", deep)


def _columns(writer, table):
    kinds = {}
    for name in table.column_names:
        if name in CANNOT[writer]:
            continue
        kind = DERIVED.get(name) or rows_kind(table.schema.field(name).type)
        # All its times are instants.
        kinds[name] = "timestamptz" if writer == "clickhouse" and kind == "timestamp" else kind
    return [[name, kind] for name, kind in kinds.items()]


def rows_kind(t):
    """The Iceberg type of a source column."""
    if isinstance(t, pa.BaseExtensionType):
        return "uuid"
    if pa.types.is_decimal(t):
        return f"decimal({t.precision}, {t.scale})"
    if pa.types.is_fixed_size_binary(t):
        return "uuid" if t.byte_width == 16 else f"fixed[{t.byte_width}]"
    for kind, arrow in ARROW.items():
        if t == arrow:
            return kind
    return {"string": "string", "binary": "binary"}[str(t)]


def source(writer, metadata, order=None, nested=False):
    table = _source(metadata)
    if order is not None:
        table = table.sort_by(order)
    columns = _columns(writer, table)
    table = table.select([name for name, _ in columns])
    return (_nested(table) if nested else table), columns


def write(writer, metadata, target, options, order=None, nested=False):
    """Writes a file; answers its flat columns as [name, type of a table]."""
    table, columns = source(writer, metadata, order, nested)
    if writer == "pyarrow":
        encodings = options.pop("encodings", None)
        if encodings is not None:
            options["column_encoding"] = _encodings(encodings, table.schema)
            options["use_dictionary"] = False
        if options.get("use_deprecated_int96_timestamps"):
            options["version"] = "2.6"
    writers.write(writer, table, target, options)
    return {"columns": columns}


def exchange(writer, metadata, target, order=None, nested=False):
    """The source for a writer of another process, as a file of pyarrow's."""
    table, columns = source(writer, metadata, order, nested)
    pq.write_table(table, target, store_decimal_as_integer=False)
    return {"columns": columns}


def _encodings(kind, schema):
    """For every column the encoding of this kind, or PLAIN where there is none for its type."""
    chosen = {}
    for field in schema:
        t = field.type
        if pa.types.is_nested(t):
            continue
        storage = t.storage_type if isinstance(t, pa.BaseExtensionType) else t
        fixed = pa.types.is_fixed_size_binary(storage) or pa.types.is_decimal(storage) or pa.types.is_float16(storage)
        text = pa.types.is_string(storage) or pa.types.is_binary(storage) or pa.types.is_large_string(storage) \
            or pa.types.is_large_binary(storage)
        floating = pa.types.is_float32(storage) or pa.types.is_float64(storage)
        name = "PLAIN"
        if pa.types.is_boolean(storage):
            name = "RLE" if kind != "PLAIN" else "PLAIN"
        elif kind == "DELTA":
            name = "PLAIN" if floating else "DELTA_BYTE_ARRAY" if fixed or text else "DELTA_BINARY_PACKED"
        elif kind == "DELTA_LENGTH":
            name = "DELTA_LENGTH_BYTE_ARRAY" if text else "PLAIN"
        elif kind == "SPLIT":
            name = "PLAIN" if text else "BYTE_STREAM_SPLIT"
        chosen[field.name] = name
    return chosen


def read(path, columns, lines, reader="pyarrow"):
    """What another reader finds in the columns of a file, as lines of rows.py, into a file."""
    names = [name for name, _ in columns]
    if reader == "pyarrow":
        found = pq.ParquetFile(path, coerce_int96_timestamp_unit="us").read(columns=names).select(names)
    else:
        with duckdb.connect(config={"threads": 1}) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            # Of its own times in nanoseconds it makes texts.
            listed = ", ".join(f'"{name}"::TIME AS "{name}"' if kind == "time" else f'"{name}"' for name, kind in columns)
            found = connection.execute(f"SELECT {listed} FROM read_parquet('{path}')").to_arrow_table()
    arrays = [_as(found[name], kind) for name, kind in columns]
    text = rows.of_table(pa.table(arrays, names=names), columns)
    with open(lines, "w", encoding="utf-8", newline="\n") as out:
        for line in text.to_pylist():
            out.write(line + "\n")
    return {"rows": len(found)}


def _as(column, kind):
    """Promoted to the table's type; fails where a value would change."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], array.type)
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if kind.startswith("decimal"):
        precision, scale = (int(word) for word in kind[8:-1].split(","))
        return array.cast(pa.decimal128(precision, scale))
    if kind == "timestamptz" and array.type.tz is None:
        array = array.cast(pa.timestamp(array.type.unit, "UTC"))
    if kind == "timestamp" and array.type.tz is not None:
        array = array.cast(pa.timestamp("us", "UTC")).cast(pa.int64()).cast(pa.timestamp("us"))
    wanted = ARROW.get(kind)
    return array if wanted is None or array.type == wanted else array.cast(wanted)
