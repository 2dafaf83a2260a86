"""The report: one HTML file for the morning, that needs no network and prints well."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from fivestep.errors import SettingsError, UnreachableError
from fivestep.jobs.running.pipeline import Pipeline
from fivestep.jobs.running.planning import Planned, make_plan
from fivestep.jobs.showing.group_findings import alike
from fivestep.process.digest.figures import UNKNOWN, Sums, ages, of_unknown_stages, open_money, owners
from fivestep.process.model.deal import Deal
from fivestep.process.model.history import NO_DEAL, OPEN_STATES, DraftRecord
from fivestep.process.model.plan import Funnel, Plan, Verdict
from fivestep.process.wording.html import Html, element, joined_html, page, table, text
from fivestep.process.wording.show import day, money, number, plural, value_text

LISTED = 100
"""Rows of one list; a page that goes on for longer is not read."""

_OF_UNKNOWN_AGE = (
    "Of unknown age: no date says how long these deals have been in their stage, and median and oldest leave them out."
)
_STYLE = Path(__file__).with_name("showing") / "report.css"


def report_on(pipeline: Pipeline, today: dt.date) -> str:
    """The page about this pipeline on this day. Changes nothing."""
    planned = make_plan(pipeline, today, without_mailbox=True)
    return report_page(planned.plan, planned.deals, _waiting(pipeline, planned))


def report_page(plan: Plan, deals: Mapping[str, Deal], waiting: Sequence[DraftRecord] = ()) -> str:
    """The page.

    `deals` are the plan's, by ID; they know the owners and the amounts. `waiting` are the drafts of earlier runs
    that nobody has sent or deleted yet.
    """
    body = joined_html(
        [
            element("h1", text(plan.pipeline)),
            element("p", text(f"The pipeline on {value_text(plan.as_of)}: {plural(len(plan.verdicts), 'deal')}")),
            _cards(plan),
            _funnel(plan),
            _section("How long deals have been in their stage, in working days", _ages(plan)),
            _verdicts("Your turn: they wrote last", [v for v in plan.verdicts if v.status == "Your turn"], deals),
            _verdicts("Stalled", [v for v in plan.verdicts if v.status == "Stalled"], deals),
            _verdicts("Of an unknown stage, and in no figure of a stage", of_unknown_stages(plan), deals),
            _drafts(plan, deals, waiting),
            _section("Per owner", _owners(plan, deals)),
            _findings(plan),
            _new_leads(plan),
        ]
    )
    return page(f"{plan.pipeline}, {plan.as_of}", _STYLE.read_text("utf-8"), body)


def save(html: str, path: Path) -> None:
    """Write the report.

    Raises SettingsError where the name is not that of a web page, so that no slip overwrites the sheet, and
    UnreachableError where it can't be written.
    """
    if path.suffix.lower() not in {".html", ".htm"}:
        raise SettingsError(
            f"the report is a web page: name it such as {path.with_suffix('.html').name!r}, not {path.name!r}"
        )
    try:
        path.write_text(html, encoding="utf-8")
    except OSError as fault:
        raise UnreachableError(f"the report can't be written to {path}: {fault.strerror}") from fault


def _waiting(pipeline: Pipeline, planned: Planned) -> list[DraftRecord]:
    """Follow-ups of earlier runs that still wait, as far as the mailboxes could be asked."""
    drafts = {draft.record.key: draft.record for draft in pipeline.ledger.open_drafts(pipeline.name)}
    drafts |= {settlement.record.key: settlement.record for settlement in planned.settlements}
    return [draft for draft in drafts.values() if draft.deal != NO_DEAL and draft.state in OPEN_STATES]


def _section(title: str, content: Html) -> Html:
    return joined_html([element("h2", text(title)), content])


def _cards(plan: Plan) -> Html:
    amounts, weighted = open_money(plan)
    funnel = plan.funnel
    still_open = sum(stage.deals for stage in funnel.stages if stage.kind == "open")
    won, lost = (" or ".join(s.stage for s in funnel.stages if s.kind == kind) or kind for kind in ("won", "lost"))
    stalled = sum(verdict.status == "Stalled" for verdict in plan.verdicts)
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


def _funnel(plan: Plan) -> Html:
    bars = [_Bar(stage.stage, stage.kind, stage.deals, stage.amounts) for stage in plan.funnel.stages]
    if unknown := of_unknown_stages(plan):
        bars.append(_Bar("Unknown stage", UNKNOWN, len(unknown), plan.funnel.unknown))
    most = max((bar.deals for bar in bars), default=0) or 1
    return _section("Funnel", element("div", *(_line(bar, bar.deals / most) for bar in bars), css="funnel"))


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


def _ages(plan: Plan) -> Html:
    rows = [
        (
            age.stage,
            age.deals,
            age.unknown,
            "unknown" if age.middle is None else number(age.middle),
            "unknown" if age.oldest is None else age.oldest,
            age.stalled,
        )
        for age in ages(plan)
    ]
    headers = ("Stage", "Deals", "Of unknown age", "Median", "Oldest", "Stalled")
    shown = table(headers, rows, figures=frozenset({1, 2, 3, 4, 5}))
    return joined_html([shown, element("p", text(_OF_UNKNOWN_AGE))]) if any(row[2] for row in rows) else shown


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
    return _section(
        f"{title} ({len(verdicts)})", joined_html([table(headers, rows(), frozenset({4})), _more(len(verdicts))])
    )


def _drafts(plan: Plan, deals: Mapping[str, Deal], waiting: Sequence[DraftRecord]) -> Html:
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
    return _section(f"Follow-ups ({len(rows)})", joined_html([listed, _more(len(rows))]))


def _owners(plan: Plan, deals: Mapping[str, Deal]) -> Html:
    rows = [
        (
            share.owner,
            *(share.kinds[kind] for kind in ("open", "won", "lost", UNKNOWN)),
            money(share.amounts),
            *(share.statuses[status] for status in ("Your turn", "Stalled", "Needs data")),
        )
        for share in owners(plan, deals)[:LISTED]
    ]
    headers = ("Owner", "Open", "Won", "Lost", "Unknown stage", "Open amount", "Your turn", "Stalled", "Needs data")
    return table(headers, rows, figures=frozenset(range(1, 9)))


def _findings(plan: Plan) -> Html:
    found = [finding for finding in alike(plan.problems) if finding.severity != "info"]
    if not found:
        return _section("Findings", element("p", text("None: every deal has what its stage asks for.")))
    rows = [(finding.severity, finding.where, finding.message, finding.fix) for finding in found[:LISTED]]
    return _section(
        f"Findings ({len(found)})",
        joined_html([table(("", "Where", "What", "How to mend it"), rows), _more(len(found))]),
    )


def _new_leads(plan: Plan) -> Html:
    if not plan.new_leads:
        return Html("")
    rows = [(lead.name, lead.referred_by) for lead in plan.new_leads[:LISTED]]
    return _section("Referrals to add as new leads", table(("Name", "Referred by"), rows))


def _more(count: int) -> Html:
    return element("p", text(f"… and {count - LISTED} more; `fivestep plan` lists all")) if count > LISTED else Html("")
