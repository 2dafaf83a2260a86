"""Writes down what is learned of deals: stages, dates, waits, fingerprints, answers, imports."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, select, update

from fivestep.connectors.database.engine import execute_many
from fivestep.connectors.database.tables import deals, drafts, imported_entries, stage_entries, waits
from fivestep.process.model.plan import FirstAnswer, Sighting
from fivestep.process.model.prognosis import StageLine


def record_sightings(connection: Connection, pipeline: str, sightings: Sequence[Sighting], on: dt.date) -> None:
    """Add the sightings of one run, made on that day, to what is known; at most one for each deal."""
    if not sightings:
        return
    entries = _entries_so_far(connection, pipeline)
    _record_deals(connection, pipeline, sightings, entries)
    _record_stages(connection, pipeline, sightings, entries, on)
    _record_waits(connection, pipeline, sightings)


def _entries_so_far(connection: Connection, pipeline: str) -> dict[str, int]:
    """How many stage entries each known deal has."""
    found = connection.execute(
        select(deals.c.deal, func.coalesce(func.max(stage_entries.c.number), 0))
        .join_from(deals, stage_entries, isouter=True)
        .where(deals.c.pipeline == pipeline)
        .group_by(deals.c.deal)
    )
    return dict(found.all())


def _record_deals(connection: Connection, pipeline: str, sightings: Sequence[Sighting], known: dict[str, int]) -> None:
    execute_many(
        connection,
        insert(deals),
        (
            {"pipeline": pipeline, "deal": s.deal, "fingerprint": s.fingerprint}
            for s in sightings
            if s.deal not in known
        ),
    )
    execute_many(
        connection,
        update(deals)
        .where(deals.c.pipeline == pipeline, deals.c.deal == bindparam("of"))
        .values(fingerprint=bindparam("now")),
        ({"of": s.deal, "now": s.fingerprint} for s in sightings if s.deal in known),
    )


def _record_stages(
    connection: Connection, pipeline: str, sightings: Sequence[Sighting], entries: dict[str, int], on: dt.date
) -> None:
    """Write down which deals came into a stage, and the sheet's dates for it.

    - `connection`, `pipeline`: where it is written.
    - `sightings`: what this run saw of the deals.
    - `entries`: how many stage entries each deal has so far.
    - `on`: the day.
    """
    execute_many(
        connection,
        insert(stage_entries),
        (
            {
                "pipeline": pipeline,
                "deal": s.deal,
                "number": entries.get(s.deal, 0) + 1,
                "stage": s.stage,
                "day": on,
                "dated": s.dated,
            }
            for s in sightings
            if s.entered
        ),
    )
    e = stage_entries.c
    execute_many(
        connection,
        update(stage_entries)
        .where(e.pipeline == pipeline, e.deal == bindparam("of"), e.number == bindparam("last"))
        .values(stage=bindparam("called"), dated=bindparam("now")),
        (
            {"of": s.deal, "last": entries.get(s.deal, 0), "called": s.stage, "now": s.dated}
            for s in sightings
            if s.stage and not s.entered
        ),
    )


def _record_waits(connection: Connection, pipeline: str, sightings: Sequence[Sighting]) -> None:
    w = waits.c
    waited = set(connection.scalars(select(w.deal).where(w.pipeline == pipeline).distinct()))
    execute_many(
        connection,
        delete(waits).where(w.pipeline == pipeline, w.deal == bindparam("of")),
        ({"of": s.deal} for s in sightings if s.deal in waited),
    )
    execute_many(
        connection,
        insert(waits),
        (
            {"pipeline": pipeline, "deal": s.deal, "number": number, "since": wait.since, "until": wait.until}
            for s in sightings
            for number, wait in enumerate(s.waits, 1)
        ),
    )


def record_answers(connection: Connection, pipeline: str, answers: Sequence[FirstAnswer]) -> None:
    """Add the days on which drafts were first answered; a day that is known stays."""
    d = drafts.c
    execute_many(
        connection,
        update(drafts)
        .where(d.pipeline == pipeline, d.key == bindparam("of"), d.answered.is_(None))
        .values(answered=bindparam("then")),
        ({"of": answer.key, "then": answer.on} for answer in answers),
    )


def record_imported(connection: Connection, pipeline: str, run: int, lines: Sequence[StageLine]) -> int:
    """Add the imported stage entries that are new, as `Ledger.import_lines` says, and return how many are."""
    known = _imported_so_far(connection, pipeline)
    told: defaultdict[str, list[StageLine]] = defaultdict(list)
    for line in lines:
        told[line.deal].append(line)
    merged = {deal: list(_merged(known.get(deal, ()), of_deal, run)) for deal, of_deal in told.items()}
    changed = {deal: entries for deal, entries in merged.items() if len(entries) > len(known.get(deal, ()))}
    i = imported_entries.c
    execute_many(
        connection,
        delete(imported_entries).where(and_(i.pipeline == pipeline, i.deal == bindparam("of"))),
        ({"of": deal} for deal in changed if deal in known),
    )
    execute_many(
        connection,
        insert(imported_entries),
        (
            {"pipeline": pipeline, "deal": deal, "number": number, "run": by, **_columns(line)}
            for deal, entries in changed.items()
            for number, (line, by) in enumerate(entries, 1)
        ),
    )
    return sum(len(entries) - len(known.get(deal, ())) for deal, entries in changed.items())


def _columns(line: StageLine) -> dict[str, object]:
    return {"stage": line.stage, "day": line.on, "amount": line.amount}


def _imported_so_far(connection: Connection, pipeline: str) -> dict[str, list[tuple[StageLine, int]]]:
    """The imported entries of each deal, each with the run that added it."""
    i = imported_entries.c
    rows = connection.execute(
        select(i.deal, i.stage, i.day, i.amount, i.run).where(i.pipeline == pipeline).order_by(i.deal, i.number)
    )
    found: defaultdict[str, list[tuple[StageLine, int]]] = defaultdict(list)
    for *line, run in rows:
        found[line[0]].append((StageLine(*line), run))
    return dict(found)


def _merged(
    known: Sequence[tuple[StageLine, int]], told: Sequence[StageLine], run: int
) -> Iterator[tuple[StageLine, int]]:
    """One deal's entries by their days, each with the run that added it.

    Of one day those that this run tells of come last, in its order.
    """
    untold = Counter((line.stage, line.on) for line in told)
    before: list[tuple[StageLine, int]] = []
    again: defaultdict[tuple[str, dt.date], list[tuple[StageLine, int]]] = defaultdict(list)
    for line, by in known:
        if untold[line.stage, line.on]:
            untold[line.stage, line.on] -= 1
            again[line.stage, line.on].append((line, by))
        else:
            before.append((line, by))
    now = [again[line.stage, line.on].pop(0) if again[line.stage, line.on] else (line, run) for line in told]
    yield from sorted([*before, *now], key=lambda entry: entry[0].on)
