"""benchmarks/planning, from the command line to the report."""
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from . import machine
from .contenders import OURS, ROOT, SMALL, TARGET, Contender, Failed, build, call, java_worker
from .measure import millis, say, warnings_of
from .processes import Worker
from .report import Report, flat, number, table

RIVAL = "iceberg-java"
FILE_ROWS = 1_000
OUR_PLANS = ("benchmarks", "io.datashard.benchmarks.planning.OurPlans")
THEIR_PLANS = ("benchmarks/iceberg", "io.datashard.benchmarks.iceberg.IcebergPlans")


@dataclass(frozen=True)
class Plans:
    files: int = 100_000
    manifests: int = 100
    warm: int = 40
    rounds: int = 5
    times: int = 5
    starts: int = 7


FULL = Plans()
QUICK = Plans(files=1_000, manifests=10, warm=3, rounds=2, times=3, starts=2)


def contenders():
    small = "DataShard for Java, `{}`".format(" ".join(SMALL))
    return [
        Contender(OURS, "**DataShard for Java**", java_worker(*OUR_PLANS)),
        Contender(RIVAL, "Iceberg Java, HadoopTables", java_worker(*THEIR_PLANS)),
        Contender("small", small, java_worker(*OUR_PLANS, *SMALL), only_writers=True),
        Contender(
            "rival-small",
            "Iceberg Java, the same flags",
            java_worker(*THEIR_PLANS, *SMALL),
            only_writers=True,
        ),
        Contender(
            "launcher", "DataShard for Java, `./datashard count --where`", (), only_writers=True
        ),
    ]


class PlanReport(Report):
    """docs/benchmarks-planning.md: before all, what was asked for and what was reached."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.asked_for = []

    def asked(self, what, found, asked):
        ours, theirs = (statistics.median(flat(found[key])) for key in (OURS, RIVAL))
        ratio = theirs / ours
        self.asked_for.append(
            [
                what,
                f"{number(theirs)} ms",
                f"{number(ours)} ms",
                f"{ratio:.1f}x",
                f"{asked}x",
                "yes" if ratio >= asked else "**no**",
            ]
        )

    def text(self, date):
        head = ["what", "Iceberg Java", "DataShard for Java", "ratio", "asked", "held"]
        return self.page(
            date,
            "# Benchmarks of planning",
            "benchmarks/planning",
            table(head, self.asked_for, "---:"),
            verdict=False,
        )


class PlanMeasurements:
    def __init__(self, everyone, sizes, folder):
        self.everyone = everyone
        self.racers = [c for c in everyone if not c.only_writers]
        self.sizes = sizes
        self.folder = folder

    def filter(self, number):
        """A file's rows, all of them and no others; another file each time."""
        file = number * 7_919 % self.sizes.files
        return file * FILE_ROWS, (file + 1) * FILE_ROWS

    def check(self, rows, contender):
        if rows != FILE_ROWS:
            raise Failed(f"{contender.title} found {rows} rows, not {FILE_ROWS}.")

    def make(self):
        s = self.sizes
        command = java_worker(*THEIR_PLANS)
        call(
            [*command, "make", self.folder, str(s.files), str(s.manifests), str(FILE_ROWS)],
            "the table cannot be made",
        )
        listed = list((Path(self.folder) / "metadata").glob("*-m*.avro"))
        if len(listed) != s.manifests:
            raise Failed(f"The table has {len(listed)} manifests.")
        return sum(file.stat().st_size for file in listed)

    def plans(self, order):
        """contender -> rounds -> milliseconds of each plan; all take turns."""
        s = self.sizes
        workers = {c.key: Worker(c) for c in self.racers}
        found = {c.key: [] for c in self.racers}
        try:
            for contender in self.racers:
                worker = workers[contender.key]
                worker.ask("open", self.folder)
                self.ask(worker, contender, order, 0, s.warm)
            for number in range(1, s.rounds + 1):
                turns = self.racers if number % 2 else self.racers[::-1]
                for contender in turns:
                    nanos = self.ask(workers[contender.key], contender, order, number, s.times)
                    found[contender.key].append(nanos)
                    median = statistics.median(found[contender.key][-1])
                    say(f"  {contender.key:18} {median:9.3f} ms")
        finally:
            for worker in workers.values():
                worker.__exit__(None, None, None)
        return found

    def ask(self, worker, contender, order, number, times):
        words = ["first", self.folder] if order == "first" else ["plan"]
        reply = worker.ask(*words, *self.filter(number), times)
        self.check(reply["rows"], contender)
        return millis(reply["nanos"])

    def starts(self):
        """contender -> one round of milliseconds of whole processes."""
        found = {c.key: [] for c in self.everyone}
        for number in range(-1, self.sizes.starts):  # the first round warms up
            turns = self.everyone if number % 2 else self.everyone[::-1]
            for contender in turns:
                low, high = self.filter(number + 1)
                command = [*contender.command, "plan", self.folder, str(low), str(high)]
                if contender.key == "launcher":
                    where = f"id >= {low} AND id < {high}"
                    command = [str(ROOT / "datashard"), "count", self.folder, "--where", where]
                start = time.perf_counter()
                done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True)
                took = (time.perf_counter() - start) * 1_000
                if done.returncode != 0:
                    raise Failed(f"{contender.title} ended with {done.returncode}: {done.stderr}")
                self.check(int(done.stdout.decode().strip().replace(",", "")), contender)
                if number >= 0:
                    found[contender.key].append(took)
        for key, took in found.items():
            say(f"  {key:18} {statistics.median(took):9.1f} ms")
        return {key: [took] for key, took in found.items()}


def main(usage):
    arguments = sys.argv[1:]
    if arguments not in ([], ["--quick"]):
        print(usage.strip(), file=sys.stderr)
        return 0 if arguments in (["-h"], ["--help"]) else 2
    try:
        return measure(quick=bool(arguments))
    except Failed as e:
        print(f"benchmarks/planning: {e}", file=sys.stderr)
        return 1


def measure(quick):
    load = os.getloadavg()[0]
    date = time.strftime("%Y-%m-%d")
    start = time.monotonic()
    sizes = QUICK if quick else FULL
    target = TARGET / "quick-planning.md" if quick else ROOT / "docs" / "benchmarks-planning.md"
    TARGET.mkdir(exist_ok=True)
    warnings = warnings_of(quick, load)
    build()
    everyone = contenders()
    with tempfile.TemporaryDirectory(prefix="run-", dir=TARGET) as folder:
        measurements = PlanMeasurements(everyone, sizes, folder + "/table")
        say("the table")
        manifest_bytes = measurements.make()
        report = PlanReport(everyone, sizes, facts(folder, load, sizes, manifest_bytes), warnings)
        fill(report, measurements)
    target.write_text(report.text(date))
    say(f"\n{target.relative_to(ROOT)} written after {time.monotonic() - start:.0f} s")
    return 0


def facts(folder, load, sizes, manifest_bytes):
    found = machine.facts(Path(folder), load, sys.executable)
    rivals = found.pop("rivals").split(", ")
    found.pop("Python")
    found["rival"] = ", ".join(r for r in rivals if r.startswith(("iceberg ", "hadoop ")))
    found["the table"] = (
        f"{sizes.files:,} data files in {sizes.manifests} manifests of"
        f" {number(manifest_bytes / 1e6)} MB in all, bounds of 6 columns, not partitioned;"
        " made by Iceberg Java"
    )
    return found


def fill(report, m):
    say("\nfirst plan, table open")
    found = m.plans("first")
    report.asked("first plan with the table kept open", found, 7)
    report.latencies(
        "The first plan of an open table",
        [
            "A filter that keeps one file, by a process that has planned before. Ours opens the table",
            "anew before each plan, which is not part of the time: nothing of its manifests is known.",
        ],
        found,
    )
    say("\nplan of a table that was planned before")
    found = m.plans("plan")
    report.asked("a second query", found, 100)
    report.latencies(
        "A second query",
        ["The same on a table that stays open, looked at for newer versions each time by ours."],
        found,
    )
    say("\nwhole processes")
    found = m.starts()
    report.asked("fresh JVM, whole process", found, 4)
    report.latencies(
        "A fresh JVM, whole process",
        [
            "A process that opens the table, plans once and prints how many rows the plan leads to,",
            "with the JVM's own defaults but for `-Xmx512m`.",
        ],
        found,
    )
