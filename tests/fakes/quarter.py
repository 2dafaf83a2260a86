"""A quarter of a team's life, and an independent account of it: what people did, by which the tool is measured.

Nothing here asks the tool or its process for anything: what a status must be is worked out from the diary alone.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.fakes.google.people import Person
from tests.fakes.google.server import Call, GoogleServer
from tests.fakes.google_team import ANA, GoogleTeam

FIRST = dt.date(2026, 10, 1)
DAYS = 90
HOLIDAYS = {dt.date(2026, 10, 3), dt.date(2026, 12, 25), dt.date(2026, 12, 26)}  # in Berlin
WAY = ["Prospecting", "Qualification", "Pitch", "Objections", "Closing", "Won"]
STAGE_LIMIT = {"Prospecting": 10, "Qualification": 7, "Pitch": 10, "Objections": 10, "Closing": 10}
SILENCE_LIMIT = {"Prospecting": 5, "Qualification": 5, "Pitch": 5, "Objections": 5, "Closing": 4}
HEADERS = ["Deal", "Stage", "E-mail", "Contact", "Notes", "Size"]
TOOLS = ["Deal ID", "Status", "Suggested next step", "Follow-up"]
HARMLESS = (
    "type",
    "paste",
    "sort_by",
    "reverse",
    "move_row",
    "hide_row",
    "insert_column",
    "move_column",
    "rename_header",
)


def works(day: dt.date) -> bool:
    """Whether the team works on this day."""
    return day.weekday() < 5 and day not in HOLIDAYS


def working_days(since: dt.date, until: dt.date) -> int:
    """The working days after one day, up to another."""
    return sum(works(since + dt.timedelta(n)) for n in range(1, (until - since).days + 1))


@dataclass
class Account:
    """What is true of one deal."""

    name: str
    person: str
    stage: str
    entered: dt.date
    moves: int = 1
    theirs: dt.datetime | None = None
    ours: dt.datetime | None = None

    @property
    def wrote_last(self) -> bool:
        """Whether it is the team's turn."""
        return self.theirs is not None and (self.ours is None or self.ours < self.theirs)

    def status(self, today: dt.date) -> str:
        """How the deal's status has to begin."""
        if self.stage in {"Won", "Lost"}:
            return self.stage
        if self.wrote_last:
            return "Your turn"
        words = [moment.date() for moment in (self.theirs, self.ours) if moment is not None]
        days = working_days(self.entered, today)
        # Nobody notes calls in this sheet: where there was no mail yet, nobody can tell of silence.
        silent = working_days(max(words), today) if words else 0
        due = days > STAGE_LIMIT[self.stage] or silent > SILENCE_LIMIT[self.stage]
        # What the first run found may have been there for years, as this sheet has no dates.
        unknown = self.entered == FIRST and self.moves == 1 and not words
        return "Follow up" if due else "Unknown age" if unknown else "On track"


@dataclass
class Diary:
    """The team's people at work: they move deals, send and drop drafts, answer mail, edit the sheet."""

    server: GoogleServer
    team: GoogleTeam
    seed: int
    accounts: dict[str, Account] = field(default_factory=dict)
    made: Counter[str] = field(default_factory=Counter)
    """How many drafts were ever made under a token."""
    made_for: Counter[str] = field(default_factory=Counter)
    """How many to each address."""
    sent: int = 0
    deleted: int = 0
    doubtful: int = 0
    """How many deleted drafts nobody can tell from sent ones: the same person got a mail by hand, which may be one."""
    waiting_since: dict[str, dt.datetime] = field(default_factory=dict)
    by_hand: dict[str, dt.datetime] = field(default_factory=dict)
    """When a person last got a mail by hand."""
    digests: Counter[str] = field(default_factory=Counter)
    """How many digests were ever made under a key."""
    wrong: list[str] = field(default_factory=list)
    answers: list[tuple[dt.datetime, Callable[[dt.datetime], None]]] = field(default_factory=list)
    """What is still to happen: mails that will come, and be answered."""

    def __post_init__(self) -> None:
        self.dice = Random(self.seed)
        tab = self.team.book.tabs[0]
        self.person = Person(tab, self.seed, kinds=HARMLESS, own=["Notes", "Size"], keep=[*HEADERS[:4], *TOOLS])
        self.box = self.server.gmail.mailbox(ANA)
        self.known = set(self.box.drafts)
        for row in self.rows():
            self.accounts[row["Deal"]] = Account(row["Deal"], row["E-mail"], row["Stage"], FIRST)

    def rows(self) -> list[dict[str, str]]:
        """The rows of the sheet by their headers."""
        top, *rows = self.team.cells()
        padded = ([*row, *[""] * (len(top) - len(row))] for row in rows)
        named = [{str(head): str(cell) for head, cell in zip(top, row, strict=True)} for row in padded]
        return [row for row in named if row["Deal"]]

    # What the team does.

    def day(self, now: dt.datetime) -> None:
        """A working day."""
        for _ in range(self.dice.choice([0, 1, 1, 2])):
            self.move(self.dice.choice(list(self.accounts.values())), now.date())
        if self.dice.random() < 0.3:
            self.add(now.date())
        for draft in sorted(self.box.drafts):
            self.deal_with(draft, now)
        for _ in range(self.dice.randint(0, 2)):
            self.person.random_edit()

    def night(self, now: dt.datetime) -> None:
        """What comes by mail, and is answered."""
        due = [what for what in self.answers if what[0] <= now]
        self.answers = [what for what in self.answers if what[0] > now]
        for _, happens in due:
            happens(now)

    def move(self, deal: Account, today: dt.date) -> None:
        """Somebody moves a deal on, or gives it up."""
        if deal.stage in {"Won", "Lost"} or deal.entered == today:
            return
        lost = self.dice.random() < 0.1
        deal.stage = "Lost" if lost else WAY[WAY.index(deal.stage) + 1]
        deal.entered, deal.moves = today, deal.moves + 1
        headers = [str(cell) for cell in self.team.cells()[0]]
        names = [str(row[headers.index("Deal")]) for row in self.team.cells()]
        self.person.type((names.index(deal.name), headers.index("Stage")), deal.stage)

    def add(self, today: dt.date) -> None:
        """Somebody notes a new deal."""
        number = len(self.accounts) + 1
        deal = Account(f"Deal {number}", f"p{number}@customer.example", "Prospecting", today)
        values = {"Deal": deal.name, "Stage": deal.stage, "E-mail": deal.person, "Contact": f"Pat{number} Lee"}
        self.accounts[deal.name] = deal
        self.person.insert_row(self.person.any_place(), values)

    def deal_with(self, draft: str, now: dt.datetime) -> None:
        """Somebody sends a draft, works on it, drops it, or lets it lie; a digest is read and deleted."""
        if self.box.drafts[draft].to == ANA:
            self.box.delete_draft(draft)
            return
        chance = self.dice.random()
        if chance < 0.45:
            message = self.box.send_draft(draft, keep_headers=self.dice.random() < 0.7)
            self.sent += 1
            deal = self.of(message.to)
            deal.ours = now
            if self.dice.random() < 0.4:
                self.answers.append((now + dt.timedelta(days=self.dice.randint(1, 4)), self.reply(deal, message)))
        elif chance < 0.55:
            since, to = self.waiting_since[draft], self.box.drafts[draft].to
            self.box.delete_draft(draft)
            self.deleted += 1
            self.doubtful += to in self.by_hand and self.by_hand[to] >= since
        elif chance < 0.65:
            self.box.edit_draft(draft, text="I have put this in my own words.\n", keep_headers=self.dice.random() < 0.5)

    def reply(self, deal: Account, message: Any) -> Callable[[dt.datetime], None]:
        """A customer answers a mail, and is answered some days later."""

        def happens(now: dt.datetime) -> None:
            received = self.box.receive(deal.person, f"Re: {message.subject}", "Let us talk.", reply_to=message)
            deal.theirs = now
            self.answers.append((now + dt.timedelta(days=self.dice.randint(1, 6)), self.answer(deal, received)))

        return happens

    def answer(self, deal: Account, received: Any) -> Callable[[dt.datetime], None]:
        """Somebody of the team answers by hand."""

        def happens(now: dt.datetime) -> None:
            self.box.send(deal.person, f"Re: {received.subject}", "With pleasure.", reply_to=received)
            deal.ours = self.by_hand[deal.person] = now

        return happens

    def of(self, address: str) -> Account:
        """The deal of a person."""
        return next(deal for deal in self.accounts.values() if deal.person == address)

    # What is watched.

    def watch(self, call: Call) -> None:
        """Look at the mailbox after each call: what the tool has put there, and whether it may."""
        if call.method_id.endswith(".send"):
            self.wrong.append(f"{call.method_id} was called")
        for draft in set(self.box.drafts) - self.known:
            message = self.box.drafts[draft]
            if message.to == ANA:
                self.digests[message.header("X-Fivestep-Key")] += 1
                continue
            self.waiting_since[draft] = dt.datetime.now(dt.UTC)
            self.made[message.header("X-Fivestep-Key")] += 1
            self.made_for[message.to] += 1
            if self.of(message.to).wrote_last:
                self.wrong.append(f"a draft to {message.to}, who wrote last")
        self.known = set(self.box.drafts)

    def look(self, today: dt.date) -> None:
        """Compare the sheet and the mailbox with what is true."""
        rows = self.rows()
        shown = {row["Deal"]: row for row in rows}
        if Counter(row["Deal"] for row in rows) != Counter(list(self.accounts)):
            self.wrong.append(f"{today}: the rows are not those of the team")
        for name, deal in self.accounts.items():
            status = shown[name]["Status"].partition(":")[0]
            if status != deal.status(today):
                self.wrong.append(f"{today}: {name} ({deal}) shows {shown[name]['Status']!r}, not {deal.status(today)}")
        waiting = Counter(message.to for message in self.box.drafts.values())
        self.wrong += [f"{today}: {count} drafts wait for {to}" for to, count in waiting.items() if count > 1]
