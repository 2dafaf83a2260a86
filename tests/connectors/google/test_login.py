"""`fivestep login`: in a browser here or elsewhere, what is checked, and what is kept of it."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlsplit

import pytest

from fivestep.connectors.google import browser_login
from fivestep.connectors.google.account import COMPOSE, READ_MAIL, SHEETS_SCOPE
from tests import ROOT
from tests.fakes.google.server import GoogleServer
from tests.fakes.google_browser import Browser, asked_for, came_out, opened
from tests.fakes.google_team import ANA, make_google_team
from tests.fakes.shell import Shell

BEN = "ben@northwind.example"


@pytest.fixture
def folder(google: GoogleServer, shell: Shell, tmp_path: Path) -> Path:
    """A team that has its OAuth client, and has not logged in."""
    make_google_team(tmp_path, google)
    (tmp_path / "google-token.json").unlink()
    (tmp_path / "client_secret.json").write_text(json.dumps(google.tokens.client_secret()))
    return tmp_path


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    browser = Browser()
    monkeypatch.setattr("webbrowser.open", browser.open)
    monkeypatch.setattr(browser_login, "LOGIN_PATIENCE", 30)
    yield browser
    browser.close()


def stored(file: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(file.read_text())
    return content


def forms(google: GoogleServer) -> list[dict[str, str]]:
    """What the token endpoint was sent, from now on."""
    sent: list[dict[str, str]] = []
    answer = google.tokens.answer

    def kept(form: dict[str, str], authorization: str | None = None) -> dict[str, Any]:
        sent.append(dict(form))
        return answer(form, authorization)

    google.tokens.answer = kept  # type: ignore[method-assign, assignment]
    return sent


# In a browser here


def test_a_login_is_granted_stored_and_used(google: GoogleServer, shell: Shell, folder: Path, browser: Browser) -> None:
    ended = shell("login", "--json")
    token = folder / "google-token.json"
    assert ended.code == 0
    assert ended.document == {
        "account": ANA, "token": str(token), "granted": sorted([SHEETS_SCOPE, COMPOSE, READ_MAIL]), "missing": [],
        "share_with": "",
    }  # fmt: skip
    assert (stored(token)["account"], stored(token)["scopes"]) == (ANA, sorted([SHEETS_SCOPE, COMPOSE, READ_MAIL]))
    browser.close()
    assert browser.shown == [browser.shown[0]]
    assert "You are logged in" in browser.shown[0]
    assert browser.pages[0] in ended.err
    assert shell("run", "--json").document["drafts"][0]["outcome"] == "created"


def test_what_a_person_reads(google: GoogleServer, shell: Shell, folder: Path, browser: Browser) -> None:
    ended = shell("login")
    assert f"{ANA}: the login is kept in {folder / 'google-token.json'}" in " ".join(ended.out.split())
    assert "make drafts (gmail.compose)" in ended.out


def test_the_page_is_asked_for_a_login_that_lasts_with_proofs_of_who_asks(
    google: GoogleServer, shell: Shell, folder: Path, browser: Browser
) -> None:
    sent = forms(google)
    assert shell("login").code == 0
    asked = asked_for(browser.pages[0])
    assert (asked["access_type"], asked["prompt"], asked["response_type"]) == ("offline", "consent", "code")
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["state"]) >= 20
    assert urlsplit(asked["redirect_uri"]).hostname == "127.0.0.1"
    digest = hashlib.sha256(sent[0]["code_verifier"].encode()).digest()
    assert asked["code_challenge"] == base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert sent[0]["redirect_uri"] == asked["redirect_uri"]


def test_each_login_has_a_state_and_a_proof_of_its_own(
    google: GoogleServer, shell: Shell, folder: Path, browser: Browser
) -> None:
    assert [shell("login").code, shell("login").code] == [0, 0]
    first, second = map(asked_for, browser.pages)
    assert first["state"] != second["state"]
    assert first["code_challenge"] != second["code_challenge"]


@pytest.mark.slow
def test_what_does_not_belong_to_this_login_is_no_answer_to_it(
    google: GoogleServer, shell: Shell, folder: Path, browser: Browser
) -> None:
    """Icons that browsers ask for, a silent connection that they keep ready, and somebody else's code."""
    kept = []

    def disturb(address: str) -> None:
        port = urlsplit(address).port
        kept.append(socket.create_connection(("127.0.0.1", port or 0)))
        root = f"http://127.0.0.1:{port}"
        strange = ("/favicon.ico", "/", "/?code=stolen", "/?code=stolen&state=guessed", "/?error=access_denied")
        assert [opened(root + path).status_code for path in strange] == [404] * 5

    browser.before = disturb
    assert shell("login").code == 0
    browser.close()
    assert "You are logged in" in browser.shown[0]
    for connection in kept:
        connection.close()


def test_nobody_logs_in(google: GoogleServer, shell: Shell, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert browser_login.LOGIN_PATIENCE == 600
    monkeypatch.setattr(browser_login, "LOGIN_PATIENCE", 0.05)
    monkeypatch.setattr("webbrowser.open", lambda _page: False)
    ended = shell("login")
    assert (ended.code, ended.out) == (3, "")
    assert "fivestep: nobody has logged in for ten minutes: run `fivestep login`" in ended.err
    assert not (folder / "google-token.json").exists()


def test_access_is_denied(google: GoogleServer, shell: Shell, folder: Path, browser: Browser) -> None:
    google.tokens.next_error = "access_denied"
    ended = shell("login", "--json")
    assert ended.code == 3
    assert ended.document["error"]["kind"] == "credentials"
    message = "the login failed (access was not granted): run `fivestep login`"
    assert ended.document["error"]["message"] == message
    browser.close()
    assert "You are not logged in" in browser.shown[0]
    assert (google.of("oauth2.token"), (folder / "google-token.json").exists()) == ([], False)


def test_a_code_that_is_refused(google: GoogleServer, shell: Shell, folder: Path, browser: Browser) -> None:
    google.faults.add("invalid_grant", method="oauth2.token")
    ended = shell("login")
    assert ended.code == 3
    assert "run `fivestep login`" in ended.err
    assert not (folder / "google-token.json").exists()


@pytest.mark.parametrize(
    ("left_in", "missing", "off"),
    [
        ([SHEETS_SCOPE, COMPOSE], [READ_MAIL], "read who wrote last"),
        ([SHEETS_SCOPE, READ_MAIL], [COMPOSE], "make drafts"),
        ([COMPOSE, READ_MAIL], [SHEETS_SCOPE], "read the sheet"),
        ([SHEETS_SCOPE], [COMPOSE, READ_MAIL], "make drafts"),
    ],
)
def test_fewer_scopes_than_asked_for(
    google: GoogleServer, shell: Shell, folder: Path, browser: Browser,
    left_in: Sequence[str], missing: Sequence[str], off: str,
) -> None:  # fmt: skip
    google.tokens.next_scopes = frozenset(left_in)
    ended = shell("login", "--json")
    assert (ended.code, sorted(ended.document["missing"])) == (0, sorted(missing))
    assert stored(folder / "google-token.json")["scopes"] == sorted(left_in)
    shown = shell("login").out
    assert re.search(rf"left out +{off}", shown)


def test_no_scope_at_all_is_no_login(google: GoogleServer, shell: Shell, folder: Path, browser: Browser) -> None:
    google.tokens.next_scopes = frozenset({"openid"})
    ended = shell("login")
    assert ended.code == 3
    assert "nothing was granted, so nothing was stored: run `fivestep login`, and leave the boxes ticked" in ended.err
    assert not (folder / "google-token.json").exists()


# One owner's


def test_the_login_of_an_owner(google: GoogleServer, shell: Shell, folder: Path, browser: Browser) -> None:
    google.tokens.next_login = BEN
    assert shell("login", "--for", "Ben@Northwind.example", "--json").document["account"] == BEN
    asked = asked_for(browser.pages[0])
    assert asked["login_hint"] == BEN
    assert sorted(asked["scope"].split()) == sorted([COMPOSE, READ_MAIL])
    assert stored(folder / f"google-token.{BEN}.json")["account"] == BEN
    assert not (folder / "google-token.json").exists()


def test_somebody_else_logs_in(google: GoogleServer, shell: Shell, folder: Path, browser: Browser) -> None:
    ended = shell("login", "--for", BEN)
    assert (ended.code, ended.out) == (3, "")
    assert (
        f"that was {ANA} who logged in, and not {BEN}, so nothing was stored: run `fivestep login --for {BEN}`"
        in ended.err
    )
    assert not list(folder.glob("google-token*"))


def test_somebody_else_is_told_by_the_right_to_read_alone(
    google: GoogleServer, shell: Shell, folder: Path, browser: Browser
) -> None:
    google.tokens.next_scopes = frozenset({READ_MAIL})
    assert f"that was {ANA} who logged in" in shell("login", "--for", BEN).err
    assert not list(folder.glob("google-token*"))


def test_somebody_who_cannot_be_told_is_not_taken_for_the_owner(
    google: GoogleServer, shell: Shell, folder: Path, browser: Browser
) -> None:
    google.disabled.add("gmail")
    ended = shell("login", "--for", BEN)
    assert ended.code == 3
    assert "Google does not say who logged in" in ended.err
    assert not list(folder.glob("google-token*"))


@pytest.mark.parametrize(
    "person", ["ben", "../../ben@x.example/..", "ben@x.example,ana@x.example", "/etc/passwd", "a\0b@x.example"]
)
def test_for_whom_is_an_address(
    google: GoogleServer, shell: Shell, folder: Path, browser: Browser, person: str
) -> None:
    before = sorted(folder.rglob("*"))
    ended = shell("login", "--for", person, "--json")
    assert (ended.code, ended.document["error"]["kind"]) == (2, "settings")
    assert (browser.pages, sorted(folder.rglob("*"))) == ([], before)


def test_an_address_that_is_no_name_of_a_file(
    google: GoogleServer, shell: Shell, folder: Path, browser: Browser
) -> None:
    google.tokens.next_login = "a/b@northwind.example"
    assert shell("login", "--for", "a/b@northwind.example").code == 0
    assert stored(folder / "google-token.a%2Fb@northwind.example.json")["account"] == "a/b@northwind.example"


@pytest.mark.parametrize("login", ["service-account", "default"])
def test_owners_do_not_log_in_beside_other_kinds_of_login(
    google: GoogleServer, shell: Shell, folder: Path, browser: Browser, login: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIVESTEP_GOOGLE_LOGIN", login)
    ended = shell("login", "--for", BEN)
    assert (ended.code, browser.pages) == (2, [])
    assert f"with login = '{login}' under [google] nobody logs in" in ended.err


def test_an_owner_has_nothing_to_log_in_for_where_drafts_go_elsewhere(
    google: GoogleServer, shell: Shell, folder: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIVESTEP_DRAFTS_TO", "drafts/")
    ended = shell("login", "--for", BEN)
    assert (ended.code, browser.pages) == (2, [])
    assert f"fivestep.toml has no drafts go to Gmail, for which {BEN} would have to log in" in ended.err


# The fewest scopes


@pytest.mark.parametrize(
    ("environment", "scopes"),
    [
        ({}, [SHEETS_SCOPE, COMPOSE, READ_MAIL]),
        ({"FIVESTEP_GOOGLE_READ_MAIL": "no"}, [SHEETS_SCOPE, COMPOSE]),
        ({"FIVESTEP_DRAFTS_TO": "drafts/"}, [SHEETS_SCOPE]),
        ({"FIVESTEP_PIPELINE_SHEET": "pipeline.csv"}, [COMPOSE, READ_MAIL]),
        ({"FIVESTEP_PIPELINE_SHEET": "pipeline.csv", "FIVESTEP_GOOGLE_READ_MAIL": "no"}, [COMPOSE]),
    ],
)
def test_no_more_is_asked_for_than_the_settings_need(
    google: GoogleServer, shell: Shell, folder: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str], scopes: Sequence[str],
) -> None:  # fmt: skip
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert shell("login").code == 0
    assert sorted(asked_for(browser.pages[0])["scope"].split()) == sorted(scopes)


def test_before_there_are_settings_a_login_is_for_a_sheet_and_gmail(
    google: GoogleServer, shell: Shell, folder: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "fivestep.toml").unlink()
    monkeypatch.setenv("FIVESTEP_GOOGLE_API_ROOT", google.root)
    assert shell("login").code == 0
    assert sorted(asked_for(browser.pages[0])["scope"].split()) == sorted([SHEETS_SCOPE, COMPOSE, READ_MAIL])


def test_settings_without_google_have_nothing_to_log_in_to(
    google: GoogleServer, shell: Shell, folder: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIVESTEP_DRAFTS_TO", "drafts/")
    monkeypatch.setenv("FIVESTEP_PIPELINE_SHEET", "pipeline.csv")
    ended = shell("login")
    assert (ended.code, browser.pages) == (2, [])
    assert "uses nothing of Google's" in ended.err


# The file


def test_only_its_owner_may_read_the_file_whatever_was_there_before(
    google: GoogleServer, shell: Shell, folder: Path, browser: Browser
) -> None:
    token = folder / "google-token.json"
    token.write_text("{}")
    token.chmod(0o666)
    before = os.umask(0)
    try:
        assert shell("login").code == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE(token.stat().st_mode) == 0o600


def test_the_file_holds_nothing_that_ends_within_the_hour(
    google: GoogleServer, shell: Shell, folder: Path, browser: Browser
) -> None:
    assert shell("login").code == 0
    assert "ya29." not in (folder / "google-token.json").read_text()


@pytest.mark.parametrize("broken", ["json.dump", "os.fsync"])
def test_the_file_is_replaced_whole_or_not_at_all(
    google: GoogleServer, shell: Shell, folder: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    assert shell("login").code == 0
    token = folder / "google-token.json"
    before = token.read_text()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(broken, full)
        ended = shell("login")
    assert ended.code == 4
    assert "the login was not stored" in ended.err
    assert token.read_text() == before
    assert sorted(path.name for path in folder.glob("*token*")) + list(folder.glob(".*")) == ["google-token.json"]


def test_the_old_file_is_there_until_the_new_one_is_whole(
    google: GoogleServer, shell: Shell, folder: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shell("login").code == 0
    token = folder / "google-token.json"
    before, replace, seen = token.read_text(), Path.replace, []

    def watched(new: Path, target: Path) -> Path:
        seen.append((token.read_text() == before, stat.S_IMODE(new.stat().st_mode), stored(new)["account"]))
        return replace(new, target)

    monkeypatch.setattr(Path, "replace", watched)
    assert shell("login").code == 0
    assert seen == [(True, 0o600, ANA)]


def test_a_link_to_a_login_that_others_share_stays_one(
    google: GoogleServer, shell: Shell, folder: Path, browser: Browser
) -> None:
    (folder / "shared").mkdir()
    (folder / "google-token.json").symlink_to(Path("shared") / "login.json")
    assert shell("login").code == 0
    assert (folder / "google-token.json").is_symlink()
    assert stored(folder / "shared" / "login.json")["account"] == ANA


# In a browser elsewhere, and in a process of its own


def program(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "fivestep", *arguments],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT), **environment}, text=True, encoding="utf-8",
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def page_told(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    return next(line.strip() for line in process.stderr if line.startswith("http"))


def test_a_real_browser_program_is_started(google: GoogleServer, folder: Path) -> None:
    browser = f"{sys.executable} -m tests.fakes.google_browser %s"
    process = program(folder, "login", "--json", BROWSER=browser)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert json.loads(out)["account"] == ANA


def with_it_all(address: str) -> str:
    return address


def as_the_browser_shows_it(address: str) -> str:
    return address.removeprefix("http://")


def with_blanks_around(address: str) -> str:
    return f"   {address}  "


@pytest.mark.parametrize("copied", [with_it_all, as_the_browser_shows_it, with_blanks_around])
def test_a_browser_on_another_machine(google: GoogleServer, folder: Path, copied: Any) -> None:
    process = program(folder, "login", "--no-browser", "--json", BROWSER="false")
    page = page_told(process)
    address = came_out(page)
    assert address.startswith("http://localhost:8914/?")
    out, err = process.communicate(copied(address) + "\n", timeout=60)
    assert process.returncode == 0, err
    assert out.startswith("{")
    assert json.loads(out)["account"] == ANA


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (lambda _: "4/0AbCd", "that is not the whole address"),
        (lambda _: "http://localhost:8914/", "that is not the whole address"),
        (lambda address: re.sub("state=[^&]*", "state=another", address), "that of another login"),
        (lambda address: re.sub("code=[^&]*", "x=1", address), "that is not the whole address"),
        (lambda address: re.sub("code=[^&]*", "code=4%2Fwrong", address), "run `fivestep login`"),
        (lambda address: "http://[", "that is not the whole address"),
    ],
)
def test_what_is_not_the_address_is_refused(google: GoogleServer, folder: Path, typed: Any, words: str) -> None:
    process = program(folder, "login", "--no-browser")
    out, err = process.communicate(typed(came_out(page_told(process))) + "\n", timeout=60)
    assert (process.returncode, out) == (3, "")
    assert words in err
    assert "Traceback" not in err
    assert not (folder / "google-token.json").exists()


def test_nothing_is_typed(google: GoogleServer, folder: Path) -> None:
    process = program(folder, "login", "--no-browser", "--json")
    page_told(process)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err


# Secrets


OPENS_DOORS = ("code", "code_verifier", "refresh_token", "client_secret", "access_token")


def secrets(google: GoogleServer) -> set[str]:
    """Everything that the token endpoint is sent and gives from now on and that opens a door."""
    found: set[str] = set()
    answer = google.tokens.answer

    def watched(form: dict[str, str], authorization: str | None = None) -> dict[str, Any]:
        found.update(form[name] for name in OPENS_DOORS if name in form)
        given = answer(form, authorization)
        found.update(given[name] for name in OPENS_DOORS if name in given)
        return given

    google.tokens.answer = watched  # type: ignore[method-assign, assignment]
    return found


def test_no_secret_is_said_or_kept_elsewhere(
    google: GoogleServer, shell: Shell, folder: Path, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "fivestep")
    found = secrets(google)
    said = [shell("login", "--json", "-v"), shell("login", "-v")]
    for command in ("doctor", "run", "history"):
        said += [shell(command, "--json", "-v"), shell(command, "-v")]
    google.tokens.revoke(ANA)
    said += [shell("run", "-v"), shell("run", "--json", "-v"), shell("doctor", "-v"), shell("login", "-v")]
    google.faults.add("invalid_grant", method="oauth2.token")
    said.append(shell("login", "-v"))
    browser.close()
    texts = [one.out + one.err for one in said] + [record.getMessage() for record in caplog.records] + browser.shown
    kept = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    in_place = {"google-token.json", "client_secret.json"}
    assert "fivestep.db" in kept
    assert caplog.records
    assert len(found) > 15
    for secret in {*found, *map(quote_plus, found)}:
        assert not [text for text in texts if secret in text]
        assert not [name for name, content in kept.items() if secret.encode() in content and name not in in_place]


# Commands that a schedule starts


@pytest.mark.slow
@pytest.mark.parametrize("command", ["run", "plan", "check", "doctor", "report"])
@pytest.mark.parametrize("login", ["none", "revoked"])
def test_no_scheduled_command_opens_a_browser_or_waits_for_a_person(
    google: GoogleServer, folder: Path, command: str, login: str
) -> None:
    if login == "revoked":
        content = google.tokens.authorized_user(ANA, [SHEETS_SCOPE, COMPOSE, READ_MAIL])
        (folder / "google-token.json").write_text(json.dumps(content))
        google.tokens.revoke(ANA)
    opened_page = folder / "opened"
    browser = f"{sys.executable} -c \"open(r'{opened_page}','w')\" %s"
    process = program(folder, command, "--json", BROWSER=browser, DISPLAY=":0")
    code = process.wait(timeout=60)  # its standard input stays open all the time
    assert process.stdout is not None
    assert process.stderr is not None
    out, err = process.stdout.read(), process.stderr.read()
    process.communicate()
    assert code == (1 if command == "doctor" else 3), err
    assert "fivestep login" in json.dumps(json.loads(out))
    assert not opened_page.exists()
