"""What the open deals may bring, and how right such forecasts have been."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from fivestep.jobs.reporting.charts import Pair, forecast_chart
from fivestep.jobs.reporting.section import part, said, section
from fivestep.process.prognosis.forecast import FEWEST_FINISHED, Finished, ForecastRecord
from fivestep.process.results.outlook import Outlook
from fivestep.process.results.what_works import WhatWorks
from fivestep.process.wording.html import Html, joined_html, table
from fivestep.process.wording.show import MONTHS, day, money, number, plural

_DRAWN = 10
"""Finished forecasts, the latest ones."""


def forecast_section(works: WhatWorks, today: dt.date) -> Html:
    """Both sums, the months, the hits of the past; nothing where the past allows no forecast."""
    outlook, prognosis = works.outlook, works.learned.prognosis
    if not outlook.months and not prognosis.chances:
        return Html("")
    horizon = f"within {number(prognosis.horizon)} days"
    rows = [
        ("Weighted by the stages' probabilities (overstates, as a rule)", "", money(outlook.weighted)),
        (
            f"As your own deals of the same stage and age were won {horizon}",
            f"{outlook.expected:.1f}",
            money(outlook.amounts),
        ),
    ]
    record = works.learned.backtest.forecast if works.learned.backtest else None
    return section(
        f"Forecast: {plural(outlook.deals, 'open deal')}",
        table(("", "Wins", "Amount"), rows, frozenset({1, 2})),
        *map(said, _remarks(outlook, record)),
        _by_month(outlook, today),
        _hits(record, works, today),
    )


def _remarks(outlook: Outlook, record: ForecastRecord | None) -> Iterator[str]:
    if outlook.unknown_age:
        yield (
            f"Of {plural(outlook.unknown_age, 'open deal')} no date says since when they are in their stage; only the "
            "first line counts them."
        )
    if record is None or record.expected is None:
        return
    if abs(record.expected - outlook.expected) >= 0.5:
        yield (
            f"Deals that have left the sheet without an end are not in these lines; with them the past expects "
            f"{record.expected:.1f} wins."
        )
    if record.range is not None:
        low, high, held, tried = record.range
        yield (
            f"Between {low:.0f} and {high:.0f} wins, if the forecast is as far off as before. Such a range has held "
            f"{held} of {tried} times."
        )
    elif len(record.finished) < FEWEST_FINISHED:
        yield (
            f"No range: {plural(len(record.finished), 'forecast')} of the past "
            f"{'is' if len(record.finished) == 1 else 'are'} finished, and {FEWEST_FINISHED} are needed."
        )
    else:
        yield "No range: none that could have been given before has held."


def _by_month(outlook: Outlook, today: dt.date) -> Html:
    rows = [
        (_month(month.month, today), f"{month.deals:.1f}", money({c: a for c, a in month.amounts.items() if a >= 0.5}))
        for month in outlook.months
    ]
    return table(("Expected in", "Wins", "Amount"), rows, frozenset({1, 2})) if rows else Html("")


def _hits(record: ForecastRecord | None, works: WhatWorks, today: dt.date) -> Html:
    if record is None or not record.finished:
        return Html("")
    finished = record.finished[-_DRAWN:]
    expected, won = sum(one.expected for one in finished), sum(one.won for one in finished)
    told = f"The last {len(finished)} finished forecasts expected {expected:.0f} wins in all; {won} were won"
    told += f". They expected {expected / won:.1f} times what came." if won and expected > 1.05 * won else "."
    pairs = [Pair(f"{one.as_of.day} {MONTHS[one.as_of.month - 1][:3]}", one.expected, one.won) for one in finished]
    # The amounts of the past have no currency: where there are several they can't be added up.
    in_one = len(works.outlook.weighted) <= 1
    return part(
        "Earlier forecasts, and what came of them",
        said(f"{told} Each is of what was known on its day; their times overlap, so a win may be in two of them."),
        forecast_chart(pairs, told),
        said("Left bars: the forecast of the day below. Right bars: won."),
        _finished_table(finished, in_one, today),
    )


def _finished_table(finished: Sequence[Finished], with_amounts: bool, today: dt.date) -> Html:
    headers = ["Forecast of", "Expected wins", "Won"]
    rows = []
    for one in finished:
        row = [day(one.as_of, today), f"{one.expected:.1f}", str(one.won)]
        if with_amounts:
            row += [f"{one.expected_amount:,.0f}", f"{one.won_amount:,.0f}"]
        rows.append(row)
    if with_amounts:
        headers += ["Expected amount", "Won amount"]
    return joined_html([table(headers, rows, frozenset(range(1, 5)))])


def _month(first: dt.date, today: dt.date) -> str:
    rest = "the rest of " if (first.year, first.month) == (today.year, today.month) else ""
    return f"{rest}{MONTHS[first.month - 1]} {first.year}"
