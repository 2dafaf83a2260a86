"""`login`: a person grants access at Google, once, and the login is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fivestep.config.load import NAME, load_settings, provisional_settings
from fivestep.config.settings import Settings
from fivestep.errors import CredentialsError, SettingsError

_ANY_SHEET = "https://docs.google.com/spreadsheets/d/any"


@dataclass(frozen=True)
class LoginReport:
    """What was granted, and where it is kept."""

    account: str
    """The address; empty where Google does not say."""
    file: Path | None
    """Where it is stored; None where nothing had to be."""
    granted: Sequence[str]
    missing: Sequence[str]
    """What was asked for and left out: what needs it is off."""
    share_with: str = ""
    """A service account's address, with which the sheet has to be shared."""


def login_settings(config: Path | None, environ: Mapping[str, str]) -> Settings:
    """The settings to log in for: those of the file, or, where there is none yet, those of a Google Sheet and Gmail."""
    if config is not None or environ.get("FIVESTEP_CONFIG") or Path(NAME).exists():
        return load_settings(config, environ)
    data = {"pipeline": {"sheet": _ANY_SHEET}, "drafts": {"to": "gmail"}}
    return provisional_settings(data, Path.cwd(), environ)


def log_in(
    settings: Settings, person: str, *, tell: Callable[[str], None], ask: Callable[[str], str] | None
) -> LoginReport:
    """Log in, and store the login: the team's, or with `person` (an address) that of one owner, for their drafts.

    Raises CredentialsError where it is not granted, or by somebody else than that person; nothing is stored then.
    """
    from fivestep.connectors.google_accounts import Accounts, granted, mail_scopes, sheet_scopes, token_file
    from fivestep.connectors.google_credentials import client_of, store_login
    from fivestep.connectors.google_flow import log_in as by_flow

    person = person.casefold()
    accounts = Accounts(settings)
    if settings.google.login != "oauth":
        if person:
            raise SettingsError("with a service account nobody logs in: set delegate = true under [google] instead")
        main = accounts.main()
        return LoginReport(main.who, None, sorted(main.scopes), (), main.share_with)
    scopes = [*([] if person else sheet_scopes(settings)), *mail_scopes(settings)]
    if not scopes:
        raise SettingsError(f"{settings.file} uses nothing of Google's: neither its sheet nor its drafts are there")
    client = client_of(settings.path(settings.google.credentials))
    credentials = by_flow(client, scopes, accounts.transport(person), address=person, tell=tell, ask=ask)
    left_in = granted(credentials, scopes)
    account = accounts.address_of(credentials, sorted(left_in))
    if person and account and account != person:
        raise CredentialsError(f"that was {account} who logged in, and not {person}: nothing was stored")
    file = token_file(settings, person)
    store_login(file, credentials, account or person, left_in)
    return LoginReport(account or person, file, sorted(left_in), [scope for scope in scopes if scope not in left_in])
