"""A Python contender as a process: python worker.py CONTENDER. Orders as in Worker.java."""
import json
import os
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
if __package__ is None or __package__ == "":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from compare.rows import digest, rows  # noqa: E402

NAMES = ("id", "name", "value")


class DataShardPython:
    """The ancestor of DataShard for Java."""

    def __init__(self):
        import datashard

        self.datashard = datashard
        self.schema = datashard.Schema(
            schema_id=1,
            fields=[
                {"id": 1, "name": "id", "type": "long", "required": True},
                {"id": 2, "name": "name", "type": "string", "required": False},
                {"id": 3, "name": "value", "type": "double", "required": False},
            ],
        )

    def create(self, path):
        self.table = self.datashard.create_table(path, self.schema)

    def open(self, path):
        self.table = self.datashard.load_table(path)

    def append(self, batch):
        if not self.table.append_records(batch, self.schema):
            raise RuntimeError("append_records returned False")

    def is_unknown(self, failure):
        return isinstance(failure, self.datashard.AmbiguousCommitError)

    def read(self):
        return self.table.scan()


class DeltaLake:
    """delta-rs. Retries of a commit are practically unlimited; all else is as it comes."""

    def __init__(self):
        import deltalake
        import pyarrow

        self.deltalake = deltalake
        self.pyarrow = pyarrow
        self.schema = pyarrow.schema(
            [
                pyarrow.field("id", pyarrow.int64(), nullable=False),
                pyarrow.field("name", pyarrow.string()),
                pyarrow.field("value", pyarrow.float64()),
            ]
        )
        self.commits = deltalake.CommitProperties(max_commit_retries=1_000_000)

    def create(self, path):
        self.table = self.deltalake.DeltaTable.create(path, self.schema)

    def open(self, path):
        self.table = self.deltalake.DeltaTable(path)

    def append(self, batch):
        self.deltalake.write_deltalake(
            self.table,
            self.pyarrow.Table.from_pylist(batch, schema=self.schema),
            mode="append",
            commit_properties=self.commits,
        )

    def read(self):
        self.table.update_incremental()
        return self.table.to_pyarrow_table().to_pylist()


class DuckDb:
    """DuckDB's own file, which one process may have open at a time."""

    def __init__(self):
        import duckdb
        import pyarrow

        self.duckdb = duckdb
        self.pyarrow = pyarrow
        self.connection = None

    def create(self, path):
        self.open(path)
        self.connection.execute(
            "CREATE TABLE t (id BIGINT NOT NULL, name VARCHAR, value DOUBLE)"
        )

    def open(self, path):
        if self.connection is not None:
            self.connection.close()
        self.connection = self.duckdb.connect(path)

    def append(self, batch):
        if len(batch) == 1:
            row = batch[0]
            self.connection.execute(
                "INSERT INTO t VALUES (?, ?, ?)", [row["id"], row["name"], row["value"]]
            )
        else:  # much faster than row by row
            self.connection.register("batch", self.pyarrow.Table.from_pylist(batch))
            self.connection.execute("INSERT INTO t SELECT id, name, value FROM batch")
            self.connection.unregister("batch")

    def read(self):
        found = self.connection.execute("SELECT id, name, value FROM t").fetchall()
        return [dict(zip(NAMES, row)) for row in found]


class Sqlite:
    """SQLite with a write-ahead log that is synced at every commit."""

    def __init__(self):
        import sqlite3

        self.sqlite3 = sqlite3
        self.connection = None

    def create(self, path):
        self.open(path)
        self.connection.execute("CREATE TABLE t (id INTEGER NOT NULL, name TEXT, value REAL)")

    def open(self, path):
        if self.connection is not None:
            self.connection.close()
        self.connection = self.sqlite3.connect(path, timeout=120, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=FULL")

    def append(self, batch):
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.executemany("INSERT INTO t VALUES (:id, :name, :value)", batch)
        self.connection.execute("COMMIT")

    def read(self):
        found = self.connection.execute("SELECT id, name, value FROM t").fetchall()
        return [dict(zip(NAMES, row)) for row in found]


class BareFiles:
    """No table at all: each append is one new file, written, synced, linked to its name, and the
    folder synced. What a commit of one new file costs at least."""

    def create(self, path):
        os.mkdir(path)
        self.open(path)

    def open(self, path):
        self.path = path
        self.folder = os.open(path, os.O_RDONLY)

    def append(self, batch):
        name = f"{self.path}/{batch[0]['id']}"
        temporary = name + ".tmp"
        file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        os.write(file, json.dumps(batch).encode())
        os.fsync(file)
        os.close(file)
        os.link(temporary, name)
        os.unlink(temporary)
        os.fsync(self.folder)

    def read(self):
        found = []
        for name in os.listdir(self.path):
            found += json.loads((Path(self.path) / name).read_bytes())
        return found


CONTENDERS = {
    "datashard-python": DataShardPython,
    "deltalake": DeltaLake,
    "duckdb": DuckDb,
    "sqlite": Sqlite,
    "bare-files": BareFiles,
}


def append(contender, first, count, times, millis):
    nanos, failed, unknown, failure = [], [], [], None
    is_unknown = getattr(contender, "is_unknown", lambda _: False)
    deadline = time.perf_counter_ns() + millis * 1_000_000
    while len(nanos) < times and time.perf_counter_ns() < deadline:
        batch = rows(first + len(nanos) * count, count)
        start = time.perf_counter_ns()
        try:
            contender.append(batch)
        except Exception as e:
            (unknown if is_unknown(e) else failed).append(batch[0]["id"])
            failure = repr(e)
        nanos.append(time.perf_counter_ns() - start)
    return {"nanos": nanos, "failed": failed, "unknown": unknown, "failure": failure}


def read(contender, times):
    nanos, found = [], []
    for _ in range(times):
        found = []
        start = time.perf_counter_ns()
        found = contender.read()
        nanos.append(time.perf_counter_ns() - start)
    return {"nanos": nanos, "rows": len(found), "digest": digest(found)}


def answer(contender, words):
    if words[0] in ("create", "open"):
        getattr(contender, words[0])(words[1])
        return {}
    if words[0] == "append":
        return append(contender, *map(int, words[1:]))
    if words[0] == "read":
        return read(contender, int(words[1]))
    if words[0] == "ids":
        return {"ids": [row["id"] for row in contender.read()]}
    raise ValueError(f"There is no order '{words[0]}'.")


def serve(name):
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no answer
    contender = CONTENDERS[name]()
    for line in sys.stdin:
        try:
            reply = answer(contender, line.rstrip("\n").split("\t"))
        except Exception as e:
            reply = {"error": repr(e)}
        print(json.dumps(reply), file=answers, flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])
