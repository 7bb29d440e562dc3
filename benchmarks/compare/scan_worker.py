"""pyarrow and polars as contenders of benchmarks/scans: python scan_worker.py CONTENDER THREADS.
Orders as in Scans.java; how many threads work is settled at the start."""
import json
import os
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
FIRST_MICROS = 1_767_225_600_000_000
COLUMNS = ["id", "ts", "user_id", "status", "value", "payload"]


class PyArrow:
    """Batches of the wanted columns, each added up as it comes."""

    def __init__(self, threads):
        import pyarrow
        import pyarrow.compute
        import pyarrow.dataset
        import pyarrow.parquet

        pyarrow.set_cpu_count(threads)
        self.threads = threads
        self.arrow = pyarrow

    def open(self, folder):
        files = sorted(str(file) for file in Path(folder).glob("**/*.parquet"))
        self.dataset = self.arrow.dataset.dataset(files, format="parquet")

    def ask(self, query, low, high):
        field = self.arrow.compute.field
        failed = field("status") == "failed"
        many = self.threads > 1
        if query == "failed-count":
            return [self.dataset.count_rows(filter=failed, use_threads=many)]
        columns, wanted = {
            "sum": (["value"], None),
            "two": (["id", "status"], None),
            "failed": (COLUMNS, failed),
            "range": (COLUMNS, (field("id") >= low) & (field("id") <= high)),
            "all": (COLUMNS, None),
        }[query]
        sums = [0] * (1 + len(columns))
        for batch in self.dataset.to_batches(columns=columns, filter=wanted, use_threads=many):
            sums[0] += batch.num_rows
            for i, column in enumerate(batch.columns):
                sums[i + 1] += self.sum(column)
        return sums

    def sum(self, column):
        compute = self.arrow.compute
        if self.arrow.types.is_timestamp(column.type):
            micros = column.cast(self.arrow.timestamp("us", "UTC")).cast(self.arrow.int64())
            column = compute.subtract(micros, FIRST_MICROS)
        elif not self.arrow.types.is_primitive(column.type):
            column = compute.binary_length(column)
        return compute.sum(column).as_py() or 0

    def keep(self, rows):
        self.kept = self.dataset.head(rows)

    def write(self, path):
        self.arrow.parquet.write_table(self.kept, path, compression="zstd")


class Polars:
    """Queries that end in one row of sums, by its engine."""

    def __init__(self, threads):
        os.environ["POLARS_MAX_THREADS"] = str(threads)
        import polars

        self.polars = polars

    def open(self, folder):
        self.files = sorted(str(file) for file in Path(folder).glob("**/*.parquet"))

    def ask(self, query, low, high):
        column, length = self.polars.col, self.polars.len
        sums = {
            "id": column("id").sum(),
            "ts": (column("ts").dt.epoch("us") - FIRST_MICROS).sum(),
            "user_id": column("user_id").sum(),
            "status": column("status").str.len_bytes().cast(self.polars.Int64).sum(),
            "value": column("value").sum(),
            "payload": column("payload").str.len_bytes().cast(self.polars.Int64).sum(),
        }
        frame = self.polars.scan_parquet(self.files)
        names = {"sum": ["value"], "two": ["id", "status"], "failed-count": []}.get(query, COLUMNS)
        if query in ("failed", "failed-count"):
            frame = frame.filter(column("status") == "failed")
        if query == "range":
            frame = frame.filter(column("id").is_between(low, high))
        found = frame.select([length().alias("rows")] + [sums[name] for name in names]).collect()
        return list(found.row(0))


def answer(contender, words):
    if words[0] == "open":
        contender.open(words[1])
        return {}
    if words[0] == "ask":
        nanos, found = [], []
        for _ in range(int(words[5])):
            start = time.perf_counter_ns()
            found = contender.ask(words[1], int(words[3]), int(words[4]))
            nanos.append(time.perf_counter_ns() - start)
        return {"nanos": nanos, "found": [float(each) for each in found]}
    if words[0] == "keep":
        contender.keep(int(words[2]))
        return {}
    if words[0] == "write":
        start = time.perf_counter_ns()
        contender.write(words[1])
        return {"nanos": [time.perf_counter_ns() - start]}
    raise ValueError(f"There is no order '{words[0]}'.")


def copies(table, folder, count):
    """Writes the rows of a table, in the order of their ids, as pyarrow does: so many files."""
    import pyarrow.dataset
    import pyarrow.parquet

    files = [str(file) for file in Path(table).glob("data/**/*.parquet")]
    rows = pyarrow.dataset.dataset(files, format="parquet").to_table().replace_schema_metadata()
    fields = [pyarrow.field(field.name, field.type) for field in rows.schema]
    rows = rows.cast(pyarrow.schema(fields)).sort_by("id")
    each = -(-rows.num_rows // count)
    for number in range(count):
        part = rows.slice(number * each, each)
        pyarrow.parquet.write_table(part, f"{folder}/{number:03}.parquet", compression="zstd")


def serve(name, threads):
    contender = {"pyarrow": PyArrow, "polars": Polars}[name](threads)
    for line in sys.stdin:
        try:
            reply = answer(contender, line.rstrip("\n").split("\t"))
        except Exception as e:
            reply = {"error": repr(e)}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "copy":
        copies(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        serve(sys.argv[1], int(sys.argv[2]))
