"""The commands `serve` and `schedule`: signals, the log, and what is printed."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import fivestep
from fivestep import logs
from fivestep.cli.frame import echo_json
from fivestep.connectors.system import stopping

if TYPE_CHECKING:
    from fivestep.cli.listing import Section
    from fivestep.jobs.schedule import PlannedJob
    from fivestep.jobs.scheduling.exports import File


def keep_serving(
    places: Sequence[Path],
    at_once: int,
    address: tuple[str, int] | None,
    *,
    queued: bool,
    as_json: bool,
    verbose: bool,
) -> Mapping[str, int]:
    """Serve until SIGTERM or SIGINT comes; returns what became of the occasions.

    - `places`, `at_once`, `address`, `queued`: as in `fivestep.serve`.
    - `as_json`, `verbose`: how results and the log are printed.
    """
    logs.set_up(logging.DEBUG if verbose else logging.INFO, as_json=as_json)
    stop = threading.Event()
    # In a thread: the loop may hold the event's lock just now, and a handler that waits for it waits for ever.
    with stopping.when_asked(lambda: threading.Thread(target=stop.set).start()):
        return fivestep.serve(places, at_once, stop, address, queued=queued)


def serve_sections(done: Mapping[str, int]) -> Iterable[Section]:
    """What was done, in one line."""
    from fivestep.cli.listing import Section

    counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(done.items()))
    return [Section(f"Stopped. Jobs: {counts or 'none was due'}")]


def schedule_document(planned: Iterable[PlannedJob]) -> dict[str, Any]:
    """Each job with its cron expression and its next runs."""
    return {
        "jobs": [
            {
                "pipeline": one.pipeline,
                "config": one.file,
                "job": one.table.job,
                "cron": one.table.cron.expression,
                "timezone": str(one.table.zone),
                "next": [run.isoformat() for run in one.next],
            }
            for one in planned
        ]
    }


def schedule_sections(planned: Iterable[PlannedJob]) -> Iterable[Section]:
    """A line for each job."""
    from fivestep.cli.listing import Row, Section

    rows = [
        Row((one.pipeline, one.table.job, one.table.cron.expression, ", ".join(map(_shown, one.next))))
        for one in planned
    ]
    return [Section("Next runs" if rows else "No job has a time", ("Pipeline", "Job", "Cron", "Next"), rows)]


def print_files(files: Sequence[File], *, as_json: bool) -> None:
    """The files, one after the other, each below its name where there are several."""
    if as_json:
        echo_json({"files": [file._asdict() for file in files]})
        return
    for file in files:
        click.echo((f"# {file.name}\n" if len(files) > 1 else "") + file.content)


def _shown(run: dt.datetime) -> str:
    return f"{run:%a %Y-%m-%d %H:%M %Z}"
