"""By what rows and known deals are recognized, and which rows carry another deal's ID."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeVar

from fivestep.process.model.deal import Deal
from fivestep.process.model.history import DealHistory

_K = TypeVar("_K")

_BETWEEN, _BEHIND = "\x1f", "\x1e"


def fingerprint(deal: Deal) -> str:
    """What a row is about, followed by its amount: it tells rows apart that share or lack an ID."""
    about = f"{deal.deal or ''}{_BETWEEN}{deal.company or ''}{_BETWEEN}{deal.contact or ''}{_BETWEEN}{deal.email or ''}"
    return about if deal.amount is None else f"{about}{_BEHIND}{deal.amount!r}"


class DealLook(NamedTuple):
    """What a row, or a known deal when it was last seen, is recognized by."""

    about: str
    amount: str
    """Empty where there was none, or none was noted yet."""
    stage: str

    @classmethod
    def of_row(cls, deal: Deal) -> DealLook:
        """The look of a row."""
        about, _, amount = fingerprint(deal).partition(_BEHIND)
        return cls(about, amount, deal.stage or "")

    @classmethod
    def of_past(cls, past: DealHistory) -> DealLook:
        """The look of a known deal."""
        about, _, amount = past.fingerprint.partition(_BEHIND)
        return cls(about, amount, past.entries[-1].stage if past.entries else "")

    @property
    def says_something(self) -> bool:
        """Whether there is anything to recognize it by."""
        return bool(self.about.strip(_BETWEEN))


def moved_ids(deals: Sequence[Deal], past: Mapping[str, DealHistory]) -> tuple[dict[int, str], set[int]]:
    """Rows that carry another deal's ID, by position, with their own ID; and the uncertain rows.

    That is what becomes of a sheet of which only some columns were sorted. A row that merely was edited is like no
    other known deal, and keeps its ID. Deals of one customer that are about the same are told by stage and amount.
    """
    changed = [
        position
        for position, deal in enumerate(deals)
        if (before := past.get(deal.id)) is not None and before.seen and _differs(deal, before)
    ]
    if not changed:
        return {}, set()
    known = {own: DealLook.of_past(history) for own, history in past.items()}
    alike = {about for about, count in Counter(look.about for look in known.values()).items() if count > 1}
    looks = [DealLook.of_row(deal) for deal in deals]
    strangers = [at for at in changed if looks[at].about != known[deals[at].id].about or looks[at].about in alike]
    present = {deal.id for deal in deals if deal.id}
    moved: dict[int, str] = {}
    settled: set[int] = set()
    taken: set[str] = set()
    for mark, fits in _MARKS:
        for position, own in _told_by(mark, looks, [at for at in strangers if at not in settled], known):
            row, carried = looks[position], known[deals[position].id]
            if own not in taken and own in present and (own == deals[position].id or fits(row, carried, known[own])):
                settled.add(position)
                taken.add(own)
                if own != deals[position].id:
                    moved[position] = own
    return moved, _unsure([at for at in strangers if at not in settled], deals, looks, known)


def _differs(deal: Deal, past: DealHistory) -> bool:
    stage = past.entries[-1].stage if past.entries else ""
    return past.fingerprint != fingerprint(deal) or stage != (deal.stage or "")


def _always(_row: DealLook, _carried: DealLook, _own: DealLook) -> bool:
    return True


def _left_its_stage(row: DealLook, carried: DealLook, _own: DealLook) -> bool:
    """Whether the row's stage differs from the stage of the deal whose ID it carries.

    If not, only the amount was edited.
    """
    return row.stage != carried.stage


def _not_by_amount(row: DealLook, _carried: DealLook, own: DealLook) -> bool:
    """Whether the amounts are the same, or one is not known."""
    return not (row.amount and own.amount and row.amount != own.amount)


Mark = Callable[[DealLook], str]
"""What of a look is compared; empty where it has nothing of that."""


def by_all(look: DealLook) -> str:
    """What it is about, its amount and its stage."""
    return _BEHIND.join(look)


def by_subject(look: DealLook) -> str:
    """Whom and what it is about."""
    return look.about


def _by_amount(look: DealLook) -> str:
    return f"{look.about}{_BEHIND}{look.amount}" if look.amount else ""


def _by_stage(look: DealLook) -> str:
    return f"{look.about}{_BEHIND}{look.stage}" if look.stage else ""


def _by_address(look: DealLook) -> str:
    return look.about.rsplit(_BETWEEN, 1)[-1].casefold()


_MARKS: Sequence[tuple[Mark, Callable[[DealLook, DealLook, DealLook], bool]]] = (
    (by_all, _always),
    (_by_amount, _left_its_stage),
    (_by_stage, _not_by_amount),
    (by_subject, _always),
    (_by_address, _always),  # where all of the others were edited besides
)
"""Tried in turn; each with what must hold of the row, the deal whose ID it carries, and the one the mark names."""


def _told_by(
    mark: Mark, looks: Sequence[DealLook], positions: Sequence[int], known: Mapping[str, DealLook]
) -> Iterator[tuple[int, str]]:
    """Position and known deal, wherever exactly one row and one known deal have the same mark."""
    if not positions:
        return
    owners = by_mark(mark, known)
    marks = [mark(look) for look in looks]
    rows_like = Counter(marks)
    for position in positions:
        like = marks[position]
        alone = rows_like[like] == 1 and len(owners.get(like, ())) == 1
        if alone and like.strip(_BETWEEN) and looks[position].says_something:
            yield position, owners[like][0]


def _unsure(
    positions: Sequence[int], deals: Sequence[Deal], looks: Sequence[DealLook], known: Mapping[str, DealLook]
) -> set[int]:
    """Positions of rows of one customer whose IDs may be swapped: all are in other stages than before."""
    left = [at for at in positions if looks[at].stage != known[deals[at].id].stage and looks[at].says_something]
    like = Counter(looks[at].about for at in left)
    return {at for at in left if like[looks[at].about] > 1 and looks[at].about == known[deals[at].id].about}


def by_mark(mark: Mark, looks: Mapping[_K, DealLook]) -> dict[str, list[_K]]:
    """Each mark with everybody who has it."""
    found: dict[str, list[_K]] = {}
    for key, look in looks.items():
        found.setdefault(mark(look), []).append(key)
    return found
