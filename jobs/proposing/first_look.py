"""What a reading with the proposed settings gives: enough to see at a glance whether it is right."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from fivestep.process.model.deal import KINDS, Deal
from fivestep.process.wording.show import field_text

_ROWS = 3
_ROW_FIELDS = ("deal", "company", "contact", "email", "owner", "stage", "outcome", "amount")


class DateSpan(NamedTuple):
    """The earliest and the latest day in a column."""

    first: dt.date
    last: dt.date


@dataclass(frozen=True)
class FirstLook:
    """The deals of a sheet in a few figures, and the first of them."""

    deals: int
    totals: Mapping[str, float]
    """The sum of the amounts by currency; under the empty text where none is named."""
    spans: Mapping[str, DateSpan]
    """By the field of dates, where any could be read."""
    rows: Sequence[Mapping[str, str]]
    """The first deals: field to what was read; of a stage the sheet's word, and what it is taken for."""


def first_look(deals: Sequence[Deal], fields: Sequence[str]) -> FirstLook:
    """The figures for these deals, of the fields that have a column."""
    totals: dict[str, float] = defaultdict(float)
    for deal in deals:
        if deal.amount is not None:
            totals[deal.currency or ""] += deal.amount
    spans = {}
    for field in (field for field in fields if KINDS.get(field) == "date"):
        days = [day for deal in deals if (day := getattr(deal, field)) is not None]
        if days:
            spans[field] = DateSpan(min(days), max(days))
    shown = [field for field in _ROW_FIELDS if field in fields] + list(spans)[:1]
    rows = [{field: _text(deal, field) for field in shown} for deal in deals[:_ROWS]]
    return FirstLook(len(deals), dict(totals), spans, rows)


def _text(deal: Deal, field: str) -> str:
    if field == "stage":
        word, stage = deal.stage_word or "", deal.stage or "?"
        return word if word == stage or not word else f"{word} → {stage}"
    return field_text(deal, field) or ""
