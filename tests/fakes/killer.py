"""Runs a pipeline again and again, killed at another point each time, and tells what the next run made of it.

A process of its own, `python -m tests.fakes.killer FOLDER run`, or `digest` in place of `run`: it imports
everything once and forks a child for each point. The points are every call to the sheet, the mailbox and the ledger,
before and after, and every call to the operating system that makes something last. Prints one JSON document.
"""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fivestep
from fivestep.connectors import registry
from fivestep.jobs.running import pipeline as pipeline_module

AS_OF = dt.date(2026, 11, 23)
LASTING = ("replace", "rename", "link", "unlink", "fsync", "remove")
POINTS = 2000


class Countdown:
    """Kills this process, without any clean-up, at the n-th point."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.passed = 0

    def point(self) -> None:
        self.passed += 1
        if self.passed == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The same call, with a point before it and one after it."""

        def deadly(*args: Any, **kwargs: Any) -> Any:
            self.point()
            result = call(*args, **kwargs)
            self.point()
            return result

        return deadly


class Deadly:
    """A connector whose every call may be the last."""

    def __init__(self, inner: object, countdown: Countdown) -> None:
        self._inner = inner
        self._countdown = countdown

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        return self._countdown.around(value) if callable(value) and name != "lock" else value


def _run(folder: Path) -> dict[str, int]:
    report = fivestep.run(fivestep.load_settings(folder / "fivestep.toml"), AS_OF)
    changed = sum(result.outcome == "written" for result in report.changes)
    made = sum(result.outcome == "created" for result in report.drafts)
    return {"written": changed, "created": made}


def _digest(folder: Path) -> dict[str, int]:
    report = fivestep.digest(fivestep.load_settings(folder / "fivestep.toml"), AS_OF)
    return {"written": 0, "created": report.counts.get("created", 0)}


WORK = {"run": _run, "digest": _digest}


def run_killed(folder: Path, work: str, at: int) -> int:
    """Do the work in a child that is killed at a point; return the child's wait status."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    countdown = Countdown(at)
    for name in LASTING:
        setattr(os, name, countdown.around(getattr(os, name)))
    for module, name in (
        (pipeline_module, "open_sheet"), (pipeline_module, "open_mailbox"), (registry, "open_ledger")
    ):  # fmt: skip
        opener = getattr(registry, name)
        setattr(module, name, lambda *args, opener=opener: Deadly(opener(*args), countdown))
    WORK[work](folder)
    os._exit(0)


def run_whole(folder: Path, work: str) -> dict[str, int]:
    """Do the work to its end, in a child, and return what it counted."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, json.dumps(WORK[work](folder)).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        counts: dict[str, int] = json.loads(answer.read() or '{"written": -1, "created": -1}')
    os.waitpid(child, 0)
    return counts


def state(folder: Path) -> dict[str, Any]:
    """The sheet and the drafts as a person finds them."""
    settings = fivestep.load_settings(folder / "fivestep.toml")
    rows = [[str(cell or "") for cell in row] for row in registry.open_sheet(settings).read().rows]
    drafts = []
    for path in sorted((folder / "drafts").glob("*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        body = message.get_body(("plain",))
        drafts.append([message["X-Fivestep-Key"], message["To"], message["Subject"], body and body.get_content()])
    others = sorted(path.name for path in folder.rglob("*") if "tmp" in path.name.lower())
    return {"rows": rows, "drafts": sorted(drafts), "left over": others}


def main(folder: Path, work: str) -> None:
    """Try every point, and print what came of it."""
    scratch = folder.with_name("scratch")
    shutil.copytree(folder, scratch)
    run_whole(scratch, work)
    results: dict[str, Any] = {"whole": state(scratch), "killed": [], "different": []}
    for at in range(1, POINTS):
        shutil.rmtree(scratch)
        shutil.copytree(folder, scratch)
        ending = run_killed(scratch, work, at)
        if ending == 0:
            break
        if not (os.WIFSIGNALED(ending) and os.WTERMSIG(ending) == signal.SIGKILL):
            sys.exit(f"the run failed by itself before point {at}")
        run_whole(scratch, work)
        after = state(scratch)
        again = run_whole(scratch, work)
        results["killed"].append(at)
        if after != results["whole"] or again != {"written": 0, "created": 0}:
            results["different"].append({"at": at, "state": after, "again": again})
    sys.stdout.write(json.dumps(results))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
