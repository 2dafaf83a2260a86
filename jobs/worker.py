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

from fivestep.config.settings.model import Settings
from fivestep.connectors.database.queue import Occasion, Queue
from fivestep.connectors.ledger import RunKind
from fivestep.connectors.registry import open_ledger
from fivestep.connectors.system.child import Child
from fivestep.connectors.system.stopping import STOPPING_PATIENCE
from fivestep.errors import BusyError, FivestepError, SettingsError, UnreachableError
from fivestep.jobs.running.attempt import record_ended
from fivestep.jobs.scheduling.clock import IN_TIME
from fivestep.jobs.scheduling.errand import begin, how
from fivestep.jobs.scheduling.settings_files import SettingsFiles
from fivestep.jobs.serve import TURN

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
        self._tell_of(news.broken)

    def names(self) -> Collection[str]:
        """The pipelines by name, after another look at the files."""
        news = self._files.look()
        self._tell_of(news.broken)
        self._settings.update(news.settings)
        for file in news.gone:
            self._settings.pop(file, None)
        if news.settings or news.gone:
            self._sort()
        return frozenset(self._by_name)

    def settings(self, pipeline: str) -> Settings | None:
        """The settings of one pipeline; None where they stand here no more."""
        return self._by_name.get(pipeline)

    def _tell_of(self, broken: Mapping[str, FivestepError]) -> None:
        for file, fault in broken.items():
            so = "what it said before still holds" if file in self._settings else "it is left out until it is mended"
            log.error("%s can't be used, and %s: %s", file, so, fault)

    def _sort(self) -> None:
        found: dict[str, Settings] = {}
        for file, settings in sorted(self._settings.items()):
            if settings.ledger_url != self.ledger_url:
                log.error("%s names another ledger than the rest, and is left to other workers", file)
            else:
                found[settings.pipeline.name] = settings
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
    if code == 0:
        log.info("%s is done", name)
    else:
        await asyncio.to_thread(_record, settings, occasion, began, code, words)
    if words and code in (0, 1):
        log.warning("%s said: %s", name, words)


def _record(settings: Settings, occasion: Occasion, began: dt.datetime, code: int | None, words: str) -> None:
    """Tell how a job ended that was not done, and have it in the ledger; no code: it was ended here."""
    name, message = f"{occasion.job} of {occasion.pipeline!r}", f"{how(code)}: {words or 'it said nothing'}"
    own_code = code if code is not None and code > 0 else None
    if record_ended(settings, cast("RunKind", occasion.job), began, f"{occasion.job} {message}", own_code) == "partly":
        log.warning("%s is done, but for parts of it: `fivestep history` counts them", name)
    else:
        log.error("%s %s", name, message)


def _grace(settings: Settings) -> dt.timedelta:
    schedule = settings.schedule
    return dt.timedelta(minutes=schedule.jitter) + max(dt.timedelta(minutes=schedule.grace), IN_TIME)


def _is_done(settings: Settings, occasion: Occasion) -> bool:
    """Whether the job came to an end after this occasion: one run makes up for all occasions that waited."""
    with closing(open_ledger(settings)) as ledger:
        runs = ledger.runs(occasion.pipeline, _RUNS_LOOKED_AT)
    return any(run.kind == occasion.job and run.started >= occasion.due and run.succeeded for run in runs)


async def _in_a_child(settings: Settings, job: str) -> tuple[int | None, str]:
    """The job's exit code and last words; no code where it took too long. Where this is cancelled, the job is ended."""
    child = begin(job, settings)
    limit = settings.schedule.time_limit * 60
    try:
        while child.code is None and child.seconds < limit:
            await asyncio.sleep(TURN)
        hung = child.code is None
    finally:
        code = await _ended(child)
        words = child.last_words()
    return (None, f"it took longer than {limit / 60:g} minutes, its time_limit") if hung else (code, words)


async def _ended(child: Child) -> int:
    """Its exit code, once it has stopped between two steps or, too slow for that, was ended."""
    if child.code is None:
        child.stop()
    return await asyncio.to_thread(child.wait, STOPPING_PATIENCE)
