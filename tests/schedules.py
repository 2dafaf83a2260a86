"""Random schedules of faults, kills and human edits on a team at Google, and what must hold after each of them.

Each deal has a name that nobody edits, and a day of its own since which it has been in its stage, so that its status is
like no other deal's: whatever stands in a row can be told to be that deal's, or another's.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import fivestep
from fivestep.connectors.google_transport import GoogleTransport
from fivestep.errors import FivestepError
from fivestep.jobs import catch_up
from fivestep.jobs.outcome import RunReport
from tests.google.people import Person
from tests.google.server import Call, GoogleServer
from tests.google_team import ANA, GoogleTeam, make_google_team

AS_OF = dt.date(2026, 11, 23)
HEADERS = ["Deal", "Stage", "E-mail", "Contact", "Since", "Notes", "Size"]
TOOLS = ["Deal ID", "Status", "Suggested next step", "Follow-up"]
STAGES = ["Pitch", "Qualification", "Prospecting", "Lost"]
OWN = ["Notes", "Size"]
KINDS = ("type", "paste", "insert_row", "delete_row", "sort_by", "reverse", "move_row", "copy_row", "insert_column",
         "move_column", "rename_header", "cut_and_paste", "hide_row", "rename_tab")  # fmt: skip
WRITE = "sheets.spreadsheets.values.batchUpdate"
CALLS = ("sheets.", "gmail.", "batch")


class KilledError(BaseException):
    """Stands for the end of the process: nothing catches it but the test, and nothing is written down any more."""


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

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.people = 0
        rows = [self._row(number) for number in range(1, self.dice.randint(4, 9))]
        self.names = {row[0] for row in rows}
        self.folder.mkdir()
        self.team = make_google_team(
            self.folder,
            self.server,
            [HEADERS, *rows],
            to=self.to,
            row_count=60,
            column_count=self.dice.choice([7, 9, 26]),
        )
        own = [*OWN, *(["Status", "Suggested next step"] if self.tool_edits else [])]
        self.person = Person(
            self.team.book.tabs[0], self.seed, kinds=KINDS, own=own, keep=[*HEADERS[:5], *TOOLS], choices={}
        )

    def _row(self, number: int) -> list[str]:
        self.people += 1
        day = AS_OF - dt.timedelta(days=40 + 3 * number + self.dice.randint(0, 1))
        mail = f"p{self.people}@{self.seed}.example"
        return [f"Deal {number}", self.dice.choice(STAGES), mail, f"Pat{number} Lee", str(day), f"note {number}", ""]

    @contextmanager
    def edits_between_calls(self, share: float) -> Iterator[None]:
        """Before some of the calls, somebody edits the sheet."""

        def before(call: Call) -> None:
            if call.method_id.startswith(CALLS) and self.dice.random() < share:
                edit = self.person.random_edit()
                self.said.append(f"{edit.kind} {edit.where} before {call.method_id}")
                if call.method_id == WRITE:
                    self.typed_in_the_gap |= set(edit.typed)

        self.server.before = before
        try:
            yield
        finally:
            self.server.before = None

    def run(self, kill_at: int = 0) -> RunReport | None:
        """One run; None where it was killed or did not come to its end."""
        with (
            mock.patch.object(catch_up.settle, "__kwdefaults__", {"pause": lambda _seconds: None}),
            mock.patch("time.sleep", lambda _seconds: None),
            killed_at(kill_at),
        ):
            try:
                return fivestep.run(self.team.settings, AS_OF, allow=["stage-changes", "empty"])
            except KilledError:
                self.said.append(f"killed at {kill_at}")
            except FivestepError as fault:
                self.said.append(f"{type(fault).__name__}: {fault}")
        return None


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
    from fivestep.connectors.sql_ledger import SqlLedger

    finish = SqlLedger.finish

    def silent(self: SqlLedger, *args: Any, **kwargs: Any) -> None:
        if dead():
            raise KilledError
        finish(self, *args, **kwargs)

    with mock.patch.object(SqlLedger, "finish", silent):
        yield


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
