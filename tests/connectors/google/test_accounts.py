"""Whose login is used for whose mailbox, with which scopes, and how often a login is asked for."""

from __future__ import annotations

import json
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from fivestep.connectors.google import credentials
from fivestep.connectors.google.account import COMPOSE, READ_MAIL, SHEETS_SCOPE
from fivestep.connectors.system import http
from tests.fakes.google.keys import claims_of
from tests.fakes.google.server import GoogleServer
from tests.fakes.google_team import ANA, SCOPES, GoogleTeam, make_google_team
from tests.fakes.shell import Ended, Shell

BEN, CY, ALIAS = "ben@northwind.example", "cy@northwind.example", "sales@northwind.example"
ROBOT = "robot@fivestep-test.iam.gserviceaccount.com"
OWNERS = 'owner_email = "Owner"'
DAY = ("--as-of", "2026-11-23")
TOKEN = "oauth2.token"


def rows(*owners: str) -> list[list[str]]:
    """A stalled deal for each owner."""
    top = ["Deal", "Stage", "E-mail", "Contact", "Since", "Owner"]
    return [
        top,
        *([f"Deal {n}", "Pitch", f"p{n}@acme.example", "Kim Lee", "2026-10-02", o] for n, o in enumerate(owners)),
    ]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is tried again is so at once, and no login of this machine counts."""
    monkeypatch.setattr(http, "_wait", lambda _state: 0.0)
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "gcloud"))


def store(google: GoogleServer, folder: Path, person: str, scopes: Sequence[str] = (COMPOSE, READ_MAIL)) -> Path:
    """The login of one owner, as `fivestep login --for` keeps it."""
    file = folder / f"google-token.{person}.json"
    file.write_text(json.dumps(google.tokens.authorized_user(person, scopes)))
    return file


def keyed(
    google: GoogleServer,
    folder: Path,
    owners: Sequence[str],
    *,
    granted: Sequence[str] = (COMPOSE, READ_MAIL),
    **how: Any,
) -> GoogleTeam:
    """A team with a service account that acts for its owners."""
    (folder / "key.json").write_text(json.dumps(google.tokens.service_account(ROBOT, bool(granted), granted)))
    settings = 'login = "service-account"\ncredentials = "key.json"\ndelegate = true'
    team = make_google_team(folder, google, rows(*owners), columns=OWNERS, google=settings, **how)
    (folder / "google-token.json").unlink()
    team.book.share(ROBOT)
    return team


def became(ended: Ended) -> dict[str, tuple[str, str | None]]:
    """By person: what became of the draft, and why."""
    return {draft["to"][:2]: (draft["outcome"], draft["reason"]) for draft in ended.document["drafts"]}


def drafted(team: GoogleTeam) -> dict[str, list[str]]:
    """By mailbox: to whom there are drafts."""
    boxes = team.server.gmail.boxes
    return {account: [to[:2] for to, _, _ in team.drafts(account)] for account in boxes if team.drafts(account)}


# One login, and those of owners


def test_the_main_login_is_the_mailbox_of_its_own_address_of_from_and_of_aliases(
    google: GoogleServer, shell: Shell, tmp_path: Path
) -> None:
    team = make_google_team(tmp_path, google, rows(ANA, ALIAS, "", ANA.upper()), columns=OWNERS)
    google.gmail.mailbox(ANA).set_signature("", ALIAS, is_default=False)
    assert shell("run", *DAY).code == 0
    assert drafted(team) == {ANA: ["p0", "p1", "p2", "p3"]}


def test_from_is_the_main_login_s_even_where_another_account_logged_in(
    google: GoogleServer, shell: Shell, tmp_path: Path
) -> None:
    team = make_google_team(tmp_path, google, rows("", CY), columns=OWNERS)
    team.book.share(CY)
    (tmp_path / "google-token.json").write_text(json.dumps(google.tokens.authorized_user(CY, SCOPES)))
    assert shell("run", *DAY).code == 0
    assert drafted(team) == {CY: ["p0", "p1"]}


def test_an_alias_is_not_known_without_the_right_to_read(google: GoogleServer, shell: Shell, tmp_path: Path) -> None:
    team = make_google_team(tmp_path, google, rows(ANA, ALIAS), columns=OWNERS, scopes=(SHEETS_SCOPE, COMPOSE))
    google.gmail.mailbox(ANA).set_signature("", ALIAS, is_default=False)
    ended = shell("run", *DAY, "--json")
    assert drafted(team) == {ANA: ["p0"]}
    assert became(ended)["p1"] == ("skipped", f"{ALIAS} has no mailbox here: run `fivestep login --for {ALIAS}`")


def test_each_owner_s_own_login_is_their_mailbox(google: GoogleServer, shell: Shell, tmp_path: Path) -> None:
    team = make_google_team(tmp_path, google, rows(ANA, BEN, CY, "Ben@Northwind.example"), columns=OWNERS)
    store(google, tmp_path, BEN)
    store(google, tmp_path, CY)
    assert shell("run", *DAY).code == 0
    assert drafted(team) == {ANA: ["p0"], BEN: ["p1", "p3"], CY: ["p2"]}


def test_an_own_login_goes_before_the_main_one(google: GoogleServer, shell: Shell, tmp_path: Path) -> None:
    """The main login may be a robot's that only reads the sheet."""
    team = make_google_team(tmp_path, google, rows(ANA), columns=OWNERS)
    team.book.share(CY)
    (tmp_path / "google-token.json").write_text(json.dumps(google.tokens.authorized_user(CY, SCOPES)))
    store(google, tmp_path, ANA)
    assert shell("run", *DAY).code == 0
    assert drafted(team) == {ANA: ["p0"]}


def is_missing(_google: GoogleServer, _folder: Path) -> str:
    return f"{BEN} has no mailbox here: run `fivestep login --for {BEN}`"


def is_revoked(google: GoogleServer, folder: Path) -> str:
    store(google, folder, BEN)
    google.tokens.revoke(BEN)
    return f"google-token.{BEN}.json) has expired or was revoked"


def is_broken(_google: GoogleServer, folder: Path) -> str:
    (folder / f"google-token.{BEN}.json").write_text("{")
    return f"google-token.{BEN}.json is not a stored login"


def may_not_draft(google: GoogleServer, folder: Path) -> str:
    store(google, folder, BEN, (READ_MAIL,))
    return f"the login of {BEN} was not allowed to make drafts in Gmail: run `fivestep login --for {BEN}`"


@pytest.mark.parametrize("broken", [is_missing, is_revoked, is_broken, may_not_draft])
def test_an_owner_without_a_mailbox_is_named_and_the_rest_goes_on(
    google: GoogleServer, shell: Shell, tmp_path: Path, broken: Any
) -> None:
    team = make_google_team(tmp_path, google, rows(ANA, BEN, CY), columns=OWNERS)
    store(google, tmp_path, CY)
    reason = broken(google, tmp_path)
    ended = shell("run", *DAY, "--json")
    assert ended.code == 0
    assert drafted(team) == {ANA: ["p0"], CY: ["p2"]}
    outcome, why = became(ended)["p1"]
    assert outcome == "skipped"
    assert reason in (why or "")
    assert f"fivestep login --for {BEN}" in (why or "")
    assert all(text.startswith("Follow up") for text in team.column("Status").values())
    asked = f"No draft: drafts can't be put into the mailbox of {BEN} yet: ask whoever looks after fivestep"
    assert asked in team.column("Follow-up").values()
    [check] = [check for check in shell("doctor", "--json").document["checks"] if check["name"] == "mailbox"]
    assert check["ok"] is None
    assert f"no draft is made for {BEN}" in check["message"]


def test_an_owner_gets_the_draft_once_there_is_a_mailbox(google: GoogleServer, shell: Shell, tmp_path: Path) -> None:
    team = make_google_team(tmp_path, google, rows(BEN), columns=OWNERS)
    assert shell("run", *DAY).code == 0
    store(google, tmp_path, BEN)
    assert [shell("run", *DAY).code, shell("run", *DAY).code] == [0, 0]
    assert drafted(team) == {BEN: ["p0"]}


@pytest.mark.parametrize(
    "owner", ["a/b@northwind.example", "a%2fb@northwind.example", f"{'l' * 64}@{'.'.join(['d' * 59] * 3)}.example"]
)
def test_an_owner_whose_address_is_no_name_of_a_file_stops_nobody(
    google: GoogleServer, shell: Shell, tmp_path: Path, owner: str
) -> None:
    team = make_google_team(tmp_path, google, rows(ANA, owner), columns=OWNERS)
    ended = shell("run", *DAY, "--json")
    assert ended.code == 0
    assert became(ended)["p1"][0] == "skipped"
    assert "has no mailbox here" in (became(ended)["p1"][1] or "")
    assert drafted(team) == {ANA: ["p0"]}


# A service account


def test_a_service_account_acts_for_each_owner(google: GoogleServer, shell: Shell, tmp_path: Path) -> None:
    team = keyed(google, tmp_path, [ANA, BEN, ""])
    assert shell("run", *DAY).code == 0
    assert drafted(team) == {ANA: ["p0", "p2"], BEN: ["p1"]}
    assert {call.account for call in google.calls if call.method_id.startswith("sheets.")} == {ROBOT}


def test_an_owner_who_is_not_in_the_workspace_is_named_and_the_rest_goes_on(
    google: GoogleServer, shell: Shell, tmp_path: Path
) -> None:
    team = keyed(google, tmp_path, [ANA, BEN])
    google.tokens.revoke(BEN)
    ended = shell("run", *DAY, "--json")
    assert ended.code == 0
    assert drafted(team) == {ANA: ["p0"]}
    assert became(ended)["p1"][0] == "skipped"
    assert f"no mailbox of {BEN} can be used" in (became(ended)["p1"][1] or "")


def test_a_grant_that_lacks_a_scope_stops_the_run_before_anything_is_done(
    google: GoogleServer, shell: Shell, tmp_path: Path
) -> None:
    team = keyed(google, tmp_path, [ANA, BEN], granted=(COMPOSE,))
    ended = shell("run", *DAY)
    assert ended.code == 3
    assert f"scopes {COMPOSE},{READ_MAIL}" in ended.err
    assert drafted(team) == {}


def test_the_key_reads_a_sheet_without_any_mailbox(google: GoogleServer, shell: Shell, tmp_path: Path) -> None:
    keyed(google, tmp_path, [ANA], granted=(), to="drafts/")
    assert shell("run", *DAY).code == 0
    assert len(list((tmp_path / "drafts").glob("*.eml"))) == 1


# Default credentials


def test_default_credentials_of_a_person(
    google: GoogleServer, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = make_google_team(tmp_path, google, rows(ANA, BEN), columns=OWNERS, google='login = "default"')
    (tmp_path / "google-token.json").replace(tmp_path / "adc.json")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "adc.json"))
    ended = shell("run", *DAY, "--json")
    assert ended.code == 0, ended.out
    assert drafted(team) == {ANA: ["p0"]}
    assert became(ended)["p1"] == ("skipped", f"{BEN} has no mailbox here")


def test_default_credentials_of_a_service_account(
    google: GoogleServer, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyed(google, tmp_path, [ANA], to="drafts/")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "key.json"))
    monkeypatch.setenv("FIVESTEP_GOOGLE_LOGIN", "default")
    assert shell("run", *DAY).code == 0
    assert shell("login", "--json").document["share_with"] == ROBOT


def test_the_store_of_gcloud_serves_as_well(google: GoogleServer, shell: Shell, tmp_path: Path) -> None:
    team = make_google_team(tmp_path, google, google='login = "default"')
    (tmp_path / "gcloud").mkdir()
    (tmp_path / "google-token.json").replace(tmp_path / "gcloud" / "application_default_credentials.json")
    assert shell("run", *DAY).code == 0
    assert len(drafted(team)[ANA]) == 2


# The fewest scopes


@pytest.mark.parametrize(
    ("environment", "scopes"),
    [
        ({}, [{SHEETS_SCOPE}, {COMPOSE, READ_MAIL}]),
        ({"FIVESTEP_GOOGLE_READ_MAIL": "no"}, [{SHEETS_SCOPE}, {COMPOSE}]),
        ({"FIVESTEP_DRAFTS_TO": "drafts/"}, [{SHEETS_SCOPE}]),
    ],
)
def test_a_service_account_asks_for_no_more_than_the_settings_need(
    google: GoogleServer, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str], scopes: list[set[str]],
) -> None:  # fmt: skip
    keyed(google, tmp_path, [ANA])
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    asked: list[set[str]] = []
    answer = google.tokens.answer

    def watched(form: dict[str, str], authorization: str | None = None) -> dict[str, Any]:
        asked.append(set(claims_of(form["assertion"])["scope"].split()))
        return answer(form, authorization)

    google.tokens.answer = watched  # type: ignore[method-assign, assignment]
    assert shell("run", *DAY).code == 0
    assert asked == scopes


# How often a login is asked for


def test_one_token_serves_a_whole_run(google: GoogleServer, shell: Shell, tmp_path: Path) -> None:
    make_google_team(tmp_path, google, rows(ANA, ALIAS, ""), columns=OWNERS)
    assert shell("run", *DAY).code == 0
    assert len(google.of(TOKEN)) == 1


def test_one_token_for_each_owner_serves_a_whole_run(google: GoogleServer, shell: Shell, tmp_path: Path) -> None:
    make_google_team(tmp_path, google, rows(ANA, BEN, BEN, CY), columns=OWNERS)
    store(google, tmp_path, BEN)
    store(google, tmp_path, CY)
    assert shell("run", *DAY).code == 0
    assert len(google.of(TOKEN)) == 3


def test_a_login_that_is_refused_is_asked_for_once_a_run(google: GoogleServer, shell: Shell, tmp_path: Path) -> None:
    make_google_team(tmp_path, google, rows(ANA, BEN, BEN), columns=OWNERS)
    is_revoked(google, tmp_path)
    assert shell("run", *DAY).code == 0
    assert [call.status for call in google.of(TOKEN)] == [200, 400]


def test_a_service_account_logs_in_once_for_the_sheet_and_once_for_each_owner(
    google: GoogleServer, shell: Shell, tmp_path: Path
) -> None:
    keyed(google, tmp_path, [ANA, BEN, BEN, CY])
    google.tokens.revoke(CY)
    assert shell("run", *DAY).code == 0
    assert sorted(call.status for call in google.of(TOKEN)) == [200, 200, 200, 400]


# A refresh token that is given anew each time


def refresh_token(file: Path) -> str:
    return str(json.loads(file.read_text())["refresh_token"])


def test_a_rotated_refresh_token_is_stored_for_the_next_run(google: GoogleServer, shell: Shell, tmp_path: Path) -> None:
    make_google_team(tmp_path, google, rows(ANA, BEN), columns=OWNERS)
    main, ben = tmp_path / "google-token.json", store(google, tmp_path, BEN)
    before = {refresh_token(main), refresh_token(ben)}
    google.tokens.rotates = True
    for _ in range(3):
        assert shell("run", *DAY, "--json").code == 0
    assert not before & {refresh_token(main), refresh_token(ben)}
    for file, account in ((main, ANA), (ben, BEN)):
        assert json.loads(file.read_text())["account"] == account
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_one_that_is_rotated_in_the_middle_of_a_run_is_stored_as_well(
    google: GoogleServer, shell: Shell, tmp_path: Path
) -> None:
    make_google_team(tmp_path, google)
    google.tokens.rotates = True
    ended = []

    def hour(call: Any) -> None:
        if call.method_id == "sheets.spreadsheets.values.batchUpdate" and not ended:
            ended.append(call)
            google.tokens.expire_all()

    google.before = hour
    assert [shell("run", *DAY).code, shell("run", *DAY).code] == [0, 0]
    assert len(google.of(TOKEN)) == 3


def test_one_that_cannot_be_stored_is_told_and_stops_nothing(
    google: GoogleServer,
    shell: Shell,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    team = make_google_team(tmp_path, google)
    google.tokens.rotates = True

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(credentials.json, "dump", full)
    assert shell("run", *DAY).code == 0
    assert len(drafted(team)[ANA]) == 2
    assert "google-token.json can't be written (No space left on device)" in caplog.text


# What the doctor says of how a login is kept


def loose(shell: Shell) -> list[str]:
    checks = shell("doctor", "--json").document["checks"]
    return [check["message"].rpartition("/")[2] for check in checks if check["name"] == "login, file"]


def test_the_doctor_names_logins_that_others_can_read(google: GoogleServer, shell: Shell, tmp_path: Path) -> None:
    make_google_team(tmp_path, google, rows(ANA, BEN), columns=OWNERS)
    files = [tmp_path / "google-token.json", store(google, tmp_path, BEN)]
    for file in files:
        file.chmod(0o600)
    assert loose(shell) == []
    for file in files:
        file.chmod(0o644)
    assert loose(shell) == [file.name for file in files]


def test_the_doctor_names_a_key_that_others_can_read(google: GoogleServer, shell: Shell, tmp_path: Path) -> None:
    keyed(google, tmp_path, [ANA])
    (tmp_path / "key.json").chmod(0o640)
    assert loose(shell) == ["key.json"]
    (tmp_path / "key.json").chmod(0o600)
    assert loose(shell) == []
