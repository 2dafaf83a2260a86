"""Carries out what is due for the pipelines whose settings stand here; any number of machines share the work."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import os
import signal
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import cast

from fivestep.config.settings import Settings
from fivestep.connectors.child import Child
from fivestep.connectors.ledger import RunKind
from fivestep.connectors.queue import Occasion, Queue
from fivestep.connectors.registry import open_ledger
from fivestep.errors import BusyError, SettingsError, UnreachableError
from fivestep.jobs.attempts import record_ended
from fivestep.jobs.errand import COMMANDS
from fivestep.jobs.serve import PATIENCE, TURN
from fivestep.jobs.settings_files import SettingsFiles

LONGEST_WAIT = 60.0
"""Seconds between two tries to reach a queue that was lost."""

_RUNS_LOOKED_AT = 20

log = logging.getLogger(__name__)


class Here:
    """The pipelines whose settings stand here; these may come, change and go while the worker runs."""

    def __init__(self, places: Sequence[Path], environ: Mapping[str, str]) -> None:
        """Raises SettingsError where there are none that can be used, or where they do not share a ledger."""
        self._files = SettingsFiles(places, environ)
        self._settings: dict[str, Settings] = {}
        self._by_name: dict[str, Settings] = {}
        self.ledger_url = ""
        news = self._files.look()
        if not news.settings:
            raise SettingsError("\n".join(map(str, news.broken.values())) or "there is no settings file: name one")
        first, *others = news.settings.values()
        for other in others:
            if other.ledger_url != first.ledger_url:
                raise SettingsError(f"{other.file} names another ledger than {first.file}: pipelines here share one")
        self.ledger_url = first.ledger_url
        self._settings.update(news.settings)
        self._sort()
        for file, fault in news.broken.items():
            log.error("%s is left out until it is mended: %s", file, fault)

    def names(self) -> Collection[str]:
        """The pipelines by name, after another look at the files."""
        news = self._files.look()
        for file, fault in news.broken.items():
            log.error("%s can't be used, what it said before still holds: %s", file, fault)
        self._settings.update(news.settings)
        for file in news.gone:
            self._settings.pop(file, None)
        if news.settings or news.gone:
            self._sort()
        return frozenset(self._by_name)

    def settings(self, pipeline: str) -> Settings | None:
        """The settings of one pipeline; None where they stand here no more."""
        return self._by_name.get(pipeline)

    def _sort(self) -> None:
        found: dict[str, Settings] = {}
        for file, settings in sorted(self._settings.items()):
            if settings.ledger_url != self.ledger_url:
                log.error("%s names another ledger than the rest, and is left to other workers", file)
            elif (other := found.setdefault(settings.pipeline.name, settings)) is not settings:
                log.error("%s has the name of the pipeline in %s, and is left out: rename it", file, other.file)
        self._by_name = found


def work(places: Sequence[Path], at_once: int = 1) -> None:
    """Carry out what is due, until SIGTERM or SIGINT: a job that is under way then is ended, and given to others.

    Raises SettingsError where the settings are wrong, UnreachableError or CredentialsError where the queue can't be
    reached to begin with: later it is tried again.
    """
    here = Here(places, os.environ)
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
    """Carry out one job. Raises BusyError or UnreachableError where it is to be tried again later."""
    name = f"{occasion.job} of {occasion.pipeline!r}"
    settings = here.settings(occasion.pipeline)
    if settings is None:
        raise BusyError(f"{name}: its settings are here no more, another worker may have them")
    if dt.datetime.now(dt.UTC) > occasion.due + _grace(settings):
        log.error("%s, due at %s, was missed: nobody could carry it out in time", name, occasion.due)
        return
    if await asyncio.to_thread(_is_done, settings, occasion):
        log.info("%s was carried out after it was due", name)
        return
    began = dt.datetime.now(dt.UTC)
    code, words = await _in_a_child(settings, occasion.job)
    if code == BusyError.exit_code:
        raise BusyError(words)
    if code == UnreachableError.exit_code:
        log.warning("%s is tried again later: %s", name, words)
        raise UnreachableError(words)
    if code:
        how = f"ended with exit code {code}" if code > 0 else f"was killed by signal {-code}"
        message = f"{name} {how}: {words or 'it said nothing'}"
        log.error("%s", message)
        await asyncio.to_thread(record_ended, settings, cast("RunKind", occasion.job), began, message)
    else:
        log.info("%s is done", name)


def _grace(settings: Settings) -> dt.timedelta:
    return dt.timedelta(minutes=settings.schedule.jitter + settings.schedule.grace)


def _is_done(settings: Settings, occasion: Occasion) -> bool:
    """Whether the job came to an end after this occasion: one run makes up for all occasions that waited."""
    with closing(open_ledger(settings)) as ledger:
        runs = ledger.runs(occasion.pipeline, _RUNS_LOOKED_AT)
    return any(
        run.kind == occasion.job and run.started >= occasion.due and run.outcome in ("done", "partly") for run in runs
    )


async def _in_a_child(settings: Settings, job: str) -> tuple[int, str]:
    """The job's exit code and last words. Where this is cancelled, the job is ended first."""
    child = Child([*COMMANDS[job], "--config", settings.file])
    limit = settings.schedule.time_limit * 60
    try:
        while child.code is None and child.seconds < limit:
            await asyncio.sleep(TURN)
        hung = child.code is None
    finally:
        code = await _ended(child)
        words = child.last_words()
    return (1, f"it took longer than {limit / 60:g} minutes ([schedule] time_limit)") if hung else (code, words)


async def _ended(child: Child) -> int:
    """Its exit code, once it has stopped between two steps or, too slow for that, was ended."""
    if child.code is None:
        child.stop()
    return await asyncio.to_thread(child.wait, PATIENCE)
