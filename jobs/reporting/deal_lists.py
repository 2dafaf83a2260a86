"""Lists of what needs a person: deals, follow-ups, findings, referrals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from fivestep.jobs.reporting.section import LISTED, more, section
from fivestep.jobs.showing.group_findings import alike
from fivestep.process.digest.figures import of_unknown_stages
from fivestep.process.model.deal import Deal
from fivestep.process.model.history import DraftRecord
from fivestep.process.model.plan import Plan, Verdict
from fivestep.process.wording.html import Html, element, joined_html, table, text
from fivestep.process.wording.show import day, money

_PAST_WINS = "Longer in their stage than any deal that you won: close them, or revive them"


def asking_sections(plan: Plan, deals: Mapping[str, Deal]) -> Html:
    """The deals that ask for somebody, the most urgent first."""
    by_status: dict[str, list[Verdict]] = {}
    for verdict in plan.verdicts:
        by_status.setdefault(verdict.status, []).append(verdict)
    stalled = by_status.get("Stalled", [])
    return joined_html(
        [
            deals_section("Your turn: they wrote last", by_status.get("Your turn", []), deals),
            deals_section("Stalled", [verdict for verdict in stalled if not verdict.past_wins], deals),
            deals_section("A word is due", by_status.get("Follow up", []), deals),
            deals_section(_PAST_WINS, [verdict for verdict in stalled if verdict.past_wins], deals),
            deals_section("Of an unknown stage, and in no figure of a stage", of_unknown_stages(plan), deals),
        ]
    )


def deals_section(title: str, verdicts: list[Verdict], deals: Mapping[str, Deal]) -> Html:
    """Deals, the longest silent first; nothing where there are none."""
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


def drafts_section(plan: Plan, deals: Mapping[str, Deal], waiting: Sequence[DraftRecord]) -> Html:
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


def findings_section(plan: Plan) -> Html:
    """The cells to mend."""
    found = [finding for finding in alike(plan.problems) if finding.severity != "info"]
    if not found:
        return section("Findings", element("p", text("None: every deal has what its stage asks for.")))
    rows = [(finding.severity, finding.where, finding.message, finding.fix) for finding in found[:LISTED]]
    return section(
        f"Findings ({len(found)})",
        joined_html([table(("", "Where", "What", "How to mend it"), rows), more(len(found))]),
    )


def new_leads_section(plan: Plan) -> Html:
    """Who was named by a customer and has no row yet; nothing where there is nobody."""
    if not plan.new_leads:
        return Html("")
    rows = [(lead.name, lead.referred_by) for lead in plan.new_leads[:LISTED]]
    return section("Referrals to add as new leads", table(("Name", "Referred by"), rows))
