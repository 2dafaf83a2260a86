"""A sheet over a JSON file: a list of rows, the header row first. As small as a connector can be."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from fivestep.connectors.sheet import SettingsError, Table, UnreachableError, WriteRequest, Written, locate, outcomes


class JsonSheet:
    """`sheet = "json:deals.json"`."""

    def __init__(self, rest: str, tab: str | None, folder: Path, options: Mapping[str, object]) -> None:
        if tab is not None:
            raise SettingsError("a JSON file has no tabs; leave `tab` out")
        self._path = folder / rest
        self._indent = int(str(options.get("indent", 0))) or None

    @property
    def name(self) -> str:
        return self._path.name

    def tabs(self) -> list[str]:
        return []

    def check_writable(self) -> None:
        if not self._path.exists():
            raise UnreachableError(f"{self._path} is not there")

    def read(self) -> Table:
        try:
            text = self._path.read_text("utf-8")
        except FileNotFoundError:
            raise SettingsError(f"{self._path} is not there; mend `sheet` in the settings") from None
        return Table(self.name, json.loads(text), version=hashlib.sha256(text.encode()).hexdigest())

    def write(self, request: WriteRequest) -> list[Written]:
        now = self.read()
        found = locate(request.base, request.header_row, request.id_column, request.new_columns, request.changes, now)
        if cells := found.cells(request.changes):
            rows = [list(row) for row in now.rows]
            for number, texts in cells.items():
                for column, text in texts.items():
                    row = rows[number - 1]
                    row.extend([""] * (column + 1 - len(row)))
                    row[column] = text
            self._save(json.dumps(rows, ensure_ascii=False, indent=self._indent))
        return outcomes(found)

    def _save(self, text: str) -> None:
        fresh = self._path.with_suffix(".new")
        fresh.write_text(text, "utf-8")
        fresh.replace(self._path)
