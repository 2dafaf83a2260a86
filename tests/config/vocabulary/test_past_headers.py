"""What the columns of an exported past mean."""

from __future__ import annotations

import pytest

from fivestep.config.vocabulary.past_headers import changed_field, past_role, stage_in_header


@pytest.mark.parametrize(
    ("header", "stage"),
    [
        ('Date entered "Pitch (Sales Pipeline)"', "Pitch (Sales Pipeline)"),
        ("Date entered Pitch", "Pitch"),
        ("date  Entered pitch", "pitch"),
        ("Entered Contract sent on", "Contract sent"),
        ("hs_v2_date_entered_12345", "12345"),
        ("Datum des Eintritts in „Angebot“", "Angebot"),
        ('Date exited "Pitch (Sales Pipeline)"', ""),
        ("Date entered stage", ""),  # the day of whatever stage the deal is in
        ("Date entered current stage", ""),
        ("Last contact", ""),
        ("", ""),
    ],
)
def test_a_header_that_names_the_day_of_a_stage(header: str, stage: str) -> None:
    assert stage_in_header(header) == stage


@pytest.mark.parametrize(
    ("header", "role"),
    [("On", "on"), ("Edit Date", "on"), ("To Stage", "to_stage"), ("Field / Event", "field"), ("Stage", None)],
)
def test_what_a_column_of_changes_is(header: str, role: str | None) -> None:
    claim = past_role(header)
    assert (claim and claim.role) == role


@pytest.mark.parametrize(
    ("name", "meant"),
    [("Stage", "stage"), ("StageName", "stage"), ("stage_id", "stage"), ("status", "status"), ("Created.", "created"),
     ("add_time", "created"), ("Amount", None), ("user_id", None), ("", None)],
)  # fmt: skip
def test_which_changes_of_a_deal_tell_of_its_stages(name: str, meant: str | None) -> None:
    assert changed_field(name) == meant
