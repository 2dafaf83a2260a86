"""The schedule for other clocks: what to paste into cron, systemd, Kubernetes or GitHub Actions."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import shlex
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from fivestep.config.settings.cron import Times
from fivestep.config.settings.model import Settings
from fivestep.config.settings.timetables import Timetable, timetables
from fivestep.errors import SettingsError
from fivestep.jobs.scheduling.job_process import COMMANDS

_WEEKDAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
_DAY = 24 * 60

WAIT = "15"
"""Minutes that a job waits for another one of its pipeline: at eight both begin, and only one can hold it."""


class File(NamedTuple):
    """A file to be made, or a part of one."""

    name: str
    content: str


class _Job(NamedTuple):
    settings: Settings
    table: Timetable

    @property
    def command(self) -> list[str]:
        """What is to be run."""
        return [sys.executable, "-m", "fivestep", *self.arguments(self.file)]

    def arguments(self, file: str) -> list[str]:
        """What `fivestep` is told."""
        return [*COMMANDS[self.table.job], "--wait", WAIT, "--config", file]

    @property
    def file(self) -> str:
        """The settings file, from the root on."""
        return str(Path(self.settings.file).absolute())

    @property
    def zone(self) -> str:
        """The pipeline's time zone."""
        return self.settings.pipeline.timezone

    @property
    def name(self) -> str:
        """A name that is a file's, a unit's and a Kubernetes object's at once, and nobody else's."""
        words = re.sub(r"[^a-z0-9]+", "-", self.settings.pipeline.name.casefold()).strip("-")[:20].strip("-")
        digest = hashlib.sha256(self.file.encode("utf-8", "surrogatepass")).hexdigest()[:6]
        return "-".join(filter(None, ("fivestep", words, digest, self.table.job.replace("_", "-"))))

    @property
    def title(self) -> str:
        """What it is, in one line."""
        name = re.sub(r"\s+", " ", self.settings.pipeline.name)
        free = f"; the public holidays of {self.table.holidays} are not left out here" if self.table.holidays else ""
        return f"{name}: {self.table.job}{free}"


def files_for(scheduler: str, all_settings: Iterable[Settings]) -> list[File]:
    """The files with which that scheduler runs the jobs.

    They take the place of `fivestep serve`. Raises SettingsError where it can't run them.
    """
    jobs = [_Job(settings, table) for settings in all_settings for table in timetables(settings)]
    return list(_SCHEDULERS[scheduler](jobs))


def _cron(jobs: Sequence[_Job]) -> Iterator[File]:
    lines = [
        "# Paste these lines after `crontab -e`. Debian's cron goes by the clock of the computer, and knows no",
        "# CRON_TZ; there, the computer's time zone has to be the pipeline's.",
    ]
    for zone, some in _by_zone(jobs).items():
        lines.append(f"CRON_TZ={zone}")
        for job in some:
            cron = job.table.cron
            command = shlex.join(job.command).replace("%", "\\%")
            lines += [f"# {job.title}", f"{_fields(cron.times, cron.expression.split())} {command}"]
    yield File("crontab", "\n".join(lines) + "\n")


def _by_zone(jobs: Iterable[_Job]) -> Mapping[str, Sequence[_Job]]:
    zones: defaultdict[str, list[_Job]] = defaultdict(list)
    for job in jobs:
        zones[job.zone].append(job)
    return zones


def _fields(times: Times, texts: Sequence[str] = ("", "", "", "", "")) -> str:
    """The five fields in numbers only, Sunday as 0, as every cron takes them.

    Of the given texts those that begin with a star stay as they are, and no other gets one: over a change of the clocks
    cron goes by whether there is a star.
    """
    numbers = zip(times, (60, 24, 0, 0, 0), texts, strict=True)
    return " ".join(text if text.startswith("*") else _numbers(some, 0 if text else of) for some, of, text in numbers)


def _numbers(numbers: Sequence[int] | None, of: int) -> str:
    """The numbers, runs of them as ranges; all there are, or each so-many-th of them, with a star."""
    if numbers is None:
        return "*"
    step = numbers[1] - numbers[0] if len(numbers) > 2 else of
    if list(numbers) == list(range(0, of, step or 1)) and len(numbers) > 1:
        return f"*/{step}" if step > 1 else "*"
    return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in _spans(numbers))


def _spans(numbers: Sequence[int]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1] = spans[-1][0], number
        else:
            spans.append((number, number))
    return spans


def _systemd(jobs: Sequence[_Job]) -> Iterator[File]:
    for job in jobs:
        schedule = job.settings.schedule
        yield File(
            f"{job.name}.service",
            f"[Unit]\nDescription={_unit(job.title)}\nWants=network-online.target\nAfter=network-online.target\n\n"
            f"[Service]\nType=oneshot\nExecStart={' '.join(map(_unit_word, job.command))}\n"
            f"TimeoutStartSec={_seconds(schedule.time_limit)}\n",
        )
        times = f"OnCalendar={_calendar(job.table.cron.times)} {job.zone}\n"
        delay = f"RandomizedDelaySec={_seconds(schedule.jitter)}\nFixedRandomDelay=true\n" if schedule.jitter else ""
        yield File(
            f"{job.name}.timer",
            f"[Unit]\nDescription={_unit(job.title)}\n\n"
            f"[Timer]\n{times}{delay}AccuracySec=1s\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n",
        )


def _calendar(times: Times) -> str:
    """The times as systemd writes them."""
    weekdays = "" if times.weekdays is None else ",".join(_WEEKDAYS[day] for day in times.weekdays) + " "
    months, days = (_listed(numbers) for numbers in (times.months, times.days))
    return f"{weekdays}*-{months}-{days} {_listed(times.hours, 24)}:{_listed(times.minutes, 60)}:00"


def _listed(numbers: Sequence[int] | None, of: int = 0) -> str:
    return "*" if numbers is None or len(numbers) == of else ",".join(f"{number:02d}" for number in numbers)


def _unit(text: str) -> str:
    return text.replace("%", "%%")


def _unit_word(word: str) -> str:
    """A word of a command line in a unit file, whatever it contains."""
    quoted = json.dumps(word, ensure_ascii=False) if re.search(r"[^\w@+=:,./-]", word) else word
    return quoted.replace("%", "%%").replace("$", "$$")


def _seconds(minutes: float) -> int:
    return max(1, round(minutes * 60))


def _kubernetes(jobs: Sequence[_Job]) -> Iterator[File]:
    documents = [f"# {job.title}\n" + json.dumps(_cron_job(job), ensure_ascii=False, indent=2) for job in jobs]
    yield File(
        "cronjobs.yaml",
        "# The image and the volume are yours to name. The volume holds the settings file and the ledger.\n"
        + "\n---\n".join(documents)
        + "\n",
    )


def _cron_job(job: _Job) -> dict[str, object]:
    schedule = job.settings.schedule
    container = {
        "name": "fivestep",
        "image": "fivestep:latest",
        "command": ["fivestep"],
        "args": job.arguments(f"/data/{Path(job.file).name}"),
        "workingDir": "/data",
        "volumeMounts": [{"name": "data", "mountPath": "/data"}],
    }
    pod = {
        "restartPolicy": "Never",
        "containers": [container],
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "fivestep"}}],
    }
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": job.name},
        "spec": {
            "schedule": _fields(job.table.cron.times, job.table.cron.expression.split()),
            "timeZone": job.zone,
            "concurrencyPolicy": "Forbid",
            "startingDeadlineSeconds": max(10, round(schedule.grace * 60)),
            "jobTemplate": {
                "spec": {
                    "backoffLimit": 2,
                    "activeDeadlineSeconds": _seconds(schedule.time_limit),
                    "template": {"spec": pod},
                }
            },
        },
    }


def _github(jobs: Sequence[_Job]) -> Iterator[File]:
    lines = [
        "# GitHub's clock is UTC: these are the hours of today's offset. Make the file anew after each clock change.",
        "# It may also begin late, and stops where a repository sees no commit for 60 days. The ledger has to be in a",
        "# database that the runner reaches, since its own disk is thrown away.",
        "name: fivestep",
        "on:",
        "  workflow_dispatch:",
        "  schedule:",
    ]
    steps = []
    for job in jobs:
        crons = _in_utc(job)
        lines.append(f"    # {job.title}, {job.zone}")
        lines += [f'    - cron: "{one}"' for one in crons]
        condition = " || ".join(f"github.event.schedule == '{one}'" for one in crons)
        command = shlex.join(["fivestep", *job.arguments(Path(job.file).name)])
        steps += [f"      - if: {json.dumps(condition)}", f"        run: {json.dumps(command, ensure_ascii=False)}"]
    lines += [
        "concurrency: fivestep",
        "jobs:",
        "  fivestep:",
        "    runs-on: ubuntu-latest",
        f"    timeout-minutes: {max([1, *(round(job.settings.schedule.time_limit) for job in jobs)])}",
        "    steps:",
        "      - uses: actions/checkout@v4",
        "      - uses: actions/setup-python@v5",
        "        with:",
        '          python-version: "3.12"',
        "      - run: pip install fivestep  # or from where you keep its source, such as git+https://…",
        *steps,
    ]
    yield File(".github/workflows/fivestep.yml", "\n".join(lines) + "\n")


def _in_utc(job: _Job) -> list[str]:
    """The times in UTC with the offset of now: several lines where some of them fall on another day there."""
    times = job.table.cron.times
    offset = dt.datetime.now(job.table.zone).utcoffset() or dt.timedelta()
    minutes: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for hour in times.hours:
        for minute in times.minutes:
            ahead, left = divmod(hour * 60 + minute - round(offset.total_seconds() / 60), _DAY)
            minutes[ahead, left // 60].append(left % 60)
    hours: defaultdict[tuple[int, tuple[int, ...]], list[int]] = defaultdict(list)
    for (ahead, hour), some in sorted(minutes.items()):
        hours[ahead, tuple(sorted(some))].append(hour)
    if any(ahead for ahead, _ in hours) and not (times.days is None and times.months is None):
        raise SettingsError(
            f"[schedule] {job.table.job} = {job.table.cron.expression!r} in {job.settings.file} falls on "
            "another day in UTC, which days of the month can't say: choose another hour, or days of the week"
        )
    return [
        _fields(times._replace(minutes=some, hours=at, weekdays=_shifted(times.weekdays, ahead)))
        for (ahead, some), at in hours.items()
    ]


def _shifted(weekdays: Sequence[int] | None, ahead: int) -> Sequence[int] | None:
    return None if weekdays is None else sorted((day + ahead) % 7 for day in weekdays)


_SCHEDULERS: Mapping[str, Callable[[Sequence[_Job]], Iterator[File]]] = {
    "cron": _cron,
    "systemd": _systemd,
    "kubernetes": _kubernetes,
    "github": _github,
}
