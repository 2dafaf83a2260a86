"""The log: one line for each event on standard error, for people or as JSON.

What an event is about beyond its message is given as `extra={"fields": {…}}`.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys


def set_up(level: int, *, as_json: bool = False) -> None:
    """Log from this level on; of other packages, warnings only."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines() if as_json else logging.Formatter("%(asctime)s %(name)s: %(message)s"))
    logging.basicConfig(handlers=[handler], force=True)
    logging.getLogger("fivestep").setLevel(level)


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
