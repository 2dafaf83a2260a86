"""The log: one line for each event on standard error, for people or as JSON.

What an event is about beyond its message is given as `extra={"fields": {…}}`.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys
from typing import TextIO


def set_up(level: int, *, as_json: bool = False) -> None:
    """Log from this level on; of other packages, warnings only."""
    root = logging.getLogger()
    # The handlers of others, of whom this is a part, stay.
    for earlier in [one for one in root.handlers if isinstance(one, _Handler)]:
        root.removeHandler(earlier)
    handler = _Handler(sys.stderr)
    handler.setFormatter(_Lines() if as_json else logging.Formatter("%(asctime)s %(name)s: %(message)s"))
    root.addHandler(handler)
    logging.getLogger("fivestep").setLevel(level)
    if level > logging.DEBUG:
        # What it warns of, such as that this is none of Google's machines, a message of ours says better.
        logging.getLogger("google.auth").setLevel(logging.ERROR)


class _Handler(logging.StreamHandler[TextIO]):
    """Ours, so that it can be told from others."""


class _Lines(logging.Formatter):
    """One JSON object a line: `time`, `level`, `logger`, `message`, and the event's own fields."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        at = dt.datetime.fromtimestamp(record.created, dt.UTC)
        line = {
            "time": at.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)
