"""Carries out what is due for the pipelines whose settings stand here; any number of machines share the work."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Collection, Sequence
from contextlib import closing
from pathlib import Path

from fivestep.config.load import NAME, load_settings
from fivestep.config.settings import Settings
from fivestep.connectors.queue import Occasion, Queue
from fivestep.connectors.registry import open_ledger
from fivestep.errors import BusyError, SettingsError, UnreachableError
from fivestep.jobs.child import run_job

LONGEST_WAIT = 60.0
"""Seconds between two tries to reach a queue that was lost."""

_RUNS_LOOKED_AT = 20

log = logging.getLogger(__name__)


class Here:
    """The pipelines whose settings stand here, looked for anew each time: they may be synced while the worker runs."""

    def __init__(self, paths: Sequence[Path]) -> None:
        """Raises SettingsError where there are none, or where they do not share a ledger."""
        self._paths = paths or [Path(NAME)]
        self._told: set[str] = set()
        self._known: dict[str, Settings] = {}
        self._files: dict[Path, str] = {}
        found = [load_settings(file, os.environ) for file in self._settings_files()]
        if not found:
            raise SettingsError(f"there are no settings in {', '.join(map(str, self._paths))}: put files *.toml there")
        self.ledger_url = found[0].ledger_url
        for settings in found:
            if settings.ledger_url != self.ledger_url:
                raise SettingsError(
                    f"{settings.file} names another ledger than {found[0].file}: pipelines of one worker share one"
                )
        self.names()

    def names(self) -> Collection[str]:
        """The pipelines by name."""
        files = self._settings_files()
        for file in files:
            try:
                self._take_in(load_settings(file, os.environ), file)
            except SettingsError as fault:
                self._tell(f"{fault} (until it is mended, what was there before holds)")
        for file in self._files.keys() - files:
            self._known.pop(self._files.pop(file), None)
        return frozenset(self._known)

    def settings(self, pipeline: str) -> Settings | None:
        """The settings of one pipeline; None where they stand here no more."""
        return self._known.get(pipeline)

    def _take_in(self, settings: Settings, file: Path) -> None:
        name = settings.pipeline.name
        other = self._known.get(name)
        if settings.ledger_url != self.ledger_url:
            self._tell(f"{file} names another ledger than the rest, and is left to other workers")
        elif other is not None and self._files.get(file) != name:
            self._tell(f"{file} is a pipeline {name!r} as {other.file} is, and is left out: give it a name of its own")
        else:
            if self._files.get(file) not in (None, name):
                self._known.pop(self._files[file], None)
            self._known[name], self._files[file] = settings, name

    def _settings_files(self) -> list[Path]:
        return [file for path in self._paths for file in (sorted(path.glob("*.toml")) if path.is_dir() else [path])]

    def _tell(self, message: str) -> None:
        if message not in self._told:
            self._told.add(message)
            log.warning("%s", message)


def work(paths: Sequence[Path], at_once: int = 1) -> None:
    """Carry out what is due, until SIGTERM or SIGINT: a job that is under way then is ended, and given to others.

    Raises SettingsError where the settings are wrong, UnreachableError or CredentialsError where the queue can't be
    reached to begin with: later it is tried again.
    """
    here = Here(paths)
    with closing(Queue(here.ledger_url)) as queue:
        queue.check()
        asyncio.run(_until_stopped(here, queue, at_once))


async def _until_stopped(here: Here, queue: Queue, at_once: int) -> None:
    working = asyncio.create_task(_again_and_again(here, queue, at_once))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, working.cancel)
    log.info("at work for %s", ", ".join(sorted(here.names())))
    await asyncio.wait([working])
    if not working.cancelled():
        working.result()


async def _again_and_again(here: Here, queue: Queue, at_once: int) -> None:
    async def carry_out(occasion: Occasion) -> None:
        await _carry_out(here, occasion)

    wait = 1.0
    while True:
        began = asyncio.get_running_loop().time()
        try:
            await queue.work(here.names, carry_out, at_once)
        except UnreachableError as fault:
            lasted = asyncio.get_running_loop().time() - began
            wait = 1.0 if lasted > LONGEST_WAIT else min(2 * wait, LONGEST_WAIT)
            log.warning("%s; next try in %.0f s", fault, wait)
            await asyncio.sleep(wait)


async def _carry_out(here: Here, occasion: Occasion) -> None:
    """Carry out one job. Raises BusyError where that has to wait."""
    name = f"{occasion.job} of {occasion.pipeline!r}"
    settings = here.settings(occasion.pipeline)
    if settings is None:
        raise BusyError(f"{name}: its settings are here no more, another worker may have them")
    if await asyncio.to_thread(_is_done, settings, occasion):
        log.info("%s was carried out after it was due", name)
        return
    ended = await run_job(Path(settings.file), occasion.job)
    if ended.code == BusyError.exit_code:
        raise BusyError(ended.message)
    if ended.message or ended.code < 0:
        log.error("%s failed: %s", name, ended.message or f"it was ended by signal {-ended.code}")
    else:
        log.info("%s ended with %d", name, ended.code)


def _is_done(settings: Settings, occasion: Occasion) -> bool:
    """Whether the job came to an end after this occasion: one run makes up for all occasions that waited."""
    with closing(open_ledger(settings)) as ledger:
        runs = ledger.runs(occasion.pipeline, _RUNS_LOOKED_AT)
    return any(run.kind == occasion.job and run.started >= occasion.due and run.outcome != "open" for run in runs)
