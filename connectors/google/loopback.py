"""Where a browser on this machine comes out after a login: a port that only this machine reaches, for one answer."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

_GRANTED = "You are logged in at Google. Close this window, and go back to fivestep: it says what comes of it."
_REFUSED = "You are not logged in, as access was not granted. Close this window, and go back to fivestep."
_STRANGE = "There is nothing here."


class Loopback:
    """A context manager: listens from __enter__ to __exit__."""

    def __init__(self) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.set_app(self._page)
        self._state = ""
        self._query: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.server_close()

    @property
    def address(self) -> str:
        """Where it listens. A number, as the name `localhost` may lead to another program's port."""
        return f"http://127.0.0.1:{self._server.server_port}/"

    def answer(self, state: str, patience: float) -> str | None:
        """The query with which the browser came out; None where it did not within so many seconds.

        Whatever does not bring this login's `state` is no answer to it: browsers ask for icons, too, and other
        programs for whatever they find.
        """
        self._state = state
        end = time.monotonic() + patience
        while self._query is None and (left := end - time.monotonic()) > 0:
            self._server.timeout = left
            self._server.handle_request()
        return self._query

    def _page(self, environ: Mapping[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
        query = str(environ.get("QUERY_STRING", ""))
        told = dict(parse_qsl(query))
        if told.get("state") == self._state:
            self._query = query
            status, text = "200 OK", _GRANTED if "code" in told else _REFUSED
        else:
            status, text = "404 Not Found", _STRANGE
        start(status, [("Content-Type", "text/plain; charset=utf-8")])
        return [text.encode()]


class _Server(WSGIServer):
    def handle_error(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """Nothing: a browser that connects and says nothing is no event."""


class _Handler(WSGIRequestHandler):
    timeout = 2.0
    """Seconds: browsers keep connections ready on which they say nothing."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the address holds a secret."""
