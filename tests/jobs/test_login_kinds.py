"""A service at which people log in is known to the registry alone: doctor, init and login ask whatever it lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

import fivestep
from fivestep.config.settings.load import provisional_settings
from fivestep.config.settings.model import Settings
from fivestep.connectors import registry
from fivestep.connectors.check import Check
from fivestep.connectors.login import Ask, LoginReport, Suggested, Tell
from fivestep.connectors.mailbox import Correspondence, Found, Known, MailboxCapabilities, Message
from fivestep.errors import CredentialsError, SettingsError
from fivestep.jobs.login import login_settings
from tests.fakes.team import make_team


class CloudLogin:
    """The login of a service whose sheets are called `cloud-….csv`; implements `LoginKind`."""

    first_settings: Mapping[str, Mapping[str, str]] = {"pipeline": {"sheet": "cloud-any.csv"}}

    def names_sheet(self, sheet: str) -> bool:
        return Path(sheet).name.startswith("cloud-")

    def names_tab(self, sheet: str) -> bool:
        return True

    def is_used(self, settings: Settings) -> bool:
        return self.names_sheet(settings.pipeline.sheet)

    def checks(self, settings: Settings) -> Iterator[Check]:
        yield Check("login", True, "the cloud lets you in")
        raise CredentialsError("the cloud wants another password")

    def suggested(self, settings: Settings) -> Suggested:
        return Suggested("cloud-drafts/", True, "ana@northwind.example", "connectors.cloud", {"tenant": "northwind"})

    def log_in(self, settings: Settings, person: str, *, tell: Tell, ask: Ask | None) -> LoginReport:
        tell("https://cloud.example/login")
        return LoginReport(person or "ana@northwind.example", None, ["all"], [])


@pytest.fixture(autouse=True)
def _cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "LOGIN_KINDS", (f"{__name__}:CloudLogin", *registry.LOGIN_KINDS))


def test_the_doctor_shows_what_the_service_looks_at(tmp_path: Path) -> None:
    team = make_team(tmp_path)
    assert "login" not in {check.name for check in fivestep.doctor(team.settings)}
    team.path.rename(tmp_path / "cloud-deals.csv")
    pipeline = team.settings.pipeline.model_copy(update={"sheet": "cloud-deals.csv"})
    checks = fivestep.doctor(team.settings.model_copy(update={"pipeline": pipeline}))
    assert [check[:3] for check in checks if check.name == "login"] == [
        ("login", True, "the cloud lets you in"),
        ("login", False, "the cloud wants another password"),
    ]


def test_init_proposes_what_goes_with_the_login(tmp_path: Path) -> None:
    sheet = tmp_path / "cloud-deals.csv"
    sheet.write_text("Deal,Stage,E-mail\nAcme,Pitch,kim@fabrikam.example\n")
    report = fivestep.init(str(sheet), tmp_path)
    text = report.file.read_text()
    assert 'to = "cloud-drafts/"' in text
    assert 'from = "ana@northwind.example"' in text
    assert '[connectors.cloud]\ntenant = "northwind"' in text
    assert {lack.name for lack in report.lacks} == {"do not contact"}


def test_login_is_at_the_service_that_the_settings_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    told: list[str] = []
    settings = login_settings(None, {})
    assert settings.pipeline.sheet == "cloud-any.csv"
    report = fivestep.log_in(settings, "Ben@Northwind.example", tell=told.append)
    assert (report.account, told) == ("ben@northwind.example", ["https://cloud.example/login"])
    elsewhere = provisional_settings(
        {"pipeline": {"sheet": "deals.csv"}, "drafts": {"to": "gmail"}, "google": {"login": "default"}}, tmp_path, {}
    )
    with pytest.raises(SettingsError, match="under \\[google\\] nobody logs in"):
        fivestep.log_in(elsewhere, "ben@northwind.example", tell=told.append)


class OwnMailbox:
    """A mailbox of one person, which has a check of its own."""

    capabilities = MailboxCapabilities(reads_mail=True)
    name = "mine"

    def __init__(self, owner: str) -> None:
        self.owner = owner

    def check(self) -> None:
        pass

    def checks(self) -> Iterator[Check]:
        yield Check("mail", True, "my mail is read")

    def refusal(self, sender: str) -> str:
        return "" if sender == self.owner else f"there is no mailbox but that of {self.owner}"

    def create(self, message: Message) -> str:
        return message.token

    def trace(self, drafts: Sequence[Known]) -> list[Found | None]:
        return [None for _ in drafts]

    def correspondence(self, people: Mapping[str, object]) -> Mapping[str, Correspondence]:
        return {person: Correspondence(unknown="the archive is closed") for person in people}


@pytest.mark.parametrize(
    ("owner", "name", "said"),
    [
        ("ana@northwind.example", "mail", "of 2 contacts it is not known who wrote last, so they get no draft: the "),
        ("ben@northwind.example", "mailbox", "no draft is made for ana@northwind.example: there is no mailbox but "),
    ],
)
def test_the_doctor_asks_any_mailbox(
    owner: str, name: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = make_team(tmp_path)
    monkeypatch.setattr("fivestep.jobs.running.pipeline.open_mailbox", lambda *_: OwnMailbox(owner))
    checks = fivestep.doctor(team.settings)
    assert Check("mail", True, "my mail is read") in checks
    [found] = [check for check in checks if check.name in ("mail", "mailbox") and check.ok is None]
    assert (found.name, found.message[: len(said)]) == (name, said)
