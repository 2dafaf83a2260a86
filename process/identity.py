"""Which row is which deal.

IDs of the tool's own look like `D-17`. A row without one gets the next; a row that was copied with its ID gets
one of its own; a row that lost its ID gets it back where what it is about tells which it was.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from fivestep.process.deal import Deal
from fivestep.process.history import DealHistory
from fivestep.process.problem import Problem

_OWN = re.compile(r"D-(\d{1,12})", re.ASCII)


@dataclass(frozen=True)
class Identities:
    """The ID of each row, and what follows from it."""

    ids: Sequence[str]
    """One for each deal, in the same order; empty where there is none to be had."""
    given: Mapping[int, str] = field(default_factory=dict)
    """Position of a deal to the text that its ID cell held before it was given another ID."""
    copied_from: Mapping[int, str] = field(default_factory=dict)
    """Position of a copied row to the ID that it was copied with."""
    problems: Sequence[Problem] = ()


def fingerprint(deal: Deal) -> str:
    """What a row is about, for telling rows apart that share or lack an ID."""
    return f"{deal.deal or ''}\x1f{deal.company or ''}\x1f{deal.contact or ''}\x1f{deal.email or ''}"


def identify(deals: Sequence[Deal], past: Mapping[str, DealHistory], *, own_id: bool, column: str) -> Identities:
    """Give every row its ID. `own_id` is False where the column is the team's own, which is never written."""
    written = [deal.id for deal in deals]
    if len(set(written)) == len(written) and "" not in written:
        return Identities(written)
    repeated = {text for text, count in Counter(written).items() if count > 1 and text}
    if not own_id:
        return _of_the_team(deals, repeated, column)
    keepers = _keepers(deals, repeated, past)
    ids: list[str] = []
    given: dict[int, str] = {}
    copied: dict[int, str] = {}
    fresh = _next_ids(written, past)
    lost = _lost(deals, past)
    for position, text in enumerate(written):
        if text and (text not in repeated or keepers[text] == position):
            ids.append(text)
            continue
        given[position] = text
        if text:
            copied[position] = text
        ids.append(lost.get(position) or next(fresh))
    return Identities(ids, given, copied)


def is_own(text: str) -> bool:
    """Whether this reads like an ID that the tool gave."""
    return _OWN.fullmatch(text) is not None


def _of_the_team(deals: Sequence[Deal], repeated: set[str], column: str) -> Identities:
    problems = []
    ids = []
    for deal in deals:
        if deal.id and deal.id not in repeated:
            ids.append(deal.id)
            continue
        ids.append("")
        what = f"stands in several rows: {deal.id!r}" if deal.id else "is blank"
        problems.append(
            Problem(
                "",
                deal.row,
                column,
                "id.repeated" if deal.id else "id.missing",
                "error",
                f"The ID {what}, so nothing is written to this row and no follow-up is drafted",
                f"Give this row an ID of its own in {column}",
            )
        )
    return Identities(ids, problems=problems)


def _keepers(deals: Sequence[Deal], repeated: set[str], past: Mapping[str, DealHistory]) -> dict[str, int]:
    """Position of the row that keeps a repeated ID: the one that is still about the same, else the first."""
    keepers: dict[str, int] = {}
    sure: set[str] = set()
    for position, deal in enumerate(deals):
        if deal.id not in repeated or deal.id in sure:
            continue
        known = past.get(deal.id)
        if known is not None and known.fingerprint == fingerprint(deal):
            keepers[deal.id] = position
            sure.add(deal.id)
        else:
            keepers.setdefault(deal.id, position)
    return keepers


def _lost(deals: Sequence[Deal], past: Mapping[str, DealHistory]) -> dict[int, str]:
    """Position of a row without an ID to the ID it had, where exactly one known deal is missing that was like it."""
    present = {deal.id for deal in deals}
    missing: dict[str, list[str]] = {}
    for known, history in past.items():
        if known not in present and history.fingerprint.strip("\x1f"):
            missing.setdefault(history.fingerprint, []).append(known)
    if not missing:
        return {}
    blank = [(position, fingerprint(deal)) for position, deal in enumerate(deals) if not deal.id]
    rows_like = Counter(print_ for _, print_ in blank)
    return {
        position: missing[print_][0]
        for position, print_ in blank
        if rows_like[print_] == 1 and len(missing.get(print_, ())) == 1
    }


def _next_ids(written: Sequence[str], past: Mapping[str, DealHistory]) -> Iterator[str]:
    taken = {*written, *past}
    highest = max((int(m.group(1)) for m in map(_OWN.fullmatch, taken) if m), default=0)
    while True:
        highest += 1
        yield f"D-{highest}"
