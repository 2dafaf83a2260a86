"""A clock over the supervisor: every pipeline's jobs begin when they are due, until somebody ends it.

All decisions are taken in one thread, turn by turn; the clock only puts occasions into the inbox.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from fivestep.config.settings.model import Settings
from fivestep.config.settings.timetables import timetables
from fivestep.connectors.system.stopping import STOPPING_PATIENCE
from fivestep.errors import FivestepError
from fivestep.jobs.scheduling.clock import Clock
from fivestep.jobs.scheduling.occasion import Occasion
from fivestep.jobs.scheduling.settings_files import News, SettingsFiles
from fivestep.jobs.scheduling.status_pages import Address, watched
from fivestep.jobs.scheduling.supervisor import TURN, Ending, Errand, failed, missed, say, taken, tell_of_ending

LONGEST_TURN = 5.0
"""Seconds after which a turn begins nothing more: a ledger that can't be reached takes its time to say so, and whoever
wants this to end, or to know whether it is alive, is not to wait for all of them."""
LOOK = 5.0
"""Seconds between two looks at the settings files."""


def serve(
    places: Sequence[Path],
    at_once: int,
    stop: threading.Event,
    address: Address | None = None,
    *,
    queued: bool = False,
) -> Mapping[str, int]:
    """Serve until the event is set; returns what became of the occasions.

    - `places`: files and folders with settings.
    - `at_once`: how many jobs may run at the same time.
    - `stop`: ends it.
    - `address`: where monitoring may ask; None for nowhere.
    - `queued`: workers carry the jobs out.

    Raises SettingsError where there is nothing to serve, or no queue, UnreachableError where nobody can listen at the
    address.
    """
    server = Server(places, os.environ, at_once, enqueue if queued else None)
    try:
        if queued:
            check_queues(server.pipelines().values())
        with watched(address, server.pipelines) as beat:
            while not stop.wait(TURN):
                server.turn()
                beat()
    finally:
        server.end()
    return server.counts


class Server:
    """Runs the jobs of the pipelines whose settings lie in these places."""

    def __init__(
        self,
        places: Sequence[Path],
        environ: Mapping[str, str],
        at_once: int = 4,
        hand_over: Callable[[Occasion, Settings], bool] | None = None,
    ) -> None:
        """`hand_over` leaves an occasion to others instead, or returns False where it was taken already.

        Raises SettingsError where no settings that can be used lie there.
        """
        self.counts: Counter[str] = Counter()
        """The occasions: `done`, `partly`, `failed`, `stopped`, `overdue`, `missed`, `taken`, `queued`."""
        self._files = SettingsFiles(places, environ)
        self._at_once = at_once
        self._hand_over = hand_over
        self._inbox: queue.SimpleQueue[Occasion] = queue.SimpleQueue()
        self._settings: dict[str, Settings] = {}
        self._waiting: dict[tuple[str, str], Errand] = {}
        """By settings file and job."""
        self._running: dict[str, Errand] = {}
        """By settings file."""
        news = self._files.look()
        news.require_some()
        self._clock = Clock(self._inbox.put)
        self._take_up(news)
        self._looked = time.monotonic()

    def pipelines(self) -> Mapping[str, Settings]:
        """What is served just now, by settings file."""
        return dict(self._settings)

    def turn(self) -> None:
        """Go on by what has happened since the last turn."""
        began = time.monotonic()
        if began - self._looked >= LOOK:
            self._clock.wake()
            self._take_up(self._files.look())
            self._looked = began
        while not self._inbox.empty():
            self._hear(self._inbox.get())
        for file, errand in list(self._running.items()):
            if not errand.goes_on():
                del self._running[file]
                self._ended(errand, errand.end())
        now = dt.datetime.now(dt.UTC)
        for (file, job), errand in list(self._waiting.items()):
            if time.monotonic() - began > LONGEST_TURN:
                break
            if file not in self._running and len(self._running) < self._at_once and errand.not_before <= now:
                del self._waiting[file, job]
                self._begin(errand)

    def end(self) -> None:
        """Ask all jobs under way to stop, and end those that don't; others may take their occasions."""
        self._clock.stop()
        running = list(self._running.values())
        for errand in running:
            errand.ask_to_stop()
        for errand in self._waiting.values():
            errand.give_back()
        until = time.monotonic() + STOPPING_PATIENCE
        for errand in running:
            ending = errand.stopped(max(0.0, until - time.monotonic()))
            self._count(errand.occasion, errand.settings, ending)
            if ending.upshot == "stopped":
                errand.give_back()
        self._waiting.clear()
        self._running.clear()

    def _take_up(self, news: News) -> None:
        """Go by what the settings files say now."""
        news.tell_of_broken(self._settings)
        for file, settings in news.settings.items():
            say(settings, logging.INFO, f"served by {file}", file=file)
            self._settings[file] = settings
            for errand in (one for (whose, _), one in self._waiting.items() if whose == file):
                errand.settings = settings
            grace = dt.timedelta(minutes=settings.schedule.grace)
            self._clock.put(file, settings.pipeline.name, timetables(settings), grace)
        for file in news.gone:
            self._clock.drop(file)
            for place in [place for place in self._waiting if place[0] == file]:
                self._waiting.pop(place).give_back()
            if (old := self._settings.pop(file, None)) is not None:
                say(old, logging.INFO, f"{file} is gone, and its jobs with it", file=file)

    def _hear(self, occasion: Occasion) -> None:
        """An occasion waits for its turn; one of the same job that waits already gives way to it."""
        file = occasion.settings_file
        settings, place = self._settings.get(file), (file, occasion.job)
        if settings is None:
            return
        if occasion.missed:
            self._count(occasion, settings, missed(occasion))
            return
        # A clock whose timetables are put anew tells once more of what it has told before.
        known = (self._waiting.get(place), self._running.get(file))
        if not any(errand and errand.is_for(occasion) for errand in known):
            self._waiting[place] = Errand(occasion, settings)

    def _begin(self, errand: Errand) -> None:
        ending = self._handed_over(errand, self._hand_over) if self._hand_over else errand.begin()
        if ending is None:
            self._running[errand.occasion.settings_file] = errand
        else:
            self._ended(errand, ending)

    def _handed_over(self, errand: Errand, hand_over: Callable[[Occasion, Settings], bool]) -> Ending:
        """What became of an errand that others are to carry out."""
        occasion = errand.occasion
        try:
            if not hand_over(occasion, errand.settings):
                return taken(occasion)
        except FivestepError as fault:
            return errand.again(str(fault))
        return Ending("queued", logging.INFO, f"{occasion.job} is queued")

    def _ended(self, errand: Errand, ending: Ending) -> None:
        """Let the job wait for another try, if it has one left and no newer occasion waits."""
        occasion, place = errand.occasion, (errand.occasion.settings_file, errand.occasion.job)
        if ending.upshot == "again":
            if place not in self._waiting and occasion.settings_file in self._settings:
                self._waiting[place] = errand
                tell_of_ending(occasion, errand.settings, ending)
                return
            ending = failed(occasion, ending.why)
        self._count(occasion, errand.settings, ending)

    def _count(self, occasion: Occasion, settings: Settings, ending: Ending) -> None:
        self.counts[ending.upshot] += 1
        tell_of_ending(occasion, settings, ending)


def check_queues(all_settings: Iterable[Settings]) -> None:
    """Raise SettingsError where workers could not be told of the jobs of one of these."""
    from fivestep.connectors.database.queue import Queue

    for url in {settings.ledger_url for settings in all_settings}:
        Queue(url).close()


def enqueue(occasion: Occasion, settings: Settings) -> bool:
    """Leave it to whichever worker is free; False where the occasion was taken already."""
    from fivestep.connectors.database.queue import Queue

    with closing(Queue(settings.ledger_url)) as waiting:
        return waiting.put(occasion.pipeline, occasion.job, occasion.due)
