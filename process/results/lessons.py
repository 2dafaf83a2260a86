"""The three things that matter most in what works, in sentences.

A lesson is a plain count, or a difference between two shares whose intervals do not touch. Each weighs as many deals as
it is about, times the share or the difference; of each kind only the heaviest is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from fivestep.process.results.groups import Grouping
from fivestep.process.results.losses import NOT_NOTED
from fivestep.process.results.rate import FEWEST, Rate, rest_of
from fivestep.process.results.results import Results
from fivestep.process.wording.shares import percent
from fivestep.process.wording.show import number, plural

_MOST = 3


class Lesson(NamedTuple):
    """One sentence, and how much it matters."""

    weight: float
    sentence: str


NOTHING_LEARNED = (
    "Too few deals have ended to say what works. A past from elsewhere helps: fivestep history import FILE."
)


def lessons(results: Results) -> list[str]:
    """Three sentences at most, the weightiest first; one that says what is missing where there is none."""
    kinds = (_of_stages(results), _of_groups(results), _of_texts(results), _of_reasons(results), _of_the_top(results))
    heaviest = [max(found, key=lambda lesson: lesson.weight) for kind in kinds if (found := list(kind))]
    heaviest.sort(key=lambda lesson: -lesson.weight)
    return [lesson.sentence for lesson in heaviest[:_MOST]] or [NOTHING_LEARNED]


def _of_stages(results: Results) -> Iterator[Lesson]:
    """Where more deals end than elsewhere."""
    lost = {step.stage: Rate(step.lost, step.came - step.still) for step in results.steps}
    every = Rate(sum(rate.held for rate in lost.values()), sum(rate.of for rate in lost.values()))
    for stage, rate in lost.items():
        others = rest_of(every, rate)
        if rate.differs_from(others):
            yield Lesson(
                rate.of * _apart(rate, others),
                f"Of the deals that left {stage} {_said(rate)} were lost there; of those that left the other stages "
                f"{_said(others)}.",
            )


def _of_groups(results: Results) -> Iterator[Lesson]:
    """Who is won more often than the rest."""
    for grouping in results.groupings:
        every = Rate(sum(one.held for one in grouping.groups.values()), sum(one.of for one in grouping.groups.values()))
        for name, rate in grouping.groups.items():
            others = rest_of(every, rate)
            if rate.differs_from(others):
                yield Lesson(rate.of * _apart(rate, others), _compared(grouping, name, rate, others))


def _compared(grouping: Grouping, name: str, rate: Rate, others: Rate) -> str:
    about = grouping.about.format(name)
    return f"Of the {about} {_said(rate)} were won, of the others {_said(others)}."


def _of_texts(results: Results) -> Iterator[Lesson]:
    """Which text is answered more often, or less, than the rest."""
    every = Rate(sum(one.answered for one in results.texts), sum(one.told for one in results.texts))
    for one in results.texts:
        others = rest_of(every, one.answer_rate)
        if one.answer_rate.differs_from(others):
            yield Lesson(
                one.told * _apart(one.answer_rate, others),
                f"Of the mails with the text {one.text} {_said(one.answer_rate)} were answered within ten working "
                f"days, of all others {_said(others)}.",
            )


def _of_reasons(results: Results) -> Iterator[Lesson]:
    """Why most deals are lost."""
    lost = sum(loss.deals for loss in results.losses)
    reasons: dict[str, int] = {}
    for loss in results.losses:
        reasons[loss.reason] = reasons.get(loss.reason, 0) + loss.deals
    for reason, count in reasons.items():
        if lost >= FEWEST and count > 1:
            what = "have no reason noted" if reason == NOT_NOTED else f"name the same reason: {reason}"
            yield Lesson(count * count / lost, f"Of {plural(lost, 'lost deal')} in the sheet {count} {what}.")


def _of_the_top(results: Results) -> Iterator[Lesson]:
    """How far the top is from its target."""
    top = results.new_deals
    if top is not None and top.target and top.a_week < top.target:
        short = 1 - top.a_week / top.target
        yield Lesson(
            sum(top.weeks) * short + (top.target - top.a_week),
            f"In the last {len(top.weeks)} weeks {number(round(top.a_week, 1))} new deals a week came in; "
            f"the target is {top.target}.",
        )


def _said(rate: Rate) -> str:
    return f"{rate.held} of {rate.of} ({percent(rate.share)})"


def _apart(one: Rate, other: Rate) -> float:
    return abs((one.share or 0.0) - (other.share or 0.0))
