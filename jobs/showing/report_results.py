"""What works, in the report: each share with its number, and three lessons at the end."""

from __future__ import annotations

from collections.abc import Iterator

from fivestep.jobs.showing.report_parts import LISTED, more, paragraph, section
from fivestep.process.results.lessons import lessons
from fivestep.process.results.rate import FEWEST, Rate
from fivestep.process.results.results import Results
from fivestep.process.results.top import Coverage
from fivestep.process.wording.html import Html, element, joined_html, table, text
from fivestep.process.wording.shares import percent
from fivestep.process.wording.show import money, number

_TOO_FEW = "too few to say"
_GIVEN = f"A share is given from {FEWEST} deals on, with the interval at 95 % in which the true one may lie."


def results_sections(results: Results) -> Html:
    """All sections that have something to tell."""
    return joined_html([_top(results), _steps(results), _groups(results), _texts(results), _losses(results)])


def lessons_section(results: Results) -> Html:
    """The three things that matter most."""
    return section("What to take from it", element("ol", *(element("li", text(one)) for one in lessons(results))))


def _top(results: Results) -> Html:
    said = [*_new_deals(results), *_coverage(results.coverage)]
    return section("How full the pipeline is", *map(paragraph, said)) if said else Html("")


def _new_deals(results: Results) -> Iterator[str]:
    top = results.new_deals
    if top is not None and any(top.weeks):
        weeks, average = ", ".join(map(str, top.weeks)), number(round(top.a_week, 1))
        aim = f"; the target is {top.target}" if top.target else ""
        yield f"New deals in each of the last {len(top.weeks)} weeks: {weeks}. That is {average} a week{aim}."


def _coverage(cover: Coverage | None) -> Iterator[str]:
    if cover is None:
        return

    def said(amount: float) -> str:
        return money({cover.currency: amount})

    if cover.times is None:
        yield f"This month's target of {said(cover.target)} is reached: {said(cover.won)} won."
        return
    yield f"Won this month: {said(cover.won)} of {said(cover.target)}. Left: {said(cover.left)}."
    held = f"The open deals hold {said(cover.open)}, {cover.times:.1f} times that"
    if cover.expected is None:
        yield f"{held}."
    else:
        yield f"{held}; about {said(cover.expected)} of it is to be expected by the end of the month."


def _steps(results: Results) -> Html:
    if not any(step.came for step in results.steps):
        return Html("")
    rows = [
        (
            step.stage,
            step.came,
            step.went_on,
            step.lost,
            step.back,
            step.still,
            _share(step.rate),
            "too few" if step.days is None else number(step.days),
        )
        for step in results.steps
    ]
    headers = (
        "Stage",
        "Came",
        "Went on",
        "Lost",
        "Back",
        "Still there",
        "Went on, of those that left",
        "Days, at the middle",
    )
    return section("From stage to stage", table(headers, rows, frozenset({1, 2, 3, 4, 5, 7})), paragraph(_GIVEN))


def _groups(results: Results) -> Html:
    rows = [
        (grouping.title, name, rate.held, rate.of, _share(rate))
        for grouping in results.groupings
        for name, rate in grouping.groups.items()
    ]
    if not rows:
        return Html("")
    headers = ("", "", "Won", "Ended", "Share won")
    listed = table(headers, rows[:LISTED], frozenset({2, 3}))
    return section("Who is won", listed, more(len(rows)), paragraph(_GIVEN))


def _texts(results: Results) -> Html:
    if not results.texts:
        return Html("")
    rows = [
        (one.text, one.drafted, one.sent, one.gone, one.deleted, one.answered, one.moved_on, _share(one.answer_rate))
        for one in results.texts
    ]
    headers = (
        "Text",
        "Drafted",
        "Sent",
        "Gone",
        "Deleted",
        "Answered",
        "Moved on",
        "Answered, of those old enough to tell",
    )
    note = (
        "Answered, and moved on to a later stage, count within ten working days. Gone: no longer among the drafts, "
        "and the mailbox does not tell whether it was sent."
    )
    return section("What follow-ups came to", table(headers, rows, frozenset(range(1, 7))), paragraph(note))


def _losses(results: Results) -> Html:
    if not results.losses:
        return Html("")
    rows = [
        (loss.stage or "unknown", loss.reason, loss.deals, money(loss.amounts) if loss.amounts else "")
        for loss in results.losses
    ]
    listed = table(("Lost from", "Why", "Deals", "Amount"), rows[:LISTED], frozenset({2, 3}))
    return section("Why deals were lost", listed, more(len(rows)))


def _share(rate: Rate) -> str:
    if rate.share is None:
        return _TOO_FEW
    low, high = rate.interval
    return f"{percent(rate.share)} ({percent(low)} to {percent(high)})"
