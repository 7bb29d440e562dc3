"""Filters, sent as JSON, as expressions of each engine.

All mean what DataShard means: SQL's three-valued logic for null, and IEEE 754 for NaN: a comparison
with NaN is false, only != and not in are true. Where an engine orders NaN above all numbers, or
keeps null where the opposite of a test is asked, that is said explicitly here, so that float columns
and nulls stay in the test.
"""

import datetime
import decimal
import struct
import uuid

import polars as pl
import pyiceberg.expressions as ice

EPOCH = datetime.date(1970, 1, 1)
NEGATED = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def _floating(kind):
    return kind in ("float", "double")


def value(kind, text):
    """The Python value of a literal in canonical form; days and microseconds stay integers."""
    if kind == "boolean":
        return text == "true"
    if kind in ("int", "long", "date", "time", "timestamp", "timestamptz"):
        return int(text)
    if kind == "float":
        return struct.unpack("<f", struct.pack("<i", int(text)))[0]
    if kind == "double":
        return struct.unpack("<d", struct.pack("<q", int(text)))[0]
    if kind.startswith("decimal"):
        return decimal.Decimal(text)
    if kind == "uuid":
        return uuid.UUID(text)
    if kind.startswith("fixed") or kind == "binary":
        return bytes.fromhex(text)
    return text


# ---- PyIceberg: negations pushed to the leaves, null and NaN excluded or included by hand


def to_pyiceberg(node, negated=False):
    op = node["op"]
    if op == "not":
        return to_pyiceberg(node["part"], not negated)
    if op in ("and", "or"):
        parts = [to_pyiceberg(part, negated) for part in node["parts"]]
        join = ice.And if (op == "and") != negated else ice.Or
        return join(*parts) if len(parts) > 1 else parts[0]
    name, kind = node["column"], node["type"]
    column = ice.Reference(name)
    present = ice.NotNull(column)
    if op == "null":
        return present if negated else ice.IsNull(column)
    if op == "nan":
        return ice.And(present, ice.NotNaN(column)) if negated else ice.IsNaN(column)
    if op == "starts":
        test = ice.NotStartsWith if negated else ice.StartsWith
        return ice.And(present, test(column, node["prefix"]))
    if op == "in":
        values = [value(kind, v) for v in node["values"]]
        if _floating(kind) and 0.0 in values:  # its sets tell -0.0 from 0.0, its comparisons do not
            each = [{"op": "compare", "column": name, "type": kind, "sign": "=", "value": v} for v in node["values"]]
            return to_pyiceberg({"op": "or", "parts": each}, negated)
        if not negated:
            return ice.In(column, values)
        nan_matches, test = True, ice.NotIn(column, values)
    else:
        sign = NEGATED[node["sign"]] if negated else node["sign"]
        tests = {"=": ice.EqualTo, "!=": ice.NotEqualTo, "<": ice.LessThan, "<=": ice.LessThanOrEqual,
                 ">": ice.GreaterThan, ">=": ice.GreaterThanOrEqual}
        nan_matches = (node["sign"] == "!=") != negated
        test = tests[sign](column, value(kind, node["value"]))
    if _floating(kind):
        test = ice.Or(test, ice.IsNaN(column)) if nan_matches else ice.And(test, ice.NotNaN(column))
    return ice.And(present, test)


# ---- DuckDB: SQL text; three-valued logic is its own, NaN is said by hand


def to_sql(node):
    op = node["op"]
    if op == "not":
        return f"NOT ({to_sql(node['part'])})"
    if op in ("and", "or"):
        return f" {op.upper()} ".join(f"({to_sql(part)})" for part in node["parts"])
    kind = node["type"]
    column = '"' + node["column"].replace('"', '""') + '"'
    if op == "null":
        return f"{column} IS NULL"
    if op == "nan":
        return f"isnan({column})"
    if op == "starts":
        return f"starts_with({column}, {_sql_text(node['prefix'])})"
    if op == "in":
        values = ", ".join(sql_literal(kind, v) for v in node["values"])
        return f"{column} IN ({values})"
    test = f"{column} {node['sign']} {sql_literal(kind, node['value'])}"
    if _floating(kind) and node["sign"] in (">", ">="):
        return f"({test}) AND NOT isnan({column})"
    return test


def _sql_text(text):
    parts = ["'" + part.replace("'", "''") + "'" for part in text.split("\0")]
    return "(" + " || chr(0) || ".join(parts) + ")"


def sql_literal(kind, text):
    v = value(kind, text)
    if kind == "string":
        return _sql_text(v)
    if kind == "boolean":
        return text
    if kind in ("float", "double"):
        return f"'{v!r}'::{kind.upper()}"
    if kind == "date":
        return f"(DATE '1970-01-01' + ({v})::INTEGER)"
    if kind == "time":
        return f"TIME '{datetime.time(v // 3_600_000_000, v // 60_000_000 % 60, v // 1_000_000 % 60, v % 1_000_000)}'"
    if kind == "timestamp":
        return f"make_timestamp(({v})::BIGINT)"
    if kind == "timestamptz":
        return f"to_timestamp(0) + to_microseconds(({v})::BIGINT)"
    if kind.startswith("decimal"):
        return f"'{text}'::{kind}"
    if kind == "uuid":
        return f"'{text}'::UUID"
    if kind.startswith("fixed") or kind == "binary":
        return f"from_hex('{text}')"
    return f"({v})::{'INTEGER' if kind == 'int' else 'BIGINT'}"


# ---- Polars: its own three-valued logic; NaN is said by hand


def to_polars(node):
    op = node["op"]
    if op == "not":
        return ~to_polars(node["part"])
    if op in ("and", "or"):
        whole = to_polars(node["parts"][0])
        for part in node["parts"][1:]:
            whole = whole & to_polars(part) if op == "and" else whole | to_polars(part)
        return whole
    kind = node["type"]
    column = pl.col(node["column"])
    if op == "null":
        return column.is_null()
    if op == "nan":
        return column.is_nan()
    if op == "starts":
        return column.str.starts_with(node["prefix"])
    if op == "in":
        values = pl.Series([polars_value(kind, v) for v in node["values"]], dtype=_polars_type(kind))
        return column.is_in(values.implode())
    literal = pl.lit(polars_value(kind, node["value"]), dtype=_polars_type(kind))
    test = {"=": column.eq, "!=": column.ne, "<": column.lt, "<=": column.le, ">": column.gt,
            ">=": column.ge}[node["sign"]](literal)
    if _floating(kind) and node["sign"] in (">", ">="):
        return test & column.is_not_nan()
    return test


def polars_value(kind, text):
    v = value(kind, text)
    if kind == "date":
        return EPOCH + datetime.timedelta(days=v)
    if kind == "time":
        return datetime.time(v // 3_600_000_000, v // 60_000_000 % 60, v // 1_000_000 % 60, v % 1_000_000)
    if kind == "timestamp":
        return datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=v)
    if kind == "timestamptz":
        return datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(microseconds=v)
    if kind == "uuid":
        return v.bytes
    return v


def _polars_type(kind):
    if kind.startswith("decimal"):
        precision, scale = kind[len("decimal("):-1].split(",")
        return pl.Decimal(int(precision), int(scale))
    if kind.startswith("fixed"):
        return pl.Binary
    return {"boolean": pl.Boolean, "int": pl.Int32, "long": pl.Int64, "float": pl.Float32,
            "double": pl.Float64, "date": pl.Date, "time": pl.Time, "timestamp": pl.Datetime("us"),
            "timestamptz": pl.Datetime("us", "UTC"), "string": pl.String, "uuid": pl.Binary,
            "binary": pl.Binary}[kind]
