"""Findings that read alike share a line, by word and count."""

from __future__ import annotations

from fivestep.jobs.showing.group_findings import alike
from fivestep.process.model.problem import Problem


def unknown(row: int, word: str, column: str = "Stage", place: str = "C") -> Problem:
    fix = f"Say under [stages] which stage '{word}' is"
    message = f"{place}{row}: '{word}' is not a stage of the process"
    return Problem(f"D-{row}", row, column, "stage.unknown", "error", message, fix)


def test_one_word_in_many_rows_is_one_line_without_a_cell() -> None:
    (finding,) = alike([unknown(row, "Open") for row in (4, 2, 3)])
    assert finding.message == "'Open' is not a stage of the process"
    assert finding.where == "Stage, rows 2, 3, 4"


def test_several_words_are_one_line_with_their_counts() -> None:
    words = ["New"] * 2 + ["It's on"] + ["Open"] * 3 + ["A", "B", "C"]
    (finding,) = alike([unknown(row, word) for row, word in enumerate(words, 2)])
    assert finding.message == (
        "is not a stage of the process: 'Open' (3), 'New' (2), 'It's on' (1), 'A' (1) and 2 others"
    )
    assert finding.fix == "Say under [stages] which stage 'Open' is"
    assert len(finding.rows) == 9


def test_a_single_finding_names_its_cell() -> None:
    (finding,) = alike([unknown(2, "Open")])
    assert finding.message == "C2: 'Open' is not a stage of the process"


def test_other_columns_and_other_rules_have_lines_of_their_own() -> None:
    future = Problem("D-2", 2, "Stage", "stage.date_future", "warning", "Since says 3 Dec", "Put the day there")
    found = alike([future, unknown(2, "Open"), unknown(3, "Open", "Next stage", "D"), unknown(3, "Open")])
    assert [(finding.column, finding.severity, list(finding.rows)) for finding in found] == [
        ("Stage", "error", [2, 3]),
        ("Next stage", "error", [3]),
        ("Stage", "warning", [2]),
    ]


def test_messages_that_share_no_words_are_listed_with_their_counts() -> None:
    days = ["3 Dec", "4 Dec", "4 Dec"]
    (finding,) = alike(
        Problem("", row, "Since", "stage.date_future", "warning", f"Since says {day}, which is to come", "Mend it")
        for row, day in enumerate(days, 2)
    )
    assert finding.message == "Since says 4 Dec, which is to come (2); Since says 3 Dec, which is to come (1)"
