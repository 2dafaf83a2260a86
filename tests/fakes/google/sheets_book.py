"""One spreadsheet: its tabs, its language, who may read and write it, and its named ranges."""

from __future__ import annotations

import copy
import datetime as dt
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.google.a1 import Area
from tests.fakes.google.answers import GoogleError
from tests.fakes.google.sheets_cells import Content, Plain
from tests.fakes.google.sheets_shift import Shift
from tests.fakes.google.sheets_tab import Tab

ROLES = ("reader", "commenter", "writer", "owner")


@dataclass
class NamedRange:
    """A name for a block of a tab."""

    id: str
    name: str
    tab_id: int
    area: Area


@dataclass(eq=False)
class Spreadsheet:
    """A spreadsheet. `known` holds the values of formulas that are beyond the evaluator, by the formula's text."""

    id: str
    title: str
    owner: str
    numbers: Iterator[int]
    lock: threading.RLock
    clock: Callable[[], dt.datetime]
    today: Callable[[], dt.date]
    locale: str = "en_US"
    time_zone: str = "Etc/GMT"
    tabs: list[Tab] = field(default_factory=list)
    sharing: dict[str, str] = field(default_factory=dict)
    named: list[NamedRange] = field(default_factory=list)
    known: dict[str, Plain] = field(default_factory=dict)
    computed: dict[tuple[int, int, int], Plain] = field(default_factory=dict)
    arrays: dict[int, dict[tuple[int, int], Plain]] = field(default_factory=dict)
    """By the tab's number, what array formulas show there."""
    arrays_as_typed: bool = False
    """Whether the rendering FORMULA shows the values of array formulas in the cells that they fill.

    Google says nothing about it; without it, those are empty.
    """
    office: bool = False
    """Whether it is an .xlsx file in Drive, which looks like a spreadsheet and which the API does not open."""
    version: int = 1
    created: dt.datetime = field(init=False)
    modified: dt.datetime = field(init=False)

    def __post_init__(self) -> None:
        self.created = self.modified = self.clock()

    def share(self, account: str, role: str = "writer") -> None:
        """Let an account read or write it; `role` is "reader" or "writer"."""
        self.sharing[account] = role

    def unshare(self, account: str) -> None:
        """Let an account see it no more."""
        self.sharing.pop(account, None)

    def role(self, account: str) -> int:
        """What an account may do, as a place in ROLES; -1 for nothing."""
        if account == self.owner:
            return ROLES.index("owner")
        role = self.sharing.get(account, self.sharing.get("anyone"))
        return ROLES.index(role) if role else -1

    def touch(self) -> None:
        """Something was changed: formulas are to be computed anew."""
        self.computed.clear()
        self.arrays.clear()
        self.version += 1
        self.modified = self.clock()

    def tab(self, title: str) -> Tab:
        """The tab of this title; KeyError if there is none."""
        found = self.find(title)
        if found is None:
            raise KeyError(title)
        return found

    def find(self, title: str) -> Tab | None:
        """The tab of this title; capitals count only where two titles differ in nothing else."""
        same = [tab for tab in self.tabs if tab.title == title]
        return next(iter(same or [tab for tab in self.tabs if tab.title.casefold() == title.casefold()]), None)

    def by_id(self, tab_id: int) -> Tab | None:
        """The tab of this id."""
        return next((tab for tab in self.tabs if tab.id == tab_id), None)

    def add_tab(
        self,
        title: str,
        rows: Sequence[Sequence[Content | None]] = (),
        row_count: int = 1000,
        column_count: int = 26,
        tab_id: int | None = None,
        **more: Any,
    ) -> Tab:
        """A new tab, after the others unless it is moved."""
        number = self.new_id() if tab_id is None else tab_id
        tab = Tab(self, number, title, row_count, column_count, **more)
        self.tabs.append(tab)
        if rows:
            tab.write("A1", rows)
        self.touch()
        return tab

    def new_id(self) -> int:
        """An id that looks as random as Google's and is the same in every run."""
        return (next(self.numbers) * 1103515245 + 12345) % 2**31

    def cells(self) -> int:
        """How many cells its grids have, used or not."""
        return sum(tab.row_count * tab.column_count for tab in self.tabs if tab.kind == "GRID")

    def follow(self, shift: Shift) -> None:
        """Let formulas and named ranges follow rows or columns that were moved in one of the tabs."""
        for tab in self.tabs:
            tab.shift_formulas(shift)
        for named in list(self.named):
            if named.tab_id == shift.tab.id:
                area = shift.area(named.area)
                if area is None:
                    self.named.remove(named)
                else:
                    named.area = area

    def require(self, account: str, role: str) -> None:
        """Raise Google's error where an account may not do what it takes this role to do."""
        if self.role(account) < ROLES.index(role):
            raise GoogleError(403, "forbidden", "The caller does not have permission")

    def snapshot(self) -> Callable[[], None]:
        """What puts everything back as it is now."""
        simple = {
            name: copy.deepcopy(getattr(self, name))
            for name in ("title", "locale", "time_zone", "sharing", "named", "known", "version", "modified")
        }
        tabs = [(tab, tab.snapshot()) for tab in self.tabs]

        def restore() -> None:
            vars(self).update(simple)
            self.tabs = [tab for tab, _ in tabs]
            for tab, kept in tabs:
                tab.restore(kept)
            self.computed.clear()
            self.arrays.clear()

        return restore
