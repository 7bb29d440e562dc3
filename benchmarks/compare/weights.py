"""What an application carries."""
import json
import os
import subprocess
from pathlib import Path

from .contenders import ANCESTOR, OURS, ROOT, class_path

# Sums the files of packages and of what they need, without extras.
INSTALLED = """
import json, re, sys
from importlib import metadata
sizes = {}
def weigh(name):
    name = re.sub(r'[-_.]+', '-', name).lower()
    if name in sizes:
        return
    try:
        found = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return  # needed on other systems or by other versions of Python only
    sizes[name] = sum(f.locate().stat().st_size for f in found.files if f.locate().exists())
    for need in found.requires or []:
        if 'extra ==' not in need:
            weigh(re.match(r'[A-Za-z0-9._-]+', need).group(0))
weigh(sys.argv[1])
print(json.dumps(sizes))
"""


def jars(paths):
    found = {Path(p).name: Path(p).stat().st_size for p in paths if p.endswith(".jar")}
    return {"count": len(found), "bytes": sum(found.values())}


def installed(python, package):
    sizes = json.loads(subprocess.check_output([python, "-c", INSTALLED, package]))
    return {"count": len(sizes), "bytes": sum(sizes.values())}


def weights(python):
    """Key -> title, count and bytes; ours first."""
    core = ROOT / "core" / "target"
    needed = (core / "runtime-classpath.txt").read_text().strip().split(os.pathsep)
    own = [str(j) for j in core.glob("datashard-core-*.jar") if "sources" not in j.name]
    command = ROOT / "cli" / "target"
    frame = ("datashard-benchmarks", "slf4j-nop")  # ours, around the contender
    jars_there = class_path("benchmarks/iceberg")
    iceberg = [p for p in jars_there if not Path(p).name.startswith(frame)]
    found = {
        OURS: ("**DataShard for Java**, core", "jars", jars(own + needed)),
        "cli": (
            "DataShard for Java, the command",
            "jars",
            jars([str(p) for p in [command / "datashard.jar", *(command / "lib").glob("*.jar")]]),
        ),
        "iceberg-java": ("Iceberg Java with Parquet and Hadoop, local files", "jars", jars(iceberg)),
        ANCESTOR: ("DataShard (Python)", "packages", installed(python, "datashard")),
        "deltalake": ("deltalake with pyarrow", "packages", None),
        "duckdb": ("DuckDB", "packages", installed(python, "duckdb")),
    }
    delta, arrow = installed(python, "deltalake"), installed(python, "pyarrow")
    both = {name: delta[name] + arrow[name] for name in delta}
    found["deltalake"] = (*found["deltalake"][:2], both)
    return found
