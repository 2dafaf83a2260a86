"""The pipeline as it stands today: its figures, the funnel, ages, and each owner's share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from fivestep.jobs.reporting.section import LISTED, section
from fivestep.process.digest.figures import UNKNOWN, Sums, ages, of_unknown_stages, open_money, owners
from fivestep.process.model.deal import Deal
from fivestep.process.model.plan import Funnel, Plan
from fivestep.process.wording.html import Html, element, joined_html, table, text
from fivestep.process.wording.show import money, number, plural

_OF_UNKNOWN_AGE = (
    "Of unknown age: no date says how long these deals have been in their stage, and median and oldest leave them out."
)


def cards_section(plan: Plan) -> Html:
    """The figures on top."""
    amounts, weighted = open_money(plan)
    funnel = plan.funnel
    still_open = sum(stage.deals for stage in funnel.stages if stage.kind == "open")
    won, lost = (" or ".join(s.stage for s in funnel.stages if s.kind == kind) or kind for kind in ("won", "lost"))
    statuses = Counter(verdict.status for verdict in plan.verdicts)
    stalled, waiting_for_us = statuses["Stalled"], statuses["Your turn"]
    rate = "" if funnel.win_rate is None else f", {funnel.win_rate:.0%} won"
    cards = [
        ("open deals", str(still_open), False),
        ("in open deals", money(amounts), False),
        ("weighted by stage", money(weighted), False),
        (f"in stage {won} / {lost}{rate}", f"{funnel.won} / {funnel.lost}", False),
        *_unknown_cards(plan),
        _new_leads_card(funnel),
        ("stalled", str(stalled), stalled > 0),
        ("to follow up", str(statuses["Follow up"]), False),
        ("your turn", str(waiting_for_us), waiting_for_us > 0),
    ]
    return element("div", *(_card(*card) for card in cards), css="cards")


def _unknown_cards(plan: Plan) -> Iterator[tuple[str, str, bool]]:
    """The deals that are in no stage of the process, and their worth, where there are any."""
    if unknown := len(of_unknown_stages(plan)):
        yield "of an unknown stage", str(unknown), True
        yield "in deals of an unknown stage", money(plan.funnel.unknown), True


def _new_leads_card(funnel: Funnel) -> tuple[str, str, bool]:
    count, target = funnel.new_leads, funnel.new_leads_target
    if count is None:
        return "new leads in seven days: map a column to created", "unknown", False
    aim = f", target {target}" if target else ""
    return f"new leads in seven days{aim}", str(count), bool(target and count < target)


def _card(label: str, figure: str, alarm: bool) -> Html:
    return element(
        "div", element("b", text(figure)), element("span", text(label)), css="card alarm" if alarm else "card"
    )


def funnel_section(plan: Plan) -> Html:
    """How many deals, and how much money, stand in which stage."""
    bars = [_Bar(stage.stage, stage.kind, stage.deals, stage.amounts) for stage in plan.funnel.stages]
    if unknown := of_unknown_stages(plan):
        bars.append(_Bar("Unknown stage", UNKNOWN, len(unknown), plan.funnel.unknown))
    most = max((bar.deals for bar in bars), default=0) or 1
    return section("Funnel", element("div", *(_line(bar, bar.deals / most) for bar in bars), css="funnel"))


class _Bar(NamedTuple):
    name: str
    kind: str
    deals: int
    amounts: Sums


def _line(bar: _Bar, share: float) -> Html:
    drawn = element("div", css=f"bar {bar.kind}", style=f"width: {share:.1%}") if bar.deals else Html("")
    sums = f" · {money(bar.amounts)}" if bar.amounts else ""
    return joined_html(
        [
            element("div", text(bar.name), css="name"),
            element("div", text(f"{plural(bar.deals, 'deal')}{sums}"), css="sum"),
            element("div", drawn, css="track"),
        ]
    )


def ages_section(plan: Plan) -> Html:
    """How long the open deals have been in their stage."""
    rows = [
        (
            age.stage,
            age.deals,
            age.unknown,
            "unknown" if age.middle is None else number(age.middle),
            "unknown" if age.oldest is None else age.oldest,
            age.follow_up,
            age.stalled,
        )
        for age in ages(plan)
    ]
    headers = ("Stage", "Deals", "Of unknown age", "Median", "Oldest", "Word due", "Stalled")
    shown = table(headers, rows, figures=frozenset(range(1, 7)))
    if any(row[2] for row in rows):
        shown = joined_html([shown, element("p", text(_OF_UNKNOWN_AGE))])
    return section("How long deals have been in their stage, in working days", shown)


def owners_section(plan: Plan, deals: Mapping[str, Deal]) -> Html:
    """What each owner has."""
    rows = [
        (
            share.owner,
            *(share.kinds[kind] for kind in ("open", "won", "lost", UNKNOWN)),
            money(share.amounts),
            *(share.statuses[status] for status in ("Your turn", "Follow up", "Stalled", "Needs data")),
        )
        for share in owners(plan, deals)[:LISTED]
    ]
    kinds, statuses = ("Open", "Won", "Lost", "Unknown"), ("Your turn", "Word due", "Stalled", "Needs data")
    headers = ("Owner", *kinds, "Open amount", *statuses)
    return section("Per owner", table(headers, rows, figures=frozenset(range(1, 10))))
