"""Worker: a queue over the supervisor.

Any number of machines share the work; each does that of the pipelines whose settings it has.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import os
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import cast

from fivestep.config.settings.model import Settings
from fivestep.config.settings.timetables import Scheduled
from fivestep.connectors.database.queue import Queue, QueuedJob
from fivestep.connectors.system import stopping
from fivestep.connectors.system.stopping import STOPPING_PATIENCE
from fivestep.errors import SettingsError, UnreachableError
from fivestep.jobs.scheduling.occasion import Occasion
from fivestep.jobs.scheduling.settings_files import SettingsFiles
from fivestep.jobs.scheduling.supervisor import TURN, Ending, Errand, pause_after, tell_of_ending

LONGEST_WAIT = 60.0
"""Seconds between two tries to reach a queue that was lost."""

log = logging.getLogger(__name__)


class Here:
    """The pipelines whose settings stand here; these may come, change and go while the worker runs."""

    def __init__(self, places: Sequence[Path], environ: Mapping[str, str]) -> None:
        """Raises SettingsError where there are none that can be used, or where they do not share a ledger."""
        self._files = SettingsFiles(places, environ)
        news = self._files.look()
        news.require_some()
        first, *others = news.settings.values()
        for other in others:
            if other.ledger_url != first.ledger_url:
                raise SettingsError(f"{other.file} names another ledger than {first.file}: pipelines here share one")
        self.ledger_url = first.ledger_url
        self._settings: dict[str, Settings] = dict(news.settings)
        self._by_name = self._sorted()
        news.tell_of_broken(self._settings)

    def names(self) -> Collection[str]:
        """The pipelines by name, after another look at the files."""
        news = self._files.look()
        news.tell_of_broken(self._settings)
        self._settings.update(news.settings)
        for file in news.gone:
            self._settings.pop(file, None)
        if news.settings or news.gone:
            self._by_name = self._sorted()
        return frozenset(self._by_name)

    def settings(self, pipeline: str) -> Settings | None:
        """The settings of one pipeline; None where they stand here no more."""
        return self._by_name.get(pipeline)

    def _sorted(self) -> Mapping[str, Settings]:
        found: dict[str, Settings] = {}
        for file, settings in sorted(self._settings.items()):
            if settings.ledger_url != self.ledger_url:
                log.error("%s names another ledger than the rest, and is left to other workers", file)
            else:
                found[settings.pipeline.name] = settings
        return found


def work(places: Sequence[Path], at_once: int = 1) -> None:
    """Carry out what is due, until SIGTERM or SIGINT; a job that is cut off then is given to others.

    Raises SettingsError where the settings are wrong, UnreachableError or CredentialsError where the queue can't be
    reached to begin with: later it is tried again.
    """
    here = Here(places, os.environ)
    with closing(Queue(here.ledger_url)) as queue:
        queue.check()
        # This loop on every system: PostgreSQL's driver does not work with the one that Windows would take.
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(_until_stopped(here, queue, at_once))


async def _until_stopped(here: Here, queue: Queue, at_once: int) -> None:
    working = asyncio.create_task(_again_and_again(here, queue, at_once))
    loop = asyncio.get_running_loop()
    with stopping.when_asked(lambda: loop.call_soon_threadsafe(working.cancel)):
        log.info("at work for %s", ", ".join(sorted(here.names())))
        await asyncio.wait([working])
    if not working.cancelled():
        working.result()


async def _again_and_again(here: Here, queue: Queue, at_once: int) -> None:
    async def carry_out(queued: QueuedJob) -> dt.timedelta | None:
        return await _carry_out(here, queued)

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


async def _carry_out(here: Here, queued: QueuedJob) -> dt.timedelta | None:
    """Carry out one job. Returns after how long it is to be tried again, None where it is over."""
    settings = here.settings(queued.pipeline)
    if settings is None:
        log.info("%s of %r is left to others: its settings are no longer here", queued.job, queued.pipeline)
        return pause_after(queued.tries)
    job = cast("Scheduled", queued.job)
    occasion = Occasion(settings.file, queued.pipeline, job, queued.due)
    errand = Errand(occasion, settings, queued.tries, ours=True)
    ending = await _ending(errand)
    tell_of_ending(occasion, settings, ending)
    return errand.pause if ending.upshot == "again" else None


async def _ending(errand: Errand) -> Ending:
    """What became of the errand. Where this is cancelled, its process is ended."""
    beginning = asyncio.create_task(asyncio.to_thread(errand.begin))
    try:
        ending = await asyncio.shield(beginning)
        while ending is None and errand.goes_on():
            await asyncio.sleep(TURN)
    except asyncio.CancelledError:
        # The thread is not cancelled with this: it may have begun the process by now.
        if await beginning is None:
            errand.ask_to_stop()
            await asyncio.to_thread(errand.stopped, STOPPING_PATIENCE)
        raise
    return await asyncio.to_thread(errand.end) if ending is None else ending
