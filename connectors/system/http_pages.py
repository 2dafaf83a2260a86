"""A few pages over HTTP, for monitoring: made when asked for, and nothing else is answered."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from fivestep.errors import UnreachableError

CALLER_PATIENCE = 10.0
"""Seconds that a caller has for each step of its request."""

log = logging.getLogger(__name__)


class Page(NamedTuple):
    """One answer."""

    status: int
    body: bytes
    kind: str = "text/plain; charset=utf-8"


@contextmanager
def serving(host: str, port: int, pages: Mapping[str, Callable[[], Page]]) -> Iterator[int]:
    """Answer on this address as long as the block lasts; gives the port, a free one for 0.

    Raises UnreachableError where nobody can listen there.
    """
    try:
        server = _server_at(host, port, pages)
    except (OSError, OverflowError, UnicodeError) as fault:
        why = getattr(fault, "strerror", None) or fault
        raise UnreachableError(f"{host}:{port} can't be listened on ({why}): choose another --port or --host") from None
    thread = threading.Thread(target=server.serve_forever, name="pages", daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _server_at(host: str, port: int, pages: Mapping[str, Callable[[], Page]]) -> ThreadingHTTPServer:
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]

    class Server(ThreadingHTTPServer):
        address_family = family
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the names are the library's
            log.debug("a caller from %s went away", client_address[0])

    return Server((host, port), _handler(pages))


def _handler(pages: Mapping[str, Callable[[], Page]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = CALLER_PATIENCE
        server_version = "fivestep"
        sys_version = ""

        def do_GET(self) -> None:
            page = _made(pages, urlsplit(self.path).path)
            self.send_response(page.status)
            self.send_header("Content-Type", page.kind)
            self.send_header("Content-Length", str(len(page.body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(page.body)

        do_HEAD = do_GET  # noqa: N815 - the name is the library's

        def log_message(self, format: str, *args: Any) -> None:
            log.debug(format, *args)

    return Handler


def _made(pages: Mapping[str, Callable[[], Page]], path: str) -> Page:
    if path not in pages:
        return Page(404, f"there are {', '.join(pages)}\n".encode())
    try:
        return pages[path]()
    except Exception:
        log.exception("%s can't be answered", path)
        return Page(500, b"this is a defect of fivestep; its log says more\n")
