"""Which column of a file tells what of a past."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from fivestep.config.vocabulary.headers import claims
from fivestep.config.vocabulary.past_headers import PastRole, past_role, stage_in_header
from fivestep.process.model.table import Table
from fivestep.process.reading.headers import heading

_SEARCHED = 30
"""How many rows may stand above the header and it is still found."""

Told = (
    PastRole
    | Literal["id", "name", "stage", "since", "created", "modified", "won_on", "lost_on", "closed", "outcome", "amount"]
)
"""What a column can tell of a deal, or of one of its changes."""

_FIELDS: Mapping[str, Told] = {
    "id": "id",
    "deal": "name",
    "stage": "stage",
    "stage_since": "since",
    "created": "created",
    "modified": "modified",
    "won_on": "won_on",
    "lost_on": "lost_on",
    "expected_close": "closed",
    "outcome": "outcome",
    "amount": "amount",
}


@dataclass(frozen=True)
class PastColumns:
    """Where everything stands."""

    header_row: int
    headers: Sequence[str]
    told: Mapping[Told, int]
    """To the column's index."""
    entered: Mapping[int, str]
    """Columns with the day of one stage, and the word for it."""

    @property
    def deal(self) -> int | None:
        """The column that says which deal a row is about; None where there is none."""
        return self.told.get("id", self.told.get("name"))


class _Bid(NamedTuple):
    sure: bool
    rank: int
    column: int
    told: Told


def past_columns(table: Table, history: Mapping[str, str]) -> PastColumns:
    """The columns by the row whose headers say the most.

    `history` names the stages of the team's own headers.
    """
    found = [_columns(number, list(map(heading, row)), history) for number, row in enumerate(table.rows[:_SEARCHED], 1)]
    return max(found, key=lambda one: len(one.told) + len(one.entered), default=PastColumns(1, (), {}, {}))


def _columns(number: int, headers: Sequence[str], history: Mapping[str, str]) -> PastColumns:
    entered = {at: word for at, text in enumerate(headers) if (word := history.get(text) or stage_in_header(text))}
    bids = (bid for at, text in enumerate(headers) if text and at not in entered for bid in _bids(at, text))
    told: dict[Told, int] = {}
    for bid in sorted(bids, key=lambda bid: (not bid.sure, bid.rank, bid.column)):
        if bid.told not in told and bid.column not in told.values():
            told[bid.told] = bid.column
    return PastColumns(number, headers, told, entered)


def _bids(column: int, header: str) -> Iterator[_Bid]:
    if (claim := past_role(header)) is not None:
        yield _Bid(sure=True, rank=claim.rank, column=column, told=claim.role)
        return
    for one in claims(header):
        if one.field in _FIELDS:
            yield _Bid(one.exact, one.rank, column, _FIELDS[one.field])
