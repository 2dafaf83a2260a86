"""What works: stages, win rates, follow-ups, losses, the top, the quota; and what matters most."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import get_args

from fivestep.jobs.reporting.section import part, said, section
from fivestep.process.prognosis.fit import FEWEST_ENDED
from fivestep.process.results.proportion import FEWEST_TO_SAY, Proportion
from fivestep.process.results.stage_flow import Loss, StageFlow
from fivestep.process.results.text_results import ANSWER_DAYS, TextResult
from fivestep.process.results.three_findings import counted, three_findings
from fivestep.process.results.top import WEEKS, Coverage, NewDeals
from fivestep.process.results.what_works import WhatWorks
from fivestep.process.results.win_rates import Question, WinRate
from fivestep.process.wording.html import Html, element, joined_html, table, text
from fivestep.process.wording.show import MONTHS, money, number, plural

_ROWS = 12
"""Of one of these tables, and of one question in that of the win rates."""


def results_section(works: WhatWorks, today: dt.date) -> Html:
    """What works, as far as enough deals have ended to tell; nothing where not even one part can be told."""
    parts = [
        piece
        for piece in (
            _flows(works.flows),
            _rates(works.rates),
            _texts(works.texts),
            _losses(works.losses),
            _top(works.new_deals) if works.learned.past.deals else Html(""),
            _quota(works, today),
        )
        if piece
    ]
    note = said(
        f"Counts, side by side: they do not say what is the cause of what. Below {FEWEST_TO_SAY} cases a share "
        "is too few to say."
    )
    return section("What works", note, *parts) if parts else Html("")


def three_findings_section(works: WhatWorks) -> Html:
    """The findings that matter most; one sentence on what is missing where there is none."""
    found = three_findings(works)
    if not found:
        return section("What matters most", said(_missing(works)))
    title = "The three findings that matter most" if len(found) > 2 else "What matters most"
    too_few = min(works.learned.prognosis.won, works.learned.prognosis.lost) < FEWEST_ENDED
    listed = element("ol", *(element("li", text(sentence)) for sentence in found))
    return section(title, listed, said(_missing(works)) if too_few else Html(""))


def _missing(works: WhatWorks) -> str:
    won, lost = works.learned.prognosis.won, works.learned.prognosis.lost
    if won >= FEWEST_ENDED and lost >= FEWEST_ENDED:
        return "Nothing yet: no group of deals, stage or text stands out from the rest by more than chance explains."
    return (
        f"Too few to say what works: of {won} won and {lost} lost deals the way is known, and {FEWEST_ENDED} of each "
        "are needed; `fivestep history import` brings a past from elsewhere."
    )


def _flows(flows: Sequence[StageFlow]) -> Html:
    if not any(flow.decided.of >= FEWEST_TO_SAY for flow in flows):
        return Html("")
    rows = [
        (
            flow.stage,
            flow.came,
            counted(flow.decided),
            flow.lost,
            flow.still_open,
            "" if flow.days is None else number(flow.days),
        )
        for flow in flows
        if flow.came
    ]
    headers = ("Stage", "Came in", "Went on", "Lost", "Still open", "Days until then")
    return part(
        "From stage to stage",
        table(headers, rows, frozenset(range(1, 6))),
        said(
            "Went on: to a later stage or won, in percent of those that went on or were lost. Days: the median, in "
            "calendar days."
        ),
    )


def _rates(rates: Sequence[WinRate]) -> Html:
    told = [question for question in get_args(Question) if _is_told(question, rates)]
    rows = [
        (question, rate.answer, rate.won.of, counted(rate.won), _interval(rate.won), counted(rate.others))
        for question in told
        for rate in [rate for rate in rates if rate.question == question][:_ROWS]
    ]
    if not rows:
        return Html("")
    headers = ("By", "", "Ended", "Won", "Interval at 95%", "Won of the others")
    return part("Win rates", table(headers, rows, frozenset(range(2, 6))))


def _is_told(question: Question, rates: Sequence[WinRate]) -> bool:
    """Whether an answer has enough deals, and another one is there to compare it with."""
    mine = [rate for rate in rates if rate.question == question]
    return len(mine) > 1 and any(rate.won.of >= FEWEST_TO_SAY for rate in mine)


def _texts(texts: Sequence[TextResult]) -> Html:
    rows = [
        (one.template, one.drafted, one.sent, one.answered.of, counted(one.answered), counted(one.moved_on))
        for one in texts
        if one.sent
    ]
    if not rows:
        return Html("")
    headers = ("Text", "Drafted", "Sent", f"Over {ANSWER_DAYS} days ago", "Answered", "Moved on")
    return part(
        "Follow-ups, by their text",
        table(headers, rows, frozenset(range(1, 6))),
        said(
            f"Answered, and the deal moved on to a later stage, within {ANSWER_DAYS} working days of the draft's day: "
            "of the sent ones for which these are over."
        ),
    )


def _losses(losses: Sequence[Loss]) -> Html:
    lost = sum(loss.deals for loss in losses)
    if lost < FEWEST_TO_SAY:
        return Html("")
    rows = [
        (loss.stage or "not known", loss.reason or "none noted", loss.deals, f"{loss.deals / lost:.0%}")
        for loss in losses[:_ROWS]
    ]
    if rest := sum(loss.deals for loss in losses[_ROWS:]):
        rows.append(("others", "", rest, f"{rest / lost:.0%}"))
    headers = ("Lost from", "Reason", "Deals", "Share")
    return part(f"Losses: {plural(lost, 'deal')}", table(headers, rows, frozenset({2, 3})))


def _top(new: NewDeals | None) -> Html:
    if new is None:
        return Html("")
    weeks = ", ".join(str(count) for _, count in new.by_week)
    aim = f"; the target is {new.target}" if new.target else ""
    return part(
        "The top of the pipeline",
        said(f"New deals in the last {WEEKS} weeks, the last one at the end: {weeks}. "
             f"That is {number(round(new.came / WEEKS, 1))} a week{aim}."),
    )  # fmt: skip


def _quota(works: WhatWorks, today: dt.date) -> Html:
    if works.targets.won_per_month is None:
        return Html("")
    if works.coverage is None:
        sentences = ["The deals have several currencies: name the quota's as currency under [targets]."]
    else:
        sentences = list(_covered(works, works.coverage, today))
    return part("The month's quota", joined_html(map(said, sentences)))


def _covered(works: WhatWorks, coverage: Coverage, today: dt.date) -> Iterator[str]:
    def amount(value: float) -> str:
        return money({coverage.currency: value})

    yield f"{amount(coverage.won)} of {amount(coverage.quota)} won this month, {amount(coverage.left)} left."
    if coverage.times is None:
        return
    words = [
        f"Open deals hold {amount(coverage.open)}, {coverage.times:.1f} times what is left",
        f"weighted by stage that is {amount(coverage.weighted)}, which overstates, as a rule",
    ]
    if works.outlook.months:
        this_month = [one.amounts for one in works.outlook.months if one.month == today.replace(day=1)]
        expected = amount(sum(amounts.get(coverage.currency, 0.0) for amounts in this_month))
        words.append(f"by your own past, {expected} is to be expected in what is left of {MONTHS[today.month - 1]}")
    yield f"{'; '.join(words)}."


def _interval(proportion: Proportion) -> str:
    interval = proportion.interval
    return "" if interval is None else f"{interval[0]:.0%} to {interval[1]:.0%}"
