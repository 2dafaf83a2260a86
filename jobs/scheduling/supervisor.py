"""Supervises a job from when it is due to its end. `serve` is a clock over it, `worker` a queue.

Here alone stands what both must agree on: how late a job may begin, when it is done already, how long it may take, when
it is tried again, and what is said and recorded of its end.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import Literal, NamedTuple

from fivestep.config.settings.model import Settings
from fivestep.connectors.ledger import Ledger
from fivestep.connectors.registry import ledger_of
from fivestep.connectors.system.child import Child
from fivestep.connectors.system.stopping import STOPPING_PATIENCE
from fivestep.errors import BusyError, FivestepError, UnreachableError
from fivestep.jobs.running.attempt import record_ended
from fivestep.jobs.scheduling.job_process import begin_job, how_it_ended
from fivestep.jobs.scheduling.occasion import Occasion, latest_start, latest_try

TURN = 0.2
"""Seconds between two looks at what is under way."""

PAUSES: tuple[float, ...] = (60, 120, 300, 600)
"""Seconds before each try again where something was unreachable or busy; the last one for all further ones."""

AGAIN = (UnreachableError.exit_code, BusyError.exit_code)
"""How a job ends that is tried again."""

SETTLED = dt.timedelta(minutes=2)
"""So long after an occasion was taken its job has come to hold the pipeline, if whoever took it is alive."""

_RUNS_LOOKED_AT = 20

log = logging.getLogger(__name__)

Upshot = Literal["done", "partly", "failed", "overdue", "stopped", "missed", "taken", "queued", "again"]
"""What became of an errand; `taken`: it is done already, or somebody else does it; `again`: it is tried once more."""


class Ending(NamedTuple):
    """What became of an errand, and what is said of it."""

    upshot: Upshot
    level: int
    message: str
    code: int | None = None
    """The exit code of its process."""
    seconds: float | None = None
    words: str = ""
    """What a job said that is done for all that."""
    why: str = ""
    """What kept it from being done that is tried again."""


class Errand:
    """A job that is due: it waits, is under way, or has ended."""

    def __init__(self, occasion: Occasion, settings: Settings, tries: int = 0, *, ours: bool = False) -> None:
        """`tries`: how often it was tried before; `ours`: the caller has already taken its occasion."""
        self.occasion = occasion
        self.settings = settings
        self.not_before = occasion.due
        self._tries = tries
        self._ours = ours
        self._claimed = False
        self._overdue = False
        """It took longer than it may, and has been asked to stop."""
        self._child: Child | None = None

    @property
    def pause(self) -> dt.timedelta:
        """How long it waits after a try that came too early."""
        return pause_after(self._tries - 1)

    def is_for(self, occasion: Occasion) -> bool:
        """Whether it is about this occasion."""
        mine = self.occasion
        return (mine.settings_file, mine.job, mine.due) == (occasion.settings_file, occasion.job, occasion.due)

    def begin(self) -> Ending | None:
        """Begin its process. Returns None where that is under way now, else what became of it."""
        if _now() > latest_start(self.occasion.due, self.settings):
            return missed(self.occasion)
        try:
            if not self._is_to_be_done():
                return taken(self.occasion)
            self._child = begin_job(self.occasion.job, self.settings)
        except FivestepError as fault:
            return self.again(str(fault))
        say(self.settings, logging.INFO, f"{self.occasion.job} begins", job=self.occasion.job, pid=self._child.pid)
        return None

    def goes_on(self) -> bool:
        """Whether its process is under way still; one that takes too long is asked to stop, and then ended."""
        assert self._child is not None
        if self._child.code is not None:
            return False
        limit = self.settings.schedule.time_limit * 60
        if self._child.seconds > limit:
            if self._child.seconds > limit + STOPPING_PATIENCE:
                self._child.kill()
            elif not self._overdue:
                self._child.stop()
            self._overdue = True
        return True

    def end(self) -> Ending:
        """What became of it, now that its process has ended; a run that failed is recorded."""
        assert self._child is not None
        code, seconds, words = self._child.wait(0), round(self._child.seconds, 1), self._child.last_words()
        job = self.occasion.job
        if code == 0:
            return Ending("done", logging.INFO, f"{job} is done after {seconds} s", code, seconds, words)
        if code in AGAIN and not self._overdue:
            return self.again(words)
        return self._failed(code, seconds, words)

    def again(self, why: str) -> Ending:
        """Have it wait for the next try; it has failed where that would be too late."""
        job = self.occasion.job
        self._tries += 1
        self.not_before = _now() + self.pause
        if self.not_before > latest_try(self.occasion.due, self.settings):
            return failed(self.occasion, why)
        message = f"{job} is tried again at {_shown(self.not_before)}: {why}"
        return Ending("again", logging.WARNING, message, why=why)

    def ask_to_stop(self) -> None:
        """Ask its process to stop between two steps."""
        if self._child is not None and self._child.code is None:
            self._child.stop()

    def stopped(self, seconds: float) -> Ending:
        """What became of it after it was asked to stop; after so many seconds it is ended wherever it is."""
        assert self._child is not None
        code, job = self._child.wait(seconds), self.occasion.job
        words = self._child.last_words()
        if code == 0:
            return Ending("done", logging.INFO, f"{job} is done", code)
        return Ending("stopped", logging.INFO, f"{job} was stopped: {words or 'it had to be ended'}", code)

    def give_back(self) -> None:
        """Leave an occasion that was claimed to others; where the ledger can't be told, that is said."""
        if not self._claimed:
            return
        try:
            with ledger_of(self.settings) as ledger:
                ledger.give_back(self.settings.pipeline.name, self.occasion.job, self.occasion.due)
            self._ours = self._claimed = False
        except FivestepError as fault:
            message = f"{self.occasion.job} can't be left to others: {fault}"
            say(self.settings, logging.WARNING, message, job=self.occasion.job)

    def _is_to_be_done(self) -> bool:
        """Whether it is still to be done, and by us. Raises FivestepError where the ledger can't be asked."""
        name, job, due = self.settings.pipeline.name, self.occasion.job, self.occasion.due
        with ledger_of(self.settings) as ledger:
            if is_done(ledger, name, job, due):
                return False
            if not self._ours:
                self._ours = self._claimed = ledger.claim(name, job, due) or self._was_left(ledger)
        return self._ours

    def _was_left(self, ledger: Ledger) -> bool:
        """Whether somebody took the occasion, did not do the job, and is not about it any more.

        So it is where a machine lost its power: without this, the day would go by without its follow-ups.
        """
        jitter = dt.timedelta(minutes=self.settings.schedule.jitter)
        if _now() - self.occasion.due <= jitter + SETTLED:
            return False
        try:
            with ledger.lock(self.settings.pipeline.name):
                return True
        except BusyError:
            return False

    def _failed(self, code: int, seconds: float, words: str) -> Ending:
        job, settings = self.occasion.job, self.settings
        if self._overdue:
            how, words = "was ended", f"it took longer than {settings.schedule.time_limit:g} minutes, its time_limit"
        else:
            how = how_it_ended(code)
        message = f"{job} {how}: {words or 'it said nothing'}"
        began = _now() - dt.timedelta(seconds=seconds)
        own_code = None if self._overdue or code < 0 else code
        if record_ended(settings, job, began, message, own_code) == "partly" and not self._overdue:
            parts = f"{job} is done, but for parts of it: `fivestep history` counts them"
            return Ending("partly", logging.WARNING, parts, code, seconds, words)
        return Ending("overdue" if self._overdue else "failed", logging.ERROR, message, code, seconds)


def is_done(ledger: Ledger, pipeline: str, job: str, due: dt.datetime) -> bool:
    """Whether a run of the job that began since it was due has ended for good.

    One run makes up for all occasions that waited. A run that is tried again, or was ended from outside, counts for
    none of them; one that only a person can help does.
    """
    return any(
        run.kind == job and run.started >= due and run.outcome != "open" and run.exit_code not in AGAIN
        for run in ledger.runs(pipeline, _RUNS_LOOKED_AT)
    )


def pause_after(tries: int) -> dt.timedelta:
    """How long a job waits that has been tried again so often before."""
    return dt.timedelta(seconds=PAUSES[min(tries, len(PAUSES) - 1)])


def missed(occasion: Occasion) -> Ending:
    """The end of an occasion that nobody could carry out in time."""
    return Ending("missed", logging.WARNING, f"{occasion.job} of {_shown(occasion.due)} was missed")


def taken(occasion: Occasion) -> Ending:
    """The end of an occasion that others have taken, or whose job has been done since."""
    return Ending("taken", logging.INFO, f"{occasion.job} of {_shown(occasion.due)} has been taken already")


def failed(occasion: Occasion, why: str) -> Ending:
    """The end of an errand that is not tried again."""
    return Ending("failed", logging.ERROR, f"{occasion.job} failed: {why}")


def tell_of_ending(occasion: Occasion, settings: Settings, ending: Ending) -> None:
    """Say in the log what became of an errand."""
    job = occasion.job
    known = {"code": ending.code, "seconds": ending.seconds}
    fields = {name: value for name, value in known.items() if value is not None}
    say(settings, ending.level, ending.message, job=job, outcome=ending.upshot, **fields)
    if ending.words:
        say(settings, logging.WARNING, f"{job} said: {ending.words}", job=job)


def say(settings: Settings, level: int, message: str, **fields: object) -> None:
    """Say something of a pipeline in the log."""
    name = settings.pipeline.name
    log.log(level, "%s: %s", name, message, extra={"fields": {"pipeline": name, **fields}})


def _shown(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
