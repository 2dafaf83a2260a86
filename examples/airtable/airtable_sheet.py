"""A table of Airtable as a sheet: a store whose records have IDs. This is a whole connector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fivestep.connectors.sheet import Cell, CredentialsError, RecordSheet, SettingsError, StoreRecord
from fivestep.connectors.system.json_service import JsonService

MAKE_A_TOKEN = "make a token at airtable.com/create/tokens with data.records and schema.bases, read and write"


class AirtableTable(RecordSheet):
    """`sheet = "airtable:BASE"`, with the table's name as `tab`; the first table where none is named."""

    at_once = 10

    def __init__(self, rest: str, tab: str | None, folder: Path, options: Mapping[str, object]) -> None:
        file = folder / str(options.get("token_file", "airtable-token"))
        if not file.is_file():
            raise CredentialsError(f"there is no file {file} with a token: {MAKE_A_TOKEN}, and put it there")
        login = {"Authorization": f"Bearer {file.read_text('utf-8').strip()}"}
        root, pace = str(options.get("root", "https://api.airtable.com/v0")), float(str(options.get("per_second", 5)))
        self._api = JsonService("Airtable", root, login, again=MAKE_A_TOKEN, per_second=pace)
        self._base, self._tab = quote(rest, safe=""), tab

    @property
    def name(self) -> str:
        return self._tab or "the first table"

    def tabs(self) -> list[str]:
        return [table["name"] for table in self._tables()]

    def fields(self) -> Sequence[str]:
        return [field["name"] for field in self._table()["fields"]]

    def records(self) -> Sequence[StoreRecord]:
        records, page = [], {"pageSize": "100"}
        while page:
            answer = self._api.get(f"/{self._base}/{self._id}", **page)
            records += answer["records"]
            page = {**page, "offset": answer["offset"]} if "offset" in answer else {}
        return [
            StoreRecord(one["id"], {name: _cell(value) for name, value in one["fields"].items()}) for one in records
        ]

    def add_field(self, name: str) -> None:
        self._api.post(f"/meta/bases/{self._base}/tables/{self._id}/fields", {"name": name, "type": "multilineText"})

    def update(self, texts: Mapping[str, Mapping[str, str]]) -> None:
        records = [{"id": record, "fields": fields} for record, fields in texts.items()]
        self._api.patch(f"/{self._base}/{self._id}", {"records": records})

    @cached_property
    def _id(self) -> str:
        return str(self._table()["id"])

    def _table(self) -> dict[str, Any]:
        for table in self._tables():
            if self._tab in (None, table["name"]):
                return table
        raise SettingsError(f"the base has no table {self._tab!r}: name another one as tab under [pipeline]")

    def _tables(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._api.get(f"/meta/bases/{self._base}/tables")["tables"]
        return found


def _cell(value: Any) -> Cell:
    """A choice of several as one text, a person by the address."""
    if isinstance(value, list):
        return ", ".join(str(_cell(one)) for one in value)
    cell: Cell = value.get("email") or value.get("name") if isinstance(value, dict) else value
    return cell
