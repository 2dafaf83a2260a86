"""What a team hears whose public holidays depend on the part of the country."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

import fivestep
from fivestep.config.settings.model import Settings
from fivestep.jobs.running.regional_holidays import holiday_notices, regional_holidays
from tests.fakes.team import make_team


def settings_of(folder: Path, lines: str) -> Settings:
    folder.mkdir(exist_ok=True)
    file = Path(make_team(folder).settings.file)
    file.write_text(file.read_text("utf-8").replace("[columns]", f"{lines}\n[columns]"), "utf-8")
    return fivestep.load_settings(file)


def test_the_holidays_of_the_coming_year_and_how_to_name_the_part(tmp_path: Path) -> None:
    found = regional_holidays(settings_of(tmp_path, 'holidays = "GB"'), dt.date(2026, 3, 1))
    assert found is not None
    message, remedy = found
    assert message.startswith(
        "the public holidays of GB depend on the part of the country: Saint Patrick's Day (17 Mar: NIR), "
        "Easter Monday (6 Apr: ENG, NIR, WLS), "
    )
    assert message.endswith("more days")
    assert remedy.endswith('name it under [pipeline]: holidays = "GB-ENG", or another of NIR, SCT, WLS')


@pytest.mark.parametrize("lines", ["", 'holidays = "GB-SCT"', 'holidays = "AT"'])
def test_nothing_is_said_where_nothing_depends_on_it(lines: str, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, lines)
    assert regional_holidays(settings, dt.date(2026, 3, 1)) is None
    assert holiday_notices(settings, dt.date(2026, 11, 30)) == []


def test_on_the_day_itself_a_run_says_how_it_counts(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, 'holidays = "GB"')
    [notice] = fivestep.run(settings, dt.date(2026, 11, 30)).notices
    assert notice.startswith(
        "Today counts as a working day, but Saint Andrew's Day is free in some parts of GB only (SCT): "
    )
    assert 'holidays = "GB-SCT"' in notice
    assert fivestep.run(settings, dt.date(2026, 12, 1)).notices == []


def test_a_holiday_of_the_country_that_a_part_does_not_have(tmp_path: Path) -> None:
    [notice] = holiday_notices(settings_of(tmp_path, 'holidays = "US"'), dt.date(2026, 2, 16))
    assert notice.startswith("Today counts as a public holiday, but Washington's Birthday is free in some parts")
    assert len(notice) < 300


def test_a_day_of_the_weekend_is_free_anyway(tmp_path: Path) -> None:
    day = dt.date(2026, 3, 8)  # Women's Day, a Sunday
    assert holiday_notices(settings_of(tmp_path / "a", 'holidays = "DE"'), day) == []
    [notice] = holiday_notices(settings_of(tmp_path / "b", 'holidays = "DE"\nweekend = ["fri", "sat"]'), day)
    assert "BE, MV" in notice
