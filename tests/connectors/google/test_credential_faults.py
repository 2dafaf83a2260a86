"""Each fault of a login, as a person meets it: which message, which exit code, and nothing half done."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from fivestep.connectors.google.account import COMPOSE, READ_MAIL, SHEETS_SCOPE
from fivestep.connectors.mailboxes.gmail import api as gmail_api
from fivestep.connectors.registry import open_ledger
from fivestep.connectors.system import http
from tests.fakes.google.server import Call, GoogleServer
from tests.fakes.google_team import ANA, SCOPES, GoogleTeam, make_google_team
from tests.fakes.shell import Shell

# Whole runs for each fault.
pytestmark = pytest.mark.slow

ROBOT = "robot@fivestep-test.iam.gserviceaccount.com"
DOCUMENTED = {"credentials": 3, "unreachable": 4, "settings": 2}

Break = Callable[[GoogleTeam, Path], object]


@pytest.fixture
def team(google: GoogleServer, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GoogleTeam:
    """A team whose login holds, and a transport that tries again at once."""
    monkeypatch.setattr(http, "_wait", lambda _state: 0.0)
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS", raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "gcloud"))
    return make_google_team(tmp_path, google)


def with_google(folder: Path, **settings: str) -> None:
    """Other settings under [google], at the end of the file."""
    with (folder / "fivestep.toml").open("a") as file:
        file.writelines(f"{name} = {value}\n" for name, value in settings.items())


def with_key(
    team: GoogleTeam, folder: Path, *, delegation: bool = True, delegate: bool = True, share: bool = True
) -> None:
    """The team has a service account instead."""
    key = team.server.tokens.service_account(ROBOT, delegation, [COMPOSE, READ_MAIL] if delegation else ())
    (folder / "key.json").write_text(json.dumps(key))
    with_google(folder, login='"service-account"', credentials='"key.json"', delegate=str(delegate).lower())
    if share:
        team.book.share(ROBOT)


def with_default(_team: GoogleTeam, folder: Path) -> None:
    with_google(folder, login='"default"')


def token(content: object) -> Break:
    """Something else stands in the file of the login."""
    text = content if isinstance(content, str) else json.dumps(content)
    return lambda _team, folder: (folder / "google-token.json").write_text(text)


def key(content: object) -> Break:
    """Something else stands in the file of the key."""

    def broken(team: GoogleTeam, folder: Path) -> None:
        with_key(team, folder)
        (folder / "key.json").write_text(content if isinstance(content, str) else json.dumps(content))

    return broken


def changed_key(**changes: object) -> Break:
    def broken(team: GoogleTeam, folder: Path) -> None:
        with_key(team, folder)
        content = json.loads((folder / "key.json").read_text())
        (folder / "key.json").write_text(json.dumps(content | changes))

    return broken


def revoked(team: GoogleTeam, _folder: Path) -> None:
    team.server.tokens.revoke(ANA)


def no_delegation(team: GoogleTeam, folder: Path) -> None:
    with_key(team, folder, delegation=False)


def endpoint_is_down(team: GoogleTeam, _folder: Path) -> None:
    team.server.tokens.down = True


def endpoint_is_cut_off(team: GoogleTeam, _folder: Path) -> None:
    team.server.faults.add("cut", method="oauth2.token", times=None)


def client_is_gone(_team: GoogleTeam, folder: Path) -> None:
    file = folder / "google-token.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"client_secret": "an old one"}))


def is_not_there(_team: GoogleTeam, folder: Path) -> None:
    (folder / "google-token.json").unlink()


def is_a_folder(_team: GoogleTeam, folder: Path) -> None:
    (folder / "google-token.json").unlink()
    (folder / "google-token.json").mkdir()


def key_is_not_there(team: GoogleTeam, folder: Path) -> None:
    with_key(team, folder)
    (folder / "key.json").unlink()


def service_account_is_gone(team: GoogleTeam, folder: Path) -> None:
    with_key(team, folder)
    team.server.tokens.revoke(ROBOT)


def without_delegate(team: GoogleTeam, folder: Path) -> None:
    with_key(team, folder, delegate=False)


def is_not_shared(team: GoogleTeam, _folder: Path) -> None:
    team.book.unshare(ANA)


def is_not_shared_with_the_account(team: GoogleTeam, folder: Path) -> None:
    with_key(team, folder, share=False)


def is_left_out(*scopes: str) -> Break:
    """The person has granted only these."""
    return lambda team, _folder: token(team.server.tokens.authorized_user(ANA, scopes))(team, _folder)


def is_switched_off(api: str) -> Break:
    return lambda team, _folder: team.server.disabled.add(api)


class Fault(NamedTuple):
    """What is broken, and what a person is told."""

    name: str
    broken: Break
    kind: str
    words: tuple[str, ...]


def refused(name: str, broken: Break, *words: str, kind: str = "credentials") -> Fault:
    return Fault(name, broken, kind, words)


LOGIN_IS_NONE = "google-token.json is not a stored login"
KEY_IS_NONE = "key.json is not the key of a service account"
AGAIN = "run `fivestep login`"
NOT_YOURS = ("login service", "your login is not the cause", "try again later")
BROKEN_KEY = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
SEVEN_DAYS = (ANA, "google-token.json", "7 days", "taken back", "password was changed", "six months", AGAIN)
DELEGATION = ("domain-wide delegation is not granted", "admin.google.com", "client ID 1", f"{COMPOSE},{READ_MAIL}")
TWO_WAYS = ("GOOGLE_APPLICATION_CREDENTIALS", "gcloud auth application-default login")

FAULTS = [
    # refresh token expired or revoked
    refused("revoked", revoked, *SEVEN_DAYS),
    refused("client is gone", client_is_gone, "google-token.json", "invalid_client", "step 4", AGAIN),
    refused("account is gone", service_account_is_gone, ROBOT, "key.json", "account not found", "clock"),
    # delegation not granted
    refused("no delegation", no_delegation, *DELEGATION),
    refused("no delegate", without_delegate, "delegate = true", "[google]", kind="settings"),
    # token endpoint down
    refused("endpoint is down", endpoint_is_down, "503", *NOT_YOURS, kind="unreachable"),
    refused("endpoint is cut off", endpoint_is_cut_off, *NOT_YOURS, kind="unreachable"),
    # no credentials
    refused("no login", is_not_there, "there is no file", "google-token.json", AGAIN),
    refused("no key", key_is_not_there, "there is no file", "key.json", "key of a service account"),
    refused("no default", with_default, *TWO_WAYS),
    # broken file
    refused("no JSON", token("{"), LOGIN_IS_NONE, AGAIN),
    refused("deep JSON", token("[" * 100_000), LOGIN_IS_NONE),
    refused("a list", token([]), LOGIN_IS_NONE),
    refused("empty", token(""), LOGIN_IS_NONE),
    refused("no token in it", token({"client_id": "x", "client_secret": "y", "refresh_token": None}), LOGIN_IS_NONE),
    refused("the client's file", token({"installed": {}}), LOGIN_IS_NONE),
    refused("a folder", is_a_folder, "google-token.json", "can't be read"),
    refused("no JSON for a key", key("-----BEGIN"), KEY_IS_NONE),
    refused("the client for a key", key({"installed": {}}), KEY_IS_NONE),
    refused("a broken key", changed_key(private_key=BROKEN_KEY), KEY_IS_NONE),
    refused("a key that is a number", changed_key(private_key=5), KEY_IS_NONE),
    # fewer scopes granted than asked
    refused("no access to the sheet", is_left_out(COMPOSE, READ_MAIL), ANA, "not allowed to use Google Sheets", AGAIN),
    refused("no access to drafts", is_left_out(SHEETS_SCOPE, READ_MAIL), ANA, "not allowed to make drafts", "ticked"),
    # sheet not shared with the account
    refused("not shared", is_not_shared, f"share it with {ANA} as an Editor"),
    refused("not shared with a robot", is_not_shared_with_the_account, f"share it with {ROBOT} as an Editor"),
    # an API that nobody has enabled
    refused("no Sheets", is_switched_off("sheets"), "enable the Google Sheets API", "step 1"),
    refused("no Gmail", is_switched_off("gmail"), "enable the Gmail API", "step 1"),
]
every_fault = pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])


def assert_nothing_done(team: GoogleTeam, cells: list[list[Any]]) -> None:
    assert team.cells() == cells
    assert not [box for box in team.server.gmail.boxes.values() if box.drafts]
    ledger = open_ledger(team.settings)
    assert ledger.open_drafts("team") == []
    ledger.close()


@every_fault
def test_a_fault_of_the_login(team: GoogleTeam, shell: Shell, tmp_path: Path, fault: Fault) -> None:
    cells = team.cells()
    fault.broken(team, tmp_path)
    said = shell("run", "--as-of", "2026-11-23")
    assert (said.code, said.out) == (DOCUMENTED[fault.kind], "")
    message = said.err.strip().rpartition("fivestep: ")[2]
    assert not [word for word in fault.words if word not in message]
    assert "Traceback" not in said.err

    for command in ("run", "plan", "check"):
        as_json = shell(command, "--json")
        assert as_json.code == DOCUMENTED[fault.kind]
        assert as_json.document == {"error": {"kind": fault.kind, "message": message, "mistakes": []}}
    assert_nothing_done(team, cells)


@every_fault
def test_the_doctor_names_it_once_and_goes_on(team: GoogleTeam, shell: Shell, tmp_path: Path, fault: Fault) -> None:
    fault.broken(team, tmp_path)
    ended = shell("doctor", "--json")
    checks = ended.document["checks"]
    assert ended.code == 1
    assert not [word for word in fault.words if not any(word in check["message"] for check in checks)]
    wrong = [check["message"] for check in checks if check["ok"] is False]
    assert len(wrong) == len(set(wrong)) >= 1
    assert {"ledger", "disk"} <= {check["name"] for check in checks if check["ok"]}


def test_what_is_mended_goes_on(team: GoogleTeam, shell: Shell) -> None:
    team.server.tokens.revoke(ANA)
    assert shell("run").code == 3
    team.server.tokens.restore(ANA)
    assert shell("run", "--as-of", "2026-11-23").code == 0
    assert len(team.drafts()) == 2


def ends_before(team: GoogleTeam, method: str) -> None:
    """The login is taken back right before the first call of this method."""
    tokens = team.server.tokens

    def before(call: Call) -> None:
        if call.method_id == method and ANA not in tokens._revoked:
            tokens.expire_all()
            tokens.revoke(ANA)

    team.server.before = before


def goes_on(team: GoogleTeam, shell: Shell) -> None:
    """The login holds again, and everything is there once."""
    team.server.before = None
    team.server.tokens.restore(ANA)
    for _ in range(2):
        assert shell("run", "--as-of", "2026-11-23").code == 0
        assert [to for to, _, _ in team.drafts()] == ["kim@acme.example", "lou@bolt.example"]
        assert [text.partition(":")[0] for text in team.column("Status").values()] == ["Follow up", "Follow up", "Lost"]


@pytest.mark.parametrize("method", ["sheets.spreadsheets.values.get", "gmail.users.messages.list", "batch"])
def test_a_login_that_ends_while_a_run_reads(
    team: GoogleTeam, shell: Shell, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    monkeypatch.setattr(gmail_api, "_pause", pytest.fail)  # there is nothing to wait for
    cells = team.cells()
    ends_before(team, method)
    ended = shell("run", "--as-of", "2026-11-23", "--json")
    assert (ended.code, ended.document["error"]["kind"]) == (3, "credentials")
    assert_nothing_done(team, cells)
    goes_on(team, shell)


def test_a_login_that_ends_before_the_cells_are_written(team: GoogleTeam, shell: Shell) -> None:
    cells = team.cells()
    ends_before(team, "sheets.spreadsheets.values.batchUpdate")
    ended = shell("run", "--as-of", "2026-11-23", "--json")
    assert (ended.code, ended.document["error"]["kind"]) == (3, "credentials")
    assert_nothing_done(team, cells)
    goes_on(team, shell)


@pytest.mark.slow  # the next run waits until a request that may be under way has taken effect
def test_a_login_that_ends_before_the_drafts_are_made(team: GoogleTeam, shell: Shell) -> None:
    ends_before(team, "gmail.users.drafts.create")
    ended = shell("run", "--as-of", "2026-11-23", "--json")
    assert ended.code in (1, 3)
    assert team.drafts() == []
    assert "has expired or was revoked" in ended.out
    goes_on(team, shell)


def test_without_the_right_to_read_mail_only_that_is_off(team: GoogleTeam, shell: Shell, tmp_path: Path) -> None:
    is_left_out(SHEETS_SCOPE, COMPOSE)(team, tmp_path)
    assert shell("run", "--as-of", "2026-11-23").code == 0
    assert len(team.drafts()) == 2
    [check] = [check for check in shell("doctor", "--json").document["checks"] if check["name"] == "mail"]
    assert check["ok"] is None
    assert "may not read mail: replies, threads, signatures and sent drafts are not seen" in check["message"]


# Default credentials


@pytest.mark.parametrize("content", [None, "{", "{}", '{"type": "service_account"}', "[]"])
def test_a_file_of_default_credentials_that_is_none_is_named(
    team: GoogleTeam, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    with_default(team, tmp_path)
    file = tmp_path / "adc.json"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    ended = shell("run")
    assert ended.code == 3
    assert (
        f"{file}, which GOOGLE_APPLICATION_CREDENTIALS names, is not there, or is not the file of a login" in ended.err
    )


def test_no_credentials_are_told_where_nobody_tells_of_a_cloud(
    team: GoogleTeam, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("google.auth._exponential_backoff.time.sleep", lambda _seconds: None)
    with_default(team, tmp_path)
    team.server.faults.add("cut", where=lambda call: call.path.startswith("169.254.169.254"), times=None)
    ended = shell("run")
    assert ended.code == 3
    assert "there are no application default credentials here" in ended.err
    # As often as google-auth looks for a cloud by itself.
    assert len([call for call in team.server.calls if call.path.startswith("169.254.169.254")]) == 3


# The client, with which a person logs in


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, ["there is no file", "client_secret.json", "step 4"]),
        ("{", ["client_secret.json is not an OAuth client"]),
        ("{}", ["client_secret.json is not an OAuth client", "step 4"]),
        ('{"installed": {}}', ["client_secret.json is not an OAuth client", "step 4"]),
        (
            '{"installed": {"client_id": 5, "client_secret": 5, "auth_uri": 5, "token_uri": 5}}',
            ["is not an OAuth client"],
        ),
        ('{"web": {"client_id": "x"}}', ["client_secret.json is not an OAuth client", "it is a web client"]),
        ('{"type": "service_account"}', ["client_secret.json is not an OAuth client", 'login = "service-account"']),
    ],
)
def test_a_client_that_is_none(
    team: GoogleTeam, shell: Shell, tmp_path: Path, content: str | None, words: list[str]
) -> None:
    if content is not None:
        (tmp_path / "client_secret.json").write_text(content)
    before = (tmp_path / "google-token.json").read_text()
    ended = shell("login", "--no-browser", "--json")
    assert (ended.code, ended.document["error"]["kind"]) == (3, "credentials")
    assert not [word for word in words if word not in ended.document["error"]["message"]]
    assert (tmp_path / "google-token.json").read_text() == before


def test_scopes_of_a_team_that_has_them_all(team: GoogleTeam, shell: Shell) -> None:
    """What the faults above are told from."""
    assert set(SCOPES) == {SHEETS_SCOPE, COMPOSE, READ_MAIL}
    assert shell("run", "--as-of", "2026-11-23").code == 0
    assert not [check for check in shell("doctor", "--json").document["checks"] if check["ok"] is False]
