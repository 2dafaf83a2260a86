"""When a pipeline's jobs are due."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Set
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from fivestep.config.settings.cron import NEVER_DUE, Cron
from fivestep.process.model.calendar import first_working_day

if TYPE_CHECKING:
    from fivestep.config.settings.model import Settings

Scheduled = Literal["sync", "follow_up", "digest"]
"""A job that has a time of its own."""

SCHEDULED: tuple[Scheduled, ...] = get_args(Scheduled)

_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MOST_FREE_DAYS = 60
"""In a row; far more than any country has."""


class Timetable(NamedTuple):
    """When one job of a pipeline is due."""

    job: Scheduled
    cron: Cron
    zone: dt.tzinfo
    delay: dt.timedelta
    """So long after its time it begins: always the same for one pipeline, another for each, so that they spread."""
    holidays: str | None
    """The country whose public holidays it leaves out."""

    def after(self, moment: dt.datetime) -> dt.datetime | None:
        """The first time after this one at which it begins, in UTC; None: never again."""
        due: dt.datetime | None = moment - self.delay
        for _ in range(_MOST_FREE_DAYS):
            due = self.cron.after(due, self.zone) if due else None
            if due is None or not self._is_free(due):
                break
        return due + self.delay if due else None

    def _is_free(self, due: dt.datetime) -> bool:
        day = due.astimezone(self.zone).date()
        return self.holidays is not None and day in _free_days(self.holidays, day.year)


def timetables(settings: Settings) -> list[Timetable]:
    """The timetables of the jobs that are not switched off."""
    return [
        Timetable(
            job,
            Cron(expression),
            settings.zone,
            _delay(settings.pipeline.name, job, settings.schedule.jitter),
            settings.pipeline.holidays if job == "follow_up" else None,
        )
        for job in SCHEDULED
        if (expression := _expression(settings, job)) != NEVER_DUE
    ]


def _expression(settings: Settings, job: Scheduled) -> str:
    """What the settings say, else the time that suits most teams."""
    given: str | None = getattr(settings.schedule, job)
    if given is not None:
        return given
    working = [day for day in _WEEK if day not in settings.pipeline.weekend]
    match job:
        case "sync":
            return f"*/30 7-19 * * {_days(working)}"
        case "follow_up":
            return f"0 8 * * {_days(working)}"
        case "digest":
            return f"30 7 * * {_WEEK[first_working_day(settings.weekend)]}"


def _days(working: list[str]) -> str:
    return "mon-fri" if working == list(_WEEK[:5]) else ",".join(working)


def _delay(pipeline: str, job: str, jitter: float) -> dt.timedelta:
    """A share of the jitter (minutes) that the pipeline's name decides, in whole seconds."""
    digest = hashlib.sha256(f"{pipeline}\0{job}".encode("utf-8", "surrogatepass")).digest()
    return dt.timedelta(seconds=int(jitter * 60 * int.from_bytes(digest[:4], "big") / 2**32))


@lru_cache(maxsize=64)
def _free_days(code: str, year: int) -> Set[dt.date]:
    from fivestep.config.settings.public_holidays import public_holidays

    return public_holidays(code, (year,))
