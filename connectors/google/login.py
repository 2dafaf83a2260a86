"""Logging in at Google, as `doctor`, `init` and `login` need it.

What is heavy is imported late: of any sheet it is asked here whether it is one of Google's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from fivestep.config.settings.model import GoogleSettings, Settings
from fivestep.connectors.check import Check
from fivestep.connectors.google.address import GMAIL, spreadsheet_name
from fivestep.connectors.login import Ask, LoginReport, Suggested, Tell
from fivestep.errors import CredentialsError, SettingsError

_ANY_SHEET = "https://docs.google.com/spreadsheets/d/any"


class GoogleLogin:
    """Google's, for spreadsheets and for drafts in Gmail; implements `connectors.login.LoginKind`."""

    first_settings: Mapping[str, Mapping[str, str]] = {"pipeline": {"sheet": _ANY_SHEET}, "drafts": {"to": GMAIL}}

    def names_sheet(self, sheet: str) -> bool:
        """Whether it is the address of a spreadsheet."""
        return spreadsheet_name(sheet) is not None

    def names_tab(self, sheet: str) -> bool:
        """Whether the address was copied with a tab open."""
        named = spreadsheet_name(sheet)
        return named is not None and named.tab_id is not None

    def is_used(self, settings: Settings) -> bool:
        """Whether the sheet or the drafts are at Google."""
        return self.names_sheet(settings.pipeline.sheet) or settings.drafts.to.lower() == GMAIL

    def checks(self, settings: Settings) -> Iterable[Check]:
        """What the doctor looks at."""
        from fivestep.connectors.google.login_checks import login_checks

        return login_checks(settings)

    def suggested(self, settings: Settings) -> Suggested:
        """Drafts in Gmail, by the person who is logged in."""
        from fivestep.connectors.google.accounts import Accounts

        usual = GoogleSettings()
        options = {name: value for name, value in settings.google.model_dump().items() if value != getattr(usual, name)}
        account = Accounts(settings).main().who
        sender = account if "@" in account and settings.google.login == "oauth" else ""
        return Suggested(GMAIL, True, sender, "google", options)

    def log_in(self, settings: Settings, person: str, *, tell: Tell, ask: Ask | None) -> LoginReport:
        """Log in by Google's page; where the login is no person's, only try it out."""
        if settings.google.login == "oauth":
            return _by_page(settings, person, tell, ask)
        if person:
            raise SettingsError(
                f"with login = {settings.google.login!r} under [google] nobody logs in. Owners have mailboxes of their "
                "own with a service account and delegate = true, or with a login of each (docs/google.md)"
            )
        return _tried_out(settings)


def _tried_out(settings: Settings) -> LoginReport:
    from fivestep.connectors.google.accounts import Accounts

    main = Accounts(settings).main()
    return LoginReport(main.who, None, sorted(main.scopes), (), main.share_with)


def _by_page(settings: Settings, person: str, tell: Tell, ask: Ask | None) -> LoginReport:
    from fivestep.connectors.google.accounts import Accounts, again, granted, mail_scopes, sheet_scopes, token_file
    from fivestep.connectors.google.browser_login import log_in_by_browser
    from fivestep.connectors.google.credentials import client_of, store_login

    accounts = Accounts(settings)
    scopes = [*([] if person else sheet_scopes(settings)), *mail_scopes(settings)]
    if not scopes:
        raise SettingsError(
            f"{settings.file} has no drafts go to Gmail, for which {person} would have to log in"
            if person
            else f"{settings.file} uses nothing of Google's: neither its sheet nor its drafts are there"
        )
    client = client_of(settings.path(settings.google.credentials))
    credentials = log_in_by_browser(
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
