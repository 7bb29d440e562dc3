"""How much is measured."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """Times are in seconds. A warm-up ends at its count or its time, whichever is first."""

    rounds: int = 5
    warm_seconds: int = 10

    warm_appends: int = 2_000
    appends: int = 300

    writers: int = 12
    writer_rounds: int = 3
    writer_warm_appends: int = 20
    writer_warm_seconds: int = 20
    writer_appends: int = 200
    writer_seconds: int = 15

    crowd: int = 100
    crowd_rounds: int = 3
    crowd_appends: int = 200
    crowd_seconds: int = 120

    stress_runs: int = 3
    stress_appends: int = 10_000

    growth_commits: tuple = (1_000, 20_000, 100_000)
    growth_rest_seconds: int = 150

    batch_rows: int = 1_000
    warm_batches: int = 1_000
    batches: int = 50

    read_rows: int = 50_000
    read_commits: tuple = (1, 50)
    warm_reads: int = 20
    reads: int = 5

    starts: int = 15
    start_commits: int = 10
    start_rows: int = 1_000


FULL = Sizes()

QUICK = Sizes(
    rounds=2,
    warm_seconds=2,
    warm_appends=5,
    appends=5,
    writers=3,
    writer_rounds=1,
    writer_warm_appends=2,
    writer_appends=4,
    writer_seconds=5,
    crowd=5,
    crowd_rounds=1,
    crowd_appends=4,
    stress_runs=1,
    stress_appends=20,
    growth_commits=(20, 40),
    growth_rest_seconds=1,
    batch_rows=100,
    warm_batches=2,
    batches=2,
    read_rows=2_000,
    read_commits=(1, 5),
    warm_reads=1,
    reads=2,
    starts=2,
    start_commits=2,
    start_rows=100,
)
