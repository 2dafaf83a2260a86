"""The clock: tells when a job is due. The only module that imports APScheduler."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterable

from apscheduler.events import EVENT_JOB_EXECUTED, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from fivestep.config.settings.timetables import Timetable
from fivestep.jobs.scheduling.occasion import IN_TIME, Occasion


class Clock:
    """Tells of each occasion once. Of those that were slept through, only the latest counts."""

    def __init__(self, tell: Callable[[Occasion], None]) -> None:
        """`tell` is called from a thread of the clock."""
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._tell = tell
        self._tables: dict[str, tuple[str, str, Timetable]] = {}
        self._scheduler = BackgroundScheduler(timezone=dt.UTC, job_defaults={"coalesce": True, "max_instances": 8})
        self._scheduler.add_listener(self._heard, EVENT_JOB_EXECUTED | EVENT_JOB_MISSED)
        self._scheduler.start()

    def put(self, settings_file: str, pipeline: str, tables: Iterable[Timetable], grace: dt.timedelta) -> None:
        """Go by these timetables for a settings file, instead of those it had.

        `pipeline` is the name that the file gives it. What was due within the grace is due now.
        """
        self.drop(settings_file)
        for table in tables:
            name = f"{table.job} {settings_file}"
            begin = table.after(dt.datetime.now(dt.UTC) - grace)
            if begin is None:
                continue
            self._tables[name] = (settings_file, pipeline, table)
            late = int(max(grace, IN_TIME).total_seconds())
            trigger = _Trigger(table)
            self._scheduler.add_job(_nothing, trigger, id=name, next_run_time=begin, misfire_grace_time=late)

    def drop(self, settings_file: str) -> None:
        """Forget the pipeline of a settings file."""
        for name in [name for name, (whose, _, _) in self._tables.items() if whose == settings_file]:
            del self._tables[name]
            if self._scheduler.get_job(name):
                self._scheduler.remove_job(name)

    def wake(self) -> None:
        """Let the clock look at the time now.

        After the machine slept, or its time was set, it would wake up too late.

        Raises RuntimeError where it tells of nothing any more.
        """
        if not self._scheduler._thread.is_alive():
            raise RuntimeError("the clock stands still")
        self._scheduler.wakeup()

    def stop(self) -> None:
        """Tell of nothing any more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _heard(self, event: JobExecutionEvent) -> None:
        if (found := self._tables.get(event.job_id)) is not None:
            settings_file, pipeline, table = found
            due = event.scheduled_run_time.astimezone(dt.UTC) - table.delay
            self._tell(Occasion(settings_file, pipeline, table.job, due, missed=event.code == EVENT_JOB_MISSED))


class _Trigger(BaseTrigger):
    """A timetable for APScheduler, whose own cron counts weekdays from Monday and errs at clock changes."""

    def __init__(self, table: Timetable) -> None:
        self._table = table

    def get_next_fire_time(self, previous_fire_time: dt.datetime | None, now: dt.datetime) -> dt.datetime | None:
        """The next time at which it begins."""
        return self._table.after(previous_fire_time or now)


def _nothing() -> None:
    """What is to be done, whoever listens to the clock does."""
