"""What a first reading shows."""

from __future__ import annotations

import datetime as dt

from fivestep.jobs.proposing.first_look import DateSpan, first_look
from fivestep.process.model.deal import Deal

A = Deal(2, deal="Pumps", stage="Pitch", stage_word="Demo", amount=1200.0, currency="EUR", created=dt.date(2026, 1, 5))
B = Deal(3, deal="Valves", stage=None, stage_word="Parked", amount=300.0, created=dt.date(2025, 3, 1))
C = Deal(4, deal="Hoses", stage="Won", stage_word="Won", amount=100.0, currency="EUR")


def test_deals_sums_spans_and_the_first_three() -> None:
    look = first_look([A, B, C, C], ["deal", "stage", "amount", "created", "last_contact"])
    assert look.deals == 4
    assert look.totals == {"EUR": 1400.0, "": 300.0}
    assert look.spans == {"created": DateSpan(dt.date(2025, 3, 1), dt.date(2026, 1, 5))}
    assert look.rows == [
        {"deal": "Pumps", "stage": "Demo → Pitch", "amount": "1,200 EUR", "created": "5 January 2026"},
        {"deal": "Valves", "stage": "Parked → ?", "amount": "300", "created": "1 March 2025"},
        {"deal": "Hoses", "stage": "Won", "amount": "100 EUR", "created": ""},
    ]


def test_a_sheet_without_deals() -> None:
    look = first_look([], ["stage", "created"])
    assert (look.deals, look.totals, look.spans, look.rows) == (0, {}, {}, [])
