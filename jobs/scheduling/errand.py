"""An errand: a job that is due, from the moment at which it is heard of to its end."""

from __future__ import annotations

import datetime as dt

from fivestep.config.settings.model import Settings
from fivestep.config.settings.timetables import Scheduled
from fivestep.connectors.ledger import Ledger
from fivestep.connectors.registry import ledger_of
from fivestep.connectors.system.child import Child
from fivestep.errors import BusyError, UnreachableError
from fivestep.jobs.scheduling.clock import Occasion

_RUNS_LOOKED_AT = 20

PAUSES = (60, 120, 300, 600)
"""Seconds before each try again where something was unreachable or busy; the last one for all further ones."""

SETTLED = dt.timedelta(minutes=2)
"""So long after an occasion was taken its job has come to hold the pipeline, if whoever took it is alive."""

COMMANDS = {"sync": ("run", "--job", "sync"), "follow_up": ("run", "--job", "follow_up"), "digest": ("digest",)}
"""What `fivestep` is told to do for a job."""


def begin(job: str, settings: Settings) -> Child:
    """The process that does a job, by these settings, whatever their file says by now.

    Raises UnreachableError where this machine can't begin one.
    """
    try:
        return Child([*COMMANDS[job], "--config", settings.file, "--config-on-stdin"], settings.text)
    except OSError as fault:
        raise UnreachableError(f"no process can be begun here ({fault.strerror}): look at memory and disk") from fault


def how(code: int | None) -> str:
    """How a process ended, in words; no code: it took too long."""
    if code is None:
        return "was ended"
    return f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"


class Errand:
    """An occasion that waits, or is under way."""

    def __init__(self, occasion: Occasion, settings: Settings) -> None:
        self.occasion = occasion
        self.settings = settings
        self.not_before = occasion.due
        self.overdue = False
        """It took longer than it may, and has been asked to stop."""
        self._claimed = False
        self._tries = 0

    @property
    def job(self) -> Scheduled:
        """What is to be done."""
        return self.occasion.job

    def claim(self) -> bool:
        """Take the occasion; False where somebody else has it. Raises FivestepError where the ledger can't be asked."""
        if not self._claimed:
            with ledger_of(self.settings) as ledger:
                name, due = self.settings.pipeline.name, self.occasion.due
                self._claimed = ledger.claim(name, self.job, due) or (
                    dt.datetime.now(dt.UTC) - due > dt.timedelta(minutes=self.settings.schedule.jitter) + SETTLED
                    and _died_over_it(ledger, name, self.job, due)
                )
        return self._claimed

    def give_back(self) -> None:
        """Leave an occasion that was taken to others. Raises FivestepError where the ledger can't be told."""
        if self._claimed:
            with ledger_of(self.settings) as ledger:
                ledger.give_back(self.settings.pipeline.name, self.job, self.occasion.due)
            self._claimed = False

    def begin(self) -> Child:
        """The process that does it. Raises UnreachableError where this machine can't begin one."""
        return begin(self.job, self.settings)

    def put_off(self, now: dt.datetime) -> bool:
        """Have it wait for the next try; False where it would be too late by then."""
        self.not_before = now + dt.timedelta(seconds=PAUSES[min(self._tries, len(PAUSES) - 1)])
        self._tries += 1
        schedule = self.settings.schedule
        return self.not_before <= self.occasion.due + dt.timedelta(minutes=schedule.jitter + schedule.grace)


def _died_over_it(ledger: Ledger, pipeline: str, job: Scheduled, due: dt.datetime) -> bool:
    """Whether this job of an occasion that was taken never came to an end, and is not under way.

    So it is where a machine lost its power: without this, the day would go by without its follow-ups.
    """
    runs = ledger.runs(pipeline, _RUNS_LOOKED_AT)
    if any(run.kind == job and run.started >= due and run.outcome != "open" for run in runs):
        return False
    try:
        with ledger.lock(pipeline):
            return True
    except BusyError:
        return False
