"""Which words for stages nobody knows, of how many deals."""

from __future__ import annotations

from fivestep.config.vocabulary.words import load_words
from fivestep.jobs.proposing.proposal import propose
from fivestep.process.model.deal import KINDS
from fivestep.process.model.sales_process import Process, Stage
from fivestep.process.model.table import Table

STAGES = {"Prospecting": Stage("Prospecting"), "Pitch": Stage("Pitch"), "Won": Stage("Won", kind="won")}
PROCESS = Process("Short", STAGES, KINDS, {}, {"lead": "Prospecting", "proposal": "Pitch", "won": "Won"})


def unknown(*stages: str, own: dict[str, str] | None = None) -> list[tuple[str, int, str]]:
    rows = [["Deal", "Stage"], *([f"D{number}", stage] for number, stage in enumerate(stages)), ["Total", ""]]
    return [tuple(one) for one in propose([Table("Deals", rows)], load_words(), PROCESS, own=own or {}).unknown]


def test_words_are_grouped_and_the_most_frequent_comes_first() -> None:
    found = unknown("Lead", "parked", "Open", "open", "OPEN", "Proposal/Pricing", "Open")
    assert found == [("Open", 4, ""), ("parked", 1, ""), ("Proposal/Pricing", 1, "Pitch")]


def test_what_a_person_has_said_is_known() -> None:
    assert unknown("Open", "parked", own={"open": "Pitch"}) == [("parked", 1, "")]


def test_many_blanks_may_mean_the_first_stage() -> None:
    assert unknown("Lead", "", "", "Lead") == [("", 2, "Prospecting")]
    assert unknown("", *["Lead"] * 9) == []
    assert unknown("Lead", "", "", own={"": "Pitch"}) == []
