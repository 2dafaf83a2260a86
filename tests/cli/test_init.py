"""What `init` asks on a terminal, and what scripts tell it."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import fivestep
from fivestep.cli.init import ask_column, ask_stage, stages_of
from fivestep.errors import SettingsError
from fivestep.jobs.proposing.stage_words import UnknownStage
from tests.fakes.shell import Shell

STAGES = ["Prospecting", "Pitch", "Won"]


@pytest.mark.parametrize(
    ("typed", "suggestion", "chosen"),
    [
        ("2\n", "", "Pitch"),
        ("won\n", "", "Won"),
        ("pi\n", "", "Pitch"),
        ("p\nw\n", "", "Won"),
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


@pytest.mark.parametrize(
    ("sheet", "typed", "mapped"),
    [
        ("Company,Progress here\nAcme,Lead\nCore,Later", "2\n-\n", 'stage = "Progress here"'),
        ("Company,Status,Phase\nAcme,Demo,Lead\nCore,Lead,Demo", "Status\n", 'stage = "Status"'),
        ("Company,Status,Phase\nAcme,Demo,Lead\nCore,Lead,Demo", "\n", 'stage = "Phase"'),
        ("Khách hàng,Giai đoạn\nAcme,Mới\nCore,Sau", "giai\n-\n-\n", 'stage = "Giai đoạn"'),
        ("Company,Stage\nAcme,Demo\nCore,Lead", "", 'stage = "Stage"'),
        ("Company,Progress here\nAcme,Lead\nCore,Later", "-\n", None),
    ],
)
def test_a_person_says_which_column_is_the_stage(sheet: str, typed: str, mapped: str | None, tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(sheet, "utf-8")

    @click.command()
    def asked() -> None:
        fivestep.init(str(tmp_path / "s.csv"), tmp_path, ask=ask_stage, ask_column=ask_column)

    result = CliRunner().invoke(asked, input=typed)
    if mapped is None:
        assert isinstance(result.exception, SettingsError)
    else:
        written = (tmp_path / "fivestep.toml").read_text("utf-8")
        assert [line for line in written.splitlines() if line.startswith("stage = ")] == [mapped]
    assert ("Which column says" in result.stderr) == bool(typed)


def test_words_that_no_deal_has_are_told(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("Company,Stage\nAcme,Open\nCore,Demo\n", "utf-8")
    said = shell("init", "s.csv", "--map", "Opn=Pitch", "--map", "Later=Pitch", "--map", "demo=Pitch").out
    assert 'No deal is in "Opn": did you mean "Open"?' in said
    assert 'No deal is in "Later", as far as the sheet goes today.' in said
    assert said.count("No deal is in") == 2


def test_words_for_scripts() -> None:
    assert stages_of(["Open=Pitch", "a=b = Won", "=Prospecting"]) == {"Open": "Pitch", "a=b": "Won", "": "Prospecting"}
    for wrong in ("Open", "Open=", "=", ""):
        with pytest.raises(click.BadParameter, match="is no WORD=STAGE"):
            stages_of([wrong])


def test_what_was_read_is_told_with_the_days_of_each_column(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(
        "Deal,Stage,Amount,Currency,Last contact,Created\n"
        "Pumps,Pitch,900,EUR,2026-11-02,2026-10-01\n"
        "Hoses,Won,100,EUR,2026-11-20,2026-10-01\n"
    )
    out = shell("init", "deals.csv").out
    assert "\nRead: 2 deals, 1,000 EUR in all\n" in out
    assert "\nlast_contact 2026-11-02 to 2026-11-20 · created 2026-10-01\n" in out
