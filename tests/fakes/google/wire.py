"""The wire: requests and answers of HTTP, and the socket that they go through."""

from __future__ import annotations

import gzip
import json
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

JSON_TYPE = "application/json; charset=UTF-8"
HTML_TYPE = "text/html; charset=UTF-8"
PRETTY_UP_TO = 50_000
"""Answers longer than this are written without line breaks: that is a difference to Google, for speed."""
ZIPPED_FROM = 1400


@dataclass(frozen=True)
class Request:
    """One request, alone or as a part of a batch. The path has no host and no leading slash and is not decoded."""

    http: str
    host: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Reply:
    """One answer, and what becomes of it on its way."""

    status: int
    body: bytes = b""
    content_type: str = JSON_TYPE
    headers: dict[str, str] = field(default_factory=dict)
    cut: str = ""
    delay: float = 0.0


def as_json(value: Any, *, pretty: bool = True) -> bytes:
    """JSON as Google writes it: with two blanks and a line break at the end, unless it is long or not wanted."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if pretty and len(text) < PRETTY_UP_TO:
        text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    return text.encode("utf-8", "surrogatepass")


class Listener(ThreadingHTTPServer):
    """The socket, and the connections that are open."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], respond: Callable[[Request], Reply]) -> None:
        super().__init__(address, Handler)
        self.respond = respond
        self._open: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        """End the connections that clients keep alive."""
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: a client that hangs up is no event, and models' crashes are kept by the server."""


class Handler(BaseHTTPRequestHandler):
    """Reads a request from a connection, and writes the answer in one piece."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Listener

    def handle_any(self) -> None:
        try:
            body = self._body()
        except ValueError:
            self.close_connection = True  # who called is gone, in the middle of it
            return
        target, _, query = self.path.lstrip("/").partition("?")
        host, _, path = target.partition("/")
        request = Request(
            self.command,
            host,
            path,
            parse_qsl(query, keep_blank_values=True),
            {name.lower(): value for name, value in self.headers.items()},
            body,
        )
        self._send(self.server.respond(request))

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = handle_any  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: `calls` is the log."""

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self._whole(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self._whole(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _whole(self, size: int) -> bytes:
        """So many bytes; ValueError where there are fewer: what was not sent to its end is never carried out."""
        content = self.rfile.read(size)
        if len(content) < size:
            raise ValueError
        return content

    def _send(self, reply: Reply) -> None:
        if reply.delay:
            time.sleep(reply.delay)
        if reply.cut == "cut":
            self._hang_up()
            return
        body = reply.body
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if len(body) >= ZIPPED_FROM and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, 1, mtime=0)
            self.send_header("Content-Encoding", "gzip")
        if reply.status != 204:
            self.send_header("Content-Length", str(len(body)))
        headers = b"".join(self._headers_buffer) + b"\r\n"
        self._headers_buffer: list[bytes] = []
        if reply.cut:
            self.wfile.write(headers + body[: len(body) // 2])
            self._hang_up()
            return
        self.wfile.write(headers + body)

    def _hang_up(self) -> None:
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
