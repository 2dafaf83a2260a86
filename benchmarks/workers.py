"""Many pipelines on one, two and four workers: PostgreSQL and Google are servers on this machine.

Google's answers are held back, as those over the network are: a worker waits most of its time, which is what more of
them are good for. On a machine with few cores the processes' own work is what limits them in the end.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.google import LATENCY, hold_back
from fivestep.connectors.database.queue import Queue
from tests.fakes.google.client import evaluate
from tests.fakes.google_team import ANA, SCOPES, SETTINGS
from tests.fakes.postgres import Server
from tests.fakes.team import ROWS

PIPELINES = 8

_MAKE = """
books = [server.sheets.add(f"team {{n}}", {rows}, tab="Deals", writers=[{who!r}]).id for n in range({count})]
result = [books, server.tokens.authorized_user({who!r}, {scopes})]
"""


class Paces(NamedTuple):
    """How fast it went."""

    per_minute: Mapping[int, float]
    """For each number of workers, the pipelines that they ran in a minute."""
    processor: float
    """Seconds of processor time that one run takes: so many cores do not do more than that allows."""


def paces(root: str, server: Server, folder: Path, counts: tuple[int, ...]) -> Paces:
    """Many pipelines on so many workers."""
    found = {}
    with server.database() as url, closing(Queue(url)) as queue:
        names = _make(root, folder, url)
        # Once beforehand: a first run has more to do than those after it.
        for count in (max(counts), *counts):
            with _working(folder, count):
                began = time.monotonic()
                due = dt.datetime.now(dt.UTC)
                for name in names:
                    queue.put(name, "sync", due)
                while server.ask("SELECT 1 FROM procrastinate_jobs", url.rpartition("/")[2]):
                    time.sleep(0.05)
                found[count] = len(names) / (time.monotonic() - began) * 60
        return Paces(found, _processor(folder / f"{names[0]}.toml"))


def _processor(file: Path) -> float:
    # Not on every system; where it is not, there is no PostgreSQL for this either.
    import resource

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "fivestep", "run", "--job", "sync", "--config", file], check=True,
                   stdout=subprocess.DEVNULL)  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _make(root: str, folder: Path, url: str) -> list[str]:
    code = _MAKE.format(rows=ROWS, who=ANA, count=PIPELINES, scopes=list(SCOPES))
    books, login = evaluate(root, code)
    hold_back(root, LATENCY)
    folder.mkdir()
    (folder / "google-token.json").write_text(json.dumps(login), encoding="utf-8")
    names = [f"team-{number}" for number in range(PIPELINES)]
    for name, book in zip(names, books, strict=True):
        text = SETTINGS.format(sheet=book, to="gmail", root=root, pipeline="", columns="", google="")
        text = text.replace('"team"', f'"{name}"') + f'\n[ledger]\nurl = "{url}"\n'
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return names


@contextmanager
def _working(folder: Path, count: int) -> Iterator[None]:
    """So many workers, once each of them is at work."""
    command = [sys.executable, "-m", "fivestep", "worker", str(folder)]
    with ExitStack() as stack:
        workers = [stack.enter_context(subprocess.Popen(command, stderr=subprocess.PIPE)) for _ in range(count)]
        try:
            for worker in workers:
                assert worker.stderr is not None
                worker.stderr.readline()
            yield
        finally:
            for worker in workers:
                worker.terminate()
