"""Rows as text, one line each, the same text that RowText.java makes of them.

A cell is exact: floating point numbers by their bits (one NaN), decimals with all digits, dates as
days, times as microseconds, bytes as hex. Cells are joined by U+001F; a backslash, a line end and
that separator are escaped in strings; null is backslash N.
"""

import hashlib
import uuid

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

SEPARATOR = "\x1f"


class Unexpected(Exception):
    """A reader gave a column another type than the table has."""


def of_table(table, columns):
    """The lines of an Arrow table. columns: [name, Iceberg type] in the table's order."""
    names = [name for name, _ in columns]
    if table.column_names != names:
        raise Unexpected(f"columns {table.column_names}, expected {names}")
    if table.num_rows == 0:
        return pa.array([], pa.large_string())
    cells = []
    for place, (name, kind) in enumerate(columns):
        try:
            cells.append(_column(table.column(place), kind))
        except Exception as e:
            raise Unexpected(f"column {name!r} of {kind} came as {table.schema.field(place).type}: {e}") from e
    return pc.binary_join_element_wise(*cells, pa.scalar(SEPARATOR, pa.large_string()))


def digest(lines):
    """Count and order-insensitive digest of lines."""
    total = 0
    for line in lines.to_pylist():
        total += int.from_bytes(hashlib.sha256(line.encode()).digest()[:16], "big")
    return len(lines), f"{total % (1 << 128):032x}"


def _column(chunked, kind):
    array = _one_chunk(chunked)
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_null(array.type):
        text = pa.nulls(len(array), pa.large_string())
    else:
        text = _text(array, kind)
    return pc.fill_null(text.cast(pa.large_string()), "\\N")


def _one_chunk(chunked):
    chunks = chunked.chunks
    if len(chunks) == 1:
        return chunks[0]
    return pa.concat_arrays(chunks) if chunks else pa.array([], chunked.type)


def _need(array, *checks):
    if not any(check(array.type) for check in checks):
        raise Unexpected("another kind of type")


def _text(array, kind):
    t = pa.types
    if kind == "boolean":
        _need(array, t.is_boolean)
        return array.cast(pa.string())
    if kind in ("int", "long"):
        _need(array, t.is_int32 if kind == "int" else t.is_int64)
        return array.cast(pa.string())
    if kind in ("float", "double"):
        _need(array, t.is_float32 if kind == "float" else t.is_float64)
        return _bits(array, kind)
    if kind.startswith("decimal"):
        _need(array, t.is_decimal)
        return _each(array, lambda d: format(d, "f"))
    if kind == "date":
        _need(array, t.is_date32)
        return array.cast(pa.int32()).cast(pa.string())
    if kind == "time":
        _need(array, t.is_time64)
        if array.type.unit == "ns":
            array = array.cast(pa.time64("us"))  # fails if digits were lost
        return array.cast(pa.int64()).cast(pa.string())
    if kind in ("timestamp", "timestamptz"):
        _need(array, t.is_timestamp)
        if (array.type.tz is not None) != (kind == "timestamptz"):
            raise Unexpected("zone lost or found")
        if array.type.unit != "us":
            array = array.cast(pa.timestamp("us", array.type.tz))
        return array.cast(pa.int64()).cast(pa.string())
    if kind == "string":
        _need(array, t.is_string, t.is_large_string, _is_view(pa, "string_view"))
        text = array.cast(pa.large_string())
        for raw, escaped in (("\\", "\\\\"), ("\n", "\\n"), ("\r", "\\r"), (SEPARATOR, "\\x")):
            text = pc.replace_substring(text, raw, escaped)
        return text
    if kind == "uuid":
        if t.is_string(array.type) or t.is_large_string(array.type):
            return array
        _need(array, t.is_fixed_size_binary, t.is_binary, t.is_large_binary, _is_view(pa, "binary_view"))
        return _each(array, lambda b: str(uuid.UUID(bytes=b)))
    if kind.startswith("fixed") or kind == "binary":
        _need(array, t.is_fixed_size_binary, t.is_binary, t.is_large_binary, _is_view(pa, "binary_view"))
        return _each(array, lambda b: b.hex())
    raise Unexpected(f"unknown type {kind}")


def _is_view(module, name):
    wanted = getattr(module, name)()
    return lambda found: found == wanted


def _each(array, text):
    return pa.array([None if v is None else text(v) for v in array.to_pylist()], pa.large_string())


def _bits(array, kind):
    floats, ints = (np.float32, np.int32) if kind == "float" else (np.float64, np.int64)
    values = pc.fill_null(array, 0.0).to_numpy(zero_copy_only=False).astype(floats, copy=True)
    nan = np.isnan(values)
    bits = values.view(ints)
    bits[nan] = 0x7FC00000 if kind == "float" else 0x7FF8000000000000
    missing = array.is_null().to_numpy(zero_copy_only=False)
    return pa.array(bits, mask=missing).cast(pa.string())
