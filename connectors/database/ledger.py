"""The ledger in an SQL database: one for any number of pipelines."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)

# SQLite understands PostgreSQL's ON CONFLICT.
from sqlalchemy.dialects.postgresql import insert as upsert

from fivestep.connectors.database.engine import execute_many, open_database
from fivestep.connectors.database.findings import read_findings, record_findings
from fivestep.connectors.database.history import (
    read_drafts,
    read_entries,
    read_history,
    read_imported,
    select_drafts,
)
from fivestep.connectors.database.runs import days_of, read_failures, read_runs, succeeded
from fivestep.connectors.database.sightings import record_answers, record_imported, record_sightings
from fivestep.connectors.database.tables import (
    AnyText,
    changes,
    deals,
    drafts,
    findings,
    imported_entries,
    memos,
    occasions,
    runs,
    stage_entries,
    unverified_writes,
)
from fivestep.connectors.database.upkeep import examine, prune
from fivestep.connectors.ledger import (
    ChangeRecord,
    DealStory,
    Failures,
    LedgerState,
    OpenDraft,
    RunKind,
    RunOutcome,
    RunRecord,
)
from fivestep.process.model.history import NO_DEAL, OPEN_STATES, DraftRecord, DraftState, History
from fivestep.process.model.plan import Change, Draft, Outcome, Plan
from fivestep.process.model.prognosis import StageLine

_STANDING: frozenset[Outcome] = frozenset({"planned", "written"})
"""What leaves a change's text in its cell, or may have: a run that was killed has said nothing of what it wrote."""

_PERSON = 14
"""The first key of the advisory lock under which drafts to one person are begun; the second is the person's."""

REMEMBERED = dt.timedelta(days=30)
"""How long it is known that an occasion was taken: far longer than any job may be late."""


class SqlLedger:
    """A ledger that is made, and brought up to this version's tables, when it is first needed."""

    def __init__(self, url: str) -> None:
        """Raises SettingsError where no ledger can be kept at such a URL."""
        self._database = open_database(url)

    def lock(self, pipeline: str) -> AbstractContextManager[None]:
        """Hold the pipeline while a run is under way, as the protocol says."""
        return self._database.hold(pipeline)

    def check_writable(self, pipeline: str) -> None:
        """Raise the fault that would keep a run from writing, as the protocol says."""
        self._database.check_writable(pipeline)

    def claim(self, pipeline: str, job: str, due: dt.datetime) -> bool:
        """Take the occasion on which this job is due; False where it has been taken already."""
        with self._database.writing() as connection:
            return take_occasion(connection, pipeline, job, due)

    def give_back(self, pipeline: str, job: str, due: dt.datetime) -> None:
        """Let somebody take an occasion that was claimed and not used."""
        o = occasions.c
        with self._database.writing() as connection:
            connection.execute(delete(occasions).where(and_(o.pipeline == pipeline, o.job == job, o.due == due)))

    def history(self, pipeline: str, today: dt.date) -> History:
        """All that `evaluate` needs."""
        with self._database.reading() as connection:
            return read_history(connection, pipeline, today)

    def begin(
        self,
        pipeline: str,
        kind: RunKind,
        as_of: dt.date,
        started: dt.datetime,
        *,
        plan: Plan | None,
        changes: Sequence[Change],
        undoes: int | None = None,
    ) -> int:
        """Open a run and return its ID."""
        with self._database.writing() as connection:
            run = _open_run(connection, pipeline, kind, as_of, started, undoes)
            _plan_changes(connection, pipeline, run, changes)
            if plan is not None:
                record_sightings(connection, pipeline, plan.sightings, as_of)
                record_findings(connection, pipeline, plan.problems, as_of)
                record_answers(connection, pipeline, plan.answers)
        return run

    def import_lines(self, pipeline: str, run: int, lines: Sequence[StageLine]) -> int:
        """Add stage entries that no run saw, and return how many are new."""
        with self._database.writing() as connection:
            return record_imported(connection, pipeline, run, lines)

    def imported(self, pipeline: str) -> list[StageLine]:
        """All imported stage entries, those of a deal together and in their order."""
        with self._database.reading() as connection:
            return read_imported(connection, imported_entries.c.pipeline == pipeline)

    def drop_imported(self, pipeline: str, run: int) -> int:
        """Remove the stage entries that this import added, and return how many there were."""
        i = imported_entries.c
        with self._database.writing() as connection:
            return connection.execute(delete(imported_entries).where(i.pipeline == pipeline, i.run == run)).rowcount

    def intend(
        self, pipeline: str, run: int, draft: Draft, token: str, mailbox: str, on: dt.date, at: dt.datetime
    ) -> bool:
        """Write down that this draft is about to be made; False where it must not be, as the protocol says."""
        values: dict[str, Any] = {
            "run": run,
            "deal": draft.deal,
            "person": draft.to.casefold(),
            "entry": draft.entry,
            "step": draft.step,
            "template": draft.template,
            "state": "intended",
            "day": on,
            "changed": on,
            "token": token,
            "draft_id": "",
            "mailbox": mailbox,
            "sender": draft.sender,
            "subject": draft.subject,
            "intended": at,
        }
        new = upsert(drafts).values(pipeline=pipeline, key=draft.key, **values)
        once = new.on_conflict_do_update(
            index_elements=[drafts.c.pipeline, drafts.c.key], set_=values, where=drafts.c.state == "failed"
        )
        with self._database.writing() as connection:
            if draft.deal != NO_DEAL and _has_a_draft(connection, values["person"]):
                return False
            return connection.scalar(once.returning(drafts.c.id)) is not None

    def settle(self, pipeline: str, key: str, state: DraftState, on: dt.date, draft_id: str | None = None) -> None:
        """Record what became of a draft; raises LookupError where none was intended under that key."""
        values: dict[str, Any] = {
            "state": state,
            "changed": case((drafts.c.state == state, drafts.c.changed), else_=on),
        }
        if draft_id is not None:
            values["draft_id"] = draft_id
        with self._database.writing() as connection:
            _one(connection.execute(update(drafts).where(_draft(pipeline, key)).values(values)), f"draft {key}")

    def open_drafts(self, pipeline: str, gone_since: dt.date | None = None) -> list[OpenDraft]:
        """The drafts that wait, oldest first, and those that are gone since that day."""
        d = drafts.c
        asked: ColumnElement[bool] = d.state.in_(sorted(OPEN_STATES))
        if gone_since is not None:
            asked = or_(asked, and_(d.state.in_(["deleted", "unknown"]), d.changed >= gone_since))
        which = and_(d.pipeline == pipeline, asked)
        with self._database.reading() as connection:
            also = (d.token, d.draft_id, d.mailbox, d.sender, d.subject, d.intended)
            rows = connection.execute(select_drafts(which, *also))
            return [OpenDraft(DraftRecord(*row[: -len(also)]), *row[-len(also) :]) for row in rows]

    def record_changes(self, run: int, outcomes: Sequence[Outcome]) -> None:
        """What became of the run's changes; raises ValueError where there are more or fewer of them."""
        with self._database.writing() as connection:
            _record_outcomes(connection, run, outcomes)
            _supersede(connection, run)

    def finish(
        self,
        run: int,
        outcome: RunOutcome,
        finished: dt.datetime,
        counts: Mapping[str, int],
        message: str = "",
        exit_code: int | None = None,
    ) -> None:
        """Close a run; raises LookupError where there is none of that number."""
        values = {
            "outcome": outcome,
            "finished": finished,
            "counts": json.dumps(dict(counts)),
            "message": message,
            "exit_code": exit_code,
        }
        with self._database.writing() as connection:
            _one(connection.execute(update(runs).where(runs.c.id == run).values(values)), f"run {run}")

    def failed(
        self,
        pipeline: str,
        kind: RunKind,
        as_of: dt.date,
        started: dt.datetime,
        finished: dt.datetime,
        message: str,
        exit_code: int,
    ) -> int:
        """Record a run that ended before it had a plan, and return its ID."""
        how = {"outcome": "failed", "finished": finished, "message": message, "exit_code": exit_code}
        with self._database.writing() as connection:
            return _open_run(connection, pipeline, kind, as_of, started, None, **how)

    def keep_write(self, pipeline: str, content: bytes | None) -> None:
        """Keep what is about to be written to the sheet, in place of what was kept."""
        mine = unverified_writes.c.pipeline == pipeline
        with self._database.writing() as connection:
            connection.execute(delete(unverified_writes).where(mine))
            if content is not None:
                connection.execute(insert(unverified_writes).values(pipeline=pipeline, content=content))

    def unverified_write(self, pipeline: str) -> bytes | None:
        """What was kept of a write that was cut off."""
        with self._database.reading() as connection:
            content: bytes | None = connection.scalar(
                select(unverified_writes.c.content).where(unverified_writes.c.pipeline == pipeline)
            )
        return content

    def runs(self, pipeline: str, limit: int = 20) -> list[RunRecord]:
        """The latest runs, newest first."""
        with self._database.reading() as connection:
            return read_runs(connection, runs.c.pipeline == pipeline, limit)

    def run(self, pipeline: str, run: int) -> RunRecord | None:
        """One run; None where this pipeline has none of that number."""
        with self._database.reading() as connection:
            return next(iter(read_runs(connection, and_(runs.c.pipeline == pipeline, runs.c.id == run), 1)), None)

    def last_success(self, pipeline: str) -> RunRecord | None:
        """The latest run that brought the sheet up to date."""
        with self._database.reading() as connection:
            return next(iter(read_runs(connection, succeeded(pipeline), 1)), None)

    def failures(self, pipeline: str) -> Failures | None:
        """What has failed since then; None where nothing has."""
        with self._database.reading() as connection:
            return read_failures(connection, pipeline)

    def remember(self, pipeline: str, name: str, text: str) -> None:
        """Keep a text under a name, in place of what was kept under it."""
        with self._database.writing() as connection:
            connection.execute(delete(memos).where(memos.c.pipeline == pipeline, memos.c.name == name))
            connection.execute(insert(memos).values(pipeline=pipeline, name=name, content=text))

    def recall(self, pipeline: str, name: str) -> str:
        """The text that was kept under this name; empty where none was."""
        with self._database.reading() as connection:
            kept = connection.scalar(select(memos.c.content).where(memos.c.pipeline == pipeline, memos.c.name == name))
        return kept or ""

    def prune(self, pipeline: str, idle_before: dt.datetime, before: dt.datetime) -> None:
        """Remove what nothing depends on any more."""
        with self._database.writing() as connection:
            prune(connection, pipeline, idle_before, before)

    def changes(self, run: int) -> list[ChangeRecord]:
        """The cells of a run, in the order of the plan."""
        with self._database.reading() as connection:
            return _changes(connection, changes.c.run == run)

    def story(self, pipeline: str, deal: str) -> DealStory | None:
        """One deal's whole story; None where it was never seen."""
        with self._database.reading() as connection:
            cells = _changes(connection, _of(changes.c, pipeline, deal))
            story = DealStory(
                deal,
                read_entries(connection, _of(stage_entries.c, pipeline, deal)).get(deal, []),
                read_drafts(connection, _of(drafts.c, pipeline, deal)).get(deal, []),
                cells,
                read_findings(connection, _of(findings.c, pipeline, deal)),
                days_of(connection, {change.run for change in cells}),
                read_imported(connection, _of(imported_entries.c, pipeline, deal)),
            )
            seen = connection.scalar(select(deals.c.deal).where(_of(deals.c, pipeline, deal)))
        known = (story.entries, story.drafts, story.changes, story.findings, story.imported)
        return story if seen is not None or any(known) else None

    def examine(self) -> LedgerState:
        """How its database is."""
        with self._database.reading() as connection:
            return examine(connection)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()


def take_occasion(connection: Connection, pipeline: str, job: str, due: dt.datetime) -> bool:
    """Whether it had not been taken before; what was taken long ago is forgotten."""
    o = occasions.c
    long_ago = and_(o.pipeline == pipeline, o.job == job, o.due < due - REMEMBERED)
    connection.execute(delete(occasions).where(long_ago))
    mine = upsert(occasions).values(pipeline=pipeline, job=job, due=due).on_conflict_do_nothing()
    return connection.scalar(mine.returning(o.job)) is not None


def _of(columns: Any, pipeline: str, deal: str) -> ColumnElement[bool]:
    return and_(columns.pipeline == pipeline, columns.deal == deal)


def _draft(pipeline: str, key: str) -> ColumnElement[bool]:
    return and_(drafts.c.pipeline == pipeline, drafts.c.key == key)


def _has_a_draft(connection: Connection, person: str) -> bool:
    """Whether an unsent draft to this person about a deal waits, in any pipeline.

    None can be added before the transaction ends: SQLite lets one transaction write at a time, and in PostgreSQL
    others wait for their turn at this person.
    """
    d = drafts.c
    if connection.dialect.name == "postgresql":
        who = bindparam("who", person, AnyText)
        connection.execute(select(func.pg_advisory_xact_lock(_PERSON, func.hashtext(who))))
    waiting = select(d.id).where(d.person == person, d.state.in_(sorted(OPEN_STATES)), d.deal != NO_DEAL)
    return connection.scalar(waiting.limit(1)) is not None


def _one(result: CursorResult[Any], what: str) -> None:
    if result.rowcount != 1:
        raise LookupError(f"the ledger has no {what}")


def _open_run(
    connection: Connection,
    pipeline: str,
    kind: RunKind,
    as_of: dt.date,
    started: dt.datetime,
    undoes: int | None,
    **known: Any,
) -> int:
    """Add an open run, and return its ID.

    - `connection`: within whose transaction it is added.
    - `pipeline`, `kind`, `as_of`, `started`, `undoes`: as in `Ledger.begin`.
    - `known`: other columns that are known already.
    """
    values = {
        "pipeline": pipeline,
        "kind": kind,
        "as_of": as_of,
        "started": started,
        "outcome": "open",
        "counts": "{}",
        "message": "",
        "undoes": undoes,
        **known,
    }
    run: int = connection.execute(insert(runs).values(values).returning(runs.c.id)).scalar_one()
    return run


def _plan_changes(connection: Connection, pipeline: str, run: int, planned: Sequence[Change]) -> None:
    execute_many(
        connection,
        insert(changes),
        (
            {
                "run": run,
                "number": number,
                "pipeline": pipeline,
                "deal": change.deal,
                "row": change.row,
                "header": change.column,
                "old": change.old,
                "new": change.new,
                "outcome": "planned",
                "stands": True,
            }
            for number, change in enumerate(planned)
        ),
    )


def _record_outcomes(connection: Connection, run: int, outcomes: Sequence[Outcome]) -> None:
    """One statement for the most frequent outcome, and one for each change that had another."""
    for usual, _ in Counter(outcomes).most_common(1):
        whole = update(changes).where(changes.c.run == run)
        done = connection.execute(whole.values(outcome=usual, stands=usual in _STANDING))
        if done.rowcount != len(outcomes):
            raise ValueError(f"run {run} has {done.rowcount} changes, and {len(outcomes)} outcomes were told")
        execute_many(
            connection,
            whole.where(changes.c.number == bindparam("of")).values(outcome=bindparam("now"), stands=bindparam("may")),
            (
                {"of": number, "now": outcome, "may": outcome in _STANDING}
                for number, outcome in enumerate(outcomes)
                if outcome != usual
            ),
        )


def _supersede(connection: Connection, run: int) -> None:
    """Mark earlier texts of the cells that this run has written as replaced."""
    c, mine = changes.c, changes.alias("mine")
    written = select(mine.c.pipeline, mine.c.deal, mine.c.header).where(mine.c.run == run, mine.c.outcome == "written")
    connection.execute(
        update(changes)
        .where(c.stands, c.run < run, tuple_(c.pipeline, c.deal, c.header).in_(written))
        .values(stands=False)
    )


def _changes(connection: Connection, which: ColumnElement[bool]) -> list[ChangeRecord]:
    c = changes.c
    fields = (c.run, c.deal, c.row, c.header, c.old, c.new, c.outcome)
    return [ChangeRecord(*row) for row in connection.execute(select(*fields).where(which).order_by(c.run, c.number))]
