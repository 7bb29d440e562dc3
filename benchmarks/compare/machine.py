"""What was measured on."""
import os
import platform
import re
import subprocess
from pathlib import Path

from .contenders import HOME, ROOT, java


def output(*command):
    done = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return done.stdout.strip() if done.returncode == 0 else ""


def first(pattern, text, otherwise="unknown"):
    found = re.search(pattern, text, re.MULTILINE)
    return found.group(1).strip() if found else otherwise


def read(path):
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def file_system(folder):
    """The type of the file system that holds the folder."""
    best, kind = "", "unknown"
    for line in read("/proc/mounts").splitlines():
        point, fs = line.split()[1:3]
        inside = str(folder).startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, fs
    return kind


def facts(folder, load, python):
    """Name and value of everything that figures depend on."""
    cpu = read("/proc/cpuinfo")
    virtual = "a virtual machine" if "hypervisor" in cpu else "a machine of its own, or unknown"
    memory = int(first(r"^MemTotal:\s+(\d+)", read("/proc/meminfo"), "0")) / (1 << 20)
    pom = (ROOT / "pom.xml").read_text()
    commit = output("git", "rev-parse", "--short", "HEAD") or "unknown"
    changed = " with uncommitted changes" if output("git", "status", "--porcelain") else ""
    rivals = re.findall(r"^(\S+)==(\S+)$", (HOME / "requirements.txt").read_text(), re.MULTILINE)
    sqlite = output(python, "-c", "import sqlite3; print(sqlite3.sqlite_version)")
    return {
        "processors": f"{os.cpu_count()}, {first('^model name.*:(.*)$', cpu)}",
        "kind": f"{virtual}, {platform.machine()}",
        "memory": f"{memory:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}, {file_system(folder)}",
        "load before the run": f"{load:.1f} (1 minute)",
        "JDK": output(java(), "-version").splitlines()[0],
        "Python": platform.python_version(),
        "DataShard for Java": commit + changed,
        "rivals": ", ".join(
            [f"{name} {version}" for name, version in rivals]
            + [f"SQLite {sqlite}"]
            + [f"{n} {first(f'<{n}.version>(.*?)<', pom)}" for n in ("iceberg", "hadoop", "parquet")]
        ),
    }
