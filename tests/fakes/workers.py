"""Workers as real processes, and pipelines for them whose ledger is one database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests import ROOT
from tests.fakes.team import ROWS, SETTINGS, write_sheet

_IMPATIENT = """
import sys
from fivestep.connectors.database import queue
from fivestep.jobs import worker
from fivestep.jobs.scheduling import supervisor

queue.HEARTBEAT = 0.2
queue.DEAD_AFTER = float(sys.argv.pop(1))
supervisor.PAUSES = (1,)
supervisor.STOPPING_PATIENCE = worker.STOPPING_PATIENCE = 1.0
from fivestep.cli.commands import main
main()
"""


def start(
    folder: Path,
    *options: str,
    dead_after: float = 20,
    log: int = subprocess.PIPE,
    answers: int = subprocess.DEVNULL,
) -> subprocess.Popen[str]:
    """A worker that tries again after a second. Where `dead_after` is short, slow ones are taken for dead, too."""
    command = [sys.executable, "-c", _IMPATIENT, str(dead_after), "worker", str(folder), "--verbose", *options]
    return subprocess.Popen(command, cwd=ROOT, stdout=answers, stderr=log, text=True)


@contextmanager
def working(folder: Path, *options: str, answers: int = subprocess.DEVNULL) -> Iterator[subprocess.Popen[str]]:
    """Such a worker, ended at the end wherever it is, and what it has begun with it."""
    with start(folder, *options, answers=answers) as process:
        try:
            yield process
        finally:
            kill(process, with_children=True)


def stop(process: subprocess.Popen[str]) -> str:
    """Have it end as it is meant to; returns what it said."""
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    return said


def children(process: subprocess.Popen[Any]) -> list[int]:
    """The processes that it has begun and that are under way."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return [
            int(child)
            for thread in Path(f"/proc/{process.pid}/task").iterdir()
            for child in (thread / "children").read_text("ascii").split()
        ]
    return []


def kill(process: subprocess.Popen[Any], *, with_children: bool) -> None:
    """As the machine loses its power; or only the worker is lost, and its job goes on by itself."""
    begun = children(process)
    process.kill()
    process.wait()
    for child in begun if with_children else ():
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def wait_until(done: Callable[[], object], seconds: float = 60) -> None:
    """Return once it is so."""
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until
        time.sleep(0.1)


def jobs(url: str) -> list[tuple[str, int]]:
    """How the jobs in the queue stand, and how often each was tried."""
    import psycopg

    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        return connection.execute("SELECT status::text, attempts FROM procrastinate_jobs ORDER BY id").fetchall()


def add_team(folder: Path, name: str, url: str, more: str = "") -> Path:
    """One more pipeline in a folder of settings; returns its drafts' folder."""
    text = SETTINGS.format(suffix="csv").replace('"team"', f'"{name}"').replace("pipeline.csv", f"{name}/pipeline.csv")
    text = text.replace("[drafts]", f'[drafts]\nto = "{name}/drafts"') + f'\n[ledger]\nurl = "{url}"\n{more}'
    (folder / name).mkdir()
    write_sheet(
        folder / name / "pipeline.csv", [[cell.replace(".example", f".{name}.example") for cell in row] for row in ROWS]
    )
    (folder / f"{name}.toml").write_text(text, "utf-8")
    return folder / name / "drafts"
