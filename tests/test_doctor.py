"""The doctor: every part is tried, whatever the others came to, and nothing is changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import fivestep
from fivestep.cli import commands
from fivestep.cli_frame import call
from fivestep.connectors.run_lock import lock_file
from fivestep.jobs.doctor import Check


def _examined(folder: Path, *changes: tuple[str, str]) -> dict[str, Check]:
    """The checks of the sample after these replacements in its settings, by name."""
    fivestep.demo(folder)
    file = folder / "fivestep.toml"
    text = file.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    return {check.name: check for check in fivestep.doctor(fivestep.load_settings(file))}


def test_the_sample_is_well_but_for_what_it_shows(tmp_path: Path) -> None:
    checks = _examined(tmp_path)
    assert [name for name, check in checks.items() if check.ok is False] == []
    assert "Qualifcation" in checks["stages"].message
    assert not (tmp_path / "drafts").exists()


def test_a_sheet_that_is_gone_does_not_hide_the_rest(tmp_path: Path) -> None:
    checks = _examined(tmp_path, ('sheet = "pipeline.xlsx"', 'sheet = "gone.xlsx"'))
    assert checks["sheet"].ok is False
    assert checks["ledger"].ok is True
    assert checks["disk"].ok is True


def test_a_header_that_is_gone_is_named(tmp_path: Path) -> None:
    checks = _examined(tmp_path, ('budget = "Budget"', 'budget = "Money"'))
    assert checks["columns"].ok is None
    assert "Money" in checks["columns"].message


def test_nobody_to_send_is_noticed(tmp_path: Path) -> None:
    sender = 'from = "Northwind sales <sales@northwind.example>"'
    checks = _examined(tmp_path, (sender, ""), ('owner_email = "Owner e-mail"', ""))
    assert checks["sender"].ok is None


def test_what_the_sheet_does_not_tell_about_contacts_is_named_with_the_line_that_mends_it(tmp_path: Path) -> None:
    checks = _examined(tmp_path, ('last_reply = "Last reply"', ""), ('do_not_contact = "Do not contact"', ""))
    assert "mails" not in checks
    assert checks["replies"].ok is None
    assert 'under [columns]: last_reply = "Their last reply"' in checks["replies"].fix
    assert checks["do not contact"].ok is None
    assert 'under [columns]: do_not_contact = "Do not contact"' in checks["do not contact"].fix


def test_a_ledger_that_no_run_could_lock_is_to_be_mended(tmp_path: Path) -> None:
    settings = fivestep.demo(tmp_path)
    lock_file(tmp_path / "fivestep.db", settings.pipeline.name).mkdir()
    checks = {check.name: check for check in fivestep.doctor(settings)}
    assert checks["ledger"].ok is False
    assert "allow yourself to write to it" in checks["ledger"].message


def test_the_last_run_is_told(tmp_path: Path) -> None:
    settings = fivestep.demo(tmp_path)
    fivestep.run(settings)
    checks = {check.name: check for check in fivestep.doctor(settings)}
    assert "the last run (1)" in checks["ledger"].message


@pytest.mark.parametrize(("settings", "code"), [("", 1), ("[pipeline]\nshet = 1\n", 1)])
def test_settings_that_cannot_be_read_are_a_finding_too(
    settings: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "fivestep.toml"
    file.write_text(settings, encoding="utf-8")
    assert call(commands, ["doctor", "--config", str(file), "--json"]) == code
    checks = json.loads(capsys.readouterr().out)["checks"]
    assert {(check["name"], check["ok"]) for check in checks} == {("settings", False)}
    assert not any("\n" in check["message"] for check in checks)
