"""Weeks of a team's work: people edit the sheet and handle drafts between the runs, and nothing goes wrong by it."""

from __future__ import annotations

import csv
import datetime as dt
import random
from collections import Counter
from pathlib import Path

import pytest

import fivestep
from fivestep.process.model.calendar import Calendar
from tests.fakes.team import Team, make_team

HEADERS = ["Deal", "Stage", "E-mail", "Contact", "Since", "Last contact", "Last reply", "No mail"]
COLUMNS = '\nlast_contact = "Last contact"\nlast_reply = "Last reply"\ndo_not_contact = "No mail"\n\n[drafts]'
STAGES = ["Prospecting", "Qualification", "Pitch", "Objections", "Closing", "Lost"]
BEGIN = dt.date(2026, 9, 1)


class Weeks:
    """A team, its sheet as people know it, and chance."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        make_team(folder)
        settings = (folder / "fivestep.toml").read_text("utf-8").replace("\n[drafts]", COLUMNS)
        (folder / "fivestep.toml").write_text(settings, "utf-8")
        self.team = Team(fivestep.load_settings(folder / "fivestep.toml"))
        self.folder = folder
        self.numbers = 0
        rows = [self.new_row(BEGIN - dt.timedelta(days=self.chance.randint(1, 30))) for _ in range(8)]
        self.team.write([HEADERS, *rows])

    def new_row(self, day: dt.date) -> list[str]:
        self.numbers += 1
        n, person = self.numbers, self.chance.randint(1, 8)
        return [
            f"Deal {n}",
            self.chance.choice(STAGES[:5]),
            f"p{person}@p.example",
            f"Pat{n} Lee",
            str(day),
            "",
            "",
            "",
        ]

    def a_day_of_the_team(self, today: dt.date) -> None:
        """Some edits of the kind that happen, and what becomes of some drafts."""
        top, *rows = self.team.sheet()
        rows = [row + [""] * (len(top) - len(row)) for row in rows]
        for row in rows:
            self.edit(row, str(today))
        self.team.write([top, *self.rearranged(rows, today, len(top))])
        for draft in sorted((self.folder / "drafts").glob("*.eml")):
            fate = self.chance.random()
            if fate < 0.5:
                (self.folder / "drafts" / "sent").mkdir(exist_ok=True)
                draft.rename(draft.parent / "sent" / draft.name)
            elif fate < 0.6:
                draft.unlink()

    def edit(self, row: list[str], today: str) -> None:
        """A move, a contact, a reply, or the wish to be left alone; mostly nothing."""
        edit = self.chance.random()
        if edit < 0.06:
            row[1], row[4] = self.chance.choice(STAGES), today
        elif edit < 0.12:
            row[5] = today
        elif edit < 0.16:
            row[6] = today
        elif edit < 0.17:
            row[7] = "x"

    def rearranged(self, rows: list[list[str]], today: dt.date, width: int) -> list[list[str]]:
        """Shuffled, with a new row, with a copied one, or sorted by people's columns while the tool's stay."""
        match self.chance.randint(0, 5):
            case 0:
                self.chance.shuffle(rows)
            case 1:
                rows.insert(self.chance.randint(0, len(rows)), self.new_row(today) + [""] * (width - len(HEADERS)))
            case 2:
                copied = list(self.chance.choice(rows))
                rows.append([f"{copied[0]} again {self.numbers}", *copied[1:]])
            case 3:
                own = sorted((row[: len(HEADERS)] for row in rows), key=lambda row: row[0], reverse=True)
                rows = [mine + row[len(HEADERS) :] for mine, row in zip(own, rows, strict=True)]
        return rows

    def of_people(self) -> list[list[str]]:
        """What people typed."""
        with self.team.path.open(encoding="utf-8", newline="") as file:
            return [row[: len(HEADERS)] for row in csv.reader(file)]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_weeks_of_work(seed: int, tmp_path: Path) -> None:
    weeks, today = Weeks(tmp_path, seed), BEGIN
    said: Counter[tuple[str, str, str]] = Counter()
    """To whom which text went, after which last word of theirs."""
    for _ in range(30):
        typed = weeks.of_people()
        report = fivestep.run(weeks.team.settings, today)
        made = [d for d, result in zip(report.plan.drafts, report.drafts, strict=True) if result.outcome == "created"]
        assert weeks.of_people() == typed
        assert not report.partly
        assert fivestep.run(weeks.team.settings, today).changes == []

        forbidden = {row[2] for row in typed[1:] if row[7]}
        answered = {row[2] for row in typed[1:] if row[6] and row[6] >= (row[5] or "")}
        assert not {draft.to for draft in made} & (forbidden | answered)
        word = {to: max(row[6] for row in typed[1:] if row[2] == to) for to in {draft.to for draft in made}}
        said.update((draft.to, draft.template, word[draft.to]) for draft in made)
        waiting = Counter(to for to, _, _ in weeks.team.drafts())
        assert max(waiting.values(), default=0) <= 1

        weeks.a_day_of_the_team(today)
        today = Calendar().add(today, 1)
    assert said
    assert max(said.values()) == 1
