"""Workers: contenders as processes that take orders."""
import json
import os
import subprocess
import tempfile
import threading

from .contenders import Failed


ANSWER_SECONDS_MAX = 600


class Worker:
    """One process of a contender. Closing it ends it, as does taking too long for an answer."""

    def __init__(self, contender, command=None, environment=None):
        self.contender = contender
        self.errors = tempfile.TemporaryFile(mode="w+")
        self.process = subprocess.Popen(
            command or contender.command,
            env={**os.environ, **dict(contender.environment), **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            bufsize=1,
        )

    def send(self, *words):
        try:
            self.process.stdin.write("\t".join(map(str, words)) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise self.broken() from None

    def receive(self):
        late = threading.Timer(ANSWER_SECONDS_MAX, self.process.kill)
        late.start()
        try:
            line = self.process.stdout.readline()
        finally:
            late.cancel()
        if not line:
            raise self.broken()
        reply = json.loads(line)
        if "error" in reply:
            raise Failed(f"{self.contender.title}: {reply['error']}")
        return reply

    def ask(self, *words):
        self.send(*words)
        return self.receive()

    def broken(self):
        self.process.wait()
        self.errors.seek(0)
        said = self.errors.read()[-2000:]
        return Failed(f"{self.contender.title} ended with {self.process.returncode}:\n{said}")

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.errors.close()
