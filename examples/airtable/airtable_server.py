"""As much of Airtable as the connector uses, on this machine: pages of three records, ten records a call, a token."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PAGE = 3


class RefusedCallError(Exception):
    """Answered with this status and reason."""

    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        self.reason = reason


class AirtableServer:
    """A base with tables that a test fills and looks into."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.tables: dict[str, dict[str, Any]] = {}
        """A table's name to its `fields` (names) and `records` (an ID to the record's fields)."""
        self._ids: dict[str, str] = {}

    def hold(self, table: str, *, fields: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Make the table hold these rows; those with the same text in their second column are the same record."""
        records = {}
        for row in rows:
            record = self._ids.setdefault(row[1], f"rec{len(self._ids):014}")
            records[record] = {name: text for name, text in zip(fields, row, strict=False) if text}
        self.tables[table] = {"fields": list(fields), "records": records}

    def __enter__(self) -> AirtableServer:
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._http.daemon_threads = True
        self.root = f"http://127.0.0.1:{self._http.server_port}/v0"
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_fault: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def answer(self, method: str, path: str, body: Any) -> Any:
        """What Airtable would answer. Tables have their names for IDs, with `tbl` before them."""
        parts = urlsplit(path)
        match method, parts.path.strip("/").split("/")[1:]:
            case "GET", ["meta", "bases", _, "tables"]:
                return {"tables": [_described(name, table) for name, table in self.tables.items()]}
            case "POST", ["meta", "bases", _, "tables", table, "fields"]:
                return self._new_field(self._table(table), body["name"])
            case "GET", [_, table]:
                offset = int(parse_qs(parts.query).get("offset", ["0"])[0])
                return _page(self._table(table)["records"], offset)
            case "PATCH", [_, table]:
                return self._updated(self._table(table), body["records"])
        raise RefusedCallError(404, "NOT_FOUND")

    def _table(self, name: str) -> dict[str, Any]:
        if name.removeprefix("tbl") not in self.tables:
            raise RefusedCallError(404, "TABLE_NOT_FOUND")
        return self.tables[name.removeprefix("tbl")]

    def _new_field(self, table: dict[str, Any], name: str) -> Any:
        if name in table["fields"]:
            raise RefusedCallError(422, "DUPLICATE_OR_EMPTY_FIELD_NAME")
        table["fields"].append(name)
        return {"name": name}

    def _updated(self, table: dict[str, Any], changes: list[dict[str, Any]]) -> Any:
        if len(changes) > 10:
            raise RefusedCallError(422, "INVALID_REQUEST_TOO_MANY_RECORDS")
        for change in changes:
            if change["id"] not in table["records"] or not change["fields"].keys() <= set(table["fields"]):
                raise RefusedCallError(422, "UNKNOWN_FIELD_NAME")
        for change in changes:
            texts = {**table["records"][change["id"]], **change["fields"]}
            table["records"][change["id"]] = {name: text for name, text in texts.items() if text}
        return {"records": changes}


def _described(name: str, table: dict[str, Any]) -> dict[str, Any]:
    return {"id": f"tbl{name}", "name": name, "fields": [{"name": field} for field in table["fields"]]}


def _page(records: dict[str, Any], offset: int) -> dict[str, Any]:
    some = [{"id": one, "fields": fields} for one, fields in list(records.items())[offset : offset + PAGE]]
    return {"records": some, **({"offset": str(offset + PAGE)} if offset + PAGE < len(records) else {})}


def _handler_of(server: AirtableServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            try:
                if self.headers.get("Authorization") != f"Bearer {server.token}":
                    raise RefusedCallError(401, "AUTHENTICATION_REQUIRED")
                status, answer = 200, server.answer(self.command, self.path, json.loads(sent or b"null"))
            except RefusedCallError as fault:
                status, answer = fault.status, {"error": {"type": fault.reason}}
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = _answer  # noqa: N815

        def log_message(self, *_arguments: object) -> None:
            pass

    return Handler
