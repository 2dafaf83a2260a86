"""What an unknown word for a stage may mean: one answer, whoever asks."""

from __future__ import annotations

import pytest

from fivestep.process.model.deal import KINDS
from fivestep.process.model.sales_process import Process, Stage
from fivestep.process.reading.cells import CellFault
from fivestep.process.reading.stage_names import StageWords, stage_reader
from fivestep.process.wording.vocabulary import Words

STAGES = {
    "Qualification": Stage("Qualification"),
    "Pitch": Stage("Pitch"),
    "Closing": Stage("Closing"),
    "Won": Stage("Won", kind="won"),
    "Lost": Stage("Lost", kind="lost"),
}
WORDS = {"sales qualified lead": "Qualification", "proposal": "Pitch", "offer": "Pitch", "negotiation": "Closing",
         "propuesta": "Pitch", "contract": "Closing", "closed lost": "Lost", "qualified": "Qualification"}  # fmt: skip
PROCESS = Process("Short", STAGES, KINDS, {}, WORDS)


@pytest.mark.parametrize(
    ("word", "stage"),
    [
        ("Proposal/Pricing", "Pitch"),
        ("Procurement / Negotiation", "Closing"),
        ("E. Proposal/Commercials Sent", "Pitch"),
        ("Proposal & Negotiation", "Pitch"),
        ("Won - Closed self-serve", "Won"),
        ("Won/Lost", None),
        ("Proposal/Lost", None),
        ("Sales Qualified Leads", "Qualification"),
        ("B. Sales Qualified Leads", "Qualification"),
        ("3 - Negotation", "Closing"),
        ("Nueva Propuesta", "Pitch"),
        ("Pending contract", "Closing"),
        ("Proposal after negotiation", None),
        ("not qualified", None),
        ("No proposal", None),
        ("Offen", None),
        ("Closeout", None),
        ("Lots", None),
        ("Parked", None),
        ("", None),
    ],
)
def test_what_a_word_may_mean(word: str, stage: str | None) -> None:
    known = StageWords(PROCESS, {})
    assert known.stage(word) is None
    assert known.suggestion(word) == stage
    fault = stage_reader(PROCESS, {}, Words())(word)
    assert isinstance(fault, CellFault)
    assert (f"Did you mean {stage}?" in fault.fix) == (stage is not None)


@pytest.mark.parametrize("word", ["B. Proposal", "b) proposal", "E: Proposal (60 %)"])
def test_a_letter_before_the_word_says_nothing(word: str) -> None:
    assert StageWords(PROCESS, {}).stage(word) == "Pitch"
