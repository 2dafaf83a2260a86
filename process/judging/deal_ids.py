"""Which row is which deal.

IDs of the tool's own look like `D-17`. A row without one gets the next; a row that was copied with its ID gets
one of its own; a row that lost its ID, or carries another's since the sheet was sorted without the ID column, gets
its own back where what it is about tells which that was.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

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


def fingerprint(deal: Deal) -> str:
    """What a row is about, for telling rows apart that share or lack an ID."""
    return f"{deal.deal or ''}\x1f{deal.company or ''}\x1f{deal.contact or ''}\x1f{deal.email or ''}"


def identify(deals: Sequence[Deal], past: Mapping[str, DealHistory], *, own_id: bool, column: str) -> Identities:
    """Give every row its ID. `own_id` is False where the column is the team's own, which is never written."""
    written = [deal.id for deal in deals]
    moved = _moved(deals, past) if own_id else {}
    if not moved and len(set(written)) == len(written) and "" not in written:
        return Identities(written)
    repeated = {text for text, count in Counter(written).items() if count > 1 and text}
    if not own_id:
        return _of_the_team(deals, repeated, column)
    keepers = _keepers(deals, repeated, past)
    taken = set(moved.values())
    ids: list[str] = []
    given: dict[int, str] = {}
    copied: dict[int, str] = {}
    fresh = _next_ids(written, past)
    kept = {text for at, text in enumerate(written) if text and at not in moved} - taken
    bare = [at for at, text in enumerate(written) if text not in kept and at not in moved]
    lost = _lost(deals, bare, past, kept | taken)
    for position, text in enumerate(written):
        if text in kept and position not in moved and keepers.get(text, position) == position:
            ids.append(text)
            continue
        given[position] = text
        if text:
            copied[position] = text
        ids.append(moved.get(position) or lost.get(position) or next(fresh))
    return Identities(ids, given, copied, [_was_moved(deals[at], column, moved[at]) for at in moved])


def identified(deals: Sequence[Deal], identities: Identities) -> Sequence[Deal]:
    """The deals with the IDs that are theirs."""
    return [deal if deal.id == own else deal._replace(id=own) for deal, own in zip(deals, identities.ids, strict=True)]


def _moved(deals: Sequence[Deal], past: Mapping[str, DealHistory]) -> dict[int, str]:
    """Position of a row that carries the ID of another deal to its own, which some other row carries.

    That is what becomes of a sheet of which only some columns were sorted. A row that merely was edited is like no
    other known deal, and keeps its ID.
    """
    if not past:
        return {}
    strangers = [
        position
        for position, deal in enumerate(deals)
        if deal.id in past and past[deal.id].fingerprint != fingerprint(deal)
    ]
    if not strangers:
        return {}
    present = {deal.id for deal in deals if deal.id}
    moved: dict[int, str] = {}
    taken: set[str] = set()
    # By all that the row is about; and where that was edited besides, by the e-mail address alone.
    for mark in (str, _address):
        for position, own in _told_by(mark, deals, strangers, past):
            if position not in moved and own in present and own not in taken and own != deals[position].id:
                moved[position] = own
                taken.add(own)
    return moved


def _told_by(
    mark: Callable[[str], str], deals: Sequence[Deal], positions: Iterable[int], past: Mapping[str, DealHistory]
) -> Iterator[tuple[int, str]]:
    """Position and known deal, wherever one row and one known deal alone have the same mark."""
    owners: dict[str, list[str]] = {}
    for known, history in past.items():
        owners.setdefault(mark(history.fingerprint), []).append(known)
    marks = [mark(fingerprint(deal)) for deal in deals]
    rows_like = Counter(marks)
    for position in positions:
        like = marks[position]
        if like.strip("\x1f") and rows_like[like] == 1 and len(owners.get(like, ())) == 1:
            yield position, owners[like][0]


def _address(print_: str) -> str:
    """The e-mail address of a fingerprint."""
    return print_.rsplit("\x1f", 1)[-1].casefold()


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


def _lost(
    deals: Sequence[Deal], bare: Sequence[int], past: Mapping[str, DealHistory], present: Set[str]
) -> dict[int, str]:
    """Position of a bare row to the ID it had, where as many known deals are missing that were like it as rows are.

    Rows that are alike in all that tells them apart get theirs in order: to whom they belong, they belong together.
    """
    missing: dict[str, list[str]] = {}
    for known, history in past.items():
        if known not in present and history.fingerprint.strip("\x1f"):
            missing.setdefault(history.fingerprint, []).append(known)
    if not missing:
        return {}
    rows: dict[str, list[int]] = {}
    for position in bare:
        rows.setdefault(fingerprint(deals[position]), []).append(position)
    return {
        position: own
        for like, positions in rows.items()
        if len(missing.get(like, ())) == len(positions)
        for position, own in zip(positions, sorted(missing[like], key=_in_order), strict=True)
    }


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
