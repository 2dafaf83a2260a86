"""Which deals are won: by source, objection, fit and referral."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Literal, NamedTuple

from fivestep.process.model.deal import Deal
from fivestep.process.model.sales_process import Stage
from fivestep.process.results.proportion import Proportion

Question = Literal["source", "objection", "objection answered", "fit", "referred"]


class WinRate(NamedTuple):
    """How many of the ended deals of one kind were won."""

    question: Question
    answer: str
    """The kind: a source, an objection, `yes` or `no`."""
    won: Proportion
    others: Proportion
    """All ended deals with another answer to the same question."""


def win_rates(deals: Iterable[Deal], stages: Mapping[str, Stage]) -> list[WinRate]:
    """The won among the won and lost deals, by each answer that the sheet has, the most frequent first.

    A deal whose cell is blank has no answer, but for a referral: there a blank says no, if any deal was referred.
    """
    ended = [
        (deal, stage.kind == "won")
        for deal in deals
        if (stage := stages.get(deal.stage or "")) is not None and stage.kind != "open"
    ]
    return [rate for question, ask in _QUESTIONS.items() for rate in _rates(question, ask, ended)]


def _rates(question: Question, ask: Callable[[Deal], str], ended: list[tuple[Deal, bool]]) -> list[WinRate]:
    counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for deal, won in ended:
        if answer := ask(deal):
            counts[answer][0] += won
            counts[answer][1] += 1
    if question == "referred" and "yes" not in counts:
        return []
    won_of_all, all_ended = (sum(column) for column in zip(*counts.values(), strict=True)) if counts else (0, 0)
    rates = [
        WinRate(question, answer, Proportion(hits, of), Proportion(won_of_all - hits, all_ended - of))
        for answer, (hits, of) in counts.items()
    ]
    return sorted(rates, key=lambda rate: (-rate.won.of, rate.answer))


def _answered(deal: Deal) -> str:
    return "" if not deal.objection else "yes" if deal.objection_answer else "no"


def _fits(deal: Deal) -> str:
    return "" if deal.fit is None else "yes" if deal.fit else "no"


_QUESTIONS: Mapping[Question, Callable[[Deal], str]] = {
    "source": lambda deal: deal.source or "",
    "objection": lambda deal: deal.objection or "",
    "objection answered": _answered,
    "fit": _fits,
    "referred": lambda deal: "yes" if deal.referred_by else "no",
}
