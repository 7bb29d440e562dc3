"""A bucket that is some milliseconds away, and who keeps tables in it."""
import os
import re
import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from .contenders import ROOT, TARGET, Contender, ancestor, class_path, java, ours
from .processes import Worker

MACHINE = "DATASHARD_MACHINE_DIR"  # where processes of ours find each other
SOURCE = ROOT / "testkit/src/main/java/io/datashard/testkit/s3/RealServer.java"


def server_version():
    return re.search(r"versitygw@v([\d.]+)", SOURCE.read_text()).group(1)


class Bucket(Worker):
    """An S3 server behind a proxy that makes requests take longer, counts them, and lets some fail:
    FarBucket.java as a process."""

    def __init__(self, folder):
        command = (java(), "-Xmx1g", "-cp", os.pathsep.join(class_path("benchmarks")))
        command += ("io.datashard.benchmarks.buckets.FarBucket", str(TARGET / "versitygw"))
        super().__init__(Contender("bucket", "The S3 server", (*command, str(folder))))
        where = self.ask("where")
        self.environment = {
            "DATASHARD_STORAGE_TYPE": "s3",
            "DATASHARD_S3_ENDPOINT": where["endpoint"],
            "DATASHARD_S3_ACCESS_KEY": where["access_key"],
            "DATASHARD_S3_SECRET_KEY": where["secret_key"],
            "DATASHARD_S3_BUCKET": where["bucket"],
            "DATASHARD_S3_REGION": "us-east-1",
        }

    def count(self):
        """Requests since the last clear, by method, and how many ended how."""
        return self.ask("count")

    def requests(self):
        return sum(self.count()["methods"].values())

    def log(self):
        """Requests since the last clear: [method, target, status, start ms, end ms]."""
        return self.ask("log")["requests"]

    def await_quiet(self, delay):
        """Returns when nobody has sent anything for some delays."""
        before, now = -1, self.requests()
        while now != before:
            time.sleep(0.2 + 5 * delay / 1_000)
            before, now = now, self.requests()


class Machines:
    """Folders by which processes are on one machine or on several: they reach only those of theirs.
    Short paths, since sockets lie in them."""

    def __init__(self, most):
        self.folder = Path(tempfile.mkdtemp(prefix="machines-"))
        self.each = [{MACHINE: str(self.folder / str(n))} for n in range(most)]

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def contenders(python, bucket, machines):
    """Both, with their tables in this bucket."""
    environment = tuple({**bucket.environment, **machines.each[0]}.items())
    return [replace(each, environment=environment) for each in (ours(), ancestor(python))]


def in_a_row(log):
    """The longest chain of requests each of which began after the one before had ended."""
    depths = []
    for _, _, _, start, end in sorted(log, key=lambda r: r[3]):
        depths.append((end, 1 + max((d for e, d in depths if e <= start), default=0)))
    return max((d for _, d in depths), default=0)


def told(log):
    """The log in lines for people: random parts of names are left out."""
    if not log:
        return []
    first = min(r[3] for r in log)
    lines = []
    for method, target, status, start, end in sorted(log, key=lambda r: r[3]):
        path, _, query = target.partition("?")
        prefix = re.search(r"prefix=([^&]*)", query)
        name = re.sub(r"%2[fF]", "/", prefix.group(1)) if prefix else path.split("/", 2)[-1]
        name = re.sub(r"^.*?/table/", "", name)
        name = re.sub(r"[0-9a-f]{8}[0-9a-f-]*", "*", name)
        lines.append(f"{start - first:6.0f} to {end - first:4.0f} ms  {method:6} {name}  {status}")
    return lines
