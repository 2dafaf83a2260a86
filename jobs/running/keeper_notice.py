"""A draft to whoever looks after the pipeline, once for each time that its runs fail again and again.

It is made as follow-ups are, under a key of its own in the ledger, so that there is never a second one. Where the
mailbox itself is what fails there can be none: then the log, the metrics, the heartbeat and `fivestep history` have to
do.
"""

from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path

from fivestep.config.settings.model import Settings
from fivestep.connectors.ledger import Failures, OpenDraft, RunRecord
from fivestep.errors import kind_of
from fivestep.jobs.running import make_drafts, settle_drafts
from fivestep.jobs.running.pipeline import Pipeline
from fivestep.process.model.address import bare_address
from fivestep.process.model.history import NO_DEAL
from fivestep.process.model.plan import Draft
from fivestep.process.wording.html import element, joined_html, text
from fivestep.process.wording.show import moment

TEMPLATE = "keeper"

_REMEDIES = {
    "settings": "Mend what it names in the settings or in the sheet.",
    "credentials": "Log in again with `fivestep login`, or grant the access that it names.",
    "unreachable": "This may pass by itself. "
    "If it does not: is the sheet open in a program, the disk full, the network down?",
    "brake": "Look at the sheet first. If it is as it should be, run once by hand with the switch that the message "
    "names, where it names one.",
    "busy": "Another run of this pipeline is under way, or hangs. The message says who holds it.",
    "interrupted": "Nothing is broken: somebody stopped it with Ctrl-C. Run it again, and let it come to its end.",
    "defect": "This looks like a defect of fivestep. `fivestep run --verbose` shows where; please report it.",
}
"""By the kind of what ended the run."""

_CUT_OFF = "it was ended from outside before it was done, or its computer stopped"
_CUT_OFF_REMEDY = "Look into the log of that computer: did it run out of memory or disk, or was it switched off?"

log = logging.getLogger(__name__)


def notify(pipeline: Pipeline, today: dt.date) -> None:
    """Draft the notice if enough runs in a row have failed, once.

    The pipeline must be locked.
    """
    settings, failures = pipeline.settings, pipeline.ledger.failures(pipeline.name)
    limit = settings.notice.after
    if not limit or failures is None or failures.runs < limit:
        return
    draft = notice(settings, failures, pipeline.ledger.last_success(pipeline.name), dt.datetime.now(dt.UTC))
    if draft is None:
        log.warning("nobody is told that runs fail: name a keeper under [notice] in %s", settings.file)
        return
    known = next((one for one in pipeline.ledger.open_drafts(pipeline.name) if one.record.key == draft.key), None)
    if known is not None and known.record.state != "intended":
        return
    pipeline.mailbox.check()
    if reason := pipeline.mailbox.refusal(bare_address(draft.sender)):
        log.warning("the keeper %s can't be told that runs fail: %s", draft.to, reason)
        return
    if known is not None:
        _settle(pipeline, known, today)
    made = make_drafts.make(pipeline, failures.last.id, [draft], today)[draft.key]
    if made.outcome == "created":
        log.warning("%s runs in a row have failed; a draft to %s says so", failures.runs, draft.to)
    elif made.outcome == "failed":
        log.warning("the keeper %s could not be told that runs fail: %s", draft.to, made.reason)


def notice(settings: Settings, failures: Failures, good: RunRecord | None, now: dt.datetime) -> Draft | None:
    """The mail; None where nobody is named to whom it could go."""
    keeper = settings.keeper
    if keeper is None:
        return None
    plain = "\n\n".join(_paragraphs(settings, failures, good, now)) + "\n"
    html = joined_html(element("p", text(paragraph)) for paragraph in plain.strip().split("\n\n"))
    return Draft(
        deal=NO_DEAL,
        row=0,
        key=f"{TEMPLATE}/{failures.first.started.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S.%fZ}",
        entry=0,
        step=1,
        to=bare_address(keeper),
        sender=settings.drafts.sender or keeper,
        subject=f"fivestep: {settings.pipeline.name} needs you, its last {failures.runs} runs failed",
        plain=plain,
        html=html,
        template=TEMPLATE,
    )


def _paragraphs(settings: Settings, failures: Failures, good: RunRecord | None, now: dt.datetime) -> list[str]:
    name, zone, last = settings.pipeline.name, settings.zone, failures.last
    since = moment(failures.first.started, now, zone)
    well = f"the last good run was on {moment(good.started, now, zone)}" if good else "no run has ended well yet"
    what = _CUT_OFF if last.exit_code is None and not last.message else last.message
    remedy = _CUT_OFF_REMEDY if last.exit_code is None else _REMEDIES[kind_of(last.exit_code)]
    return [
        f"The last {failures.runs} runs of {name} failed, the first of them on {since}; {well}. Until this is mended, "
        "statuses in the sheet get old and no follow-ups are drafted.",
        f"What is wrong: {what}",
        f"What to do: {remedy}",
        f"`fivestep doctor` tries everything that a run needs, `fivestep history` lists the runs. The settings are in "
        f"{settings.base / Path(settings.file).name}",
        "This is a draft that fivestep made for you; it makes no second one until a run has ended well. Delete it when "
        "you have read it.",
    ]


def _settle(pipeline: Pipeline, begun: OpenDraft, today: dt.date) -> None:
    """Find out what became of the notice where an earlier run was cut off while it made it."""
    settled = settle_drafts.settle_drafts([begun], pipeline.mailbox_of, today)
    settle_drafts.record(settled.settlements, pipeline.ledger, pipeline.name)
