"""From the command line to the report."""
import os
import sys
import tempfile
import time
from pathlib import Path

from . import machine
from .contenders import CROWD_HEAP, ROOT, TARGET, Failed, build, contenders, install
from .measure import Measurements, say, warnings_of
from .report import Report
from .sizes import FULL, QUICK
from .weights import weights

REPORT = ROOT / "docs" / "benchmarks.md"

# What can be measured again by itself: the figures that a busy moment spoils most.
AGAIN = ("one-row", "batches")


def main(usage):
    arguments = sys.argv[1:]
    again = arguments[1].split(",") if len(arguments) == 2 and arguments[0] == "--again" else []
    if arguments not in ([], ["--quick"]) and not (again and set(again) <= set(AGAIN)):
        print(usage.strip(), file=sys.stderr)
        return 0 if arguments in (["-h"], ["--help"]) else 2
    try:
        return measure(quick=arguments == ["--quick"], again=again)
    except Failed as e:
        print(f"benchmarks/run: {e}", file=sys.stderr)
        return 1


def measure(quick, again):
    load = os.getloadavg()[0]
    date = time.strftime("%Y-%m-%d")
    start = time.monotonic()
    sizes = QUICK if quick else FULL
    TARGET.mkdir(exist_ok=True)
    warnings = warnings_of(quick, load)
    build()
    python = install()
    everyone = contenders(python)
    with tempfile.TemporaryDirectory(prefix="run-", dir=TARGET) as folder:
        facts = machine.facts(Path(folder), load, python)
        for name, value in facts.items():
            say(f"{name:20} {value}")
        measurements = Measurements(everyone, sizes, folder)
        report = Report(everyone, sizes, facts, warnings)
        if "one-row" in again:
            one_row(report, measurements)
        if "batches" in again:
            batches(report, measurements)
        if not again:
            fill(report, measurements, python)
    target = TARGET / "quick.md" if quick else REPORT
    target.write_text(report.within(REPORT.read_text(), date) if again else report.text(date))
    say(f"\n{target.relative_to(ROOT)} written after {time.monotonic() - start:.0f} s")
    for problem in measurements.problems:
        print(f"benchmarks/run: ours is wrong: {problem}", file=sys.stderr)
    return 1 if measurements.problems else 0


def fill(report, measurements, python):
    s = measurements.sizes
    one_row(report, measurements)
    report.writers(
        f"One row, {s.writers} writer processes",
        [
            f"{s.writers} processes append to one table at once, one row a commit, each"
            f" {s.writer_appends} times or for {s.writer_seconds} s,",
            f"after {s.writer_warm_appends} appends each to the same table. The first of those is told"
            " apart, as cold: it is what a",
            "new process waits for when all begin at once. Last/median is how long the last writer",
            "took for all of its appends beside the median one. Afterwards another process looks for",
            "every acknowledged row.",
        ],
        *measurements.writers(),
    )
    report.writers(
        f"One row, {s.crowd} writer processes",
        [
            f"The same with {s.crowd} processes of `{CROWD_HEAP}` each, {s.crowd_appends} appends each"
            " from a moment on at which all of them",
            "are warm. One of them commits for all, in that heap.",
        ],
        measurements.crowd(),
        {},
    )
    report.stress(
        "A storm of one-row appends, verified",
        [
            f"`datashard stress` with {s.writers} processes of {s.stress_appends:,} appends each: the"
            " whole command, with the start of all",
            "processes and the check that every acknowledged row is there once.",
        ],
        *measurements.stress(),
    )
    report.growth(
        "A long history",
        [
            "Commits of one row, synced, by one writer: the median of some hundred commits, beside",
            "those of a table of 100 commits, turn by turn; and what lies in the folder for each",
            "commit: lengths of files, and whole blocks. Old versions are cleaned away when they are",
            "a minute old, of more than a thousand those older than ten seconds.",
        ],
        measurements.growth(),
    )
    batches(report, measurements)
    for commits in s.read_commits:
        report.latencies(
            f"Read {s.read_rows:,} rows, written in {commits} commit{'s' if commits > 1 else ''}",
            ["All rows into memory as maps, dicts or (Iceberg Java) records, by an open reader."],
            measurements.reads(commits),
        )
    report.starts(
        "Start: the row count of a small table",
        [f"A whole process that prints how many rows a table of {s.start_rows:,} rows has."],
        measurements.starts(),
    )
    report.weights(
        "Weight",
        [
            "What an application carries: jars with all that they need at run time; for Python the",
            "installed files, without Python itself.",
        ],
        weights(python),
    )


def one_row(report, measurements):
    s = measurements.sizes
    syncs = measurements.syncs()
    report.latencies(
        "One row, one writer",
        [
            "Append of one row, which is one commit, by a process that has done so before. Each round",
            f"is {s.appends} appends to a new table. Syncs are those that the kernel was asked for in one",
            "append: without any, a power cut takes acknowledged rows.",
        ],
        measurements.one_row(),
        "appends/s",
        syncs,
    )


def batches(report, measurements):
    s = measurements.sizes
    report.latencies(
        f"{s.batch_rows:,} rows in one commit",
        [f"Append of {s.batch_rows:,} rows of three columns, given as maps or dicts."],
        measurements.batches(),
    )
