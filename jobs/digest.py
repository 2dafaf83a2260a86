"""The digests of a week, drafted to each owner and to the lead, in their own mailboxes.

They are drafts about no deal, made by the machinery of the follow-ups: each intent is in the ledger first, and one that
was left open is settled before anything new is drafted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from fivestep.config.settings.model import Settings
from fivestep.config.texts.load import load_text
from fivestep.config.texts.load_digest import DigestText, load_digest_texts
from fivestep.config.vocabulary.names import load_names
from fivestep.errors import BrakeError, UnreachableError
from fivestep.jobs.running.attempt import recorded
from fivestep.jobs.running.make_drafts import make_drafts
from fivestep.jobs.running.pipeline import Pipeline
from fivestep.jobs.running.planning import Planned, make_plan, settle_and_plan
from fivestep.jobs.running.reports import DigestReport
from fivestep.process.digest.digest import Digest, digests
from fivestep.process.digest.letter import write_letter
from fivestep.process.digest.readers import Readers
from fivestep.process.model.calendar import week_of
from fivestep.process.model.history import NO_DEAL, DraftRecord
from fivestep.process.model.plan import Draft, Plan
from fivestep.process.wording import html, show

NO_LEAD = "The lead gets no digest: set lead under [digest], or from under [drafts]"


def plan_digests(pipeline: Pipeline, today: dt.date) -> DigestReport:
    """The digests that would be drafted on this day. Changes nothing."""
    texts = texts_of(pipeline.settings)
    planned = make_plan(pipeline, today, without_mailbox=True, drafting=False)
    stopped = [f"No digest would be drafted: {brake.message}" for brake in planned.plan.brakes]
    report = _report(pipeline, planned, texts, lenient=True)
    return replace(report, notices=[*report.notices, *stopped])


def draft_digests(pipeline: Pipeline, today: dt.date) -> DigestReport:
    """Draft the digests of this day's week that have not been drafted yet.

    Raises BusyError, BrakeError and UnreachableError as a run does: in each case nothing has been drafted.
    """
    texts = texts_of(pipeline.settings)
    with pipeline.ledger.lock(pipeline.name), recorded(pipeline, "digest", today) as attempt:
        pipeline.mailbox.check()
        planned = settle_and_plan(pipeline, today, drafting=False)
        if planned.plan.brakes:
            raise BrakeError("; ".join(f"no digest is drafted: {brake.message}" for brake in planned.plan.brakes))
        report = _report(pipeline, planned, texts, lenient=False)
        number = attempt.begin(plan=None, changes=[])
        done = replace(report, run=number, results=make_drafts(pipeline, number, report.drafts, today))
        attempt.finish(done.counts, partly=done.partly)
        return done


def _report(pipeline: Pipeline, planned: Planned, texts: Mapping[str, DigestText], *, lenient: bool) -> DigestReport:
    """The digests as drafts, each with what speaks against it.

    `lenient`: a mailbox that can't be reached refuses none.
    """
    settings, plan = pipeline.settings, planned.plan
    deals = planned.book.parsed.deals
    readers = Readers(deals, settings.lead or "", [settings.drafts.sender or ""])
    found = digests(plan, deals, planned.process.stages, planned.history, readers, owners=settings.digest.owners)
    already = {record.key: record for record in planned.history.to_the_team if record.state != "failed"}
    unknown = _where_the_address_goes(planned)
    week = week_of(plan.as_of, settings.weekend)
    drafts = []
    for digest in found:
        draft = _draft(digest, texts[digest.kind], plan, week)
        reason = _refusal(pipeline, digest, lenient=lenient) if digest.reader.address else unknown
        if draft.key in already:
            reason = _told_already(already[draft.key], plan.as_of)
        drafts.append(draft._replace(skipped=reason))
    notices = planned.notices if readers.lead else [*planned.notices, NO_LEAD]
    return DigestReport(plan.pipeline, plan.as_of, week[1], found, drafts, notices=notices)


def _draft(digest: Digest, text: DigestText, plan: Plan, week: tuple[int, int]) -> Draft:
    """The digest as a mail from its reader to themselves. `week` is the team's: its year and number."""
    reader, (year, number) = digest.reader, week
    letter = write_letter(text.source, digest, plan.pipeline, plan.as_of, number, load_names())
    compiled = load_text(text.name, letter.source, f"{text.name}.md")
    look_up = letter.values.get
    return Draft(
        deal=NO_DEAL,
        row=0,
        key=f"digest/{year}-W{number:02}/{digest.kind}/{reader.address or reader.name}",
        entry=0,
        step=0,
        to=reader.address,
        sender=reader.sender,
        subject=compiled.subject.render(look_up, show.one_line).text,
        plain=compiled.plain.render(look_up).text,
        html=compiled.html.render(look_up, html.lines).text,
        template=text.name,
    )


def _refusal(pipeline: Pipeline, digest: Digest, *, lenient: bool) -> str:
    try:
        return pipeline.mailbox.refusal(digest.reader.address)
    except UnreachableError:
        if not lenient:
            raise
        return ""


def _where_the_address_goes(planned: Planned) -> str:
    header = planned.book.layout.header("owner_email")
    return f"their address is not known: {f'fill in {header}' if header else 'map a column to owner_email'}"


def _told_already(record: DraftRecord, today: dt.date) -> str:
    if record.state == "intended":
        return "whether this week's was drafted is not known yet: its mailbox can't be asked now"
    return f"this week's was drafted already, on {show.day(record.on, today)}"


def texts_of(settings: Settings) -> Mapping[str, DigestText]:
    """The team's words for the digest; raises SettingsError with all mistakes in them."""
    folder = settings.drafts.texts
    return load_digest_texts(settings.path(folder) if folder else None)
