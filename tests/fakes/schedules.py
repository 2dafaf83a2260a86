"""Random schedules of faults, kills and human edits on a team at Google, and what must hold after each of them.

Each deal has a name that nobody edits, and a day of its own since which it has been in its stage, so that its status is
like no other deal's: whatever stands in a row can be told to be that deal's, or another's.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import fivestep
from fivestep.connectors.google.transport import GoogleTransport
from fivestep.errors import FivestepError
from fivestep.jobs.running.reports import RunReport
from tests.fakes.google.a1 import parse_cells
from tests.fakes.google.people import RANDOM, Edit, Person
from tests.fakes.google.server import Call, GoogleServer
from tests.fakes.google_tab import protect
from tests.fakes.google_team import ANA, GoogleTeam, make_google_team
from tests.fakes.no_waiting import impatient

AS_OF = dt.date(2026, 11, 23)
HEADERS = ["Deal", "Stage", "E-mail", "Contact", "Since", "Notes", "Size", "Called"]
CALLED = "=A{row}"
"""A formula of people's own beside the tool's columns: the deal's name, as long as it refers to its own row."""
TOOLS = ["Deal ID", "Status", "Suggested next step", "Follow-up"]
STAGES = ["Pitch", "Qualification", "Prospecting", "Lost"]
OWN = ["Notes", "Size"]
KINDS = ("type", "paste", "insert_row", "delete_row", "sort_by", "reverse", "move_row", "copy_row", "insert_column",
         "move_column", "rename_header", "cut_and_paste", "hide_row", "rename_tab")  # fmt: skip
COPIED = ["Status", "Suggested next step"]
"""Texts of the tool's that people copy into their notes."""
COLUMNS = {"insert_column", "move_column", "rename_header"}
"""What nobody does between a run that was cut off in its write and the next one: nothing tells columns apart then."""
MOVES = ("insert_column", "move_column", "insert_row", "reverse")
WRITE = "sheets.spreadsheets.values.batchUpdate"
CALLS = ("sheets.", "gmail.", "batch")
COPIES = 0.15
"""How many of the edits are a copy of a text of the tool's."""
IN_THE_GAP = 0.5
"""Before how many of the writes somebody edits, and how many of those edits move whole rows or columns."""
PROTECTED = 0.2
"""In how many of the schedules somebody protects the header row."""


class KilledError(BaseException):
    """Stands for the end of the process: nothing catches it but the test, and nothing is written down any more."""


class _Row(NamedTuple):
    """A row of the sheet."""

    deal: str
    has_formula: bool
    """Whether the deal's name stands there once more, under whatever header."""
    texts: tuple[str, ...]


@dataclass
class Schedule:
    """One team, one seed, and what happens to them."""

    folder: Path
    server: GoogleServer
    seed: int
    to: str = "drafts/"
    tool_edits: bool = True
    said: list[str] = field(default_factory=list)
    typed_in_the_gap: set[str] = field(default_factory=set)
    """What somebody typed after the last look before a write, which nobody can know of."""
    taken: list[str] = field(default_factory=list)
    """Copies in people's notes that the tool has taken away."""
    copied_astray: set[tuple[str, str]] = field(default_factory=set)
    """Deals of which somebody copied a row in which no formula showed the name, with each text of that row."""
    deleted: set[str] = field(default_factory=set)
    """Deals of which somebody deleted a row whose formula was right."""

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.people = 0
        rows = [self._row(number) for number in range(1, self.dice.randint(4, 9))]
        self.names = {row[0] for row in rows}
        self.copies: dict[str, str] = {}
        self.folder.mkdir()
        self.team = make_google_team(
            self.folder,
            self.server,
            [HEADERS, *rows],
            to=self.to,
            row_count=60,
            column_count=self.dice.choice([8, 10, 26]),
        )
        tab = self.team.book.tabs[0]
        tab.write("H2", [[tab.entered(CALLED.format(row=row))] for row in range(2, len(rows) + 2)])
        self.protects = self.dice.random() < PROTECTED
        own = [*OWN, *(["Status", "Suggested next step"] if self.tool_edits else [])]
        self.person = Person(
            self.team.book.tabs[0], self.seed, kinds=KINDS, own=own, keep=[*HEADERS[:5], "Called", *TOOLS], choices={}
        )

    def _row(self, number: int) -> list[str]:
        self.people += 1
        day = AS_OF - dt.timedelta(days=40 + 3 * number + self.dice.randint(0, 1))
        mail = f"p{self.people}@{self.seed}.example"
        return [
            f"Deal {number}",
            self.dice.choice(STAGES),
            mail,
            f"Pat{number} Lee",
            str(day),
            f"note {number}",
            "",
            "",
        ]

    @contextmanager
    def edits_between_calls(self, share: float) -> Iterator[None]:
        """Before some of the calls, and most often right before a write, somebody edits the sheet."""

        def before(call: Call) -> None:
            likely = share if call.method_id != WRITE else IN_THE_GAP * (share > 0)
            if call.method_id.startswith(CALLS) and self.dice.random() < likely:
                self._edit(call)

        self.server.before = before
        try:
            yield
        finally:
            self.server.before = None

    def _edit(self, call: Call) -> None:
        """Any edit, now and then one that copies a text of the tool's or protects the header row."""
        self.look_for_copies()
        there, rows = self._noted(), self._rows_with_formulas()
        edit = self._chosen(call)
        self.said.append(f"{edit.kind} {edit.where} before {call.method_id}")
        if call.method_id == WRITE:
            self.typed_in_the_gap |= set(edit.typed)
        self._note_rows(edit, rows, self._rows_with_formulas())
        now = self._noted()
        self.copies = {
            name: text for name, text in self.copies.items() if (name, text) in now or (name, text) not in there
        }
        if self.protects and self.dice.random() < 0.5:
            self.protects = False
            self.said.append("protected the header row")
            protect(self.team.book, {"startRowIndex": 0, "endRowIndex": 1})

    def _chosen(self, call: Call) -> Edit:
        if self.dice.random() < COPIES:
            return self._copied(call)
        if call.method_id == WRITE and self.dice.random() < IN_THE_GAP:
            return RANDOM[self.dice.choice([kind for kind in MOVES if kind in self.person.kinds])](self.person)
        return self.person.random_edit()

    def _copied(self, call: Call) -> Edit:
        """Somebody copies what the tool says of a deal into the notes of that deal, or of another one."""
        rows = [(number, row) for number, row in enumerate(rows_of(self.team), 1) if row.get("Deal") in self.names]
        texts = [text for _, row in rows for header in COPIED if (text := row.get(header, ""))]
        notes = self._notes()
        if not texts or notes is None:
            return self.person.random_edit()
        number, row = self.dice.choice(rows)
        edit = self.person.type((number, notes), self.dice.choice(texts))
        if not _writes(call, number, notes):  # that comes over it, and nobody can know of it
            self.copies[row["Deal"]] = next(iter(edit.typed))
        return edit

    def _notes(self) -> int | None:
        """The column with people's notes; its header may have been added to."""
        headers = self.team.book.tabs[0].values()[0]
        return next((column for column, header in enumerate(headers) if str(header).startswith("Notes")), None)

    def _note_rows(self, edit: Edit, there: Counter[_Row], now: Counter[_Row]) -> None:
        """Note whose rows an edit has copied without a formula, or deleted with one."""
        if edit.kind == "copy_row":
            self.copied_astray |= {(row.deal, text) for row in now - there if not row.has_formula for text in row.texts}
        if edit.kind == "delete_row":
            self.deleted |= {row.deal for row in there - now if row.has_formula}

    def _rows_with_formulas(self) -> Counter[_Row]:
        _, *values = self.team.book.tabs[0].values()
        texts = [tuple(str(cell) for cell in cells if cell != "") for cells in values]
        names = [row.get("Deal", "") for row in rows_of(self.team)]
        return Counter(_Row(name, cells.count(name) > 1, cells) for name, cells in zip(names, texts, strict=True))

    def _noted(self) -> set[tuple[str, str]]:
        """What stands in the notes, with the deal's name."""
        column = self._notes()
        rows = zip(rows_of(self.team), self.team.book.tabs[0].values()[1:], strict=True)
        return {
            (row.get("Deal", ""), str(cells[column]))
            for row, cells in rows
            if column is not None and column < len(cells)
        }

    def look_for_copies(self) -> None:
        """Note what somebody copied into their notes, and nobody but the tool has taken out of them."""
        noted = self._noted()
        self.taken += [
            f"{text} was taken out of the notes of {name}"
            for name, text in self.copies.items()
            if (name, text) not in noted
        ]
        self.copies = {name: text for name, text in self.copies.items() if (name, text) in noted}

    def lift_the_protection(self) -> None:
        """Let the header row be written again."""
        self.protects = False
        self.team.book.tabs[0].protections.clear()

    def run(self, kill_at: int = 0) -> RunReport | None:
        """One run; None where it was killed or did not come to its end."""
        with (
            impatient(),
            killed_at(kill_at),
        ):
            try:
                return fivestep.run(self.team.settings, AS_OF, allow=["stage-changes", "empty"])
            except KilledError:
                self.said.append(f"killed at {kill_at}")
            except FivestepError as fault:
                self.said.append(f"{type(fault).__name__}: {fault}")
            finally:
                self._note_what_is_open()
        return None

    def _note_what_is_open(self) -> None:
        with fivestep_ledger(self.team) as ledger:
            open_ = ledger.unverified_write("team") is not None
        self.person.kinds = tuple(kind for kind in KINDS if not (open_ and kind in COLUMNS))


@contextmanager
def killed_at(number: int) -> Iterator[None]:
    """Within, the process ends at the n-th moment: before or after a call to Google; 0 is never."""
    moment = 0
    dead = False
    send = GoogleTransport.send

    def deadly(self: GoogleTransport, *args: Any, **kwargs: Any) -> Any:
        nonlocal moment
        pass_by()
        answer = send(self, *args, **kwargs)
        pass_by()
        return answer

    def pass_by() -> None:
        nonlocal moment, dead
        moment += 1
        if moment == number:
            dead = True
            raise KilledError

    with mock.patch.object(GoogleTransport, "send", deadly), _no_last_words(lambda: dead):
        yield


@contextmanager
def _no_last_words(dead: Any) -> Iterator[None]:
    """Once the process is dead it writes nothing into its ledger any more, as exceptions in Python would have it."""
    from fivestep.connectors.database.ledger import SqlLedger

    finish = SqlLedger.finish

    def silent(self: SqlLedger, *args: Any, **kwargs: Any) -> None:
        if dead():
            raise KilledError
        finish(self, *args, **kwargs)

    with mock.patch.object(SqlLedger, "finish", silent):
        yield


def _writes(call: Call, row: int, column: int) -> bool:
    """Whether a call writes to a cell, counted from 0."""
    blocks = call.body["data"] if call.method_id == WRITE else ()
    areas = [parse_cells(block["range"].rpartition("!")[2]) for block in blocks]
    return any(area is not None and area.holds(row, column) for area in areas)


def rows_of(team: GoogleTeam) -> list[dict[str, str]]:
    """The rows of the tab by their headers, as text."""
    top, *rows = team.book.tabs[0].values()
    return [{str(head): str(cell) for head, cell in zip(top, row, strict=False)} for row in rows]


def wrong_cells(schedule: Schedule) -> list[str]:
    """Rows in which the status of another deal stands, or the ID of another deal."""
    wrong = []
    plan = fivestep.plan(schedule.team.settings, AS_OF)
    told = {verdict.name: verdict.status_text for verdict in plan.verdicts}
    others = Counter(told.values())
    history = {}
    with fivestep_ledger(schedule.team) as ledger:
        history = ledger.history("team", AS_OF).deals
    for row in rows_of(schedule.team):
        name, status, own = row.get("Deal", ""), row.get("Status", ""), row.get("Deal ID", "")
        if name not in schedule.names:
            continue
        if status and others[status] and status != told.get(name) and others[status] == 1:
            wrong.append(f"{name} shows {status}")
        known = history.get(own)
        if own and known is not None and not known.fingerprint.startswith(f"{name}\x1f"):
            wrong.append(f"{name} has the ID {own} of {known.fingerprint.split(chr(31))[0]}")
    return wrong


def wrong_formulas(schedule: Schedule) -> list[str]:
    """Rows whose formula is gone or refers to another row, and texts below no header."""
    called: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows_of(schedule.team):
        if row.get("Deal") in schedule.names:
            called[row["Deal"]].add(row.get("Called", ""))
    # Somebody may copy a row in the moment in which its formula is gone: that copy's cell is theirs as it is, and may
    # be all that is left of the deal.
    copies = {
        name: {text for of, text in schedule.copied_astray if of == name} if name in schedule.deleted else set[str]()
        for name in called
    }
    wrong = [
        f"{name} is called {texts}"
        for name, texts in called.items()
        if (name not in texts and not texts <= copies[name]) or texts & schedule.names - {name} or "#REF!" in texts
    ]
    top, *rows = schedule.team.book.tabs[0].values()
    headless = {
        column
        for row in rows
        for column, cell in enumerate(row)
        if cell != "" and "" in [*top[column : column + 1], *[""] * (column >= len(top))]
    }
    return wrong + [f"texts in column {column} without a header" for column in headless]


def wrong_drafts(schedule: Schedule) -> list[str]:
    """Drafts that are there twice, that the ledger does not know, or that it believes in and are not there."""
    box = schedule.server.gmail.mailbox(ANA)
    made = [draft for draft in box.drafts.values() if draft.to.endswith(f"@{schedule.seed}.example")]
    keys = Counter(draft.header("X-Fivestep-Key") for draft in made)
    wrong = [f"{count} drafts of {key}" for key, count in keys.items() if count > 1]
    wrong += [f"{count} drafts to {to}" for to, count in Counter(draft.to for draft in made).items() if count > 1]
    with fivestep_ledger(schedule.team) as ledger:
        created = [draft.record for draft in ledger.open_drafts("team") if draft.record.state == "created"]
    known = {record.key for record in created if record.deal}  # not the one to the pipeline's keeper
    wrong += [f"a draft of {key} that the ledger does not know" for key in keys if key not in known]
    return wrong + [f"the ledger believes in a draft of {key}" for key in known if key not in keys]


@contextmanager
def fivestep_ledger(team: GoogleTeam) -> Iterator[Any]:
    from fivestep.connectors.registry import open_ledger

    ledger = open_ledger(team.settings)
    try:
        yield ledger
    finally:
        ledger.close()
