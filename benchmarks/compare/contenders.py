"""Who is measured, and how each is started."""
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / "benchmarks"
TARGET = HOME / "target"
HEAP = "-Xmx512m"
# For JVMs that live shortly or are many: one compiler, the smallest collector.
SMALL = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
# And where many measure their first hundreds of appends: they are compiled early, since otherwise a
# run on two cores measures interpreters and compilers.
EARLY = (*SMALL, "-XX:CompileThresholdScaling=0.05")
CROWD_HEAP = "-Xmx48m"

OURS = "datashard-java"
ANCESTOR = "datashard-python"


class Failed(Exception):
    """The run cannot go on; the message says why."""


@dataclass(frozen=True)
class Contender:
    """One line of the tables.

    command starts its worker, writer (if given) one of many, crowd (if given) one of very many;
    count prints a table's row count; environment is set for all of them.
    """

    key: str
    title: str
    command: tuple
    count: tuple = ()
    count_title: str = ""
    writer: tuple = ()
    crowd: tuple = ()
    many_writers: bool = True
    only_writers: bool = False
    is_table: bool = True
    environment: tuple = ()


def java():
    """The java that measures: JAVA_HOME's, else the one in PATH."""
    home = os.environ.get("JAVA_HOME")
    found = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if not found or not os.access(found, os.X_OK):
        raise Failed(f"There is no java at {found}: install a JDK 17, or set JAVA_HOME.")
    return found


def build(modules="benchmarks/iceberg,cli"):
    """Builds what is Java; returns nothing."""
    call(
        ["mvn", "-q", "-B", "-Pquick", "-Dmaven.test.skip=true", "-pl", modules, "-am", "package"],
        "the Java side cannot be built",
    )


def install():
    """The interpreter of a virtual environment with the Python rivals."""
    if sys.version_info < (3, 10):
        raise Failed(f"The Python rivals need Python 3.10 or newer, this is {sys.version}.")
    requirements = HOME / "requirements.txt"
    folder = TARGET / f"venv-{sys.version_info.major}.{sys.version_info.minor}"
    python = folder / "bin" / "python"
    installed = folder / "installed.txt"
    if not installed.exists() or installed.read_text() != requirements.read_text():
        shutil.rmtree(folder, ignore_errors=True)
        call([sys.executable, "-m", "venv", str(folder)], "there is no virtual environment")
        call(
            [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
            + ["-r", str(requirements)],
            "the Python rivals cannot be installed",
        )
        installed.write_text(requirements.read_text())
    return str(python)


def call(command, problem):
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise Failed(f"Not measured: {problem}; '{command[0]}' ended with {done.returncode}.")


def class_path(module):
    """The jars that a module runs with, its own classes first."""
    listed = (ROOT / module / "target" / "runtime-classpath.txt").read_text().strip()
    return [str(ROOT / module / "target" / "classes")] + listed.split(os.pathsep)


OUR_WORKER = ("benchmarks", "io.datashard.benchmarks.compare.OurTable")
PYTHON_WORKER = str(HOME / "compare" / "worker.py")


def java_worker(module, main, *options, heap=HEAP):
    return (java(), heap, *options, "-cp", os.pathsep.join(class_path(module)), main)


def ours():
    return Contender(
        OURS,
        "**DataShard for Java**",
        java_worker(*OUR_WORKER),
        (str(ROOT / "datashard"), "count"),
        "`./datashard count`",
        writer=java_worker(*OUR_WORKER, *EARLY),
        crowd=java_worker(*OUR_WORKER, *EARLY, heap=CROWD_HEAP),
    )


def ancestor(python):
    return Contender(
        ANCESTOR,
        "DataShard (Python)",
        (python, PYTHON_WORKER, ANCESTOR),
        (
            python,
            "-c",
            "import sys, datashard; print(datashard.load_table(sys.argv[1]).row_count())",
        ),
        "`python -c`, `row_count()`",
    )


def contenders(python):
    """All of them, ours first."""
    def python_count(code):
        return (python, "-c", code)

    iceberg = ("benchmarks/iceberg", "io.datashard.benchmarks.iceberg.IcebergTable")
    return [
        ours(),
        Contender(
            OURS + "-lazy",
            "the same, compiled when the JVM thinks so",
            java_worker(*OUR_WORKER, *SMALL),
            only_writers=True,
        ),
        ancestor(python),
        Contender(
            "deltalake",
            "deltalake",
            (python, PYTHON_WORKER, "deltalake"),
            python_count("import sys, deltalake; print(deltalake.DeltaTable(sys.argv[1]).count())"),
            "`python -c`, `count()`",
        ),
        Contender(
            "duckdb",
            "DuckDB, its own file",
            (python, PYTHON_WORKER, "duckdb"),
            python_count(
                "import sys, duckdb; print(duckdb.connect(sys.argv[1], read_only=True)"
                ".execute('SELECT count(*) FROM t').fetchone()[0])"
            ),
            "`python -c`, `SELECT count(*)`",
            many_writers=False,
        ),
        Contender(
            "sqlite",
            "SQLite, WAL, synchronous=FULL",
            (python, PYTHON_WORKER, "sqlite"),
            python_count(
                "import sys, sqlite3; print(sqlite3.connect(sys.argv[1])"
                ".execute('SELECT count(*) FROM t').fetchone()[0])"
            ),
            "`python -c`, `SELECT count(*)`",
        ),
        Contender(
            "iceberg-java",
            "Iceberg Java, HadoopTables",
            java_worker(*iceberg),
            (*java_worker(*iceberg, *SMALL, "-Xshare:auto"), "count"),
            "`java " + " ".join(SMALL) + "`",
            writer=java_worker(*iceberg, *EARLY),
        ),
        Contender(
            "bare-files",
            "no table: a new file, synced",
            (python, PYTHON_WORKER, "bare-files"),
            is_table=False,
        ),
    ]
