"""Which row is which deal, by its ID.

IDs of the tool's own look like `D-17`. A row without one gets the next; a row that was copied with its ID gets one of
its own; a row that lost its ID, or carries another's since the sheet was sorted without the ID column, gets its own
back where what it is about tells which that was.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from fivestep.process.judging.deal_looks import DealLook, by_all, by_mark, by_subject, fingerprint, moved_ids
from fivestep.process.model.deal import Deal
from fivestep.process.model.history import DealHistory
from fivestep.process.model.problem import Problem

_OWN = re.compile(r"D-(\d{1,12})", re.ASCII)


@dataclass(frozen=True)
class Identities:
    """The ID of each row, and what follows from it."""

    ids: Sequence[str]
    """One for each deal, in the same order; empty where there is none to be had."""
    given: Mapping[int, str] = field(default_factory=dict)
    """Position of a deal to the text that its ID cell held before it was given another ID."""
    copied_from: Mapping[int, str] = field(default_factory=dict)
    """Position of a row to the ID of another deal that it carries, with that deal's texts."""
    problems: Sequence[Problem] = ()


def identify(deals: Sequence[Deal], past: Mapping[str, DealHistory], *, own_id: bool, column: str) -> Identities:
    """The ID of every row. `own_id` is False where the column is the team's own, which is never written."""
    written = [deal.id for deal in deals]
    unique = len(set(written)) == len(written) and "" not in written
    if not own_id:
        return Identities(written) if unique else _of_the_team(deals, column)
    moved, unsure = moved_ids(deals, past)
    problems = _told_of(deals, moved, unsure, column)
    if unique and not moved:
        return Identities(written, problems=problems)
    carried = {text for at, text in enumerate(written) if text and at not in moved} - set(moved.values())
    staying = _staying(deals, past, moved, carried)
    bare = [at for at, text in enumerate(written) if text not in carried and at not in moved]
    known = {**_lost(deals, bare, past, carried.union(moved.values())), **moved}
    fresh = _next_ids(written, past)
    given = {at: known.get(at) or next(fresh) for at in range(len(deals)) if at not in staying}
    return Identities(
        [given.get(at, text) for at, text in enumerate(written)],
        given={at: written[at] for at in given},
        copied_from={at: written[at] for at in given if written[at]},
        problems=problems,
    )


def identified(deals: Sequence[Deal], identities: Identities) -> Sequence[Deal]:
    """The deals with the IDs that are theirs."""
    return [deal if deal.id == own else deal._replace(id=own) for deal, own in zip(deals, identities.ids, strict=True)]


def _told_of(deals: Sequence[Deal], moved: Mapping[int, str], unsure: Set[int], column: str) -> list[Problem]:
    """What people are told of rows that carried another deal's ID, and of rows that may."""
    return [
        *(_was_moved(deals[at], column, own) for at, own in moved.items()),
        *(_may_be_swapped(deals[at], column) for at in sorted(unsure)),
    ]


def _may_be_swapped(deal: Deal, column: str) -> Problem:
    return Problem(
        deal.id,
        deal.row,
        column,
        "id.uncertain",
        "warning",
        f"It is not certain that this row is {deal.id}: several deals of this customer are in other stages at once, "
        "and nothing else tells them apart",
        f"If the sheet was sorted without {column}, put the IDs right; give the deals names that differ",
    )


def _was_moved(deal: Deal, column: str, own: str) -> Problem:
    return Problem(
        own,
        deal.row,
        column,
        "id.moved",
        "warning",
        f"The row carried {deal.id}, another deal's ID, and gets its own back: the sheet was sorted without {column}",
        "Sort whole rows, with the columns of this tool",
    )


def is_own(text: str) -> bool:
    """Whether this reads like an ID that the tool gave."""
    return _OWN.fullmatch(text) is not None


def _of_the_team(deals: Sequence[Deal], column: str) -> Identities:
    """The IDs that the team wrote; a blank or repeated one is an error, and its row gets none."""
    repeated = _repeated(deals)
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


def _repeated(deals: Sequence[Deal]) -> Set[str]:
    """The IDs that stand in several rows."""
    return {text for text, count in Counter(deal.id for deal in deals).items() if count > 1 and text}


def _staying(
    deals: Sequence[Deal], past: Mapping[str, DealHistory], moved: Mapping[int, str], carried: Set[str]
) -> Set[int]:
    """Positions of the rows that keep the ID they carry; of several with one ID only one does."""
    keepers = _keepers(deals, past)
    return {
        at for at, deal in enumerate(deals) if deal.id in carried and at not in moved and keepers.get(deal.id, at) == at
    }


def _keepers(deals: Sequence[Deal], past: Mapping[str, DealHistory]) -> dict[str, int]:
    """Each repeated ID with the position of its row: one that is still about the same, else the first."""
    repeated = _repeated(deals)
    keepers: dict[str, tuple[int, int]] = {}
    for position, deal in enumerate(deals):
        if deal.id in repeated:
            keeper = (_unlike(deal, past.get(deal.id)), position)
            keepers[deal.id] = min(keeper, keepers.get(deal.id, keeper))
    return {text: position for text, (_, position) in keepers.items()}


def _unlike(deal: Deal, known: DealHistory | None) -> int:
    """How far a row is from a known deal: 0 for the same, 1 for another amount, 2 for another subject."""
    if known is None or DealLook.of_past(known).about != DealLook.of_row(deal).about:
        return 2
    return int(known.fingerprint != fingerprint(deal))


def _lost(
    deals: Sequence[Deal], bare: Sequence[int], past: Mapping[str, DealHistory], present: Set[str]
) -> dict[int, str]:
    """Each row without an ID, by position, with the ID that it had, where that is certain.

    It is where as many known deals are missing as there are rows alike. Those rows get the missing IDs in order:
    nothing tells them apart, so it makes no difference which gets which.

    Rows that are alike in all that tells them apart get theirs in order: to whom they belong, they belong together.
    """
    missing = {own: look for own in past if own not in present and (look := DealLook.of_past(past[own])).says_something}
    rows = {position: DealLook.of_row(deals[position]) for position in bare} if missing else {}
    found: dict[int, str] = {}
    for mark in (by_all, by_subject):
        owners, like = by_mark(mark, missing), by_mark(mark, rows)
        for text, positions in like.items():
            if len(owners.get(text, ())) == len(positions):
                found |= zip(positions, sorted(owners[text], key=_in_order), strict=True)
        missing = {own: look for own, look in missing.items() if own not in found.values()}
        rows = {position: look for position, look in rows.items() if position not in found}
    return found


def _in_order(own: str) -> tuple[int, str]:
    """`D-9` before `D-10`."""
    number = _OWN.fullmatch(own)
    return (int(number.group(1)) if number else 0, own)


def _next_ids(written: Sequence[str], past: Mapping[str, DealHistory]) -> Iterator[str]:
    taken = {*written, *past}
    highest = max((int(m.group(1)) for m in map(_OWN.fullmatch, taken) if m), default=0)
    while True:
        highest += 1
        yield f"D-{highest}"
