"""Checks that the connections fit together: logins, time zones, and a mailbox for each owner."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from fivestep.config.settings.model import Settings
from fivestep.connectors.check import Check, Examined
from fivestep.connectors.registry import login_kinds_of, open_sheet
from fivestep.connectors.sheet import SharedSheet
from fivestep.jobs.running.pipeline import Pipeline
from fivestep.jobs.running.planning import Planned
from fivestep.process.mails.follow_ups import sender_of
from fivestep.process.model.address import bare_address
from fivestep.process.model.plan_settings import Policy
from fivestep.process.wording.show import plural


def service_checks(settings: Settings) -> Iterator[Check]:
    """What each service looks at itself, at which the sheet or the drafts are."""
    for kind in login_kinds_of(settings):
        yield from kind.checks(settings)


def time_zone_checks(settings: Settings) -> Iterator[Check]:
    """Whether the spreadsheet and the settings count the same days."""
    sheet, ours = open_sheet(settings), settings.pipeline.timezone
    theirs = sheet.timezone if isinstance(sheet, SharedSheet) else ""
    if theirs and not _same_clock(theirs, ours):
        message = (
            f"the spreadsheet is in {theirs}, the settings say {ours}: around midnight it is a different day in each"
        )
        yield Check("time zone", None, message, "set timezone under [pipeline], or File, Settings in the spreadsheet")


def connector_checks(pipeline: Pipeline, planned: Planned, policy: Policy) -> Iterator[Check]:
    """What sheet and mailbox check themselves, people whose mails are unread, owners without a mailbox."""
    for connector in (pipeline.sheet, pipeline.mailbox):
        if isinstance(connector, Examined):
            yield from connector.checks()
    unknown = Counter(told.unknown for told in planned.mail.correspondence.values() if told.unknown)
    for reason, count in unknown.items():
        message = f"of {plural(count, 'contact')} it is not known who wrote last, so they get no draft: {reason}"
        yield Check("mail", None, message, "let that mailbox be read, or look there yourself")
    senders = {bare_address(sender_of(deal, policy)) for deal in planned.deals.values()} - {""}
    for sender in sorted(senders):
        if reason := pipeline.mailbox.refusal(sender):
            message = f"no draft is made for {sender}: {reason}"
            yield Check("mailbox", None, message, "give that owner a mailbox under the drafts' settings")


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
