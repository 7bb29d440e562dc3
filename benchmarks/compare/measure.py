"""The measurements. Contenders take turns in every round, and each starts with a clean disk queue."""
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from .contenders import OURS, Failed
from .processes import Worker
from .rows import digest, rows

MILLION = 1_000_000
WRITER_IDS = 1_000_000  # writer w has the ids from w times this


def say(text):
    print(text, flush=True)


def millis(nanos):
    return [n / MILLION for n in nanos]


def kinds(failures):
    """The kinds of errors: messages name paths of this machine."""
    return ", ".join(sorted({str(each).split(":")[0].strip() for each in failures - {None}}))


class Measurements:
    """Measures, prints every run, and keeps it for the report."""

    def __init__(self, contenders, sizes, folder):
        self.contenders = contenders
        self.tables = [c for c in contenders if c.is_table]
        self.sizes = sizes
        self.folder = folder
        self.problems = []

    def turns(self, contenders, rounds):
        """Everyone once a round, each round begun by another one."""
        for number in range(rounds):
            for place in range(len(contenders)):
                yield number, contenders[(place + number) % len(contenders)]

    def new_table(self, contender):
        return str(Path(tempfile.mkdtemp(prefix=contender.key + "-", dir=self.folder)) / "table")

    def drop(self, table):
        shutil.rmtree(Path(table).parent)

    def settle(self):
        """Nobody pays for what others left to be written."""
        os.sync()

    def append(self, worker, first, count, times, seconds=3_600):
        reply = worker.ask("append", first, count, times, seconds * 1_000)
        if reply["failed"]:
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
        self.clean()
        return found

    def clean(self):
        for each in Path(self.folder).iterdir():
            shutil.rmtree(each)

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
        contenders = [c for c in self.contenders if c.many_writers]
        found = {c.key: [] for c in contenders}
        failures = {}
        for number, contender in self.turns(contenders, s.writer_rounds):
            if contender.key in failures:
                continue
            try:
                run = self.race(contender)
            except Failed as e:
                if contender.key == OURS:
                    raise
                say(f"  round {number + 1}  {e}")
                failures[contender.key] = str(e).strip().splitlines()[-1]
                del found[contender.key]
                continue
            found[contender.key].append(run)
            say(
                f"  round {number + 1}  {contender.key:18} {run['rate']:9.1f} appends/s, median"
                f" {run['median']:9.2f} ms, slowest {run['slowest']:9.2f} ms; {run['verdict']}"
            )
            if contender.key == OURS and run["verdict"] != "all there":
                self.problems.append(f"{s.writers} writers: {run['verdict']}")
            self.clean()
        return found, failures

    def race(self, contender):
        s = self.sizes
        table = self.new_table(contender)
        with ExitStack() as stack:
            workers = []
            for _ in range(s.writers):
                command = contender.writer or contender.command
                workers.append(stack.enter_context(Worker(contender, command)))
            for worker in workers:
                worker.send("create", self.new_table(contender))
            for worker in workers:
                worker.receive()
                seconds = s.writer_warm_seconds
                worker.send("append", 0, 1, s.writer_warm_appends, seconds * 1_000)
            for worker in workers:
                worker.receive()
            workers[0].ask("create", table)
            for worker in workers:
                worker.ask("open", table)
            self.settle()
            start = time.perf_counter()
            for number, worker in enumerate(workers):
                limit = s.writer_seconds * 1_000
                worker.send("append", number * WRITER_IDS, 1, s.writer_appends, limit)
            replies = [worker.receive() for worker in workers]
            seconds = time.perf_counter() - start
        return self.judge(contender, table, replies, seconds)

    def judge(self, contender, table, replies, seconds):
        """What of the acknowledged is in the table, read by a process of its own."""
        sent, failed, took, failures = [], set(), [], set()
        for number, reply in enumerate(replies):
            sent += range(number * WRITER_IDS, number * WRITER_IDS + len(reply["nanos"]))
            failed.update(reply["failed"])
            failures.add(reply["failure"])
            took += millis(reply["nanos"])
        acknowledged = set(sent) - failed
        try:
            with Worker(contender) as reader:
                reader.ask("open", table)
                ids = reader.ask("ids")["ids"]
            there = set(ids)
            parts = [
                (len(acknowledged - there), f"of {len(acknowledged)} acknowledged rows lost"),
                (len(ids) - len(there), "rows doubled"),
                (len(there - set(sent)), "rows that nobody sent"),
                (len(failed), f"appends failed with {kinds(failures)}"),
            ]
            verdict = ", ".join(f"{n} {what}" for n, what in parts if n) or "all there"
        except Failed as e:
            verdict = "the table cannot be read: " + str(e).strip().splitlines()[-1]
        return {
            "rate": len(acknowledged) / seconds,
            "median": statistics.median(took),
            "slowest": max(took),
            "appends": len(acknowledged),
            "seconds": seconds,
            "verdict": verdict,
        }

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
                took = self.read(workers[contender.key], s.reads)
                found[contender.key].append(took)
                say(
                    f"  round {number + 1}  {contender.key:18} median"
                    f" {statistics.median(took):9.3f} ms, min {min(took):9.3f}, max {max(took):9.3f}"
                )
        self.clean()
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
            self.clean()
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
        self.clean()
        return found
