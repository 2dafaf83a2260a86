"""Tries everything that a run needs, and says what to mend. Leaves the sheet alone and makes no draft."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from fivestep.config.settings import Settings
from fivestep.connectors.registry import open_ledger, open_mailbox, open_sheet
from fivestep.errors import FivestepError
from fivestep.jobs.pipeline import open_pipeline, today
from fivestep.jobs.planning import make_plan
from fivestep.process.plan import Plan
from fivestep.process.show import plural

ROOM = 50_000_000
"""Bytes that should be free for drafts, backups and the ledger."""

_NAMED = 8


class Check(NamedTuple):
    """One thing that was tried."""

    name: str
    ok: bool | None
    """None: a run works, but somebody should look at it."""
    message: str
    fix: str = ""


def doctor(settings: Settings) -> list[Check]:
    """Every check, whatever the others came to."""
    checks = [Check("settings", True, f"{settings.file} says what it should")]
    for name, look in _LOOKS.items():
        try:
            checks.append(look(settings))
        except FivestepError as fault:
            checks.append(fault_of(name, fault))
    try:
        with open_pipeline(settings) as pipeline:
            checks += _of_plan(make_plan(pipeline, today(settings)).plan)
    except FivestepError as fault:
        if all(check.message != str(fault) for check in checks):
            checks.append(fault_of("plan", fault))
    return checks


def fault_of(name: str, fault: FivestepError) -> Check:
    """The check that this fault makes of the part it was met in."""
    return Check(name, False, str(fault), "mend this first, then ask again")


def _clock(settings: Settings) -> Check:
    now = dt.datetime.now(settings.zone)
    message = f"it is {now:%A, %Y-%m-%d %H:%M} in {settings.zone.key}"
    if settings.zone.key == "UTC":
        return Check(
            "clock", None, message, 'set timezone under [pipeline], such as "Europe/Berlin", unless that is right'
        )
    return Check("clock", True, message)


def _sheet(settings: Settings) -> Check:
    sheet = open_sheet(settings)
    table = sheet.read()
    return Check("sheet", True, f"{sheet.name} can be read: {plural(len(table.rows), 'row')} in {table.title}")


def _writable(settings: Settings) -> Check:
    sheet = open_sheet(settings)
    sheet.check_writable()
    return Check("sheet, writing", True, f"{sheet.name} can be written to")


def _mailbox(settings: Settings) -> Check:
    mailbox = open_mailbox(settings)
    mailbox.check()
    return Check("drafts", True, f"drafts can be put into {mailbox.name}")


def _sender(settings: Settings) -> Check:
    if settings.drafts.sender or "owner_email" in settings.columns:
        return Check("sender", True, "drafts have a sender")
    return Check(
        "sender",
        None,
        "no draft can be made: nobody is named who would send it",
        "set from under [drafts], or map a column to owner_email",
    )


def _ledger(settings: Settings) -> Check:
    ledger = open_ledger(settings)
    try:
        runs = ledger.runs(settings.pipeline.name, 1)
    finally:
        ledger.close()
    if not runs:
        return Check("ledger", True, "there has been no run yet")
    last = runs[0]
    message = f"the last run ({last.id}) was on {last.started:%Y-%m-%d at %H:%M} UTC: {last.outcome}"
    if last.outcome in {"open", "failed"}:
        return Check("ledger", None, f"{message} {last.message}".strip(), "the next run settles what it left open")
    return Check("ledger", True, message)


def _room(settings: Settings) -> Check:
    free = shutil.disk_usage(settings.base).free
    message = f"{free // 1_000_000:,} MB are free in {settings.base}"
    return Check("disk", free >= ROOM, message, "" if free >= ROOM else "make room before the next run")


_LOOKS: dict[str, Callable[[Settings], Check]] = {
    "clock": _clock,
    "sheet": _sheet,
    "sheet, writing": _writable,
    "drafts": _mailbox,
    "sender": _sender,
    "ledger": _ledger,
    "disk": _room,
}


def _of_plan(plan: Plan) -> Iterator[Check]:
    """What the plan of today says about process, headers, stage words and IDs."""
    yield Check("process", True, f"the process and its texts fit together, {plural(len(plan.verdicts), 'deal')} judged")
    yield _by_rule(plan, "columns", ("sheet.",), "every mapped column is in the sheet", "look under [columns]")
    words = ("stage.unknown", "stage.blank")
    yield _by_rule(plan, "stages", words, "every stage is known", "mend the cells, or add the words under [stages]")
    yield _by_rule(plan, "IDs", ("id.",), "every deal has an ID of its own, or gets one", "give each row its own ID")
    yield from (Check("brake", False, brake.message) for brake in plan.brakes)


def _by_rule(plan: Plan, name: str, rules: tuple[str, ...], fine: str, fix: str) -> Check:
    messages = [problem.message for problem in plan.problems if problem.rule.startswith(rules)]
    if not messages:
        return Check(name, True, fine)
    return Check(name, None, _some(messages), fix)


def _some(messages: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(messages))
    more = f" and {len(distinct) - _NAMED} more" if len(distinct) > _NAMED else ""
    return "; ".join(distinct[:_NAMED]) + more
