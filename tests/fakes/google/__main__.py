"""`python -m tests.fakes.google --port 0`: the server as a process of its own. Prints its root as one JSON line."""

from __future__ import annotations

import argparse
import json
import sys
import threading

from tests.fakes.google.server import GoogleServer


def main() -> None:
    """Serve until the process is ended. `/admin/eval` takes Python: see `tests.fakes.google.client.evaluate`."""
    parser = argparse.ArgumentParser(prog="tests.fakes.google", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="the port on 127.0.0.1; 0 takes a free one")
    options = parser.parse_args()
    with GoogleServer(port=options.port) as server:
        sys.stdout.write(json.dumps({"root": server.root}) + "\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
