"""Which connector a setting means. A connector is imported when it is chosen, not before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import cached_property, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from fivestep.config.settings.model import Settings
from fivestep.connectors.google.address import GMAIL, spreadsheet_name
from fivestep.connectors.ledger import Ledger
from fivestep.connectors.login import LoginKind
from fivestep.connectors.mailbox import Mailbox
from fivestep.connectors.plugins import from_package, named_connector
from fivestep.connectors.sheet import Sheet
from fivestep.errors import Mistake, SettingsError

if TYPE_CHECKING:
    from fivestep.connectors.google.account import GoogleAccount, GoogleAccounts

SHEETS = {
    ".xlsx": "fivestep.connectors.sheets.xlsx.sheet:XlsxSheet",
    ".xlsm": "fivestep.connectors.sheets.xlsx.sheet:XlsxSheet",
    ".csv": "fivestep.connectors.sheets.csv.sheet:CsvSheet",
    ".tsv": "fivestep.connectors.sheets.csv.sheet:CsvSheet",
    ".txt": "fivestep.connectors.sheets.csv.sheet:CsvSheet",
}
"""By the ending of the file's name; called with the path, the tab and the encoding."""

GOOGLE_SHEET = "fivestep.connectors.sheets.google.sheet:GoogleSheet"
"""Called with what the settings call it, the spreadsheet, the tab and the login."""

GMAIL_MAILBOX = "fivestep.connectors.mailboxes.gmail.mailbox:GmailMailbox"
"""Called with the logins, the time zone, and whether mail is read."""

IMAP = "imap"
IMAP_MAILBOX = "fivestep.connectors.mailboxes.imap.mailbox:ImapMailbox"
"""Called with the settings."""

GOOGLE_ACCOUNTS = "fivestep.connectors.google.accounts:Accounts"
"""Called with the settings."""

MAILBOX = "fivestep.connectors.mailboxes.folder:EmlFolder"
"""Called with the folder."""

LEDGER = "fivestep.connectors.database.ledger:SqlLedger"
"""Called with the URL."""

LOGIN_KINDS = ("fivestep.connectors.google.login:GoogleLogin",)
"""How people log in, a service each; the first one is asked where the settings do not say. Called with nothing."""

SHEET_GROUP = "fivestep.sheets"
"""Entry points of other packages, called with the rest, the tab, the settings' folder and the options."""

MAILBOX_GROUP = "fivestep.mailboxes"
"""Entry points of other packages, called with the rest, the settings' folder and the options."""


class Logins:
    """The Google logins of one pipeline, for its sheet and mailboxes, looked for when first needed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def main(self) -> GoogleAccount:
        """The login that reads the sheet."""
        return self.accounts.main()

    @property
    def calls(self) -> Mapping[str, int]:
        """How many calls the logins have made, under the name that runs use; empty where none was needed."""
        made = self.accounts.calls.total() if "accounts" in self.__dict__ else 0
        return {"google calls": made} if made else {}

    @cached_property
    def accounts(self) -> GoogleAccounts:
        """Whose login is used for what."""
        accounts: GoogleAccounts = _named(GOOGLE_ACCOUNTS)(self._settings)
        return accounts


def login_kinds() -> Sequence[LoginKind]:
    """Every kind of login that there is."""
    return [_named(kind)() for kind in LOGIN_KINDS]


def login_kinds_of(settings: Settings) -> Sequence[LoginKind]:
    """Those that the sheet and the drafts use."""
    return [kind for kind in login_kinds() if kind.is_used(settings)]


def login_kind_of_sheet(sheet: str) -> LoginKind | None:
    """The one by which this sheet is read; None where it needs none."""
    return next((kind for kind in login_kinds() if kind.names_sheet(sheet)), None)


_WEB = re.compile(r"https?://", re.IGNORECASE)


def open_sheet(settings: Settings, logins: Logins | None = None) -> Sheet:
    """The sheet of this pipeline.

    Raises SettingsError where no connector reads such a sheet.
    """
    named, tab = settings.pipeline.sheet, settings.pipeline.tab
    fault = partial(_fault, settings, "pipeline.sheet", named)
    sheet: Sheet
    if spreadsheet := spreadsheet_name(named):
        if settings.pipeline.encoding is not None:
            found = settings.pipeline.encoding
            raise SettingsError(f"a spreadsheet says its encoding itself; remove encoding = {found!r} under [pipeline]")
        accounts = logins or Logins(settings)
        sheet = _named(GOOGLE_SHEET)(named, spreadsheet, tab, accounts.main)
        return sheet
    if _WEB.match(named):
        raise fault("must be a file, or the address of a Google spreadsheet as the browser shows it")
    if other := named_connector(named):
        name, rest = other
        arguments = (rest, tab, settings.base, settings.options(name))
        sheet = from_package(SHEET_GROUP, name, Sheet, arguments, fault)
        return sheet
    path = settings.path(named)
    kind = SHEETS.get(path.suffix.lower())
    if kind is None:
        raise fault(f"must end in {', '.join(SHEETS)}; open it in a spreadsheet program and save it as .xlsx")
    sheet = _named(kind)(path, tab, settings.pipeline.encoding)
    return sheet


def open_mailbox(settings: Settings, logins: Logins | None = None) -> Mailbox:
    """Where this pipeline's drafts go.

    Raises SettingsError where no connector puts drafts there.
    """
    named = settings.drafts.to
    fault = partial(_fault, settings, "drafts.to", named)
    mailbox: Mailbox
    if named.lower() == GMAIL:
        accounts = (logins or Logins(settings)).accounts
        mailbox = _named(GMAIL_MAILBOX)(accounts, settings.zone, settings.google.read_mail)
        return mailbox
    if named.lower() == IMAP:
        mailbox = _named(IMAP_MAILBOX)(settings)
        return mailbox
    if other := named_connector(named):
        name, rest = other
        arguments = (rest, settings.base, settings.options(name))
        mailbox = from_package(MAILBOX_GROUP, name, Mailbox, arguments, fault)
        return mailbox
    mailbox = _named(MAILBOX)(settings.path(named))
    return mailbox


def open_ledger(settings: Settings) -> Ledger:
    """The ledger of this pipeline, to be closed by whoever opens it."""
    ledger: Ledger = _named(LEDGER)(settings.ledger_url)
    return ledger


@contextmanager
def ledger_of(settings: Settings) -> Iterator[Ledger]:
    """The ledger of this pipeline, closed at the end of the block."""
    with closing(open_ledger(settings)) as ledger:
        yield ledger


def _named(kind: str) -> Any:
    module, _, name = kind.partition(":")
    return getattr(import_module(module), name)


def _fault(settings: Settings, place: str, found: str, expected: str) -> SettingsError:
    return SettingsError([Mistake(settings.file, place, repr(found), expected)])
