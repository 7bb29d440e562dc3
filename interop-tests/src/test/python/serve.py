"""Answers requests, one JSON object a line on standard input, one answer a line on standard output.

To be imported before anything that might print: whatever is printed goes to standard error.
"""

import json
import os
import sys
import traceback

answers = os.fdopen(os.dup(1), "w", encoding="ascii", buffering=1)
os.dup2(2, 1)


def serve(operations):
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"ok": True, **operations[request.pop("op")](**request)}
        except BaseException as e:
            traceback.print_exc()
            answer = {"ok": False, "error": f"{type(e).__name__}: {e}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
