"""The log: one line for each event on standard error, for people or as JSON.

What an event is about beyond its message is given as `extra={"fields": {…}}`, and for all events of a block by `about`.
No secret gets into it that can be told by its looks.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TextIO

from fivestep.redact import redacted

_about: ContextVar[dict[str, object]] = ContextVar("about")


def set_up(level: int, *, as_json: bool = False) -> None:
    """Log from this level on; of other packages, warnings only."""
    root = logging.getLogger()
    # The handlers of others, of whom this is a part, stay.
    for earlier in [one for one in root.handlers if isinstance(one, _Handler)]:
        root.removeHandler(earlier)
    handler = _Handler(sys.stderr)
    handler.setFormatter(_Lines() if as_json else _Text("%(asctime)s %(name)s: %(message)s"))
    root.addHandler(handler)
    logging.getLogger("fivestep").setLevel(level)
    if level > logging.DEBUG:
        # What it warns of, such as that this is none of Google's machines, a message of ours says better.
        logging.getLogger("google.auth").setLevel(logging.ERROR)


class _Handler(logging.StreamHandler[TextIO]):
    """Ours, so that it can be told from others."""


@contextmanager
def about(**fields: object) -> Iterator[dict[str, object]]:
    """Put these fields to every event of the block; what is added to them later, too."""
    now = {**_about.get({}), **fields}
    before = _about.set(now)
    try:
        yield now
    finally:
        _about.reset(before)


def tell_caller(message: str) -> None:
    """Tell whoever called, on standard error; in the log's own form where that is JSON."""
    if any(isinstance(handler.formatter, _Lines) for handler in logging.root.handlers):
        logging.getLogger("fivestep").error(message)
    else:
        print(f"fivestep: {message}", file=sys.stderr)  # noqa: T201


class _Text(logging.Formatter):
    """A line for people."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        return redacted(super().format(record))


class _Lines(logging.Formatter):
    """One JSON object a line: `time`, `level`, `logger`, `message`, and the event's own fields."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        at = dt.datetime.fromtimestamp(record.created, dt.UTC)
        line = {
            "time": at.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redacted(record.getMessage()),
            **_about.get({}),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["traceback"] = redacted(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)
