from __future__ import annotations

import datetime as dt
from dataclasses import replace

from fivestep.process.model.calendar import Calendar
from fivestep.process.model.history import History
from fivestep.process.model.sales_process import Process
from fivestep.process.results.outlook import LearnedPast
from fivestep.process.results.proportion import Proportion
from fivestep.process.results.stage_flow import Loss, StageFlow
from fivestep.process.results.text_results import TextResult
from fivestep.process.results.three_findings import counted, three_findings
from fivestep.process.results.top import NewDeals, Targets
from fivestep.process.results.what_works import what_works
from fivestep.process.results.win_rates import WinRate
from tests.process.prognosis.histories import AS_OF

NOTHING = what_works([], Process("p", {}, {}), History(), LearnedPast(), Calendar(), Targets(), AS_OF)
REFERRED = WinRate("referred", "yes", Proportion(22, 40), Proportion(30, 120))
SENTENCE = "Of 40 ended deals that were referred 22 (55%) were won, of the 120 others 30 (25%)."


def test_where_nothing_is_known_nothing_is_found() -> None:
    assert three_findings(NOTHING) == []


def test_a_finding_has_its_numbers() -> None:
    assert three_findings(replace(NOTHING, rates=[REFERRED])) == [SENTENCE]


def test_shares_that_may_be_the_same_are_no_finding() -> None:
    near = WinRate("fit", "yes", Proportion(22, 40), Proportion(50, 120))
    few = WinRate("source", "event", Proportion(9, 9), Proportion(0, 90))
    assert three_findings(replace(NOTHING, rates=[near, few])) == []


def test_of_yes_and_no_the_yes_is_told() -> None:
    other = WinRate("referred", "no", REFERRED.others, REFERRED.won)
    assert three_findings(replace(NOTHING, rates=[other, REFERRED])) == [SENTENCE]


def test_the_weightiest_three_are_told_in_order() -> None:
    week = dt.timedelta(days=7)
    weeks = [(AS_OF - number * week, 1) for number in range(8)]
    found = three_findings(
        replace(
            NOTHING,
            rates=[REFERRED],  # 40 deals, 30 points apart: 12
            flows=[StageFlow("Pitch", 100, 20, 80, 0, 5.0), StageFlow("Closing", 100, 90, 10, 0, 5.0)],  # 70
            texts=[  # 15 sent, 53 points apart: 8, and so not among the first three
                TextResult("pitch-1", 15, 15, Proportion(9, 15), Proportion(0, 15)),
                TextResult("pitch-2", 15, 15, Proportion(1, 15), Proportion(0, 15)),
            ],
            new_deals=NewDeals(weeks, 10),  # 72 missing, nine tenths of the target: 64.8
        )
    )
    assert found == [
        "Of 100 deals that left Pitch, 20 (20%) went on and the others were lost; of the 100 that left other stages, "
        "90 (90%) went on.",
        "In the last 8 weeks 8 new deals came in, of 80 that the target asks for: 1 a week instead of 10.",
        "Of 40 ended deals that were referred 22 (55%) were won, of the 120 others 30 (25%).",
    ]


def test_reasons_are_plain_counts_from_ten_on() -> None:
    lost = [Loss("Pitch", "price", 6), Loss("Closing", "Price", 2), Loss("Pitch", "timing", 3), Loss("", "", 40)]
    assert three_findings(replace(NOTHING, losses=lost)) == [
        "Of 11 lost deals with a reason, 8 (73%) were lost for 'price'; the next reason is 'timing' with 3."
    ]
    assert three_findings(replace(NOTHING, losses=lost[1:])) == []


def test_too_few_are_said_to_be_too_few() -> None:
    assert counted(Proportion(3, 9)) == "3 (too few to say)"
