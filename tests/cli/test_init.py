"""What `init` asks on a terminal, and what scripts tell it."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from fivestep.cli.init import ask_stage, stages_of
from fivestep.jobs.proposing.stage_words import UnknownStage

STAGES = ["Prospecting", "Pitch", "Won"]


@pytest.mark.parametrize(
    ("typed", "suggestion", "chosen"),
    [
        ("2\n", "", "Pitch"),
        ("won\n", "", "Won"),
        ("\n", "Pitch", "Pitch"),
        ("\n", "", None),
        ("-\n", "Pitch", None),
        ("9\nnowhere\n0\n1\n", "", "Prospecting"),
    ],
)
def test_a_person_is_asked_word_by_word(typed: str, suggestion: str, chosen: str | None) -> None:
    answers: list[str | None] = []

    @click.command()
    def asked() -> None:
        answers.append(ask_stage(UnknownStage("Open", 503, suggestion), STAGES))

    result = CliRunner().invoke(asked, input=typed)
    assert answers == [chosen]
    assert '"Open", 503 deals: which stage?  1 Prospecting  2 Pitch  3 Won' in result.stderr
    assert result.stdout == ""


def test_words_for_scripts() -> None:
    assert stages_of(["Open=Pitch", "a=b = Won", "=Prospecting"]) == {"Open": "Pitch", "a=b": "Won", "": "Prospecting"}
    for wrong in ("Open", "Open=", "=", ""):
        with pytest.raises(click.BadParameter, match="is no WORD=STAGE"):
            stages_of([wrong])
