"""docs/benchmarks.md, every line of it."""
import statistics

from .contenders import ANCESTOR, OURS

FLOOR = "bare-files"


def number(value):
    """Three digits that count."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 1 else f"{value:.3f}"


def compared(ours, theirs):
    """How much less ours is than theirs, in words."""
    ratio = theirs / ours
    if 0.95 < ratio < 1.05:
        return "equal"
    return f"{ratio:.1f}x faster" if ratio > 1 else f"{1 / ratio:.1f}x slower"


def flat(rounds):
    return [value for one in rounds for value in one]


def table(head, lines, align="---:"):
    rule = ["---"] + [align] * (len(head) - 1)
    return ["| " + " | ".join(line) + " |" for line in [head, rule, *lines]]


def head(title, command, warnings):
    """How every report begins."""
    return [
        title,
        "",
        f"Written by `{command}`, every figure of it; do not edit. Run it on your own machine:",
        "rates differ from one to the other by far more than contenders do, so only the ratios",
        "within one run say anything. How it measures: [benchmarks/README.md](../benchmarks/README.md).",
        "",
        *[line for warning in warnings for line in (f"**{warning}**", "")],
    ]


class Report:
    """Collects lines; says at the end in which rows ours is behind the Python DataShard."""

    def __init__(self, contenders, sizes, facts, warnings):
        self.titles = {c.key: c.title for c in contenders}
        self.count_titles = {c.key: c.count_title for c in contenders}
        self.start_seconds = None
        self.sizes = sizes
        self.facts = facts
        self.warnings = warnings
        self.sections = []
        self.runs = []
        self.against_ancestor = []

    def beside(self, title, key, ours, theirs):
        """The last cell of a line; both are such that less is better."""
        if key == OURS:
            return ""
        if key == ANCESTOR:
            self.against_ancestor.append((title, theirs / ours))
        return compared(ours, theirs)

    def section(self, title, intro, lines):
        self.sections += ["", f"## {title}", "", *intro, "", *lines]

    def run(self, title, key, values):
        self.runs.append(f"| {title} | {self.titles[key].strip('*')} | {values} |")

    def latencies(self, title, intro, found, rate_name=None, syncs=None):
        head = ["", "median ms", "medians of the rounds", "slowest ms"]
        head += [rate_name] if rate_name else []
        head += ["syncs each"] if syncs else []
        head += ["beside it, ours is"]
        medians = {key: statistics.median(flat(rounds)) for key, rounds in found.items()}
        lines = []
        for key, rounds in found.items():
            each = sorted(statistics.median(one) for one in rounds)
            line = [self.titles[key], number(medians[key])]
            line += [f"{number(each[0])} to {number(each[-1])}", number(max(flat(rounds)))]
            if rate_name:
                line.append(number(1_000 * len(flat(rounds)) / sum(flat(rounds))))
            if syncs:
                line.append("not counted" if syncs[key] is None else f"{syncs[key]:g}")
            line.append(self.beside(title, key, medians[OURS], medians[key]))
            lines.append(line)
            values = ", ".join(
                f"{number(min(r))} / {number(statistics.median(r))} / {number(max(r))}"
                for r in rounds
            )
            self.run(f"{title}, ms (min / median / max)", key, values)
        self.section(title, intro, table(head, lines))

    def writers(self, title, intro, found, failures):
        head = ["", "appends/s", "of the rounds", "median ms", "slowest ms", "cold ms"]
        head += ["last/median writer", "acknowledged", "table afterwards", "beside it, ours is"]
        rates = {k: statistics.median(r["rate"] for r in runs) for k, runs in found.items()}
        lines = []
        for key, runs in found.items():
            each = sorted(r["rate"] for r in runs)
            verdicts = dict.fromkeys(r["verdict"] for r in runs)
            lines.append(
                [
                    self.titles[key],
                    number(rates[key]),
                    f"{number(each[0])} to {number(each[-1])}",
                    number(statistics.median(r["median"] for r in runs)),
                    number(max(r["slowest"] for r in runs)),
                    number(statistics.median(r["cold"] for r in runs)),
                    f"{statistics.median(r['last'] for r in runs):.2f}",
                    f"{sum(r['appends'] for r in runs):,}",
                    "; ".join(verdicts),
                    self.beside(title, key, 1 / rates[OURS], 1 / rates[key]),
                ]
            )
            values = ", ".join(
                f"{number(r['rate'])} ({r['appends']} in {r['seconds']:.1f} s, slowest"
                f" {number(r['slowest'])} ms)"
                for r in runs
            )
            self.run(f"{title}, appends/s", key, values)
        for key, why in failures.items():
            intro = [*intro, f"{self.titles[key]} has no line, since it failed: {why}"]
        slowest = {k: max(r["slowest"] for r in runs) for k, runs in found.items()}
        if ANCESTOR in found:
            self.against_ancestor.append((f"{title}, slowest", slowest[ANCESTOR] / slowest[OURS]))
        self.section(title, intro, table(head, lines))

    def stress(self, title, intro, seconds, appends):
        self.run(title + ", s", OURS, " ".join(f"{each:.1f}" for each in seconds))
        median = statistics.median(seconds)
        line = [f"{appends:,}", f"{median:.1f}", f"{min(seconds):.1f} to {max(seconds):.1f}"]
        line.append(number(appends / median))
        self.section(
            title, intro, table(["appends", "median s", "min to max", "appends/s"], [line])
        )

    def growth(self, title, intro, looks):
        lines = []
        for look in looks:
            rest = f", {look['rest_s']} s later" if look["rest_s"] else ""
            lines.append(
                [
                    f"{look['commits']:,}{rest}",
                    number(look["ms"]) if "ms" in look else "",
                    number(look["beside_ms"]) if "ms" in look else "",
                    f"{look['ratio']:.2f}" if "ms" in look else "",
                    f"{look['bytes']:,}",
                    f"{look['version_bytes']:,}",
                    f"{look['blocks']:,}",
                ]
            )
        head = ["after commits", "ms a commit", "in a table of 100", "ratio", "bytes a commit"]
        head += ["of these versions", "whole blocks"]
        self.section(title, intro, table(head, lines))

    def starts(self, title, intro, found):
        lines = []
        medians = {key: statistics.median(took) for key, took in found.items()}
        self.start_seconds = medians[OURS]
        for key, took in found.items():
            lines.append(
                [
                    f"{self.titles[key]}, {self.count_titles[key]}",
                    f"{medians[key]:.3f}",
                    f"{min(took):.3f} to {max(took):.3f}",
                    self.beside(title, key, medians[OURS], medians[key]),
                ]
            )
            self.run(f"{title}, s", key, " ".join(f"{t:.3f}" for t in took))
        self.section(
            title, intro, table(["", "median s", "min to max", "beside it, ours is"], lines)
        )

    def weights(self, title, intro, found):
        ours = found[OURS][2]["bytes"]
        lines = []
        for key, (name, unit, weight) in found.items():
            ratio = "" if key == OURS else f"{weight['bytes'] / ours:.1f}"
            megabytes = f"{weight['bytes'] / 1e6:.1f}"
            lines.append([name, f"{weight['count']} {unit}", megabytes, ratio])
            if key == ANCESTOR:
                self.against_ancestor.append((title, weight["bytes"] / ours))
        self.section(title, intro, table(["", "parts", "MB", "times ours"], lines))

    def within(self, report, date):
        """Another report, with the tables of this one in place of its own."""
        facts = f"commit {self.facts['DataShard for Java']}, load {self.facts['load before the run']}"
        note = [f"*Measured again by itself on {date}: {facts}.*", *self.warnings, ""]
        starts = [i for i, line in enumerate(self.sections) if line.startswith("## ")]
        for start, end in zip(starts, [*starts[1:], len(self.sections) + 1]):
            title = self.sections[start]
            new = "\n".join([title, "", *note, *self.sections[start + 2 : end - 1]])
            before, _, rest = report.partition(title + "\n")
            if not rest:
                raise ValueError(f"the report has no '{title}'")
            _, _, after = rest.partition("\n## ")
            report = f"{before}{new}\n\n## {after}"
        return report

    def text(self, date):
        start = f"`./datashard count` of a small table takes {self.start_seconds:.2f} s."
        return self.page(date, "# Benchmarks", "benchmarks/run", [start])

    def page(self, date, title, command, summary, verdict=True):
        """All of it; summary stands before the facts of the machine, after the verdict if wanted."""
        behind = [f"{name} ({1 / ratio:.2f}x)" for name, ratio in self.against_ancestor if ratio < 1]
        beside = (
            f"Beside the Python DataShard, ours is ahead in all {len(self.against_ancestor)} rows."
            if not behind
            else "Beside the Python DataShard, ours is **behind** in: " + "; ".join(behind) + "."
        )
        return "\n".join(
            [
                *head(title, command, self.warnings),
                *([beside] if verdict else []),
                *summary,
                "",
                *table(["measured", date], [[k, v] for k, v in self.facts.items()], "---"),
                *self.sections,
                "",
                "## Every run",
                "",
                "| what | who | rounds |",
                "| --- | --- | --- |",
                *self.runs,
                "",
            ]
        )
