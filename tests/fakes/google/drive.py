"""Drive: spreadsheets as files. Only what gspread's recordings use."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Mapping
from typing import Any

from tests.fakes.google.answers import Caller, GoogleError, Raw
from tests.fakes.google.sheets_book import Spreadsheet
from tests.fakes.google.sheets_service import Spreadsheets

SPREADSHEET = "application/vnd.google-apps.spreadsheet"
NAMED = re.compile(r"""name\s*=\s*(["'])(.*)\1""")


class Drive:
    """The files of everybody, which are the spreadsheets."""

    def __init__(self, sheets: Spreadsheets) -> None:
        self.sheets = sheets

    def call(self, method: str, params: Mapping[str, Any], body: Any, caller: Caller) -> Any:
        """The answer of a method, such as drive.files.get."""
        calls = {
            "drive.files.create": self._create,
            "drive.files.get": self._get,
            "drive.files.list": self._list,
            "drive.files.copy": self._copy,
            "drive.files.delete": self._delete,
            "drive.comments.list": self._comments,
            "drive.v2.files.update": self._import_csv,
        }
        if method not in calls:
            raise GoogleError(501, "notImplemented", f"{method} is not implemented here.")
        return calls[method](params, body, caller)

    def _create(self, params: Mapping[str, Any], body: Any, caller: Caller) -> dict[str, Any]:
        if body.get("mimeType") != SPREADSHEET:
            raise GoogleError(501, "notImplemented", "Only spreadsheets are implemented here.")
        return _short(self.sheets.add(body.get("name") or "Untitled", owner=caller.account), params)

    def _get(self, params: Mapping[str, Any], _body: Any, caller: Caller) -> dict[str, Any]:
        return _short(self._file(params["fileId"], caller), params)

    def _list(self, params: Mapping[str, Any], _body: Any, caller: Caller) -> dict[str, Any]:
        """The files that an account sees, the last one first."""
        named = NAMED.search(params.get("q") or "")
        books = [book for book in self.sheets.books.values() if book.role(caller.account) >= 0]
        if named:
            books = [book for book in books if book.title == named[2]]
        books.sort(key=lambda book: book.modified, reverse=True)
        start = int(params.get("pageToken") or 0)
        end = start + int(params.get("pageSize", 100))
        found = {"kind": "drive#fileList", "files": [_short(book, params) for book in books[start:end]]}
        return found | ({"nextPageToken": str(end)} if end < len(books) else {})

    def _copy(self, params: Mapping[str, Any], body: Any, caller: Caller) -> dict[str, Any]:
        source = self._file(params["fileId"], caller)
        title = body.get("name") or f"Copy of {source.title}"
        return _short(self.sheets.copy(source, title, caller.account), params)

    def _delete(self, params: Mapping[str, Any], _body: Any, caller: Caller) -> None:
        book = self._file(params["fileId"], caller)
        if book.owner != caller.account:
            message = "The user does not have sufficient permissions for this file."
            raise GoogleError(403, "insufficientFilePermissions", message)
        del self.sheets.books[book.id]

    def _comments(self, params: Mapping[str, Any], _body: Any, caller: Caller) -> dict[str, Any]:
        self._file(params["fileId"], caller)
        return {"kind": "drive#commentList", "comments": []}

    def _import_csv(self, params: Mapping[str, Any], body: Any, caller: Caller) -> dict[str, Any]:
        """Put a CSV file in the place of all that a spreadsheet held: its cells are read as if they were typed."""
        book = self._file(params["fileId"], caller)
        if not isinstance(body, Raw) or body.content_type != "text/csv":
            raise GoogleError(501, "notImplemented", "Only CSV files are implemented here.")
        book.tabs.clear()
        book.time_zone = "America/Los_Angeles"  # an import forgets the time zone, as the recordings show
        rows = list(csv.reader(io.StringIO(body.content.decode("utf-8-sig"))))
        book.add_tab(book.title).enter("A1", rows)
        return {"kind": "drive#file", "id": book.id, "title": book.title, "mimeType": SPREADSHEET}

    def _file(self, file_id: str, caller: Caller) -> Spreadsheet:
        book = self.sheets.books.get(file_id)
        if book is None or book.role(caller.account) < 0:
            raise GoogleError(404, "notFound", f"File not found: {file_id}.")
        return book


def _short(book: Spreadsheet, params: Mapping[str, Any]) -> dict[str, Any]:
    """A File: what is given when nothing is asked for, and the few fields that can be asked for."""
    found: dict[str, Any] = {"kind": "drive#file", "id": book.id, "name": book.title, "mimeType": SPREADSHEET}
    if params.get("fields"):
        times = {"createdTime": _time(book.created), "modifiedTime": _time(book.modified)}
        found |= times | {"version": str(book.version)}
    return found


def _time(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
