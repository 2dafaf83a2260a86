"""The doctor: every part is tried, whatever the others came to, and nothing is changed."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

import fivestep
from fivestep.cli.commands import commands
from fivestep.cli.frame import call
from fivestep.connectors.check import Check
from fivestep.connectors.database.sqlite_hold import lock_file
from fivestep.connectors.google.account import SHEETS_SCOPE
from fivestep.errors import SettingsError
from tests.fakes.google.server import GoogleServer
from tests.fakes.google_team import GoogleTeam, make_google_team
from tests.fakes.team import AS_OF, ROWS, Team, make_team


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
    lock = lock_file(tmp_path / "fivestep.db", settings.pipeline.name)
    lock.unlink(missing_ok=True)
    lock.mkdir()
    checks = {check.name: check for check in fivestep.doctor(settings)}
    assert checks["ledger"].ok is False
    assert "allow yourself to write to it" in checks["ledger"].message


def test_the_last_run_is_told(tmp_path: Path) -> None:
    settings = fivestep.demo(tmp_path)
    fivestep.run(settings)
    checks = {check.name: check for check in fivestep.doctor(settings)}
    assert "the last run (2)" in checks["ledger"].message


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


def test_holidays_that_depend_on_the_part_of_the_country_are_worth_a_look(tmp_path: Path) -> None:
    file = Path(make_team(tmp_path).settings.file)
    said = file.read_text("utf-8")
    found = []
    for code in ("GB", "GB-ENG"):
        file.write_text(said.replace("[columns]", f'holidays = "{code}"\n[columns]'), "utf-8")
        checks = fivestep.doctor(fivestep.load_settings(file))
        found += [(code, check.ok, check.fix) for check in checks if check.name == "holidays"]
    [(code, ok, fix)] = found
    assert (code, ok) == ("GB", None)
    assert 'holidays = "GB-ENG"' in fix


def test_headers_that_were_renamed_since_the_last_good_run_are_named(tmp_path: Path) -> None:
    team = make_team(tmp_path)
    fivestep.run(team.settings, AS_OF)
    assert _checks(team)["headers"] == Check("headers", True, "the headers are those of the last good run")
    rows = team.sheet()
    rows[0][rows[0].index("Contact")] = "Person"
    team.write(rows)
    check = _checks(team)["headers"]
    assert (check.ok, check.message) == (None, "gone since the last good run: Contact; new in the sheet: Person")
    assert "under [columns]" in check.fix


def test_runs_that_fail_are_told(tmp_path: Path) -> None:
    team = make_team(tmp_path)
    assert "runs" not in _checks(team)
    team.write(ROWS[:1])
    fivestep.run(team.settings, AS_OF, ["empty"])
    team.path.unlink()
    for _ in range(2):
        with pytest.raises(SettingsError):
            fivestep.run(team.settings, AS_OF)
    check = _checks(team)["runs"]
    assert check.ok is None
    assert check.message.startswith("2 runs failed since ")
    assert "there is no file" in check.message


def test_a_ledger_that_is_damaged_is_to_be_mended(tmp_path: Path) -> None:
    team = make_team(tmp_path)
    fivestep.run(team.settings, AS_OF)
    file = tmp_path / "fivestep.db"
    with sqlite3.connect(file) as connection:
        connection.execute("INSERT INTO changes VALUES (77, 0, 'team', 'D-1', 2, 'Status', '', '', 'written', 0)")
    connection.close()
    check = _checks(team)["ledger, whole"]
    assert (check.ok, check.message) == (False, "it is damaged: a row of changes refers to one that is gone")


@pytest.mark.parametrize(
    ("settings", "name", "ok", "says"),
    [
        ('[schedule]\nsync = "off"\nfollow_up = "off"\ndigest = "off"', "schedule", None, "switched off"),
        ('[schedule]\nfollow_up = "0 9 * * mon"', "schedule", True, "follow_up on "),
        ("[notice]\nafter = 0", "keeper", True, "nobody is told"),
        ('[notice]\nkeeper = "kim@northwind.example"', "keeper", True, "kim@northwind.example gets a draft"),
        ("", "texts", True, "can be filled in"),
        ("", "ledger, whole", None, ""),
    ],
)
def test_what_stands_beside_a_run(settings: str, name: str, ok: bool | None, says: str, tmp_path: Path) -> None:
    make_team(tmp_path)
    file = tmp_path / "fivestep.toml"
    file.write_text(file.read_text("utf-8") + settings + "\n", "utf-8")
    checks = {check.name: check for check in fivestep.doctor(fivestep.load_settings(file))}
    if not says:
        assert name not in checks
        return
    assert checks[name].ok is ok
    assert says in checks[name].message


def test_a_text_without_words_is_named(tmp_path: Path) -> None:
    make_team(tmp_path)
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "pitch-1.md").write_text("Subject: {{Deal}}\n\n{{Contact|}}\n", "utf-8")
    file = tmp_path / "fivestep.toml"
    file.write_text(file.read_text("utf-8") + 'texts = "texts"\n', "utf-8")
    assert {c.name: c for c in fivestep.doctor(fivestep.load_settings(file))}["texts"].ok is True


class TestGoogle:
    @pytest.fixture
    def server(self) -> Iterator[GoogleServer]:
        with GoogleServer() as server:
            yield server

    def _checks(self, team: GoogleTeam) -> dict[str, Check]:
        return {check.name: check for check in fivestep.doctor(team.settings)}

    @pytest.mark.parametrize(
        ("days", "ok", "says"),
        [(0, True, "if the app's consent"), (5, None, "7 days after"), (8, True, "and still valid")],
    )
    def test_the_age_of_the_login(
        self, days: int, ok: bool | None, says: str, server: GoogleServer, tmp_path: Path
    ) -> None:
        team = make_google_team(tmp_path, server)
        at = time.time() - days * 86_400 - 60
        os.utime(tmp_path / "google-token.json", (at, at))
        check = self._checks(team)["login, age"]
        assert check.ok is ok
        assert f"stored {days} days ago" in check.message
        assert says in check.message

    def test_access_that_was_not_granted(self, server: GoogleServer, tmp_path: Path) -> None:
        assert self._checks(make_google_team(tmp_path, server))["login, access"].ok is True
        team = make_google_team(tmp_path, server, scopes=[SHEETS_SCOPE])
        check = self._checks(team)["login, access"]
        assert (check.ok, check.message) == (False, "it was not granted gmail.compose")

    def test_a_login_that_was_revoked_is_noticed_though_its_token_still_holds(
        self, server: GoogleServer, tmp_path: Path
    ) -> None:
        team = make_google_team(tmp_path, server)
        file = tmp_path / "google-token.json"
        stored = json.loads(file.read_text())
        stored["refresh_token"] = "revoked"
        file.write_text(json.dumps(stored))
        check = self._checks(team)["login"]
        assert check.ok is False
        assert "fivestep login" in check.message

    @pytest.mark.parametrize(("minutes", "ok", "says"), [(0, True, "agree"), (5, None, "5.0 minutes ahead of")])
    def test_the_clock(
        self,
        minutes: int,
        ok: bool | None,
        says: str,
        server: GoogleServer,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        team = make_google_team(tmp_path, server)
        clock = SimpleNamespace(time=lambda: time.time() + minutes * 60, monotonic=time.monotonic)
        monkeypatch.setattr("fivestep.connectors.system.http.time", clock)
        check = self._checks(team)["clock, at Google"]
        assert check.ok is ok
        assert says in check.message


def _checks(team: Team) -> dict[str, Check]:
    return {check.name: check for check in fivestep.doctor(team.settings)}
