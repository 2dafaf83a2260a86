"""The next times at which the jobs are due."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from fivestep.config.settings.model import Settings
from fivestep.config.settings.timetables import Timetable, timetables
from fivestep.errors import SettingsError
from fivestep.jobs.scheduling.settings_files import SettingsFiles


class PlannedJob(NamedTuple):
    """One job of one pipeline."""

    pipeline: str
    file: str
    """The settings file."""
    table: Timetable
    next: Sequence[dt.datetime]
    """In the pipeline's time zone, soonest first."""


def settings_in(places: Sequence[Path]) -> list[Settings]:
    """The settings in these files and folders.

    Raises SettingsError, with all mistakes, where one can't be used.
    """
    news = SettingsFiles(places, os.environ).look()
    if news.broken:
        raise SettingsError("\n".join(map(str, news.broken.values())))
    news.require_some()
    return list(news.settings.values())


def schedule(all_settings: Iterable[Settings], now: dt.datetime, count: int) -> list[PlannedJob]:
    """Every job that is not switched off, and its next runs."""
    return [
        PlannedJob(settings.pipeline.name, settings.file, table, list(islice(_runs(table, now), count)))
        for settings in all_settings
        for table in timetables(settings)
    ]


def _runs(table: Timetable, now: dt.datetime) -> Iterable[dt.datetime]:
    due = table.after(now)
    while due is not None:
        yield due.astimezone(table.zone)
        due = table.after(due)
