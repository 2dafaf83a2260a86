"""Public holidays that depend on the part of the country."""

from __future__ import annotations

import datetime as dt

import pytest

from fivestep.config.settings.public_holidays import partial_holidays, parts_of, public_holidays


@pytest.mark.parametrize(
    ("code", "day", "name", "free"),
    [
        ("GB", dt.date(2026, 4, 6), "Easter Monday", ["ENG", "NIR", "WLS"]),
        ("gb", dt.date(2026, 3, 17), "Saint Patrick's Day", ["NIR"]),
        ("DE", dt.date(2026, 3, 8), "Women's Day", ["BE", "MV"]),
        ("CH", dt.date(2026, 3, 1), "Republic Day", ["NE"]),
        ("AU", dt.date(2026, 3, 2), "Labor Day", ["WA"]),
        ("CA", dt.date(2026, 2, 16), "", ["AB", "BC", "MB", "NB", "NS", "ON", "PE", "SK"]),
    ],
)
def test_a_day_that_is_free_in_some_parts_only(code: str, day: dt.date, name: str, free: list[str]) -> None:
    [found] = [one for one in partial_holidays(code, [2026]) if one.day == day]
    assert list(found.parts) == free
    assert (name in found.name, found.counts) == (True, day in public_holidays(code, [2026]))


def test_a_day_of_the_whole_countrys_calendar_that_some_parts_do_not_have() -> None:
    [found] = [one for one in partial_holidays("US", [2026]) if one.day == dt.date(2026, 2, 16)]
    assert found.counts
    assert "NY" in found.parts
    assert "GA" not in found.parts


@pytest.mark.parametrize("code", ["GB-ENG", "DE-BE", "AT", "NL", "PL"])
def test_there_is_none_where_the_part_is_named_or_makes_no_difference(code: str) -> None:
    assert partial_holidays(code, [2026, 2027]) == []


def test_parts_of_a_country() -> None:
    assert parts_of("GB") == ("ENG", "NIR", "SCT", "WLS")
    assert parts_of("GB-ENG") == ()
