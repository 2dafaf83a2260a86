"""What is to be looked at today, in the report: figures, and the deals that ask for somebody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from fivestep.jobs.showing.group_findings import alike
from fivestep.jobs.showing.report_parts import LISTED, more, paragraph, section
from fivestep.process.digest.figures import UNKNOWN, Sums, ages, of_unknown_stages, open_money, owners
from fivestep.process.model.deal import Deal
from fivestep.process.model.history import DraftRecord
from fivestep.process.model.plan import Funnel, Plan, Verdict
from fivestep.process.wording.html import Html, element, joined_html, table, text
from fivestep.process.wording.show import day, money, number, plural

_PAST_WINS = "Longer in their stage than any deal that you won: close them, or revive them"

_OF_UNKNOWN_AGE = (
    "Of unknown age: no date says how long these deals have been in their stage, and median and oldest leave them out."
)


def deals_asking(plan: Plan, deals: Mapping[str, Deal]) -> Iterator[Html]:
    """The deals that ask for somebody, what is most urgent first."""
    by_status: dict[str, list[Verdict]] = {}
    for verdict in plan.verdicts:
        by_status.setdefault(verdict.status, []).append(verdict)
    stalled = by_status.get("Stalled", [])
    yield _verdicts("Your turn: they wrote last", by_status.get("Your turn", []), deals)
    yield _verdicts("Stalled", [verdict for verdict in stalled if not verdict.past_wins], deals)
    yield _verdicts("A word is due", by_status.get("Follow up", []), deals)
    yield _verdicts(_PAST_WINS, [verdict for verdict in stalled if verdict.past_wins], deals)
    yield _verdicts("Of an unknown stage, and in no figure of a stage", of_unknown_stages(plan), deals)


def figure_cards(plan: Plan) -> Html:
    """The figures on top."""
    amounts, weighted = open_money(plan)
    funnel = plan.funnel
    still_open = sum(stage.deals for stage in funnel.stages if stage.kind == "open")
    won, lost = (" or ".join(s.stage for s in funnel.stages if s.kind == kind) or kind for kind in ("won", "lost"))
    stalled = sum(verdict.status == "Stalled" for verdict in plan.verdicts)
    due = sum(verdict.status == "Follow up" for verdict in plan.verdicts)
    waiting_for_us = sum(verdict.status == "Your turn" for verdict in plan.verdicts)
    rate = "" if funnel.win_rate is None else f", {funnel.win_rate:.0%} won"
    cards = [
        ("open deals", str(still_open), False),
        ("in open deals", money(amounts), False),
        ("weighted by stage", money(weighted), False),
        (f"in stage {won} / {lost}{rate}", f"{funnel.won} / {funnel.lost}", False),
        *_unknown_cards(plan),
        _new_leads_card(funnel),
        ("stalled", str(stalled), stalled > 0),
        ("to follow up", str(due), False),
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
    """How many deals each stage holds, as bars."""
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
    """How old deals are, by stage."""
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
    shown = table(headers, rows, figures=frozenset({1, 2, 3, 4, 5, 6}))
    title = "How long deals have been in their stage, in working days"
    return section(title, shown, paragraph(_OF_UNKNOWN_AGE) if any(row[2] for row in rows) else Html(""))


def _verdicts(title: str, verdicts: list[Verdict], deals: Mapping[str, Deal]) -> Html:
    if not verdicts:
        return Html("")
    verdicts = sorted(verdicts, key=lambda verdict: (-(verdict.days_since_contact or 0), verdict.row))

    def rows() -> Iterator[tuple[str, ...]]:
        for verdict in verdicts[:LISTED]:
            deal = deals.get(verdict.deal)
            amount = money({deal.currency or "": deal.amount}) if deal and deal.amount is not None else ""
            owner = (deal and deal.owner) or ""
            named = deal.full_name if deal else verdict.name
            yield verdict.deal, named, owner, verdict.stage, amount, verdict.reason, verdict.next_step

    headers = ("ID", "Deal", "Owner", "Stage", "Amount", "Why", "Next step")
    return section(
        f"{title} ({len(verdicts)})", joined_html([table(headers, rows(), frozenset({4})), more(len(verdicts))])
    )


def follow_ups_section(plan: Plan, deals: Mapping[str, Deal], waiting: Sequence[DraftRecord]) -> Html:
    """The drafts that wait to be sent, and those that a run would make."""
    names = {
        verdict.deal: deals[verdict.deal].full_name if verdict.deal in deals else verdict.name
        for verdict in plan.verdicts
    }
    rows = [
        (f"waits since {day(d.on, plan.as_of)}", d.deal, names.get(d.deal, ""), d.person, d.template) for d in waiting
    ]
    rows += [
        ("to be drafted", draft.deal, names.get(draft.deal, ""), draft.to, draft.subject)
        for draft in plan.drafts
        if not draft.skipped
    ]
    if not rows:
        return Html("")
    listed = table(("", "ID", "Deal", "To", "Subject or text"), rows[:LISTED])
    return section(f"Follow-ups ({len(rows)})", joined_html([listed, more(len(rows))]))


def owners_section(plan: Plan, deals: Mapping[str, Deal]) -> Html:
    """What each owner has in the pipeline."""
    rows = [
        (
            share.owner,
            *(share.kinds[kind] for kind in ("open", "won", "lost", UNKNOWN)),
            money(share.amounts),
            *(share.statuses[status] for status in ("Your turn", "Follow up", "Stalled", "Needs data")),
        )
        for share in owners(plan, deals)[:LISTED]
    ]
    headers = (
        "Owner",
        "Open",
        "Won",
        "Lost",
        "Unknown stage",
        "Open amount",
        "Your turn",
        "Word due",
        "Stalled",
        "Needs data",
    )
    return section("Per owner", table(headers, rows, figures=frozenset(range(1, 10))))


def findings_section(plan: Plan) -> Html:
    """What is to be mended in the sheet."""
    found = [finding for finding in alike(plan.problems) if finding.severity != "info"]
    if not found:
        return section("Findings", paragraph("None: every deal has what its stage asks for."))
    rows = [(finding.severity, finding.where, finding.message, finding.fix) for finding in found[:LISTED]]
    return section(
        f"Findings ({len(found)})",
        joined_html([table(("", "Where", "What", "How to mend it"), rows), more(len(found))]),
    )


def referrals_section(plan: Plan) -> Html:
    """Who was named by customers, and has no row yet; empty where nobody was."""
    if not plan.new_leads:
        return Html("")
    rows = [(lead.name, lead.referred_by) for lead in plan.new_leads[:LISTED]]
    return section("Referrals to add as new leads", table(("Name", "Referred by"), rows))
