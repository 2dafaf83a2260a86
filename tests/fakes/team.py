"""A team's folder: settings, a small sheet, and where the drafts go."""

from __future__ import annotations

import csv
import datetime as dt
import email
import email.policy
from dataclasses import dataclass
from pathlib import Path

import fivestep
from fivestep.config.settings.model import Settings
from fivestep.connectors.registry import open_sheet
from fivestep.process.model.table import shown

AS_OF = dt.date(2026, 11, 23)

SETTINGS = """
[pipeline]
name = "team"
sheet = "pipeline.{suffix}"

[columns]
deal = "Deal"
stage = "Stage"
email = "E-mail"
contact = "Contact"
stage_since = "Since"

[drafts]
from = "Ana Sommer <ana@northwind.example>"
"""

ROWS = [
    ["Deal", "Stage", "E-mail", "Contact", "Since"],
    ["Acme", "Pitch", "kim@acme.example", "Kim Lee", "2026-10-02"],
    ["Bolt", "Qualification", "lou@bolt.example", "Lou Roth", "2026-10-26"],
    ["Cask", "Lost", "max@cask.example", "Max Orr", "2026-11-20"],
]
"""Two stalled deals, and one that is lost."""


@dataclass(frozen=True)
class Team:
    """What a person finds in the folder."""

    settings: Settings

    @property
    def path(self) -> Path:
        """The sheet's file."""
        return self.settings.path(self.settings.pipeline.sheet)

    def sheet(self) -> list[list[str]]:
        """What the cells show."""
        return [[shown(cell) for cell in row] for row in open_sheet(self.settings).read().rows]

    def column(self, header: str) -> dict[str, str]:
        """A column's cells by the deals' names."""
        top, *rows = self.sheet()
        return {row[0]: row[top.index(header)] for row in rows}

    def write(self, rows: list[list[str]]) -> None:
        """Save the sheet as a person does."""
        write_sheet(self.path, rows)

    def drafts(self) -> list[tuple[str, str, str]]:
        """To whom, about what, and the text, of every draft."""
        return sorted(map(_mail, self.settings.path("drafts").glob("*.eml")))


def make_team(folder: Path, suffix: str = "csv") -> Team:
    """A new team in an empty folder."""
    (folder / "fivestep.toml").write_text(SETTINGS.format(suffix=suffix), "utf-8")
    write_sheet(folder / f"pipeline.{suffix}", ROWS)
    return Team(fivestep.load_settings(folder / "fivestep.toml"))


def write_sheet(path: Path, rows: list[list[str]]) -> None:
    """Write a sheet from nothing."""
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
        return
    import openpyxl

    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(path)


def _mail(path: Path) -> tuple[str, str, str]:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    body = message.get_body(("plain",))
    return str(message["To"]), str(message["Subject"]), body.get_content() if body else ""
