"""The past of the sample: deals that ended before, as another system might export them."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator

_ENDED = 150
_EVERY = 3
"""Days between two deals that end."""

_LATEST = 9
"""So many days ago the latest of them ended."""

_STAGES = ("Prospecting", "Qualification", "Pitch", "Objections", "Closing")


def past_csv(today: dt.date) -> str:
    """The text of a file of deal, stage, day and amount, which tells the same story on every day.

    Won deals go on within two or three weeks, as a rule; lost ones rest for a month or more before somebody says so.
    """
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(["deal", "stage", "on", "amount"])
    for number in range(_ENDED, 0, -1):
        stays = list(_stays(number))
        ended = today - dt.timedelta(days=_LATEST + _EVERY * number)
        on = ended - dt.timedelta(days=sum(days for _, days in stays))
        name, amount = f"N-{number:03}", 6_000 + number * 7_300 % 48_000
        for stage, days in stays:
            lines.writerow([name, stage, on, amount])
            on += dt.timedelta(days=days)
        lines.writerow([name, "Won" if _is_won(number) else "Lost", ended, amount])
    return text.getvalue()


def _is_won(number: int) -> bool:
    return number % 5 in (1, 3)


def _stays(number: int) -> Iterator[tuple[str, int]]:
    """The stages of one deal, each with the days that it was in it."""
    won = _is_won(number)
    reached = len(_STAGES) if won else 1 + number // 5 % len(_STAGES)
    for place, stage in enumerate(_STAGES[:reached]):
        quick = 3 + number * (place + 7) % (14 + 3 * place)
        slow = 28 + number * 7 % 60
        taken_long = number % 17 == 2 * place + 1 if won else place + 1 == reached
        yield stage, slow - 10 * won if taken_long else quick
