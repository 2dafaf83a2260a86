"""Who is won: deals that have ended, told apart by what the sheet says of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from fivestep.process.model.deal import Deal
from fivestep.process.model.sales_process import Stage
from fivestep.process.results.rate import Rate


class Grouping(NamedTuple):
    """Deals that have ended, by one thing that the sheet says of them."""

    title: str
    """What it is: `Source`."""
    about: str
    """How a deal of a group is spoken of; `{}` stands for the group: `deals from {}`."""
    groups: Mapping[str, Rate]
    """Won of those that ended, the most deals first."""


def groupings(deals: Iterable[Deal], stages: Mapping[str, Stage]) -> list[Grouping]:
    """The groupings for which the sheet has values."""
    kinds = {name: stage.kind for name, stage in stages.items()}
    ended = [(deal, kinds[deal.stage] == "won") for deal in deals if deal.stage and kinds.get(deal.stage) != "open"]
    found = [Grouping(title, about, _grouped(ended, told)) for title, about, told in _GROUPINGS]
    return [grouping for grouping in found if len(grouping.groups) > 1]


def _grouped(ended: Iterable[tuple[Deal, bool]], told: Callable[[Deal], str]) -> dict[str, Rate]:
    all_of_them, won = Counter[str](), Counter[str]()
    for deal, is_won in ended:
        group = told(deal)
        if group:
            all_of_them[group] += 1
            won[group] += is_won
    return {group: Rate(won[group], count) for group, count in all_of_them.most_common()}


def _answered(deal: Deal) -> str:
    if not deal.objection:
        return ""
    return "answered" if deal.objection_answer else "not answered"


def _fits(deal: Deal) -> str:
    return "" if deal.fit is None else "fits" if deal.fit else "does not fit"


def _referred(deal: Deal) -> str:
    if deal.referred_by or deal.source == "referral":
        return "referred"
    return "not referred" if deal.source else ""


_GROUPINGS: tuple[tuple[str, str, Callable[[Deal], str]], ...] = (
    ("Source", "deals with the source {}", lambda deal: deal.source or ""),
    ("Referral", "deals that were {}", _referred),
    ("Objection", "deals with the objection {}", lambda deal: deal.objection or ""),
    ("Answer to the objection", "deals whose objection was {}", _answered),
    ("Fit with the ideal customer", "deals whose customer {}", _fits),
)
