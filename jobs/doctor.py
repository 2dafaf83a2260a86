"""Tries everything that a run needs, and says what to mend. Leaves the sheet alone and makes no draft."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from fivestep.config.settings.model import Settings
from fivestep.connectors.check import Check
from fivestep.connectors.registry import ledger_of, open_mailbox, open_sheet
from fivestep.connectors.sheet import SharedSheet
from fivestep.errors import FivestepError, SettingsError
from fivestep.jobs.checks.connections import connector_checks, service_checks, time_zone_checks
from fivestep.jobs.checks.draft_needs import lacking
from fivestep.jobs.checks.standing import (
    frame_checks,
    header_checks,
    heartbeat_checks,
    holiday_checks,
    keeper_checks,
    ledger_checks,
    schedule_checks,
    text_checks,
)
from fivestep.jobs.digest import texts_of
from fivestep.jobs.running.pipeline import Pipeline, open_pipeline, policy_of, today
from fivestep.jobs.running.planning import Planned, make_plan
from fivestep.process.model.plan import Plan
from fivestep.process.wording.show import plural

ROOM = 50_000_000
"""Bytes that should be free for drafts, backups and the ledger."""

_NAMED = 8


def doctor(settings: Settings) -> list[Check]:
    """Every check, whatever the others came to."""
    checks = [Check("settings", True, f"{settings.file} says what it should")]
    for name, look in _LOOKS.items():
        try:
            checks += look(settings)
        except FivestepError as fault:
            known = {check.message for check in checks}
            checks += (check for check in of_fault(name, fault) if check.message not in known)
    try:
        with open_pipeline(settings) as pipeline:
            checks += _draft_needs(pipeline)
            planned = make_plan(pipeline, today(settings))
            checks += connector_checks(pipeline, planned, policy_of(settings, today(settings)))
            checks += _of_plan(planned.plan)
            checks += (check for look in _LOOKS_AT_PLAN for check in look(pipeline, planned))
    except FivestepError as fault:
        known = {check.message for check in checks}
        checks += (check for check in of_fault("plan", fault) if check.message not in known)
    return checks


def of_fault(name: str, fault: FivestepError) -> list[Check]:
    """What this fault makes of the part it was met in: one check a mistake."""
    mistakes = fault.mistakes if isinstance(fault, SettingsError) else ()
    return [Check(name, False, str(each), "mend this first, then ask again") for each in mistakes or (fault,)]


def _clock(settings: Settings) -> Iterator[Check]:
    now = dt.datetime.now(settings.zone)
    message = f"it is {now:%A, %Y-%m-%d %H:%M} in {settings.zone.key}"
    if settings.zone.key == "UTC":
        yield Check(
            "clock", None, message, 'set timezone under [pipeline], such as "Europe/Berlin", unless that is right'
        )
    else:
        yield Check("clock", True, message)


def _sheet(settings: Settings) -> Iterator[Check]:
    sheet = open_sheet(settings)
    table = sheet.read()
    yield Check("sheet", True, f"{sheet.name} can be read: {plural(len(table.rows), 'row')} in {table.title}")


def _writable(settings: Settings) -> Iterator[Check]:
    sheet = open_sheet(settings)
    if isinstance(sheet, SharedSheet):
        sheet.try_writing()
    else:
        sheet.check_writable()
    yield Check("sheet, writing", True, f"{sheet.name} can be written to")


def _mailbox(settings: Settings) -> Iterator[Check]:
    mailbox = open_mailbox(settings)
    mailbox.check()
    yield Check("drafts", True, f"drafts can be put into {mailbox.name}")


def _digest(settings: Settings) -> Iterator[Check]:
    texts_of(settings)
    if settings.lead:
        yield Check("digest", True, f"its texts can be used, and the lead is {settings.lead}")
    else:
        yield Check("digest", None, "the lead gets none", "set lead under [digest], or from under [drafts]")


def _ledger(settings: Settings) -> Iterator[Check]:
    with ledger_of(settings) as ledger:
        runs = ledger.runs(settings.pipeline.name, 1)
        standing = list(ledger_checks(ledger, settings))
        ledger.check_writable(settings.pipeline.name)
    yield from standing
    if not runs:
        yield Check("ledger", True, "there has been no run yet")
        return
    last = runs[0]
    message = f"the last run ({last.id}) was on {last.started:%Y-%m-%d at %H:%M} UTC: {last.outcome}"
    if last.outcome in {"open", "failed"}:
        yield Check("ledger", None, f"{message} {last.message}".strip(), "the next run settles what it left open")
    else:
        yield Check("ledger", True, message)


def _room(settings: Settings) -> Iterator[Check]:
    scheme, _, ledger = settings.ledger_url.partition(":///")
    folders = [settings.base, *([Path(ledger).parent] if scheme.startswith("sqlite") else [])]
    for folder in filter(Path.is_dir, dict.fromkeys(folders)):
        free = shutil.disk_usage(folder).free
        message = f"{free // 1_000_000:,} MB are free in {folder}"
        yield Check("disk", free >= ROOM, message, "" if free >= ROOM else "make room before the next run")


_LOOKS: Mapping[str, Callable[[Settings], Iterable[Check]]] = {
    "login": service_checks,
    "clock": _clock,
    "holidays": holiday_checks,
    "sheet": _sheet,
    "sheet, writing": _writable,
    "drafts": _mailbox,
    "digest": _digest,
    "ledger": _ledger,
    "disk": _room,
    "schedule": schedule_checks,
    "keeper": keeper_checks,
    "time zone": time_zone_checks,
}
_LOOKS_AT_PLAN: Sequence[Callable[[Pipeline, Planned], Iterable[Check]]] = (
    header_checks,
    frame_checks,
    text_checks,
    heartbeat_checks,
)


def _draft_needs(pipeline: Pipeline) -> list[Check]:
    """What has to be known before a mail is written to anybody."""
    settings = pipeline.settings
    lacks = lacking(
        settings.columns,
        sender=settings.drafts.sender is not None,
        reads_mail=pipeline.mailbox.capabilities.reads_mail,
    )
    if not lacks:
        return [Check("mails", True, "it is known to whom, from whom, who wrote last and who wants none")]
    return [Check(lack.name, None, lack.consequence, lack.fix) for lack in lacks]


def _of_plan(plan: Plan) -> Iterator[Check]:
    """What the plan of today says about process, headers, stage words and IDs."""
    yield Check("process", True, f"the process and its texts fit together, {plural(len(plan.verdicts), 'deal')} judged")
    yield _by_rule(plan, "columns", ("sheet.",), "every mapped column is in the sheet", "look under [columns]")
    words = ("stage.unknown", "stage.blank")
    yield _by_rule(plan, "stages", words, "every stage is known", "mend the cells, or add the words under [stages]")
    yield _by_rule(plan, "IDs", ("id.",), "every deal has an ID of its own, or gets one", "give each row its own ID")
    yield from (Check("brake", False, brake.message) for brake in plan.brakes)


def _by_rule(plan: Plan, name: str, rules: tuple[str, ...], fine: str, fix: str) -> Check:
    """Whether the plan has no problem of these rules, as a check.

    - `plan`: what a run would do today.
    - `name`: the check's.
    - `rules`: the rules of the problems that are meant.
    - `fine`, `fix`: what is said where there is none, and what mends them.
    """
    messages = [problem.message for problem in plan.problems if problem.rule.startswith(rules)]
    if not messages:
        return Check(name, True, fine)
    return Check(name, None, _some(messages), fix)


def _some(messages: Sequence[str]) -> str:
    distinct = list(dict.fromkeys(messages))
    more = f" and {len(distinct) - _NAMED} more" if len(distinct) > _NAMED else ""
    return "; ".join(distinct[:_NAMED]) + more
