"""`login`: a person grants access at Google, once, and the login is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fivestep.config.settings.load import NAME, load_settings, provisional_settings
from fivestep.config.settings.model import Settings
from fivestep.errors import CredentialsError, SettingsError
from fivestep.process.reading.cells import CellFault
from fivestep.process.reading.email_cell import read_email

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
    from fivestep.connectors.google.accounts import Accounts, again, granted, mail_scopes, sheet_scopes, token_file
    from fivestep.connectors.google.browser_login import log_in_by_browser as by_flow
    from fivestep.connectors.google.credentials import client_of, store_login

    person = _address(person)
    accounts = Accounts(settings)
    if settings.google.login != "oauth":
        if person:
            raise SettingsError(
                f"with login = {settings.google.login!r} under [google] nobody logs in. Owners have mailboxes of their "
                "own with a service account and delegate = true, or with a login of each (docs/google.md)"
            )
        main = accounts.main()
        return LoginReport(main.who, None, sorted(main.scopes), (), main.share_with)
    scopes = [*([] if person else sheet_scopes(settings)), *mail_scopes(settings)]
    if not scopes:
        raise SettingsError(
            f"{settings.file} has no drafts go to Gmail, for which {person} would have to log in"
            if person
            else f"{settings.file} uses nothing of Google's: neither its sheet nor its drafts are there"
        )
    client = client_of(settings.path(settings.google.credentials))
    credentials = by_flow(
        client, scopes, accounts.transport(person), address=person, again=again(person), tell=tell, ask=ask
    )
    left_in = granted(credentials, scopes)
    if left_in.isdisjoint(scopes):
        raise CredentialsError(
            f"nothing was granted, so nothing was stored: {again(person)}, and leave the boxes ticked"
        )
    account = accounts.address_of(credentials, sorted(left_in))
    if person and account != person:
        was = f"that was {account} who logged in" if account else "Google does not say who logged in"
        raise CredentialsError(f"{was}, and not {person}, so nothing was stored: {again(person)}, with that account")
    file = token_file(settings, person)
    store_login(file, credentials, account, left_in)
    return LoginReport(account, file, sorted(left_in), [scope for scope in scopes if scope not in left_in])


def _address(person: str) -> str:
    """The address in lower case; empty stays empty. Raises SettingsError where it is none."""
    found = read_email(person) if person else ""
    if isinstance(found, CellFault):
        raise SettingsError(f"{person!r} {found.what}. {found.fix}")
    return found.casefold()
