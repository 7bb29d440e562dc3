"""The measurements. Contenders take turns in every round, and each starts with a clean disk queue.

Nothing is deleted before the end: a file system may make new files several times more slowly where
many were deleted a moment ago, and whoever comes after the largest table would pay for it.
"""
import json
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from .contenders import OURS, ROOT, Failed
from .processes import Worker
from .rows import digest, rows

MILLION = 1_000_000
LOAD_QUIET = 1.5
WRITER_IDS = 1_000_000  # writer w has the ids from w times this


def say(text):
    print(text, flush=True)


def warnings_of(quick, load, what="good to a factor of two or three at best"):
    """What a report says first of all; said here too."""
    warnings = ["From `--quick`: tiny sizes, the figures mean nothing."] if quick else []
    if load > LOAD_QUIET:
        warnings.append(f"Measured beside other work: {what}.")
    for warning in warnings:
        say(warning)
    return warnings


def millis(nanos):
    return [n / MILLION for n in nanos]


def kinds(failures):
    """The kinds of errors: messages name paths of this machine."""
    names = {re.split("[:(]", str(each))[0].strip() for each in failures - {None}}
    return ", ".join(sorted(names))


class Measurements:
    """Measures, prints every run, and keeps it for the report."""

    def __init__(self, contenders, sizes, folder):
        self.writers_of_all = [c for c in contenders if c.many_writers]
        self.contenders = [c for c in contenders if not c.only_writers]
        self.tables = [c for c in self.contenders if c.is_table]
        self.sizes = sizes
        self.folder = folder
        self.faults = 0  # the share of requests that go wrong
        self.problems = []

    def turns(self, contenders, rounds):
        """Everyone once a round, each round begun by another one."""
        for number in range(rounds):
            for place in range(len(contenders)):
                yield number, contenders[(place + number) % len(contenders)]

    def new_table(self, contender):
        return str(Path(tempfile.mkdtemp(prefix=contender.key + "-", dir=self.folder)) / "table")

    def settle(self):
        """Called before what is measured: nobody pays for what others left to be written."""
        os.sync()

    def place(self, number):
        """What is set in the environment of a writer of many."""
        return {}

    def append(self, worker, first, count, times, seconds=3_600):
        reply = worker.ask("append", first, count, times, seconds * 1_000)
        if reply["failed"] or reply["unknown"]:
            raise Failed(f"{worker.contender.title} failed to append: {reply['failure']}")
        return millis(reply["nanos"])

    def check_rows(self, worker, count):
        """Exactly the rows of the first ids are in the open table."""
        reply = worker.ask("read", 1)
        expected = digest(rows(0, count))
        if (reply["rows"], reply["digest"]) != (count, expected):
            raise Failed(
                f"{worker.contender.title} read {reply['rows']} rows with digest {reply['digest']},"
                f" {count} rows with digest {expected} were appended."
            )

    def appends(self, title, contenders, count, warm, times):
        """One writer: contender -> one list of milliseconds a round."""
        say(f"\n{title}")
        found = {c.key: [] for c in contenders}
        with ExitStack() as stack:
            workers = {c.key: stack.enter_context(Worker(c)) for c in contenders}
            for contender in contenders:
                table = self.new_table(contender)
                workers[contender.key].ask("create", table)
                seconds = self.sizes.warm_seconds
                self.append(workers[contender.key], 0, count, warm, seconds)
            for number, contender in self.turns(contenders, self.sizes.rounds):
                worker = workers[contender.key]
                table = self.new_table(contender)
                worker.ask("create", table)
                self.settle()
                took = self.append(worker, 0, count, times)
                self.check_rows(worker, count * times)
                found[contender.key].append(took)
                say(
                    f"  round {number + 1}  {contender.key:18} median"
                    f" {statistics.median(took):9.3f} ms, min {min(took):9.3f}, max {max(took):9.3f}"
                )
        return found

    def one_row(self):
        s = self.sizes
        return self.appends(
            f"append of 1 row, one writer, {s.rounds} rounds x {s.appends}",
            self.contenders,
            1,
            s.warm_appends,
            s.appends,
        )

    def batches(self):
        s = self.sizes
        return self.appends(
            f"append of {s.batch_rows} rows x 3 columns, {s.rounds} rounds x {s.batches}",
            self.tables,
            s.batch_rows,
            s.warm_batches,
            s.batches,
        )

    def writers(self):
        """Many writer processes: contender -> one dict a round; and contender -> why it has none."""
        s = self.sizes
        say(f"\nappend of 1 row, {s.writers} writer processes, at most {s.writer_appends} each")

        def race(contender):
            command = contender.writer or contender.command
            return self.race(contender, command, s.writers, s.writer_appends, s.writer_seconds)

        return self.races(self.writers_of_all, s.writer_rounds, race)

    def races(self, contenders, rounds, race):
        """As writers()."""
        found = {c.key: [] for c in contenders}
        failures = {}
        for number, contender in self.turns(contenders, rounds):
            if contender.key in failures:
                continue
            try:
                run = race(contender)
            except Failed as e:
                if contender.key == OURS:
                    raise
                say(f"  round {number + 1}  {e}")
                failures[contender.key] = str(e).strip().splitlines()[-1]
                del found[contender.key]
                continue
            found[contender.key].append(run)
            self.tell(number, contender, run)
        return found, failures

    def crowd(self):
        """As many writer processes as a small machine holds, of ours alone: one dict a round."""
        s = self.sizes
        say(f"\nappend of 1 row, {s.crowd} writer processes, {s.crowd_appends} each")
        ours = next(c for c in self.contenders if c.key == OURS)
        runs = []
        for number in range(s.crowd_rounds):
            runs.append(
                self.race(ours, ours.crowd, s.crowd, s.crowd_appends, s.crowd_seconds)
            )
            self.tell(number, ours, runs[-1])
        return {OURS: runs}

    def tell(self, number, contender, run):
        say(
            f"  round {number + 1}  {contender.key:18} {run['rate']:9.1f} appends/s, median"
            f" {run['median']:9.2f} ms, slowest {run['slowest']:9.2f} ms, cold {run['cold']:9.2f}"
            f" ms, last/median writer {run['last']:5.2f}; {run['verdict']}"
        )
        excused = self.faults and not run["broken"]
        if contender.key.startswith(OURS) and run["verdict"] != "all there" and not excused:
            self.problems.append(f"{run['writers']} writers: {run['verdict']}")

    def race(self, contender, command, writers, appends, seconds):
        """They begin together, when all of them have appended a few times to the same table."""
        s = self.sizes
        table = self.new_table(contender)
        with ExitStack() as stack:
            workers = [
                stack.enter_context(Worker(contender, command, self.place(number)))
                for number in range(writers)
            ]
            workers[0].ask("create", table)
            for worker in workers[1:]:
                worker.ask("open", table)
            cold = self.together(workers, [0] * writers, 1, s.writer_warm_seconds)
            made = [len(each["nanos"]) for each in cold]
            warm_appends = s.writer_warm_appends - 1
            warm = self.together(workers, made, warm_appends, s.writer_warm_seconds)
            made = [n + len(each["nanos"]) for n, each in zip(made, warm)]
            self.settle()
            start = time.perf_counter()
            replies = self.together(workers, made, appends, seconds)
            elapsed = time.perf_counter() - start
            failed = sum(len(each["failed"]) + len(each["unknown"]) for each in replies)
            took = millis(n for each in replies for n in each["nanos"])
            ends = sorted(sum(each["nanos"]) for each in replies)
            broken, verdict = self.judge(contender, table, [cold, warm, replies])
        return {
            "writers": writers,
            "rate": (len(took) - failed) / elapsed,
            "median": statistics.median(took),
            "slowest": max(took),
            "cold": statistics.median(millis(n for each in cold for n in each["nanos"])),
            "last": ends[-1] / statistics.median(ends),
            "appends": len(took) - failed,
            "seconds": elapsed,
            "broken": broken,
            "verdict": verdict,
        }

    def together(self, workers, made, times, seconds):
        """Everyone appends one row so often, or so long; made is how many each has already."""
        for number, worker in enumerate(workers):
            first = number * WRITER_IDS + made[number]
            worker.send("append", first, 1, times, seconds * 1_000)
        return [worker.receive() for worker in workers]

    def judge(self, contender, table, parts):
        """Whether the table holds other rows than it must, and what became of all, in words; read
        by a process of its own."""
        sent, failed, unknown, failures = [], set(), set(), set()
        for number, replies in enumerate(zip(*parts)):
            count = sum(len(each["nanos"]) for each in replies)
            sent += range(number * WRITER_IDS, number * WRITER_IDS + count)
            for each in replies:
                failed.update(each["failed"])
                unknown.update(each["unknown"])
                failures.add(each["failure"])
        acknowledged = set(sent) - failed - unknown
        try:
            with Worker(contender) as reader:
                reader.ask("open", table)
                ids = reader.ask("ids")["ids"]
        except Failed as e:
            return True, "the table cannot be read: " + str(e).strip().splitlines()[-1]
        there = set(ids)
        wrong = [
            (len(acknowledged - there), f"of {len(acknowledged)} acknowledged rows lost"),
            (len(ids) - len(there), "rows doubled"),
            (len(there - set(sent)), "rows that nobody sent"),
            (len(there & failed), "rows of appends that failed"),
        ]
        for failure in sorted(failures - {None}):
            say(f"    {failure[:500]}")
        told = [
            (len(failed), f"appends failed with {kinds(failures)}"),
            (len(unknown), "appends were told to have perhaps been made"),
        ]
        words = ", ".join(f"{n} {what}" for n, what in wrong + told if n)
        return any(n for n, _ in wrong), words or "all there"

    def stress(self):
        """Seconds of each whole run of the command, and how many appends it made and verified."""
        s = self.sizes
        appends = s.writers * s.stress_appends
        say(f"\ndatashard stress, {s.writers} processes x {s.stress_appends} appends")
        seconds = []
        for number in range(s.stress_runs):
            folder = Path(tempfile.mkdtemp(prefix="stress-", dir=self.folder)) / "table"
            command = [str(ROOT / "datashard"), "stress", "--json", f"--processes={s.writers}"]
            command += [f"--appends={s.stress_appends}", str(folder)]
            self.settle()
            start = time.perf_counter()
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            seconds.append(time.perf_counter() - start)
            if done.returncode != 0:
                raise Failed(f"datashard stress failed: {done.stdout[-500:]} {done.stderr[-1000:]}")
            say(f"  run {number + 1}  {seconds[-1]:.1f} s, {appends / seconds[-1]:.0f} appends/s")
        return seconds, appends

    def growth(self):
        """What Growth found in one long run: one dict a look at the table."""
        s = self.sizes
        say(f"\na long history: {s.growth_commits[-1]} commits of one row")
        ours = next(c for c in self.contenders if c.key == OURS)
        command = [*ours.command[:-1], "io.datashard.benchmarks.growth.Growth", "--json"]
        command += [tempfile.mkdtemp(prefix="growth-", dir=self.folder)]
        command += [str(n) for n in (s.growth_rest_seconds, *s.growth_commits)]
        self.settle()
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise Failed(f"the long history could not be made: {done.stderr[-1000:]}")
        looks = [json.loads(line) for line in done.stdout.splitlines()]
        for look in looks:
            say(f"  {look}")
        return looks

    def reads(self, commits):
        """contender -> one list of milliseconds a round."""
        s = self.sizes
        say(f"\nread of {s.read_rows} rows, commits: {commits}, {s.rounds} rounds x {s.reads}")
        found = {c.key: [] for c in self.tables}
        with ExitStack() as stack:
            workers = {c.key: stack.enter_context(Worker(c)) for c in self.tables}
            for contender in self.tables:
                worker = workers[contender.key]
                worker.ask("create", self.new_table(contender))
                self.append(worker, 0, s.read_rows // commits, commits)
                self.check_rows(worker, s.read_rows)
                self.read(worker, s.warm_reads)
            for number, contender in self.turns(self.tables, s.rounds):
                self.settle()
                took = self.read(workers[contender.key], s.reads)
                found[contender.key].append(took)
                say(
                    f"  round {number + 1}  {contender.key:18} median"
                    f" {statistics.median(took):9.3f} ms, min {min(took):9.3f}, max {max(took):9.3f}"
                )
        return found

    def read(self, worker, times):
        reply = worker.ask("read", times)
        if reply["digest"] != digest(rows(0, self.sizes.read_rows)):
            raise Failed(f"{worker.contender.title} read other rows than were appended.")
        return millis(reply["nanos"])

    def syncs(self):
        """contender -> syncs of one append as the kernel saw them, or None without strace."""
        say("\nsyncs of one append of one row")
        found = {}
        for contender in self.contenders:
            try:
                few, many = (self.count_syncs(contender, times) for times in (5, 15))
                found[contender.key] = (many - few) / 10
                say(f"  {contender.key:18} {found[contender.key]:g}")
            except (FileNotFoundError, Failed) as e:
                say(f"  {contender.key:18} not counted: {e}")
                found[contender.key] = None
        return found

    def count_syncs(self, contender, times):
        log = Path(self.folder) / "syncs" / "log"
        log.parent.mkdir(exist_ok=True)
        calls = "trace=fsync,fdatasync,sync,syncfs,msync"
        if not shutil.which("strace"):
            raise FileNotFoundError("there is no strace")
        strace = ("strace", "-f", "-qq", "-e", calls, "-o", str(log))
        with Worker(contender, (*strace, *contender.command)) as worker:
            worker.ask("create", self.new_table(contender))
            self.append(worker, 0, 1, times)
        calls = [line for line in log.read_text().splitlines() if "sync(" in line or "syncfs(" in line]
        return len(calls)

    def starts(self):
        """contender -> seconds of a whole process that prints the row count."""
        s = self.sizes
        say(f"\nwhole process: the row count of a table of {s.start_rows} rows, {s.starts} times")
        found = {c.key: [] for c in self.tables}
        tables = {}
        for contender in self.tables:
            tables[contender.key] = self.new_table(contender)
            with Worker(contender) as worker:
                worker.ask("create", tables[contender.key])
                self.append(worker, 0, s.start_rows // s.start_commits, s.start_commits)
        for number, contender in self.turns(self.tables, s.starts + 1):
            command = [*contender.count, tables[contender.key]]
            start = time.perf_counter()
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            took = time.perf_counter() - start
            if done.stdout.strip() != str(s.start_rows):
                raise Failed(
                    f"{contender.title} counts {done.stdout.strip()!r} instead of {s.start_rows}"
                    f" rows: {done.stderr[-1000:]}"
                )
            if number > 0:  # the first one fills caches
                found[contender.key].append(took)
        for key, took in found.items():
            say(
                f"  {key:18} median {statistics.median(took):6.3f} s, min {min(took):6.3f},"
                f" max {max(took):6.3f}; all {' '.join(f'{t:.3f}' for t in took)}"
            )
        return found
