"""What runs learn of a past: when, what of it holds, and what a plan for another day knows."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

import fivestep
from fivestep.config.settings.model import Settings
from fivestep.jobs.learning.kept_fit import keep_fit, kept_fit
from fivestep.jobs.running.pipeline import open_pipeline
from fivestep.jobs.running.planning import Planned, make_plan
from fivestep.process.model.prognosis import Prognosis, StageLimit
from fivestep.process.prognosis.replay import REFIT

SETTINGS = """
[pipeline]
name = "team"
sheet = "deals.csv"
[columns]
deal = "Deal"
stage = "Stage"
stage_since = "Since"
contact = "Contact"
email = "E-mail"
[drafts]
from = "Ana Sommer <ana@northwind.example>"
"""
TODAY = dt.date(2026, 11, 23)
SHEET = (
    "Deal,Stage,Since,Contact,E-mail\n"
    "Press hall,Pitch,2026-09-21,Kim,kim@acme.example\n"
    "Robot arm,Pitch,2026-11-16,Lou,lou@bolt.example\n"
)


def day(days: int) -> dt.date:
    """So many days before today."""
    return TODAY - dt.timedelta(days=days)


def past(deals: int = 60, *, until: int = 7) -> str:
    """Of every three deals one is won after 10 to 18 days in Pitch, and two are lost after 40 to 80."""
    lines = ["deal,stage,on"]
    for number in range(deals):
        ended = day(until + 4 * number)
        won = number % 3 == 0
        took = 10 + number % 9 if won else 40 + number % 41
        lines += [
            f"P-{number},Pitch,{ended - dt.timedelta(days=took)}",
            f"P-{number},{'Won' if won else 'Lost'},{ended}",
        ]
    return "\n".join(lines) + "\n"


@pytest.fixture
def team(tmp_path: Path) -> Settings:
    """A team that has imported a past, and not run yet."""
    (tmp_path / "fivestep.toml").write_text(SETTINGS, "utf-8")
    (tmp_path / "deals.csv").write_text(SHEET, "utf-8")
    (tmp_path / "past.csv").write_text(past(), "utf-8")
    settings = fivestep.load_settings(tmp_path / "fivestep.toml")
    fivestep.import_history(settings, str(tmp_path / "past.csv"))
    return settings


def planned(settings: Settings, on: dt.date = TODAY) -> tuple[Planned, Prognosis]:
    """The plan of a day, and what it had learned."""
    with open_pipeline(settings) as pipeline:
        made = make_plan(pipeline, on)
        return made, made.learning.prognosis


def kept_of(settings: Settings) -> Prognosis | None:
    """What the ledger keeps."""
    with open_pipeline(settings) as pipeline:
        return kept_fit(pipeline.ledger, pipeline.name, make_plan(pipeline, TODAY).process)


def statuses(settings: Settings, on: dt.date = TODAY) -> dict[str, str]:
    return {verdict.name: verdict.status_text for verdict in fivestep.plan(settings, on).verdicts}


def test_a_past_tells_which_deals_have_stalled(team: Settings) -> None:
    told = statuses(team)
    assert told["Press hall"] == "Stalled: 63 days in Pitch, longer than any of the 20 you won. Close it or revive it"
    assert told["Robot arm"].startswith("On track")
    document = fivestep.plan(team, TODAY)
    assert [verdict.past_wins for verdict in document.verdicts] == [True, False]
    assert [draft.to for draft in document.drafts if not draft.skipped] == []


def test_without_a_past_no_deal_is_called_stalled_for_its_age(team: Settings) -> None:
    fivestep.undo(team, 1)
    assert {status.partition(":")[0] for status in statuses(team).values()} == {"Follow up", "On track"}


def test_a_plan_keeps_nothing_and_a_run_does(team: Settings) -> None:
    assert kept_of(team) is None
    fivestep.plan(team, TODAY)
    assert kept_of(team) is None
    fivestep.run(team, TODAY)
    assert kept_of(team) == planned(team)[1]


def test_what_was_learned_holds_for_four_weeks(team: Settings) -> None:
    fivestep.run(team, TODAY)
    before = kept_of(team)
    last = TODAY + REFIT - dt.timedelta(days=1)
    assert planned(team, last)[1] == before
    after = planned(team, TODAY + REFIT)[1]
    assert after.fitted_on == TODAY + REFIT
    fivestep.run(team, TODAY + REFIT)
    assert kept_of(team) == after


def test_an_import_and_its_undo_have_the_next_run_learn_anew(team: Settings, tmp_path: Path) -> None:
    fivestep.run(team, TODAY)
    more = tmp_path / "more.csv"
    more.write_text(past(80).replace("P-", "Q-"), "utf-8")
    number = fivestep.import_history(team, str(more)).run
    assert kept_of(team) is None
    assert planned(team)[1].won == 20 + 27
    fivestep.run(team, TODAY)
    fivestep.undo(team, number)
    assert planned(team)[1].won == 20


def test_the_same_file_again_changes_nothing(team: Settings, tmp_path: Path) -> None:
    fivestep.run(team, TODAY)
    before = kept_of(team)
    fivestep.import_history(team, str(tmp_path / "past.csv"))
    assert kept_of(team) == before


def test_a_plan_for_a_day_in_the_past_knows_nothing_of_later(team: Settings) -> None:
    fivestep.run(team, TODAY)
    then = day(120)
    early = planned(team, then)[1]
    assert early.fitted_on == then
    assert early.won == sum(7 + 4 * number >= 120 for number in range(0, 60, 3))
    assert kept_of(team) != early


def test_a_run_for_a_day_in_the_past_leaves_what_was_learned_later(team: Settings) -> None:
    fivestep.run(team, TODAY)
    before = kept_of(team)
    fivestep.run(team, TODAY - dt.timedelta(days=2))
    assert kept_of(team) == before


def test_other_stages_are_learned_for_anew(team: Settings, tmp_path: Path) -> None:
    fivestep.run(team, TODAY)
    fivestep.new_process(team)
    process = tmp_path / "process.toml"
    process.write_text(
        process.read_text("utf-8").replace('name = "Pitch"', 'name = "Pitch"\nparked = true', 1), "utf-8"
    )
    settings = fivestep.load_settings(
        text=SETTINGS + '[process]\nfile = "process.toml"\n', path=tmp_path / "fivestep.toml"
    )
    found = planned(settings)[1]
    assert "Pitch" not in found.limits


@pytest.mark.parametrize("text", ["{", "[]", '{"stages": [], "prognosis": {"limits": 7}}'])
def test_what_cannot_be_read_any_more_is_learned_anew(team: Settings, text: str) -> None:
    fivestep.run(team, TODAY)
    with open_pipeline(team) as pipeline:
        pipeline.ledger.remember(pipeline.name, "limits", text)
    assert planned(team)[1].won == 20


def test_a_limit_that_the_past_speaks_against_is_not_used(team: Settings) -> None:
    with open_pipeline(team) as pipeline:
        made = make_plan(pipeline, TODAY)
        limit = made.learning.prognosis.limits["Pitch"]
        hurts = Prognosis(TODAY, limits={"Pitch": limit._replace(showing="hurts")})
        keep_fit(pipeline.ledger, pipeline.name, made.process, hurts)
    assert statuses(team)["Press hall"].startswith("Follow up: ")


def test_a_limit_stays_as_it_was_where_it_moves_by_little(team: Settings) -> None:
    before = planned(team)[1]
    days = before.limits["Pitch"].days
    assert days is not None
    long_ago = TODAY - REFIT
    for kept_days, expected in ((round(days * 1.2), round(days * 1.2)), (days * 2, days)):
        old = StageLimit("Pitch", kept_days, "learned", 20, 40, 0, ratio=0.4)
        with open_pipeline(team) as pipeline:
            process = make_plan(pipeline, TODAY).process
            keep_fit(pipeline.ledger, pipeline.name, process, Prognosis(long_ago, limits={"Pitch": old}))
        made, prognosis = planned(team)
        assert prognosis.limits["Pitch"].days == expected
        told = f"In Pitch deals stall after {days} days now, before it was {days * 2} days: that was learned anew"
        assert (told in made.plan.notices) is (expected != kept_days)
        assert planned(team)[1].limits["Pitch"].showing == before.limits["Pitch"].showing


def test_of_a_very_large_past_a_part_is_replayed(team: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = planned(team)[1]
    monkeypatch.setattr("fivestep.jobs.learning.learning.MOST_REPLAYED", 30)
    part = planned(team)[1]
    assert part.limits["Pitch"]._replace(showing=None) == whole.limits["Pitch"]._replace(showing=None)
    assert part.limits["Pitch"].showing is not None
    assert (part.won, part.lost) == (20, 40)
