"""What the doctor looks at where the settings use Google: the login, what it may, and whose mailboxes there are."""

from __future__ import annotations

import datetime as dt
import os
import stat
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from fivestep.config.settings.model import Settings
from fivestep.connectors.google.account import READ_MAIL, GoogleAccount
from fivestep.connectors.google.address import GMAIL, spreadsheet_name
from fivestep.connectors.registry import Logins, open_sheet
from fivestep.connectors.sheet import SharedSheet
from fivestep.jobs.checks.check import Check
from fivestep.jobs.running.pipeline import Pipeline
from fivestep.jobs.running.planning import Planned
from fivestep.process.mails.follow_ups import sender_of
from fivestep.process.mails.merge_values import bare_address
from fivestep.process.model.plan_settings import Policy
from fivestep.process.wording.show import plural

SHORT_LIFE = 7
"""Days after which Google ends the login of an app that is in testing."""

CLOCK_TOLERANCE = 60.0
"""Seconds by which two clocks may differ."""


def uses_google(settings: Settings) -> bool:
    """Whether the sheet or the drafts are at Google."""
    return spreadsheet_name(settings.pipeline.sheet) is not None or settings.drafts.to.lower() == GMAIL


def login_checks(settings: Settings) -> Iterator[Check]:
    """The login, and how well it is kept. Raises CredentialsError where it does not hold."""
    from fivestep.connectors.google.session import GoogleSession

    account = Logins(settings).accounts.main()
    if isinstance(account.session, GoogleSession):
        account.session.log_in()  # what is left of an earlier token says nothing about the login
    yield Check("login", True, f"the login of {account.who} holds")
    yield from _scope_checks(settings, account)
    yield from _age_checks(settings)
    for loose in filter(_others_can_read, _secrets(settings)):
        yield Check("login, file", None, f"others on this machine can read {loose}", f"chmod 600 {loose}")


def google_clock_checks(settings: Settings) -> Iterator[Check]:
    """Whether this machine's clock and Google's agree: a login is refused where they do not, and days begin wrongly."""
    from fivestep.connectors.google.session import GoogleSession

    session = Logins(settings).accounts.main().session
    if not isinstance(session, GoogleSession):
        return
    session.log_in()
    if (ahead := session.ahead) is None:
        return
    if abs(ahead) > CLOCK_TOLERANCE:
        how = f"this machine's clock is {abs(ahead) / 60:,.1f} minutes {'ahead of' if ahead > 0 else 'behind'} Google's"
        yield Check("clock, at Google", None, how, "have it set by the network (NTP)")
    else:
        yield Check("clock, at Google", True, "this machine's clock and Google's agree")


def _scope_checks(settings: Settings, account: GoogleAccount) -> Iterator[Check]:
    """Whether the login may do what the settings need."""
    from fivestep.connectors.google.accounts import mail_scopes, sheet_scopes

    lacking = {*sheet_scopes(settings), *mail_scopes(settings)} - {*account.scopes, READ_MAIL}
    if lacking:
        words = ", ".join(sorted(scope.rsplit("/", 1)[-1] for scope in lacking))
        yield Check(
            "login, access", False, f"it was not granted {words}", f"{account.again}, and leave the boxes ticked"
        )
    else:
        yield Check("login, access", True, "it may do what the settings need")


def _age_checks(settings: Settings) -> Iterator[Check]:
    """How old the login is: one of an app in testing ends after seven days, and most people learn of it too late."""
    if settings.google.login != "oauth":
        return
    try:
        stored = settings.path(settings.google.token).stat().st_mtime
    except OSError:
        return
    days = int((dt.datetime.now(dt.UTC).timestamp() - stored) // 86_400)
    age = f"it was stored {plural(days, 'day')} ago"
    if days >= SHORT_LIFE:
        yield Check("login, age", True, f"{age}, and holds: it is none of those that end after seven days")
        return
    message = f"{age}; if the app's consent screen says Testing, Google ends it {SHORT_LIFE} days after it was made"
    fix = "publish the app, or make it Internal (docs/google.md); else log in again before then"
    yield Check("login, age", None if days >= SHORT_LIFE - 2 else True, message, fix)


def time_zone_checks(settings: Settings) -> Iterator[Check]:
    """Whether the spreadsheet and the settings count the same days."""
    sheet, ours = open_sheet(settings), settings.pipeline.timezone
    theirs = sheet.timezone if isinstance(sheet, SharedSheet) else ""
    if theirs and not _same_clock(theirs, ours):
        message = f"the spreadsheet is in {theirs}, the settings say {ours}: around midnight they are at different days"
        yield Check("time zone", None, message, "set timezone under [pipeline], or File, Settings in the spreadsheet")


def mail_checks(pipeline: Pipeline, planned: Planned, policy: Policy) -> Iterator[Check]:
    """Whether mail is read, and whether each owner has a mailbox."""
    if pipeline.settings.drafts.to.lower() != GMAIL:
        return
    if pipeline.mailbox.capabilities.reads_mail:
        yield Check("mail", True, "who wrote last, conversations and what became of drafts are read in Gmail")
    elif not pipeline.settings.google.read_mail:
        yield Check("mail", None, "mail is not read (read_mail = false): replies, threads and sent drafts are not seen")
    else:
        message = "this login may not read mail: replies, threads, signatures and sent drafts are not seen"
        yield Check("mail", None, message, "log in once more with `fivestep login`, and leave the box for it ticked")
    unknown = Counter(told.unknown for told in planned.mail.correspondence.values() if told.unknown)
    for reason, count in unknown.items():
        message = f"of {plural(count, 'contact')} it is not known who wrote last, so they get no draft: {reason}"
        yield Check("mail", None, message, "see docs/google.md, what becomes of drafts")
    senders = {bare_address(sender_of(deal, policy)) for deal in planned.deals.values()} - {""}
    for sender in sorted(senders):
        if reason := pipeline.mailbox.refusal(sender):
            yield Check("mailbox", None, f"no draft is made for {sender}: {reason}", "see docs/google.md, owners")


def _same_clock(one: str, other: str) -> bool:
    """Whether clocks in these time zones agree all the year round; an unknown one is no fault."""
    try:
        zones = ZoneInfo(one), ZoneInfo(other)
    except (LookupError, ValueError, OSError):
        return True
    now = dt.datetime.now(dt.UTC)
    return all(
        len({(now + dt.timedelta(days=30 * n)).astimezone(z).utcoffset() for z in zones}) == 1 for n in range(12)
    )


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


def _others_can_read(file: Path) -> bool:
    """Whether the file's mode lets others read it; on Windows modes say nothing about that."""
    try:
        mode = file.stat().st_mode
    except OSError:
        return False
    return os.name != "nt" and bool(stat.S_IMODE(mode) & (stat.S_IRGRP | stat.S_IROTH))
