"""Which deals of the sheet the deals of a file are: by their IDs, else by their names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from fivestep.jobs.importing.past_file import PastFile
from fivestep.process.model.deal import Deal
from fivestep.process.wording.vocabulary import plain


class NamesOnly(ValueError):  # noqa: N818  (it reads as what happened)
    """Deals of the file are in the sheet by their names, and those have no IDs yet."""


class Matched(NamedTuple):
    """How the deals of a file were found in the sheet."""

    ids: Mapping[str, str]
    """A deal of the file to its ID in the sheet; those that are not in the sheet have none."""
    by_name: bool


def match_deals(past: PastFile, deals: Sequence[Deal]) -> Matched:
    """The deals of the file that are in the sheet.

    Names count only where no ID does, and where they are unique. Raises NamesOnly.
    """
    told = {line.deal for line in past.lines}
    known = {deal.id for deal in deals if deal.id}
    if same := told & known:
        return Matched({deal: deal for deal in same}, by_name=False)
    here = _unique((plain(deal.deal), deal.id) for deal in deals if deal.deal)
    there = _unique((plain(past.names.get(deal, deal)), deal) for deal in told)
    shared = here.keys() & there.keys() - {""}
    if any(not here[name] for name in shared):
        raise NamesOnly
    return Matched({there[name]: here[name] for name in shared}, by_name=bool(shared))


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    listed = list(pairs)
    times = Counter(name for name, _ in listed)
    return {name: what for name, what in listed if times[name] == 1}
