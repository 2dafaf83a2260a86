"""What is said where the settings name a country whose public holidays depend on the part of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from fivestep.config.settings.model import Settings
from fivestep.process.wording.show import day as day_text
from fivestep.process.wording.show import plural

_NAMED = 4
"""How many holidays, or parts, are named before the rest is only counted."""


def regional_holidays(settings: Settings, today: dt.date) -> tuple[str, str] | None:
    """Which holidays of the coming year depend on the part of the country, and how to name the part.

    None where the settings name no country, or a part of one, or one whose holidays are the same everywhere.
    """
    from fivestep.config.settings.public_holidays import partial_holidays, parts_of

    code = settings.pipeline.holidays
    if not code:
        return None
    until = today + dt.timedelta(days=365)
    ahead = [
        one
        for one in partial_holidays(code, range(today.year, until.year + 1))
        if today <= one.day < until and _is_in_the_working_week(settings, one.day)
    ]
    if not ahead:
        return None
    named = ", ".join(f"{one.name} ({day_text(one.day, today)}: {_listed(one.parts)})" for one in ahead[:_NAMED])
    rest = f", and {plural(len(ahead) - _NAMED, 'more day')}" if len(ahead) > _NAMED else ""
    message = f"the public holidays of {code} depend on the part of the country: {named}{rest}"
    return message, _remedy(code, parts_of(code))


def holiday_notices(settings: Settings, today: dt.date) -> list[str]:
    """One notice where today is free in some parts of the team's country only."""
    from fivestep.config.settings.public_holidays import partial_holidays

    code = settings.pipeline.holidays
    if not code or not _is_in_the_working_week(settings, today):
        return []
    for one in partial_holidays(code, (today.year,)):
        if one.day == today:
            counts = "a public holiday" if one.counts else "a working day"
            where = f"{one.name} is free in some parts of {code} only ({_listed(one.parts)})"
            return [f"Today counts as {counts}, but {where}: {_remedy(code, one.parts)}"]
    return []


def _is_in_the_working_week(settings: Settings, day: dt.date) -> bool:
    return day.weekday() not in settings.weekend


def _remedy(code: str, parts: Sequence[str]) -> str:
    others = f", or another of {_listed(parts[1:])}" if len(parts) > 1 else ""
    return f'where the team works in one part, name it under [pipeline]: holidays = "{code}-{parts[0]}"{others}'


def _listed(parts: Sequence[str]) -> str:
    rest = len(parts) - _NAMED
    return ", ".join(parts) if rest < 2 else f"{', '.join(parts[:_NAMED])} and {rest} more"
