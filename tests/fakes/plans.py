"""Plans for tests, made by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

from fivestep.process.model.deal import Deal
from fivestep.process.model.plan import AgeLimit, Brake, Change, Draft, Funnel, FunnelStage, NewLead, Plan, Verdict
from fivestep.process.model.problem import Problem

TODAY = dt.date(2026, 11, 23)

STALLED = Verdict("D-17", 5, "Qualification", "Stalled", "9 working days in Qualification (limit 7)",
                  "Ask about the budget", 9, 14, "Press hall", None, None, 13,
                  AgeLimit(7, "set"), ("budget",))  # fmt: skip
ON_TRACK = Verdict(
    "D-18", 6, "Pitch", "On track", "next look after 1 Dec", "Hold the presentation", 2, 1, "Bottling line"
)
YOUR_TURN = Verdict("D-19", 7, "Pitch", "Your turn", "they wrote last, on 20 Nov", "Answer them", 4, 1, "Robot arm")
BUDGET = Problem("D-17", 5, "Budget", "qualification.budget", "error", "The budget is not known", "Fill in Budget")
CHANGE = Change("D-17", 5, "Status", "", "Stalled: 9 working days in Qualification (limit 7)")
DRAFT = Draft("D-17", 5, "D-17/2/1", 2, 1, "nora@alderfinch.example", "ana@northwind.example", "Your presses",
              "Hello Nora", "<p>Hello Nora</p>", "nudge")  # fmt: skip
NOT_DRAFTED = DRAFT._replace(deal="D-18", row=6, key="D-18/1/1", skipped="do not contact")
FUNNEL = Funnel(
    [
        FunnelStage("Qualification", 1, {"EUR": 18500.0}, {"EUR": 4625.0}),
        FunnelStage("Pitch", 2, {"EUR": 52000.0, "USD": 900.0}, {"EUR": 26000.0, "USD": 450.0}),
        FunnelStage("Won", 1, {"EUR": 100.0}, {"EUR": 100.0}, "won"),
    ],
    won=1, lost=0, win_rate=1.0, new_leads=3, new_leads_target=10,
)  # fmt: skip
DEALS = {
    "D-17": Deal(5, "D-17", "Press hall", owner="Ana Sommer", stage="Qualification", amount=18500.0, currency="EUR"),
    "D-18": Deal(6, "D-18", "Bottling line", owner="Ben Okafor", stage="Pitch", amount=52000.0, currency="EUR"),
    "D-19": Deal(7, "D-19", "Robot arm", stage="Pitch", amount=900.0, currency="USD"),
}


def make_plan(**changes: Any) -> Plan:
    """A plan with a bit of everything, but for what is given otherwise."""
    parts: dict[str, Any] = {
        "pipeline": "Northwind sales",
        "as_of": TODAY,
        "verdicts": [ON_TRACK, STALLED, YOUR_TURN],
        "problems": [BUDGET],
        "changes": [CHANGE],
        "drafts": [NOT_DRAFTED, DRAFT],
        "funnel": FUNNEL,
        "new_leads": [NewLead("Tom Weaver", "D-18", 6)],
        "brakes": [Brake("empty", "the sheet holds no deals")],
        "summary": {"deals": 3, "Stalled": 1},
    }
    return Plan(**(parts | changes))
