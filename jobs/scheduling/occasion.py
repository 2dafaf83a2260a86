"""An occasion: one time at which a job of a pipeline is due."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from fivestep.config.settings.model import Settings
from fivestep.config.settings.timetables import Scheduled

IN_TIME = dt.timedelta(minutes=1)
"""What begins so soon after its time is not late, however short the grace: clocks and queues take their moment."""


class Occasion(NamedTuple):
    """A job is due."""

    settings_file: str
    pipeline: str
    """Its name."""
    job: Scheduled
    due: dt.datetime
    """When its timetable said, in UTC, before the pipeline's own delay: the same for all who share the pipeline."""
    missed: bool = False
    """It was noticed too late to make up for it."""


def latest_start(due: dt.datetime, settings: Settings) -> dt.datetime:
    """The last moment at which a job that was due then may still begin."""
    schedule = settings.schedule
    return due + dt.timedelta(minutes=schedule.jitter) + grace_of(settings)


def grace_of(settings: Settings) -> dt.timedelta:
    """How late a job may begin: the setting, but never less than the moment that a clock or a queue takes."""
    return max(dt.timedelta(minutes=settings.schedule.grace), IN_TIME)
