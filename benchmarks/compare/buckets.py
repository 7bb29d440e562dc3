"""benchmarks/buckets, from the command line to the report."""
import os
import statistics
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from . import machine
from .bucket import Bucket, Machines, contenders, in_a_row, server_version, told
from .contenders import ANCESTOR, OURS, ROOT, TARGET, Failed, build, install
from .measure import Measurements, say, warnings_of
from .processes import Worker
from .report import Report, flat, number, table
from .sizes import Sizes

FAULT_SEED = 5


@dataclass(frozen=True)
class Far(Sizes):
    """Delays are in milliseconds a request."""

    far: int = 20
    near: int = 10

    appends: int = 30
    counted: int = 20
    batches: int = 20
    batch_rows: int = 1_000

    machine_writers: int = 32
    machine_appends: int = 200
    machines: int = 8
    machines_appends: int = 50
    race_seconds: int = 30

    faults: float = 0.05
    fault_writers: int = 12
    fault_machines: tuple = (1, 4)
    fault_appends: int = 1_000
    fault_seconds: int = 480
    ancestor_fault_seconds: int = 60

    probe_seconds: int = 5


FULL = Far(warm_appends=1_000, warm_batches=500, writer_rounds=3)

QUICK = Far(
    rounds=1,
    warm_seconds=2,
    warm_appends=5,
    appends=3,
    counted=3,
    warm_batches=2,
    batches=2,
    batch_rows=100,
    read_rows=2_000,
    read_commits=(1, 5),
    warm_reads=1,
    reads=2,
    writer_rounds=1,
    writer_warm_appends=2,
    writer_warm_seconds=5,
    machine_writers=3,
    machine_appends=4,
    machines=2,
    machines_appends=4,
    race_seconds=5,
    fault_writers=2,
    fault_machines=(1, 2),
    fault_appends=20,
    fault_seconds=60,
    ancestor_fault_seconds=5,
    probe_seconds=1,
)


class FarMeasurements(Measurements):
    """Measures in a bucket: whatever comes before settle() has no delay and no faults."""

    def __init__(self, everyone, sizes, folder, bucket, machines):
        super().__init__(everyone, sizes, folder)
        self.bucket = bucket
        self.machines = machines
        self.machine_count = 1
        self.delay = 0
        self.tables_made = 0
        self.seen = {}

    def undisturbed(self):
        self.bucket.ask("delay", 0)
        self.bucket.ask("faults", 0, FAULT_SEED)

    def new_table(self, contender):
        self.undisturbed()
        self.tables_made += 1
        return f"{contender.key}-{self.tables_made}/table"

    def settle(self):
        super().settle()
        self.bucket.ask("delay", self.delay)
        self.bucket.ask("faults", self.faults, FAULT_SEED)
        self.bucket.ask("clear")

    def place(self, number):
        return self.machines.each[number % self.machine_count]

    def judge(self, *arguments):
        self.seen = self.bucket.count()
        self.undisturbed()
        return super().judge(*arguments)

    def race(self, *arguments):
        run = super().race(*arguments)
        requests = sum(self.seen["methods"].values())
        gone_wrong = requests - self.seen["ended"].get("NONE", 0)
        return {**run, "requests": requests, "gone_wrong": gone_wrong}

    def probe(self):
        """Requests a second that the server answers here without delay."""
        self.undisturbed()
        threads, seconds = self.sizes.machine_writers, self.sizes.probe_seconds
        for _ in range(2):  # the first one warms up
            reply = self.bucket.ask("probe", threads, seconds * 1_000)
        found = reply["requests_per_second"]
        say(f"\nthe server answers {found:.0f} requests/s without delay, {threads} at once")
        return found

    def requests(self):
        """contender -> requests of one append, how many of them in a row, and one append's log."""
        s = self.sizes
        say("\nrequests of one append of one row")
        found = {}
        for contender in self.contenders:
            with Worker(contender) as worker:
                worker.ask("create", self.new_table(contender))
                self.append(worker, 0, 1, 20)
                self.delay = s.far
                self.settle()
                chains = []
                for number in range(20, 20 + s.counted):
                    self.bucket.await_quiet(s.far)
                    self.bucket.ask("clear")
                    self.append(worker, number, 1, 1)
                    log = self.bucket.log()  # up to the acknowledgement
                    chains.append(in_a_row(log))
                self.bucket.await_quiet(s.far)
                whole = self.bucket.log()
                self.bucket.ask("clear")
                self.append(worker, 20 + s.counted, 1, s.counted)
                self.bucket.await_quiet(s.far)
                each = self.bucket.requests() / s.counted
            found[contender.key] = (each, statistics.median(chains), told(whole))
            say(f"  {contender.key:18} {each:g}, {statistics.median(chains):g} in a row")
            for line in found[contender.key][2]:
                say(f"    {line}")
        return found

    def far_appends(self, title, delay, rows, warm, times):
        self.delay = delay
        return self.appends(title, self.contenders, rows, warm, times)

    def far_reads(self, commits):
        self.delay = self.sizes.near
        return self.reads(commits)

    def far_race(self, writers, machines, appends):
        s = self.sizes
        say(f"\nappend of 1 row, {machines} machines, {writers} writer processes in all")
        self.delay, self.faults, self.machine_count = s.far, 0, machines

        def race(contender):
            command = contender.crowd or contender.command
            return self.race(contender, command, writers, appends, s.race_seconds)

        return self.races(self.contenders, s.writer_rounds, race)

    def with_faults(self, machines):
        s = self.sizes
        say(f"\n{s.faults:.0%} of requests go wrong, {machines} machines, {s.fault_writers} writers")
        self.delay, self.faults, self.machine_count = s.far, s.faults, machines

        def race(contender):
            seconds = s.fault_seconds if contender.key == OURS else s.ancestor_fault_seconds
            command = contender.crowd or contender.command
            return self.race(contender, command, s.fault_writers, s.fault_appends, seconds)

        found = self.races(self.contenders, 1, race)
        self.faults = 0
        return found


class FarReport(Report):
    """docs/benchmarks-buckets.md: before all, what was asked for and what was reached."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.lines = []

    def asked(self, what, asked, reached, ancestor, held):
        verdict = "yes" if held else "**no**"
        self.lines.append([what, asked, reached, verdict, ancestor])

    def asked_median(self, what, found, millis_max):
        """One line for a time that may be so long."""
        ours, theirs = (statistics.median(flat(found[k])) for k in (OURS, ANCESTOR))
        reached = f"{number(ours)} ms"
        asked = f"at most {millis_max} ms"
        self.asked(what, asked, reached, f"{number(theirs)} ms", ours <= millis_max)

    def asked_race(self, what, found, rate_min, slowest_max=None):
        """One line for many writers; slowest_max is in milliseconds."""

        def words(runs):
            rate = statistics.median(r["rate"] for r in runs)
            slowest = max(r["slowest"] for r in runs)
            return rate, slowest, f"{number(rate)} rows/s, slowest append {slowest / 1_000:.1f} s"

        rate, slowest, reached = words(found[OURS])
        held = rate >= rate_min and (slowest_max is None or slowest <= slowest_max)
        held &= not any(r["broken"] for r in found[OURS])
        asked = f"at least {rate_min} rows/s"
        if slowest_max is not None:
            asked += f", slowest append at most {slowest_max / 1_000:g} s"
        asked += ", none lost, none doubled"
        verdicts = "; ".join(dict.fromkeys(r["verdict"] for r in found[OURS]))
        theirs = words(found[ANCESTOR])[2] if found.get(ANCESTOR) else "failed"
        self.asked(what, asked, f"{reached}; {verdicts}", theirs, held)

    def asked_whole(self, what, found):
        runs = found[OURS]
        verdicts = "; ".join(dict.fromkeys(r["verdict"] for r in runs))
        acknowledged = sum(r["appends"] for r in runs)
        theirs = "; ".join(dict.fromkeys(r["verdict"] for r in found.get(ANCESTOR, [])))
        self.asked(
            what,
            "none lost, none doubled",
            f"{acknowledged:,} acknowledged; {verdicts}",
            theirs or "failed",
            not any(r["broken"] for r in runs),
        )

    def requests(self, title, intro, found):
        lines = []
        for key, (each, chain, _) in found.items():
            lines.append([self.titles[key], f"{each:.1f}", f"{chain:g}"])
        body = table(["", "requests each", "in a row before it is acknowledged"], lines)
        for key, (_, _, log) in found.items():
            body += ["", f"One append of {self.titles[key].strip('*')}, as the server saw it:"]
            body += ["", "```text", *log, "```"]
        self.section(title, intro, body)

    def far_writers(self, title, intro, found, failures):
        head = ["", "rows/s", "of the rounds", "median ms", "slowest ms", "last/median writer"]
        head += ["requests a row", "gone wrong", "acknowledged", "afterwards", "beside it, ours is"]
        rates = {k: statistics.median(r["rate"] for r in runs) for k, runs in found.items()}
        lines = []
        for key, runs in found.items():
            each = sorted(r["rate"] for r in runs)
            acknowledged = sum(r["appends"] for r in runs)
            lines.append(
                [
                    self.titles[key],
                    number(rates[key]),
                    f"{number(each[0])} to {number(each[-1])}",
                    number(statistics.median(r["median"] for r in runs)),
                    number(max(r["slowest"] for r in runs)),
                    f"{max(r['last'] for r in runs):.2f}",
                    number(sum(r["requests"] for r in runs) / max(1, acknowledged)),
                    f"{sum(r['gone_wrong'] for r in runs):,}",
                    f"{acknowledged:,}",
                    "; ".join(dict.fromkeys(r["verdict"] for r in runs)),
                    self.beside(title, key, 1 / rates[OURS], 1 / max(rates[key], 1e-9)),
                ]
            )
            values = ", ".join(
                f"{number(r['rate'])} ({r['appends']} in {r['seconds']:.1f} s, slowest"
                f" {number(r['slowest'])} ms)"
                for r in runs
            )
            self.run(f"{title}, rows/s", key, values)
        for key, why in failures.items():
            intro = [*intro, f"{self.titles[key]} has no line, since it failed: {why}"]
        self.section(title, intro, table(head, lines))

    def text(self, date):
        head = ["what", "asked", "reached", "held", "DataShard (Python)"]
        return self.page(
            date,
            "# Benchmarks of tables in a bucket",
            "benchmarks/buckets",
            ["", *table(head, self.lines, "---"), ""],
        )


def main(usage):
    arguments = sys.argv[1:]
    if arguments not in ([], ["--quick"]):
        print(usage.strip(), file=sys.stderr)
        return 0 if arguments in (["-h"], ["--help"]) else 2
    try:
        return measure(quick=bool(arguments))
    except Failed as e:
        print(f"benchmarks/buckets: {e}", file=sys.stderr)
        return 1


def measure(quick):
    load = os.getloadavg()[0]
    date = time.strftime("%Y-%m-%d")
    start = time.monotonic()
    sizes = QUICK if quick else FULL
    target = TARGET / "quick-buckets.md" if quick else ROOT / "docs" / "benchmarks-buckets.md"
    TARGET.mkdir(exist_ok=True)
    warnings = warnings_of(
        quick, load, "times that are not the delay's are good to a factor of two"
    )
    build("benchmarks")
    python = install()
    with tempfile.TemporaryDirectory(prefix="run-", dir=TARGET) as folder, Bucket(
        Path(folder) / "server"
    ) as bucket, closing(Machines(max(sizes.machines, *sizes.fault_machines))) as machines:
        everyone = contenders(python, bucket, machines)
        measurements = FarMeasurements(everyone, sizes, folder, bucket, machines)
        facts = facts_of(folder, load, python, measurements)
        for name, value in facts.items():
            say(f"{name:20} {value}")
        report = FarReport(everyone, sizes, facts, warnings)
        fill(report, measurements)
        target.write_text(report.text(date))  # removing what the server kept takes minutes
    say(f"\n{target.relative_to(ROOT)} written after {time.monotonic() - start:.0f} s")
    for problem in measurements.problems:
        print(f"benchmarks/buckets: ours is wrong: {problem}", file=sys.stderr)
    return 1 if measurements.problems else 0


def facts_of(folder, load, python, measurements):
    facts = machine.facts(Path(folder), load, python)
    wanted = ("datashard ", "boto3 ", "pyarrow ")
    rivals = [r for r in facts.pop("rivals").split(", ") if r.startswith(wanted)]
    facts["rival"] = ", ".join(rivals)
    facts["S3 server"] = f"versitygw {server_version()} on this machine, behind a proxy"
    facts["what it answers"] = (
        f"at least {measurements.probe():,.0f} requests/s without delay, asked from this machine"
    )
    group = machine.first(r"nice (-?\d+)", machine.read("/proc/self/autogroup"), "0")
    if group != "0":
        facts["priority"] = f"that of a scheduling group of nice {group}"
    facts["load after the run"] = ""
    return facts


def fill(report, m):
    s = m.sizes
    far, near = f"{s.far} ms a request", f"{s.near} ms a request"
    report.requests(
        "Requests of an append",
        [
            f"Append of one row by a process that has done so before, {far}: all requests, and the",
            "longest chain of them that each began after the one before had ended, up to the",
            "acknowledgement.",
        ],
        m.requests(),
    )
    found = m.far_appends(
        f"append of 1 row, {far}, {s.rounds} rounds x {s.appends}", s.far, 1, s.warm_appends, s.appends
    )
    title = f"One row, one writer, {far}"
    report.latencies(title, [f"Each round is {s.appends} appends to a new table."], found, "appends/s")
    report.asked_median(title, found, 60)

    title = f"{s.batch_rows:,} rows in one commit, {near}"
    found = m.far_appends(title, s.near, s.batch_rows, s.warm_batches, s.batches)
    report.latencies(title, ["Rows of three columns, given as maps or dicts."], found)
    report.asked_median(title, found, 50)
    for commits in s.read_commits:
        plural = "s" if commits > 1 else ""
        title = f"Read {s.read_rows:,} rows, written in {commits} commit{plural}, {near}"
        found = m.far_reads(commits)
        report.latencies(title, ["All rows into memory as maps or dicts, by an open reader."], found)
        report.asked_median(title, found, 100)

    writers = s.machine_writers
    title = f"One row, {writers} writer processes on one machine, {far}"
    found, failures = m.far_race(writers, 1, s.machine_appends)
    each = f"each {{}} times or for {s.race_seconds} s,"
    warm = f"after {s.writer_warm_appends} appends each without delay. Last/median is how long the last"
    rest = [
        "writer took for all of its appends beside the median one, in the worst round. Afterwards",
        "another process looks for every acknowledged row, and for rows that must not be there.",
    ]
    intro = f"{writers} processes append to one table at once, one row a commit, "
    report.far_writers(title, [intro + each.format(s.machine_appends), warm, *rest], found, failures)
    report.asked_race(title, found, 200, 2_000)

    title = f"One row, {s.machines} machines of {writers // s.machines} writer processes, {far}"
    found, failures = m.far_race(writers, s.machines, s.machines_appends)
    intro = [
        f"The same {s.machines_appends} times each, and processes reach only those of their own"
        " machine: machines meet in the bucket",
        "alone. (For the Python DataShard, all processes are on machines of their own always.)",
    ]
    report.far_writers(title, intro, found, failures)
    report.asked_race(title, found, 40)

    for machines in s.fault_machines:
        plural = "s" if machines > 1 else ""
        title = (
            f"{s.faults:.0%} of requests go wrong, {s.fault_writers} writer processes on"
            f" {machines} machine{plural}, {far}"
        )
        found, failures = m.with_faults(machines)
        intro = [
            f"{s.fault_appends:,} appends of one row each; the Python DataShard for"
            f" {s.ancestor_fault_seconds} s. What goes wrong is drawn at random: 500,",
            "503 or a reset without effect; 500, a reset or no answer at all with effect.",
        ]
        report.far_writers(title, intro, found, failures)
        report.asked_whole(title, found)
    report.facts["load after the run"] = f"{os.getloadavg()[0]:.1f} (1 minute), our own writers in it"
