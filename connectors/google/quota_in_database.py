"""The calls of a Google login that several machines share, in the PostgreSQL that keeps their ledger."""

from __future__ import annotations

import json
import threading

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from fivestep.connectors.database.engine import open_database
from fivestep.connectors.database.tables import google_calls
from fivestep.connectors.google.quota import Spending, loaded


class DatabaseMemory:
    """One row for each login; implements `connectors.google.quota.Memory`. Time is the database's."""

    def __init__(self, url: str, login: str) -> None:
        self._database = open_database(url)
        self._mine = google_calls.c.login == login
        self._new = insert(google_calls).values(login=login, spent="{}").on_conflict_do_nothing()
        self._turn = threading.Lock()
        self._known = False

    def change(self, step: Spending) -> float:
        """Take one step. Raises UnreachableError where the database does not answer."""
        spent_at = select(google_calls.c.spent, func.extract("epoch", func.clock_timestamp()))
        with self._turn, self._database.writing() as connection:
            if not self._known:
                connection.execute(self._new)
            # Two rounds: the time is to be asked for when it is this one's turn, not when it began to wait for it.
            connection.execute(select(google_calls.c.login).where(self._mine).with_for_update())
            text, now = connection.execute(spent_at.where(self._mine)).one()
            spent = loaded(text)
            wait = step(spent, float(now))
            if not wait:
                connection.execute(update(google_calls).where(self._mine).values(spent=json.dumps(spent)))
        self._known = True
        return wait
