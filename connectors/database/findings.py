"""When a deal's errors and warnings came and went; only changes since the last run are written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, bindparam, insert, or_, select, update

from fivestep.connectors.database.engine import execute_many
from fivestep.connectors.database.tables import findings
from fivestep.connectors.ledger import FindingRecord
from fivestep.process.model.problem import Problem

_LONGEST = 200
"""Characters of a header that are kept: what tells two findings apart has to fit into an index."""


class _Place(NamedTuple):
    """What makes two findings the same, whatever their messages say by now."""

    deal: str
    rule: str
    header: str


def record_findings(connection: Connection, pipeline: str, problems: Sequence[Problem], on: dt.date) -> None:
    """Write down which findings are new on this day and which have gone.

    One that comes back on the day it went goes on.
    """
    now = {_Place(p.deal, p.rule, p.column[:_LONGEST]): p.message for p in problems if p.deal and p.severity != "info"}
    lasting, ended = _lasting(connection, pipeline), _of_the_day(connection, pipeline, on)
    came = [place for place in now if place not in lasting]
    _set_until(connection, pipeline, {place: lasting[place] for place in lasting if place not in now}, on)
    _set_until(connection, pipeline, {place: ended[place] for place in came if place in ended}, None)
    execute_many(
        connection,
        insert(findings),
        (
            {"pipeline": pipeline, **place._asdict(), "since": on, "until": None, "message": now[place]}
            for place in came
            if place not in ended
        ),
    )


def _lasting(connection: Connection, pipeline: str) -> dict[_Place, dt.date]:
    """The findings of the last run, and since when there are."""
    return _since(connection, pipeline, findings.c.until.is_(None))


def _of_the_day(connection: Connection, pipeline: str, on: dt.date) -> dict[_Place, dt.date]:
    """Those that ended on this day, or began on it and have ended."""
    f = findings.c
    return _since(connection, pipeline, and_(f.until.is_not(None), or_(f.until == on, f.since == on)))


def _since(connection: Connection, pipeline: str, which: ColumnElement[bool]) -> dict[_Place, dt.date]:
    f = findings.c
    rows = connection.execute(select(f.deal, f.rule, f.header, f.since).where(f.pipeline == pipeline, which))
    return {_Place(*place): since for *place, since in rows}


def _set_until(connection: Connection, pipeline: str, places: Mapping[_Place, dt.date], until: dt.date | None) -> None:
    f = findings.c
    execute_many(
        connection,
        update(findings)
        .where(
            f.pipeline == pipeline,
            f.deal == bindparam("of"),
            f.rule == bindparam("broken"),
            f.header == bindparam("in_column"),
            f.since == bindparam("begun"),
        )
        .values(until=until),
        (
            {"of": place.deal, "broken": place.rule, "in_column": place.header, "begun": since}
            for place, since in places.items()
        ),
    )


def read_findings(connection: Connection, which: ColumnElement[bool]) -> list[FindingRecord]:
    """Findings, oldest first."""
    f = findings.c
    fields = (f.rule, f.header, f.message, f.since, f.until)
    rows = connection.execute(select(*fields).where(which).order_by(f.since, f.rule, f.header))
    return [FindingRecord(*row) for row in rows]
