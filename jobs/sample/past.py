"""The sample's past: deals of the year before that ended long ago, and teach how long is too long."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator

_STAGES = ("Prospecting", "Qualification", "Pitch", "Objections", "Closing")
_DEALS = 90
_SINCE = 400
"""Days ago the first of them came; the last one ended some weeks ago."""


def past_csv(today: dt.date) -> str:
    """The stage entries of the sample's past, one a line: `deal,stage,on,amount`."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(("deal", "stage", "on", "amount"))
    for number in range(_DEALS):
        amount = 4000 + 1700 * (number * 7 % 23)
        lines.writerows((f"P-{number + 1}", stage, on.isoformat(), amount) for stage, on in _stays(number, today))
    return text.getvalue()


def _stays(number: int, today: dt.date) -> Iterator[tuple[str, dt.date]]:
    """The stages of one deal, each with its day: what was won went on soon, what was lost lay for weeks."""
    on = today - dt.timedelta(days=_SINCE - 3 * number)
    won = number % 3 == 0
    reached = len(_STAGES) if won else 1 + number * 5 % 7 % len(_STAGES)
    for place, stage in enumerate(_STAGES[:reached]):
        yield stage, on
        lies = not won and place == reached - 1
        on += dt.timedelta(days=20 + number * 11 % 45 if lies else 2 + (number * 3 + place * 5) % 9)
    yield ("Won" if won else "Lost"), on
