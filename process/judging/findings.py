"""The problems of a pipeline, collected deal by deal."""

from __future__ import annotations

import datetime as dt
import functools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from fivestep.process.judging.clocks import Clocks
from fivestep.process.judging.outcomes import DOUBTED_ENDS
from fivestep.process.judging.stage_moves import check_move
from fivestep.process.model.deal import Deal
from fivestep.process.model.history import Correspondence, DealHistory
from fivestep.process.model.problem import Problem
from fivestep.process.model.sales_process import Facts, Process, Rule, Stage
from fivestep.process.model.template import Merge
from fivestep.process.reading.layout import Layout
from fivestep.process.wording import show
from fivestep.process.wording.spelling import did_you_mean

_OF_AN_UNKNOWN_STAGE = frozenset({"stage.unknown", "stage.blank"})
_MOVES = frozenset({"moves.skipped", "moves.backward"})


class DealFindings(NamedTuple):
    """What of a deal's problems decides what is to be done about it."""

    errors: Sequence[Problem]
    first: Problem | None
    """The one that has to be settled before anything else happens to the deal; None where there is none."""
    broken: Sequence[Rule] = ()
    """The rules of its stage that it breaks, the gravest first."""


NOTHING_FOUND = DealFindings((), None)


class Findings:
    """Collects what is wrong, and tells per deal which of it are errors."""

    def __init__(self, read: Iterable[Problem], process: Process, layout: Layout, today: dt.date) -> None:
        """`read` holds the problems of single cells, found when the sheet was read."""
        self.problems: list[Problem] = []
        self._process = process
        self._layout = layout
        self._today = today
        self._first = DOUBTED_ENDS | {
            rule.id for stage in process.stages.values() for rule in stage.rules if rule.first
        }
        self._of_cells: dict[int, list[Problem]] = defaultdict(list)
        for problem in read:
            self._of_cells[problem.row].append(problem)

    def of_the_sheet(self, rows_of_deals: Iterable[int]) -> None:
        """Collect what concerns no deal: columns that are gone, and the problems of rows such as the header's."""
        for field, header in self._layout.gone.items():
            if field != "id":
                self.problems.append(self._column_gone(field, header))
        rest = set(self._of_cells).difference(rows_of_deals)
        self.problems.extend(problem for row in sorted(rest) for problem in self._of_cells[row])

    def of_a_deal(
        self,
        deal: Deal,
        stage: Stage | None,
        clocks: Clocks | None,
        facts: Facts,
        past: DealHistory,
        mail: Correspondence | None = None,
    ) -> DealFindings:
        """Collect one deal's problems, and return those that decide what is to be done.

        - `deal`: the row.
        - `stage`, `clocks`: None where the stage is unknown.
        - `facts`: what conditions may ask besides the row.
        - `past`: what the ledger knows of the deal.
        - `mail`: what was written to and by the person; None where that is not known.
        """
        of_cells = self._of_cells.get(deal.row)
        found = [problem._replace(deal=deal.id) for problem in of_cells] if of_cells else []
        if stage is not None and found:  # what its own word says no longer matters where the deal is over
            found = [problem for problem in found if problem.rule not in _OF_AN_UNKNOWN_STAGE]
        unread = {problem.column for problem in found}
        broken: list[Rule] = []
        if mail is not None and mail.bounced is not None:
            found.append(self._bounced(deal, mail.bounced))
        if stage is not None and clocks is not None:
            for position in stage.broken(deal, facts):
                rule = stage.rules[position]
                column = self._layout.header(rule.field)
                if column in unread:  # what can't be read is not missing
                    continue
                broken.append(rule)
                found.append(
                    Problem(
                        deal.id,
                        deal.row,
                        column,
                        rule.id,
                        rule.severity,
                        filled_in(rule.message, deal, column),
                        filled_in(rule.fix, deal, column),
                    )
                )
            if clocks.entry > 1 and (move := check_move(deal, stage, past, self._process, self._layout)):
                found.append(move)
            found.extend(self._contacts_to_come(deal))
            if clocks.stale_date or (deal.stage_since is not None and deal.stage_since > self._today):
                found.append(self._date_of_stage(deal, stage, stale=clocks.stale_date))
        if not found:
            return NOTHING_FOUND
        self.problems.extend(found)
        return DealFindings(
            [problem for problem in found if problem.severity == "error"],
            next((problem for problem in found if self._comes_first(problem)), None),
            broken,
        )

    def _comes_first(self, problem: Problem) -> bool:
        if problem.rule in self._first:
            return True
        return problem.severity == "error" and problem.rule in _MOVES

    def unread(self, deal: Deal, fields: Iterable[str]) -> str:
        """The header of the first of these fields whose cell can't be read; empty where all can."""
        unread = {problem.column for problem in self._of_cells.get(deal.row, ())}
        return next((header for field in fields if (header := self._layout.header(field)) in unread and header), "")

    def _bounced(self, deal: Deal, day: dt.date) -> Problem:
        column = self._layout.header("email")
        message = f"Mail to {deal.email} bounced on {show.day(day, self._today)}"
        return Problem(deal.id, deal.row, column, "email.bounced", "error", message, f"Correct the address in {column}")

    def _contacts_to_come(self, deal: Deal) -> Iterable[Problem]:
        for field, day in (("last_contact", deal.last_contact), ("last_reply", deal.last_reply)):
            if day is not None and day > self._today:
                column = self._layout.header(field)
                message = f"{column} says {show.day(day, self._today)}, which is still to come"
                fix = f"Put the day of the last word into {column}; what is planned belongs into a column of its own"
                yield Problem(deal.id, deal.row, column, "contact.future", "warning", message, fix)

    def _date_of_stage(self, deal: Deal, stage: Stage, *, stale: bool) -> Problem:
        column = self._layout.header("stage_since")
        day = show.day(deal.stage_since, self._today) if deal.stage_since else ""
        if stale:
            message = f"{column} still says {day}, as it did in the stage before {stage.name}"
        else:
            message = f"{column} says {day}, which is still to come"
        return Problem(
            deal.id,
            deal.row,
            column,
            "stage.date_stale" if stale else "stage.date_future",
            "warning",
            message,
            f"Put the day on which the deal came to {stage.name} into {column}",
        )

    def _column_gone(self, field: str, header: str) -> Problem:
        return Problem(
            "",
            self._layout.header_row,
            header,
            "sheet.column_gone",
            "error",
            f"The sheet has no column {header!r}, which the settings name as {field}, so it is not checked",
            f"Name the right header as {field} under [columns]{did_you_mean(header, self._layout.headers)}",
        )


def filled_in(text: Merge, deal: Deal, column: str = "") -> str:
    """A text of the process for one deal, fit for a cell. `{{column}}` is the header of the rule's field."""
    if not text.fields:
        return text.source
    values = [column if name == "column" else show.field_text(deal, name) for name, _ in text.fields]
    return _filled(text, tuple(values))


@functools.lru_cache(maxsize=4096)
def _filled(text: Merge, values: Sequence[str | None]) -> str:
    """The text with these values for its fields, in order.

    Kept for the next deal: few texts and few contacts make the steps of many deals.
    """
    following = iter(values)
    return show.cell_text(text.render(lambda _name: next(following)).text)
