"""Tables that file sizes are compared on, as pyarrow writes them."""

import pathlib
import random
import uuid

import pyarrow as pa
import pyarrow.parquet as pq

import flights


def _flights():
    frame = flights._frame()
    arrays, names = [], []
    for name in frame.columns:
        kind = "string"
        if frame[name].dtype.kind == "i":
            kind = "int"
        elif frame[name].dtype.kind == "f":
            kind = "double"
        elif name == "time_hour":
            kind = "timestamptz"
        series = frame[name]
        if kind == "timestamptz":
            series = flights.pd.to_datetime(series, utc=True)
        arrays.append(pa.Array.from_pandas(series).cast(flights.ARROW[kind]))
        names.append((name, kind))
    return pa.table(arrays, names=[name for name, _ in names]), names


def _tasks(count):
    """A log of tasks: an id, a rising time, one of 5 states, a duration, a worker, seldom an error."""
    draw = random.Random(7)
    micros = 1_700_000_000_000_000
    table = {"task_id": [], "at": [], "status": [], "duration_ms": [], "worker": [], "error": []}
    for _ in range(count):
        micros += int(draw.expovariate(1 / 50_000))
        status = draw.choices(["ok", "failed", "retried", "skipped", "running"], [90, 4, 3, 2, 1])[0]
        table["task_id"].append(str(uuid.UUID(int=draw.getrandbits(128), version=4)))
        table["at"].append(micros)
        table["status"].append(status)
        table["duration_ms"].append(int(draw.lognormvariate(6, 1.5)))
        table["worker"].append(f"worker-{draw.randrange(200):03}")
        table["error"].append(f"exit code {draw.randrange(256)}" if status == "failed" else None)
    kinds = [("task_id", "string"), ("at", "timestamptz"), ("status", "string"),
             ("duration_ms", "long"), ("worker", "string"), ("error", "string")]
    arrays = [pa.array(table[name], flights.ARROW[kind]) for name, kind in kinds]
    return pa.table(arrays, names=[name for name, _ in kinds]), kinds


def files(folder, level, tasks):
    """Writes both with zstd; sizes are bytes."""
    written = {}
    for name, (table, columns) in {"flights": _flights(), "task log": _tasks(tasks)}.items():
        path = pathlib.Path(folder, name.replace(" ", "-") + f"-{level}.parquet")
        pq.write_table(table, path, compression="zstd", compression_level=level)
        written[name] = {"path": str(path), "bytes": path.stat().st_size, "rows": len(table),
                         "columns": columns}
    return {"files": written}
