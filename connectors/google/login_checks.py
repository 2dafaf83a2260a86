"""What the doctor checks of a Google login: that it works, what it allows, its age, its file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from fivestep.config.settings.model import Settings
from fivestep.connectors.check import Check
from fivestep.connectors.google.account import READ_MAIL, GoogleAccount
from fivestep.connectors.google.accounts import Accounts, mail_scopes, sheet_scopes
from fivestep.connectors.google.session import GoogleSession
from fivestep.connectors.system.files import others_can_read
from fivestep.process.wording.show import plural

SHORT_LIFE = 7
"""Days after which Google ends the login of an app that is in testing."""

CLOCK_TOLERANCE = 60.0
"""Seconds by which two clocks may differ."""


def login_checks(settings: Settings) -> Iterator[Check]:
    """All of it. Raises CredentialsError where the login does not hold."""
    account = Accounts(settings).main()
    session = account.session
    if isinstance(session, GoogleSession):
        session.log_in()  # what is left of an earlier token says nothing about the login
    yield Check("login", True, f"the login of {account.who} holds")
    yield from _scope_checks(settings, account)
    yield from _age_checks(settings)
    for loose in filter(others_can_read, _secrets(settings)):
        yield Check("login, file", None, f"others on this machine can read {loose}", f"chmod 600 {loose}")
    if isinstance(session, GoogleSession) and session.ahead is not None:
        yield _clock_check(session.ahead)


def _clock_check(ahead: float) -> Check:
    """Whether this machine's clock agrees with Google's.

    Else logins are refused, and days begin at the wrong time.
    """
    if abs(ahead) <= CLOCK_TOLERANCE:
        return Check("clock, at Google", True, "this machine's clock and Google's agree")
    how = f"this machine's clock is {abs(ahead) / 60:,.1f} minutes {'ahead of' if ahead > 0 else 'behind'} Google's"
    return Check("clock, at Google", None, how, "have it set by the network (NTP)")


def _scope_checks(settings: Settings, account: GoogleAccount) -> Iterator[Check]:
    """Whether the login may do what the settings need."""
    lacking = {*sheet_scopes(settings), *mail_scopes(settings)} - {*account.scopes, READ_MAIL}
    if lacking:
        words = ", ".join(sorted(scope.rsplit("/", 1)[-1] for scope in lacking))
        yield Check(
            "login, access", False, f"it was not granted {words}", f"{account.again}, and leave the boxes ticked"
        )
    else:
        yield Check("login, access", True, "it may do what the settings need")


def _age_checks(settings: Settings) -> Iterator[Check]:
    """How old the login is.

    That of an app in testing ends after seven days, and most people learn of it too late.
    """
    if settings.google.login != "oauth":
        return
    try:
        stored = settings.path(settings.google.token).stat().st_mtime
    except OSError:
        return
    days = int((dt.datetime.now(dt.UTC).timestamp() - stored) // 86_400)
    age = f"it was stored {plural(days, 'day')} ago"
    if days >= SHORT_LIFE:
        yield Check("login, age", True, f"{age}, and still valid: it is not one of those that end after seven days")
        return
    message = f"{age}; if the app's consent screen says Testing, Google ends it {SHORT_LIFE} days after it was made"
    fix = "publish the app, or make it Internal (docs/google.md); else log in again before then"
    yield Check("login, age", None if days >= SHORT_LIFE - 2 else True, message, fix)


def _secrets(settings: Settings) -> list[Path]:
    """The files that are as good as keys: the key itself, or the team's login and those of its owners."""
    google = settings.google
    if google.login == "default":
        return []
    if google.login == "service-account":
        return [settings.path(google.credentials)]
    own = settings.path(google.token)
    beside = own.parent.iterdir() if own.parent.is_dir() else ()
    people = [one for one in beside if one.name.startswith(f"{own.stem}.") and one.suffix == own.suffix and one != own]
    return [own, *sorted(people)]
