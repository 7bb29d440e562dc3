"""benchmarks/scans, from the command line to the report."""
import math
import os
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from . import machine
from .contenders import HOME, OURS, ROOT, TARGET, Contender, Failed, build, call, install, java_worker
from .measure import millis, say, warnings_of
from .processes import Worker
from .report import head, number, table

PARTS = ["foreign", "own", "rows", "write"]
HEAP = "-Xmx2g"
OUR_SCANS = ("benchmarks", "io.datashard.benchmarks.scans.OurScans")
DUCK_SCANS = ("benchmarks", "io.datashard.benchmarks.scans.DuckScans")
ICEBERG_SCANS = ("benchmarks/iceberg", "io.datashard.benchmarks.iceberg.IcebergScans")
STREAMING = ("benchmarks", "io.datashard.benchmarks.streaming.Streaming")
SCAN_WORKER = str(HOME / "compare" / "scan_worker.py")

DUCK = "duckdb"
QUERIES = {
    "sum": "sum(value)",
    "two": "2 columns to batches",
    "failed-count": "status filter, counted",
    "failed": "status filter, all columns",
    "range": "id range of 0.1 %, all columns",
    "all": "all columns to batches",
}
ROWS = {
    "rows-two": "2 columns, row by row",
    "rows": "6 columns, row by row",
    "maps": "6 columns, maps",
}


@dataclass(frozen=True)
class Sizes:
    rows: int = 10_000_000
    files: int = 16
    written: int = 1_000_000
    warm: int = 3
    rounds: int = 7
    row_warm: int = 2
    row_rounds: int = 5


FULL = Sizes()
QUICK = Sizes(rows=100_000, files=4, written=10_000, warm=1, rounds=2, row_warm=1, row_rounds=2)


def java(what, *options):
    return java_worker(*what, *options, heap=HEAP)


def python_worker(python, name, threads):
    return (python, SCAN_WORKER, name, str(threads))


def contenders(python):
    return {
        OURS: Contender(OURS, "**DataShard for Java**", java(OUR_SCANS)),
        DUCK: Contender(DUCK, "DuckDB", java(DUCK_SCANS)),
        "pyarrow": Contender("pyarrow", "pyarrow", python_worker(python, "pyarrow", 1)),
        "polars": Contender("polars", "polars", python_worker(python, "polars", 1)),
        "iceberg-java": Contender("iceberg-java", "Iceberg Java, generics", java(ICEBERG_SCANS)),
    }


class Data:
    """The same rows, as written by each."""

    def __init__(self, folder, sizes, python):
        self.folder = Path(folder)
        self.sizes = sizes
        self.python = python
        self.foreign = self.folder / "pyarrow"
        self.imported = self.folder / "imported"
        self.own = self.folder / "own"
        self.duck = self.folder / "duckdb"

    def make(self):
        made = self.folder / "made"
        call([*java(STREAMING), made, str(self.sizes.rows), "write"], "no rows can be made")
        self.foreign.mkdir()
        call(
            [self.python, SCAN_WORKER, "copy", made, self.foreign, str(self.sizes.files)],
            "pyarrow cannot write its files",
        )
        shutil.rmtree(made)
        files = [str(file) for file in sorted(self.foreign.glob("*.parquet"))]
        call([*java(OUR_SCANS), "import", self.imported, *files], "the files cannot be imported")
        beside = self.folder / "beside"
        beside.mkdir()
        linked = []
        for file in files:  # a table is made beside each
            linked.append(str(beside / Path(file).name))
            os.link(file, linked[-1])
        call([*java(OUR_SCANS), "own", self.own, *linked], "our own files cannot be written")
        shutil.rmtree(beside)
        self.duck.mkdir()
        call([*java(DUCK_SCANS), "own", self.duck, *files], "DuckDB cannot write its files")

    def bytes(self, folder):
        return sum(file.stat().st_size for file in Path(folder).glob("**/*.parquet"))


class ScanMeasurements:
    def __init__(self, everyone, sizes, data):
        self.everyone = everyone
        self.sizes = sizes
        self.data = data

    def ask(self, places, queries, threads, warm, rounds, skip=()):
        """query -> contender -> milliseconds of each run; places: contender -> its folder."""
        found = {query: {} for query in queries}
        workers = {}
        try:
            for key, folder in places.items():
                workers[key] = Worker(self.everyone[key])
                workers[key].ask("open", folder)
            for query in queries:
                self.query(workers, query, threads, warm, rounds, skip, found[query])
        finally:
            for worker in workers.values():
                worker.__exit__(None, None, None)
        return found

    def query(self, workers, query, threads, warm, rounds, skip, found):
        span = max(1, self.sizes.rows // 1_000)
        low = self.sizes.rows * 2 // 5 + 17
        racers = [key for key in workers if (key, query) not in skip]
        right = None
        for turn in range(-1, rounds):
            times = warm if turn < 0 else 1
            order = racers if turn % 2 else racers[::-1]
            for key in order:
                reply = workers[key].ask("ask", query, threads, low, low + span - 1, times)
                right = right or reply["found"]
                if not same(right, reply["found"]):
                    raise Failed(f"{query}: {key} found {reply['found']}, another {right}.")
                if turn >= 0:
                    found.setdefault(key, []).extend(millis(reply["nanos"]))
        self.say(f"{query}, {threads} thread{'s' if threads > 1 else ''}", found)

    def say(self, what, found):
        medians = {key: statistics.median(each) for key, each in found.items()}
        ours = medians[OURS]
        words = [f"{key} {median:9.1f}" for key, median in medians.items()]
        beside = [f"{median / ours:5.2f}x" for key, median in medians.items() if key != OURS]
        say(f"  {what:24} {'   '.join(words)}   {' '.join(beside)}")

    def writes(self, shapes, rounds):
        """shape -> contender -> milliseconds of each run, and bytes of the last file."""
        found, sizes = {shape: {} for shape in shapes}, {shape: {} for shape in shapes}
        for shape, racers in shapes.items():
            workers = {}
            try:
                for key in racers:
                    workers[key] = Worker(self.everyone[key])
                    workers[key].ask("open", self.data.foreign if key in ("pyarrow", DUCK) else self.data.imported)
                    workers[key].ask("keep", shape, self.sizes.written)
                for turn in range(-self.sizes.warm, rounds):
                    for key in racers if turn % 2 else racers[::-1]:
                        target = Path(tempfile.mkdtemp(prefix="write-", dir=self.data.folder))
                        written = target / ("one.parquet" if key in ("pyarrow", DUCK) else "table")
                        reply = workers[key].ask("write", written)
                        sizes[shape][key] = self.data.bytes(target)
                        shutil.rmtree(target)
                        if turn >= 0:
                            found[shape].setdefault(key, []).extend(millis(reply["nanos"]))
            finally:
                for worker in workers.values():
                    worker.__exit__(None, None, None)
            self.say(f"write from {shape}", found[shape])
        return found, sizes


def same(one, other):
    return len(one) == len(other) and all(
        math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) for a, b in zip(one, other)
    )


def geometric(ratios):
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


class ScanReport:
    """docs/benchmarks-scans.md."""

    def __init__(self, everyone, facts, warnings):
        self.titles = {key: each.title for key, each in everyone.items()}
        self.facts = facts
        self.warnings = warnings
        self.asked = []
        self.sections = []
        self.runs = []

    def hold(self, what, found, asked, least=True):
        held = found >= asked if least else found <= asked
        word = "at least" if least else "at most"
        self.asked.append(
            [what, f"{found:.2f}x", f"{word} {asked:g}x", "yes" if held else "**no**"]
        )

    def section(self, title, intro, found, names):
        """A line a query: everyone's median and spread, and how many times ours they take."""
        keys = list(dict.fromkeys(key for each in found.values() for key in each))
        columns = [""] + [self.titles[key].strip("*") + ", ms" for key in keys]
        columns += [f"{self.titles[key]} over ours" for key in keys if key != OURS]
        lines = []
        for query, each in found.items():
            cells = [f"{number(statistics.median(each[k]))}" if k in each else "" for k in keys]
            beside = [f"{ratio(each, k):.2f}x" if k in each else "" for k in keys if k != OURS]
            lines.append([names[query], *cells, *beside])
            for key, runs in each.items():
                words = " ".join(number(run) for run in runs)
                self.runs.append([f"{title}: {names[query]}", self.titles[key].strip("*"), words])
        self.sections += ["", f"## {title}", "", *intro, "", *table(columns, lines)]

    def text(self, date):
        return "\n".join(
            [
                *head("# Benchmarks of scans", "benchmarks/scans", self.warnings),
                *table(["what", "found", "asked", "held"], self.asked, "---:"),
                "",
                *table(["measured", date], [[k, v] for k, v in self.facts.items()], "---"),
                *self.sections,
                "",
                "## Every run, ms",
                "",
                *table(["what", "who", "rounds"], self.runs, "---"),
                "",
            ]
        )


def ratio(found, key):
    return statistics.median(found[key]) / statistics.median(found[OURS])


def main(usage):
    arguments = sys.argv[1:]
    parts, quick = PARTS, False
    if arguments == ["--quick"]:
        quick = True
    elif len(arguments) == 2 and arguments[0] == "--only" and set(arguments[1].split(",")) <= set(PARTS):
        parts = arguments[1].split(",")
    elif arguments:
        print(usage.strip(), file=sys.stderr)
        return 0 if arguments in (["-h"], ["--help"]) else 2
    try:
        return measure(quick, parts)
    except Failed as e:
        print(f"benchmarks/scans: {e}", file=sys.stderr)
        return 1


def measure(quick, parts):
    load = os.getloadavg()[0]
    date = time.strftime("%Y-%m-%d")
    start = time.monotonic()
    sizes = QUICK if quick else FULL
    TARGET.mkdir(exist_ok=True)
    warnings = warnings_of(quick, load)
    build()
    python = install()
    everyone = contenders(python)
    with tempfile.TemporaryDirectory(prefix="scans-", dir=TARGET) as folder:
        data = Data(folder, sizes, python)
        say("the tables")
        data.make()
        report = ScanReport(everyone, facts(folder, load, sizes, data, python), warnings)
        fill(report, ScanMeasurements(everyone, sizes, data), parts)
    if parts == PARTS:
        target = TARGET / "quick-scans.md" if quick else ROOT / "docs" / "benchmarks-scans.md"
        target.write_text(report.text(date))
        say(f"\n{target.relative_to(ROOT)} written after {time.monotonic() - start:.0f} s")
    else:
        for line in report.asked:
            say("  ".join(line))
    return 0


def fill(report, m, parts):
    if "foreign" in parts:
        foreign(report, m)
    if "own" in parts:
        own(report, m)
    if "rows" in parts:
        rows(report, m)
    if "write" in parts:
        writes(report, m)


def foreign(report, m):
    s, data = m.sizes, m.data
    places = {OURS: data.imported, DUCK: data.foreign}
    all_places = {**places, "pyarrow": data.foreign, "polars": data.foreign}
    say("\nthe same files, written by pyarrow")
    one = m.ask(all_places, QUERIES, 1, s.warm, s.rounds)
    two = m.ask(places, QUERIES, 2, s.warm, s.rounds)
    for key in ("duckdb", "pyarrow", "polars"):
        ratios = [ratio(each, key) for each in one.values()]
        asked = 1.3 if key == DUCK else 1
        report.hold(f"the same files, one thread, {key}: geometric mean", geometric(ratios), asked)
        if key == DUCK:
            report.hold("the same files, one thread, duckdb: least", min(ratios), 0.9)
    for query, name in QUERIES.items():
        theirs = statistics.median(one[query][DUCK]) / statistics.median(two[query][DUCK])
        ours = statistics.median(one[query][OURS]) / statistics.median(two[query][OURS])
        least = round(0.9 * theirs, 2)
        report.hold(f"two threads over one, {name} (DuckDB {theirs:.2f}x)", ours, least)
    intro = ["Files of 10 million rows that pyarrow wrote, one thread each. Ours has them as a table."]
    report.section("The same files, one thread", intro, one, QUERIES)
    report.section("The same files, two threads", ["The same with two threads each."], two, QUERIES)


def own(report, m):
    s, data = m.sizes, m.data
    say("\nfiles of one's own")
    found = m.ask({OURS: data.own, DUCK: data.duck}, QUERIES, 1, s.warm, s.rounds)
    ratios = [ratio(each, DUCK) for each in found.values()]
    report.hold("files of one's own, one thread, duckdb: geometric mean", geometric(ratios), 1.5)
    sizes = data.bytes(data.own) / data.bytes(data.duck)
    report.hold("bytes of our files beside DuckDB's", sizes, 1, least=False)
    intro = ["The same rows in files written by ours for ours and by DuckDB for DuckDB, one thread each."]
    report.section("Files of one's own, one thread", intro, found, QUERIES)


def rows(report, m):
    s, data = m.sizes, m.data
    places = {OURS: data.imported, DUCK: data.foreign, "iceberg-java": data.imported}
    say("\nrows in Java")
    found = m.ask(places, ROWS, 1, s.row_warm, s.row_rounds, skip={(DUCK, "maps")})
    for query in ("rows-two", "rows"):
        for key in (DUCK, "iceberg-java"):
            report.hold(f"{ROWS[query]}, {key}", ratio(found[query], key), 3)
    report.hold(f"{ROWS['maps']}, iceberg-java", ratio(found["maps"], "iceberg-java"), 1.8)
    intro = [
        "The same files to Java rows, one thread each: ours through `RowCursor` and as maps, DuckDB",
        "through JDBC and its typed getters, Iceberg Java as generic records in both lines.",
    ]
    report.section("Rows in Java", intro, found, ROWS)


def writes(report, m):
    s = m.sizes
    say("\nwriting")
    shapes = {"batches": [OURS, DUCK, "pyarrow"], "maps": [OURS, "iceberg-java"]}
    found, sizes = m.writes(shapes, s.rounds)
    asked = {DUCK: 1.5, "pyarrow": 1.2, "iceberg-java": 1.2}
    for shape, each in found.items():
        for key in shapes[shape][1:]:
            what = f"{s.written:,} rows written from {shape}, {key}"
            report.hold(what, ratio(each, key), asked[key])
    lengths = "; ".join(
        f"{key} {size:,}" for key, size in {**sizes["maps"], **sizes["batches"]}.items()
    )
    intro = [
        f"{s.written:,} rows from memory to a file, one thread each: ours as a commit to a new table,",
        "which is not synced, as nobody's files are here; Iceberg Java as such a commit too, of generic",
        f"records; the others as a file alone. Bytes: {lengths}.",
    ]
    names = {"batches": "from column batches", "maps": "from maps or records"}
    report.section("Writing", intro, found, names)


def facts(folder, load, sizes, data, python):
    found = machine.facts(Path(folder), load, python)
    duck = machine.first(r"<duckdb.engine.version>(.*?)<", (ROOT / "pom.xml").read_text())
    wanted = ("pyarrow ", "polars ", "iceberg ", "parquet ")
    rivals = [each for each in found.pop("rivals").split(", ") if each.startswith(wanted)]
    found["rivals"] = ", ".join([f"DuckDB {duck}", *rivals])
    found["the table"] = f"{sizes.rows:,} rows of 6 columns in {sizes.files} files, zstd"
    places = {"pyarrow": data.foreign, "DataShard for Java": data.own, "DuckDB": data.duck}
    for name, place in places.items():
        found[f"bytes as written by {name}"] = f"{data.bytes(place):,}"
    return found
