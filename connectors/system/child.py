"""A fivestep command in a process of its own: what hangs or crashes there touches nothing here."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence

from fivestep.connectors.system.stopping import ASKS

_OWN_GROUP = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
"""What keeps Ctrl-C from a child on Windows, and lets it be asked to stop; elsewhere a session of its own does."""

_TAIL = 4_000
"""Bytes of the last words that are kept."""


class Child:
    """The process, under way or ended."""

    def __init__(self, arguments: Sequence[str], given: str) -> None:
        """Begin `fivestep` with these arguments, and this text on its standard input.

        In a session of its own: Ctrl-C is for the parent to pass on. Raises OSError where there is no room for it.
        """
        # A file, as nobody reads along: a pipe would fill up, and the child would wait for ever.
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - `last_words` closes it
        self._began = time.monotonic()
        try:
            with tempfile.TemporaryFile() as asked:
                asked.write(given.encode())
                asked.seek(0)
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "fivestep", *arguments],
                    stdin=asked,
                    stdout=subprocess.DEVNULL,
                    stderr=self._said,
                    start_new_session=True,
                    creationflags=_OWN_GROUP,
                )
        except OSError:
            self._said.close()
            raise

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def seconds(self) -> float:
        """How long ago it was begun."""
        return time.monotonic() - self._began

    @property
    def code(self) -> int | None:
        """Its exit code; below 0 the signal that ended it, None while it is under way."""
        return self._process.poll()

    def stop(self) -> None:
        """Ask it to stop between two steps."""
        self._process.send_signal(ASKS)

    def wait(self, seconds: float) -> int:
        """Its exit code, at the latest after so many seconds: then it is ended wherever it is."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return self._process.wait()

    def kill(self) -> None:
        """End it wherever it is."""
        self._process.kill()

    def last_words(self) -> str:
        """What it said last on standard error; to be called once, when it has ended."""
        with self._said as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _TAIL))
            return file.read().decode("utf-8", "replace").strip()
