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
    late = dt.timedelta(minutes=settings.schedule.jitter) + IN_TIME
    return max(due + late, latest_try(due, settings))


def latest_try(due: dt.datetime, settings: Settings) -> dt.datetime:
    """The last moment to which a job that was due then may be put off."""
    schedule = settings.schedule
    return due + dt.timedelta(minutes=schedule.jitter + schedule.grace)
