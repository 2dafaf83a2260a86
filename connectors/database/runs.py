"""The runs of a pipeline in the ledger: the last good one, and what has failed since."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from fivestep.connectors.database.tables import runs
from fivestep.connectors.ledger import ASIDE, BY_HAND, Failures, RunRecord


def read_runs(
    connection: Connection, which: ColumnElement[bool], limit: int, *, newest_first: bool = True
) -> list[RunRecord]:
    """The runs that are asked for."""
    r = runs.c
    fields: tuple[Any, ...] = (
        r.id,
        r.kind,
        r.as_of,
        r.started,
        r.finished,
        r.outcome,
        r.counts,
        r.message,
        r.undoes,
        r.exit_code,
    )
    order = r.id.desc() if newest_first else r.id
    rows = connection.execute(select(*fields).where(which).order_by(order).limit(limit))
    return [RunRecord(*row)._replace(counts=json.loads(row.counts)) for row in rows]


def succeeded(pipeline: str) -> ColumnElement[bool]:
    """Those that brought the sheet up to date."""
    r = runs.c
    return and_(r.pipeline == pipeline, r.kind.not_in(sorted(ASIDE)), r.outcome.in_(["done", "partly"]))


def read_failures(connection: Connection, pipeline: str) -> Failures | None:
    """The runs that have failed since the last one that did not."""
    r = runs.c
    good = select(func.coalesce(func.max(r.id), 0)).where(succeeded(pipeline)).correlate(None).scalar_subquery()
    latest = select(func.max(r.id)).where(r.pipeline == pipeline).correlate(None).scalar_subquery()
    # A run that is open and not the latest was cut off: nobody begins one while another is under way.
    bad = or_(r.outcome == "failed", and_(r.outcome == "open", r.id < latest))
    which = and_(r.pipeline == pipeline, r.kind.not_in(sorted(BY_HAND)), r.id > good, bad)
    count = connection.scalar(select(func.count()).select_from(runs).where(which)) or 0
    if not count:
        return None
    [first], [last] = (read_runs(connection, which, 1, newest_first=newest) for newest in (False, True))
    return Failures(count, first, last)


def days_of(connection: Connection, numbers: Collection[int]) -> dict[int, dt.date]:
    """The day that each of these runs was for."""
    return dict(connection.execute(select(runs.c.id, runs.c.as_of).where(runs.c.id.in_(sorted(numbers)))).all())
