"""Writes down what a run learned about its deals: stages entered, dates, waits, fingerprints."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from fivestep.connectors.database.engine import execute_many
from fivestep.connectors.database.tables import deals, stage_entries, waits
from fivestep.process.model.plan import Sighting


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
