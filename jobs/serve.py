"""Serve: every pipeline's jobs, each when it is due and in a process of its own, for as long as nobody ends it.

All decisions are taken in one thread, `Server.turn`; the clock only puts occasions into its inbox.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import queue
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fivestep.config.schedule import timetables
from fivestep.config.settings import Settings
from fivestep.connectors.child import Child
from fivestep.connectors.registry import open_ledger
from fivestep.errors import BusyError, FivestepError, SettingsError, UnreachableError
from fivestep.jobs.clock import Clock, Occasion
from fivestep.jobs.settings_files import SettingsFiles

TURN = 0.2
"""Seconds between two looks at what is under way."""
LOOK = 5.0
"""Seconds between two looks at the settings files."""
PATIENCE = 20.0
"""Seconds that a child has for stopping between two steps, before it is ended where it is."""
PAUSES = (60, 120, 300, 600)
"""Seconds before each try again where something was unreachable or busy; the last one for all further ones."""

_AGAIN = (UnreachableError.exit_code, BusyError.exit_code)
_COMMANDS = {"sync": ("run", "--job", "sync"), "follow_up": ("run", "--job", "follow_up"), "digest": ("digest",)}

log = logging.getLogger(__name__)


@dataclass
class _Errand:
    """An occasion that waits, or is under way."""

    occasion: Occasion
    settings: Settings
    claimed: bool = False
    tries: int = 0
    not_before: dt.datetime = dt.datetime.min.replace(tzinfo=dt.UTC)
    child: Child | None = None
    told_to_stop: float | None = None
    """So many seconds after its beginning."""

    @property
    def last_call(self) -> dt.datetime:
        """When it is too late to begin."""
        return self.occasion.due + _minutes(self.settings.schedule.jitter + self.settings.schedule.grace)


class Server:
    """Runs the jobs of the pipelines whose settings lie in these places."""

    def __init__(self, places: Sequence[Path], environ: Mapping[str, str], at_once: int = 4) -> None:
        self.counts: Counter[str] = Counter()
        """What became of the occasions: `done`, `failed`, `stopped`, `hung`, `missed`, `taken`."""
        self._files = SettingsFiles(places, environ)
        self._at_once = at_once
        self._inbox: queue.SimpleQueue[Occasion] = queue.SimpleQueue()
        self._settings: dict[str, Settings] = {}
        self._waiting: dict[tuple[str, str], _Errand] = {}
        self._running: dict[str, _Errand] = {}
        self._clock: Clock | None = None

    def run(self, stop: threading.Event) -> None:
        """Serve until the event is set; then end what is under way. Raises SettingsError where nothing is to be served."""
        news = self._files.look()
        if not news.settings:
            if news.broken:
                raise SettingsError("\n".join(map(str, news.broken.values())))
            raise SettingsError("there is no settings file: name one, or a folder of them; `fivestep init` makes one")
        self._clock = Clock(self._inbox.put)
        try:
            self._take_up(news.settings, news.broken, ())
            next_look = 0.0
            while not stop.wait(TURN):
                next_look += TURN
                if next_look >= LOOK:
                    next_look = 0.0
                    self._take_up(*self._files.look())
                self.turn()
        finally:
            self._clock.stop()
            self._end_all()

    def turn(self) -> None:
        """Go on by what has happened since the last turn."""
        while not self._inbox.empty():
            self._hear(self._inbox.get())
        for pipeline, errand in list(self._running.items()):
            self._look_after(pipeline, errand)
        now = dt.datetime.now(dt.UTC)
        for place, errand in list(self._waiting.items()):
            if len(self._running) >= self._at_once:
                break
            if place[0] not in self._running and errand.not_before <= now:
                del self._waiting[place]
                self._begin(errand, now)

    def _take_up(
        self, settings: Mapping[str, Settings], broken: Mapping[str, FivestepError], gone: Sequence[str]
    ) -> None:
        """Go by what the settings files say now."""
        assert self._clock is not None
        for file, one in settings.items():
            _tell(logging.INFO, "its settings are taken up", one, file=file)
            self._settings[file] = one
            self._clock.put(file, timetables(one), _minutes(one.schedule.grace))
        for file, fault in broken.items():
            kept = "what it said before still holds" if file in self._settings else "it is left out until it is mended"
            log.error("%s can't be used, and %s: %s", file, kept, fault, extra={"fields": {"file": file}})
        for file in gone:
            if (old := self._settings.pop(file, None)) is not None:
                _tell(logging.INFO, "its settings are gone, and its jobs have ended", old, file=file)
            self._clock.drop(file)
            for place in [place for place in self._waiting if place[0] == file]:
                self._let_go(self._waiting.pop(place))

    def _hear(self, occasion: Occasion) -> None:
        """An occasion waits for its turn; one that waits already is made up for by the newer one."""
        settings = self._settings.get(occasion.pipeline)
        if settings is None:
            return
        if occasion.missed:
            self.counts["missed"] += 1
            _tell(logging.WARNING, f"{occasion.job} of {_time(occasion.due)} was missed", settings, job=occasion.job)
            return
        place = (occasion.pipeline, occasion.job)
        self._waiting[place] = _Errand(occasion, settings)

    def _begin(self, errand: _Errand, now: dt.datetime) -> None:
        occasion, settings = errand.occasion, errand.settings
        if not errand.claimed:
            try:
                with_ledger = open_ledger(settings)
                try:
                    errand.claimed = with_ledger.claim(settings.pipeline.name, occasion.job, occasion.due)
                finally:
                    with_ledger.close()
            except FivestepError as fault:
                self._try_again(errand, str(fault), now)
                return
            if not errand.claimed:
                self.counts["taken"] += 1
                _tell(logging.INFO, f"{occasion.job} of {_time(occasion.due)} was taken already", settings)
                return
        errand.tries += 1
        errand.child = Child([*_COMMANDS[occasion.job], "--config", occasion.pipeline])
        self._running[occasion.pipeline] = errand
        _tell(logging.INFO, f"{occasion.job} begins", settings, job=occasion.job, pid=errand.child.pid)

    def _look_after(self, pipeline: str, errand: _Errand) -> None:
        """Take note of a child that has ended; end one that takes too long."""
        child = errand.child
        assert child is not None
        if child.code is not None:
            del self._running[pipeline]
            self._ended(errand, child, child.code)
        elif errand.told_to_stop is not None and child.seconds > errand.told_to_stop + PATIENCE:
            child.kill()
        elif errand.told_to_stop is None and child.seconds > errand.settings.schedule.time_limit * 60:
            errand.told_to_stop = child.seconds
            child.stop()

    def _ended(self, errand: _Errand, child: Child, code: int) -> None:
        job, settings, seconds = errand.occasion.job, errand.settings, round(child.seconds, 1)
        words = child.last_words()
        fields = {"job": job, "code": code, "seconds": seconds}
        if errand.told_to_stop is not None:
            self.counts["hung"] += 1
            limit = f"{settings.schedule.time_limit:g} minutes"
            _tell(
                logging.ERROR,
                f"{job} was ended: it took longer than {limit} ([schedule] time_limit)",
                settings,
                **fields,
            )
        elif code == 0:
            self.counts["done"] += 1
            _tell(logging.INFO, f"{job} is done after {seconds} s", settings, **fields)
        elif code in _AGAIN:
            self._try_again(errand, words, dt.datetime.now(dt.UTC))
        else:
            self.counts["failed"] += 1
            how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
            _tell(logging.ERROR, f"{job} {how}: {words or 'it said nothing'}", settings, **fields)

    def _try_again(self, errand: _Errand, why: str, now: dt.datetime) -> None:
        """Have it wait for another try, unless it is too late by then or a newer occasion waits."""
        occasion, settings = errand.occasion, errand.settings
        errand.not_before = now + dt.timedelta(seconds=PAUSES[min(errand.tries, len(PAUSES)) - 1])
        place = (occasion.pipeline, occasion.job)
        if place in self._waiting or errand.not_before > errand.last_call or occasion.pipeline not in self._settings:
            self.counts["failed"] += 1
            _tell(logging.ERROR, f"{occasion.job} failed: {why}", settings, job=occasion.job)
            return
        errand.child = None
        self._waiting[place] = errand
        again = _time(errand.not_before)
        _tell(logging.WARNING, f"{occasion.job} is tried again at {again}: {why}", settings, job=occasion.job)

    def _end_all(self) -> None:
        """Ask everything that is under way to stop, and end what does not; its occasions are free for others again."""
        for errand in self._waiting.values():
            self._let_go(errand)
        self._waiting.clear()
        children = [(errand, errand.child) for errand in self._running.values() if errand.child is not None]
        for _, child in children:
            child.stop()
        pause, waited = threading.Event(), 0.0
        while waited < PATIENCE and any(child.code is None for _, child in children):
            pause.wait(TURN)
            waited += TURN
        for errand, child in children:
            if child.code is None:
                child.kill()
            while child.code is None:
                pause.wait(0.01)
            done = child.code == 0
            self.counts["done" if done else "stopped"] += 1
            if not done:
                self._let_go(errand)
            _tell(logging.INFO, f"{errand.occasion.job} {'is done' if done else 'was stopped'}", errand.settings)
            child.last_words()
        self._running.clear()

    def _let_go(self, errand: _Errand) -> None:
        """Give an occasion back that was claimed and not used."""
        if not errand.claimed:
            return
        try:
            ledger = open_ledger(errand.settings)
            try:
                ledger.give_back(errand.settings.pipeline.name, errand.occasion.job, errand.occasion.due)
            finally:
                ledger.close()
        except FivestepError as fault:
            _tell(logging.WARNING, f"{errand.occasion.job} can't be left to others: {fault}", errand.settings)


def serve(places: Sequence[Path], at_once: int, stop: threading.Event) -> Mapping[str, int]:
    """Serve until the event is set; returns what became of the occasions."""
    server = Server(places, os.environ, at_once)
    server.run(stop)
    return server.counts


def _minutes(number: float) -> dt.timedelta:
    return dt.timedelta(minutes=number)


def _time(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _tell(level: int, message: str, settings: Settings, **fields: object) -> None:
    name = settings.pipeline.name
    log.log(level, "%s: %s", name, message, extra={"fields": {"pipeline": name, **fields}})
