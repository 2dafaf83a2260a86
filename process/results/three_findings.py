"""The three findings that matter most, in sentences.

A finding is a comparison. It is told only where the two shares are known and their intervals have nothing in common,
or where it is a plain count. What matters is how many deals it concerns (those of the smaller side), times how far
the two shares are apart. Of each question only the weightiest comparison is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fivestep.process.results.proportion import FEWEST_TO_SAY, Proportion
from fivestep.process.results.stage_flow import Loss, StageFlow
from fivestep.process.results.text_results import ANSWER_DAYS, TextResult
from fivestep.process.results.top import WEEKS, NewDeals
from fivestep.process.results.what_works import WhatWorks
from fivestep.process.results.win_rates import WinRate
from fivestep.process.wording.show import number, plural
from fivestep.process.wording.vocabulary import plain

MOST_FINDINGS = 3


class _Candidate(NamedTuple):
    question: str
    weight: float
    sentence: str


def three_findings(works: WhatWorks) -> list[str]:
    """The sentences, the weightiest first; fewer where there are fewer."""
    found = [
        *_of_rates(works.rates),
        *_of_flows(works.flows),
        *_of_reasons(works.losses),
        *_of_texts(works.texts),
        *_of_limits(works),
        *_of_new_deals(works.new_deals),
    ]
    first: dict[str, _Candidate] = {}
    for candidate in sorted(found, key=lambda one: (-one.weight, one.sentence)):
        first.setdefault(candidate.question, candidate)
    return [candidate.sentence for candidate in list(first.values())[:MOST_FINDINGS]]


def counted(proportion: Proportion) -> str:
    """`22 (55%)`, and `3 (too few to say)`."""
    share = proportion.share
    return f"{proportion.hits} ({'too few to say' if share is None else f'{share:.0%}'})"


def _of_rates(rates: Sequence[WinRate]) -> Iterator[_Candidate]:
    for rate in rates:
        # A no says the same as its yes, the other way round.
        if rate.answer != "no" and rate.won.apart_from(rate.others):
            sentence = (
                f"Of {_named(rate)} {counted(rate.won)} were won, "
                f"of the {rate.others.of} others {counted(rate.others)}."
            )
            yield _Candidate(rate.question, _weight(rate.won, rate.others), sentence)


def _named(rate: WinRate) -> str:
    match rate.question:
        case "source":
            return f"{rate.won.of} ended deals from the source {rate.answer}"
        case "objection":
            return f"{rate.won.of} ended deals with the objection {rate.answer}"
        case "objection answered":
            return f"{rate.won.of} ended deals whose objection was answered"
        case "fit":
            return f"{rate.won.of} ended deals that fit"
        case "referred":
            return f"{rate.won.of} ended deals that were referred"


def _of_flows(flows: Sequence[StageFlow]) -> Iterator[_Candidate]:
    for flow in flows:
        mine = flow.decided
        rest = _all_but(mine, [other.decided for other in flows])
        if mine.apart_from(rest) and mine.hits * rest.of < rest.hits * mine.of:
            sentence = (
                f"Of {mine.of} deals that left {flow.stage}, {counted(mine)} went on and the others were lost; "
                f"of the {rest.of} that left other stages, {counted(rest)} went on."
            )
            yield _Candidate("stage", _weight(mine, rest), sentence)


def _of_reasons(lost: Sequence[Loss]) -> Iterator[_Candidate]:
    counts: Counter[str] = Counter()
    spelt: dict[str, str] = {}
    for loss in lost:
        if loss.reason:
            spelt.setdefault(plain(loss.reason), loss.reason)
            counts[plain(loss.reason)] += loss.deals
    told, ranked = sum(counts.values()), counts.most_common(2)
    if told < FEWEST_TO_SAY or len(ranked) < 2 or ranked[0][1] == ranked[1][1]:
        return
    (first, most), (second, fewer) = ranked
    sentence = (
        f"Of {told} lost deals with a reason, {counted(Proportion(most, told))} were lost for {spelt[first]!r}; "
        f"the next reason is {spelt[second]!r} with {fewer}."
    )
    yield _Candidate("reason", most * (most - fewer) / told, sentence)


def _of_texts(texts: Sequence[TextResult]) -> Iterator[_Candidate]:
    for text in texts:
        rest = _all_but(text.answered, [other.answered for other in texts])
        if text.answered.apart_from(rest):
            sentence = (
                f"Of {text.answered.of} sent follow-ups from {text.template}, {counted(text.answered)} were answered "
                f"within {ANSWER_DAYS} working days, of the {rest.of} from other texts {counted(rest)}."
            )
            yield _Candidate("text", _weight(text.answered, rest), sentence)


def _of_limits(works: WhatWorks) -> Iterator[_Candidate]:
    replayed = works.learned.backtest
    for test in replayed.stages if replayed else ():
        shares = test.shares
        if replayed and test.showing == "helps" and shares.won_flagged is not None and shares.won_others is not None:
            sentence = (
                f"Week by week, {shares.won_flagged:.0%} of the deals that had been in {test.limit.stage} for longer "
                f"than the limit were won within {replayed.judged_within} days, of the others {shares.won_others:.0%} "
                f"({shares.deals_flagged} deals and {shares.deals_others})."
            )
            yield _Candidate("limit", shares.deals_flagged * (shares.won_others - shares.won_flagged), sentence)


def _of_new_deals(new: NewDeals | None) -> Iterator[_Candidate]:
    if new is None or not new.target or new.came >= new.target * WEEKS:
        return
    aim = new.target * WEEKS
    sentence = (
        f"In the last {WEEKS} weeks {plural(new.came, 'new deal')} came in, of {aim} that the target asks for: "
        f"{number(round(new.came / WEEKS, 1))} a week instead of {new.target}."
    )
    yield _Candidate("top", (aim - new.came) * (1 - new.came / aim), sentence)


def _all_but(mine: Proportion, every: Sequence[Proportion]) -> Proportion:
    return Proportion(sum(one.hits for one in every) - mine.hits, sum(one.of for one in every) - mine.of)


def _weight(mine: Proportion, rest: Proportion) -> float:
    return min(mine.of, rest.of) * abs(mine.hits / mine.of - rest.hits / rest.of)
