"""The sample pipeline: what `fivestep demo` puts into a folder."""

from __future__ import annotations

import datetime as dt
import shutil
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fivestep.errors import SettingsError, UnreachableError
from fivestep.jobs.history import import_past
from fivestep.jobs.running.attempt import opened
from fivestep.jobs.sample.past import past_csv
from fivestep.jobs.sample.workbook import write_book
from fivestep.process.model.calendar import Calendar

if TYPE_CHECKING:
    from fivestep.config.settings.model import Settings

MARK = "about-this-folder.txt"
"""The file by which a folder is known to be a sample that may be made anew."""

_ABOUT = """This folder is a sample that `fivestep demo` made. Running that again makes it anew, whatever was
changed in it. Delete it whenever you like.
"""
_PAST = "history.csv"
_LEDGER = ("fivestep.db", "fivestep.db-wal", "fivestep.db-shm")
_FILES = ("pipeline.xlsx", "pipeline.xlsx.bak", "fivestep.toml", _PAST, *_LEDGER)
_FOLDERS = ("drafts", "texts")
_OWN_TEXT = "objection-other-1.md"
"""A mail text of the team's own, with the sheet's headers as merge fields, and no fallback for most of them."""
_WEEKDAYS_ONLY = Calendar()


def demo(folder: Path, as_of: dt.date | None = None) -> Settings:
    """The settings of a fresh sample in this folder: a workbook, its settings, and a past in its ledger.

    A sample that was there is made anew. Raises SettingsError where something else is in the folder.
    """
    from fivestep.config.settings.load import load_settings

    try:
        _clear(folder)
        (folder / MARK).write_text(_ABOUT, encoding="utf-8")
        (folder / "texts").mkdir(exist_ok=True)
        (folder / "texts" / _OWN_TEXT).write_bytes(_sample(_OWN_TEXT))
        settings_file = folder / "fivestep.toml"
        settings_file.write_bytes(_sample("fivestep.toml"))
        settings = load_settings(settings_file, {})
        today = as_of or dt.datetime.now(settings.zone).date()
        sample = tomllib.loads(_sample("pipeline.toml").decode())
        headers = [header for header, _ in sample["columns"]]
        write_book(folder / "pipeline.xlsx", sample["title"], sample["columns"], list(_rows(sample, headers, today)))
        (folder / _PAST).write_text(past_csv(today), encoding="utf-8")
    except OSError as fault:
        raise UnreachableError(f"the sample can't be written to {folder}: {fault.strerror}") from fault
    with opened(settings, "import") as pipeline:
        import_past(pipeline, str(folder / _PAST), today)
    return settings


def _sample(name: str) -> bytes:
    return (resources.files("fivestep.jobs.sample") / name).read_bytes()


def _clear(folder: Path) -> None:
    """Make the folder, or take away what an earlier demo left in it."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / MARK).exists():
        if any(folder.iterdir()):
            raise SettingsError(
                f"{folder} is not empty, and it is not a sample. Name another folder, such as: fivestep demo my-demo"
            )
        return
    for name in _FILES:
        (folder / name).unlink(missing_ok=True)
    for name in _FOLDERS:
        shutil.rmtree(folder / name, ignore_errors=True)


def _rows(sample: Mapping[str, Any], headers: Sequence[str], today: dt.date) -> Iterator[list[Any]]:
    """The cells of each deal, in the order of the headers."""
    for deal in sample["deals"]:
        days = {header: _workday(today, offset) for header, offset in deal["days"].items()}
        cells = {**sample["defaults"], **deal, **days}
        yield [cells.get(header) for header in headers]


def _workday(today: dt.date, offset: int) -> dt.date:
    """The day so many working days from today, counted as the clocks count."""
    while not _WEEKDAYS_ONLY.is_working(today):
        today -= dt.timedelta(days=1)
    return _WEEKDAYS_ONLY.add(today, offset)
