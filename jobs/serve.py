"""Serve: every pipeline's jobs, each when it is due and in a process of its own, for as long as nobody ends it.

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
from fivestep.connectors.system.child import Child
from fivestep.connectors.system.stopping import STOPPING_PATIENCE
from fivestep.errors import BusyError, FivestepError, SettingsError, UnreachableError
from fivestep.jobs.running.attempt import record_ended
from fivestep.jobs.scheduling.clock import Clock, Occasion
from fivestep.jobs.scheduling.errand import Errand, how
from fivestep.jobs.scheduling.settings_files import News, SettingsFiles
from fivestep.jobs.scheduling.status_pages import Address, watched

TURN = 0.2
"""Seconds between two looks at what is under way."""
LONGEST_TURN = 5.0
"""Seconds after which a turn begins nothing more: a ledger that can't be reached takes its time to say so, and whoever
wants this to end, or to know whether it is alive, is not to wait for all of them."""
LOOK = 5.0
"""Seconds between two looks at the settings files."""

_AGAIN = (UnreachableError.exit_code, BusyError.exit_code)

log = logging.getLogger(__name__)


def serve(
    places: Sequence[Path],
    at_once: int,
    stop: threading.Event,
    address: Address | None = None,
    *,
    queued: bool = False,
) -> Mapping[str, int]:
    """Serve until the event is set; returns what became of the occasions. Whoever watches asks at the address.

    Queued: workers carry the jobs out.

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
        hand_over: Callable[[Errand], bool] | None = None,
    ) -> None:
        """`hand_over` leaves an errand to others instead, or returns False where its occasion was taken already.

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
        self._running: dict[str, tuple[Errand, Child]] = {}
        news = self._files.look()
        if not news.settings:
            faults = "\n".join(map(str, news.broken.values()))
            raise SettingsError(faults or "there are no settings here: name a file, or a folder of them")
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
        for pipeline, (errand, child) in list(self._running.items()):
            self._look_after(pipeline, errand, child)
        now = dt.datetime.now(dt.UTC)
        for (pipeline, _), errand in list(self._waiting.items()):
            if time.monotonic() - began > LONGEST_TURN:
                break
            if pipeline not in self._running and len(self._running) < self._at_once and errand.not_before <= now:
                del self._waiting[pipeline, errand.job]
                self._begin(errand, now)

    def end(self) -> None:
        """Ask everything that is under way to stop, and end what does not; its occasions are free for others again."""
        self._clock.stop()
        running = list(self._running.values())
        for _, child in running:
            child.stop()
        for errand in self._waiting.values():
            self._give_back(errand)
        until = time.monotonic() + STOPPING_PATIENCE
        for errand, child in running:
            code = child.wait(max(0.0, until - time.monotonic()))
            outcome, words = "done" if code == 0 else "stopped", child.last_words()
            self.counts[outcome] += 1
            message = (
                f"{errand.job} is done" if code == 0 else f"{errand.job} was stopped: {words or 'it had to be ended'}"
            )
            _tell(logging.INFO, errand.settings, message, job=errand.job, outcome=outcome, code=code)
            if code != 0:
                self._give_back(errand)
        self._waiting.clear()
        self._running.clear()

    def _take_up(self, news: News) -> None:
        """Go by what the settings files say now."""
        for file, settings in news.settings.items():
            _tell(logging.INFO, settings, f"served by {file}", file=file)
            self._settings[file] = settings
            for errand in (one for (whose, _), one in self._waiting.items() if whose == file):
                errand.settings = settings
            self._clock.put(file, timetables(settings), dt.timedelta(minutes=settings.schedule.grace))
        for file, fault in news.broken.items():
            so = "what it said before still holds" if file in self._settings else "it is left out until it is mended"
            log.error("%s can't be used, and %s: %s", file, so, fault, extra={"fields": {"file": file}})
        for file in news.gone:
            self._clock.drop(file)
            for place in [place for place in self._waiting if place[0] == file]:
                self._give_back(self._waiting.pop(place))
            if (old := self._settings.pop(file, None)) is not None:
                _tell(logging.INFO, old, f"{file} is gone, and its jobs with it", file=file)

    def _hear(self, occasion: Occasion) -> None:
        """An occasion waits for its turn; one of the same job that waits already gives way to it."""
        settings = self._settings.get(occasion.pipeline)
        if settings is None:
            return
        if occasion.missed:
            self.counts["missed"] += 1
            _tell(logging.WARNING, settings, f"{occasion.job} of {_time(occasion.due)} was missed", job=occasion.job)
        else:
            place = (occasion.pipeline, occasion.job)
            if place not in self._waiting or self._waiting[place].occasion.due != occasion.due:
                self._waiting[place] = Errand(occasion, settings)

    def _begin(self, errand: Errand, now: dt.datetime) -> None:
        try:
            mine = self._hand_over(errand) if self._hand_over else errand.claim()
            child = errand.begin() if mine and not self._hand_over else None
        except FivestepError as fault:
            self._try_again(errand, str(fault), now)
            return
        if child is None and mine:
            self.counts["queued"] += 1
            _tell(logging.INFO, errand.settings, f"{errand.job} is queued", job=errand.job)
        elif child is not None:
            self._running[errand.occasion.pipeline] = errand, child
            _tell(logging.INFO, errand.settings, f"{errand.job} begins", job=errand.job, pid=child.pid)
        else:
            self.counts["taken"] += 1
            due = _time(errand.occasion.due)
            _tell(logging.INFO, errand.settings, f"{errand.job} of {due} has been taken already", job=errand.job)

    def _look_after(self, pipeline: str, errand: Errand, child: Child) -> None:
        """Take note of a child that has ended; end one that takes too long."""
        limit = errand.settings.schedule.time_limit * 60
        if child.code is not None:
            del self._running[pipeline]
            self._ended(errand, child, child.code)
        elif child.seconds > limit + STOPPING_PATIENCE:
            child.kill()
        elif child.seconds > limit and not errand.overdue:
            errand.overdue = True
            child.stop()

    def _ended(self, errand: Errand, child: Child, code: int) -> None:
        job, settings, seconds, words = errand.job, errand.settings, round(child.seconds, 1), child.last_words()
        if not errand.overdue and code in _AGAIN:
            self._try_again(errand, words, dt.datetime.now(dt.UTC))
            return
        if code == 0:
            level, outcome, message = logging.INFO, "done", f"{job} is done after {seconds} s"
        else:
            level, outcome, message = self._failed(errand, child, code, words)
        self.counts[outcome] += 1
        _tell(level, settings, message, job=job, outcome=outcome, code=code, seconds=seconds)
        if words and outcome in ("done", "partly"):
            _tell(logging.WARNING, settings, f"{job} said: {words}", job=job)

    def _failed(self, errand: Errand, child: Child, code: int, words: str) -> tuple[int, str, str]:
        """The level, the outcome and the message of a job that was not done."""
        job, settings, outcome = errand.job, errand.settings, "failed"
        if errand.overdue:
            outcome = "overdue"
            words = f"it took longer than {settings.schedule.time_limit:g} minutes, its time_limit"
        message = f"{job} {how(None if errand.overdue else code)}: {words or 'it said nothing'}"
        began = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=child.seconds)
        own_code = None if errand.overdue or code < 0 else code
        if record_ended(settings, job, began, message, own_code) == "partly" and not errand.overdue:
            return logging.WARNING, "partly", f"{job} is done, but for parts of it: `fivestep history` counts them"
        return logging.ERROR, outcome, message

    def _try_again(self, errand: Errand, why: str, now: dt.datetime) -> None:
        """Have it wait for another try, unless it is too late by then or a newer occasion waits."""
        place = (errand.occasion.pipeline, errand.job)
        if errand.put_off(now) and place not in self._waiting and errand.occasion.pipeline in self._settings:
            self._waiting[place] = errand
            message = f"{errand.job} is tried again at {_time(errand.not_before)}: {why}"
            _tell(logging.WARNING, errand.settings, message, job=errand.job, outcome="again")
        else:
            self.counts["failed"] += 1
            _tell(logging.ERROR, errand.settings, f"{errand.job} failed: {why}", job=errand.job, outcome="failed")

    def _give_back(self, errand: Errand) -> None:
        try:
            errand.give_back()
        except FivestepError as fault:
            _tell(logging.WARNING, errand.settings, f"{errand.job} can't be left to others: {fault}", job=errand.job)


def check_queues(all_settings: Iterable[Settings]) -> None:
    """Raise SettingsError where workers could not be told of the jobs of one of these."""
    from fivestep.connectors.database.queue import Queue

    for url in {settings.ledger_url for settings in all_settings}:
        Queue(url).close()


def enqueue(errand: Errand) -> bool:
    """Leave it to whichever worker is free; False where its occasion was taken already."""
    from fivestep.connectors.database.queue import Queue

    settings, occasion = errand.settings, errand.occasion
    with closing(Queue(settings.ledger_url)) as waiting:
        return waiting.put(settings.pipeline.name, occasion.job, occasion.due)


def _time(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _tell(level: int, settings: Settings, message: str, **fields: object) -> None:
    name = settings.pipeline.name
    log.log(level, "%s: %s", name, message, extra={"fields": {"pipeline": name, **fields}})
