"""A `.csv` file, or another delimited text, as a sheet. All its cells are texts.

Encoding, delimiter, quoting, line ends and every field that is not written to stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from fivestep.connectors.sheet import WriteRequest, Written, outcomes
from fivestep.connectors.sheets.csv.encoding import Encoded, decoded_file, decoded_in, form_of
from fivestep.connectors.sheets.csv.records import Record, joined_records, raw, records, value
from fivestep.connectors.system.files import check_writable, load, rewrite, version_of
from fivestep.errors import SettingsError
from fivestep.process.live_edits.locate import Located, locate
from fivestep.process.model.plan import Change
from fivestep.process.model.table import Table


class CsvSheet:
    """A delimited file (`.csv`, `.tsv`, `.txt`); implements `connectors.sheet.Sheet`."""

    def __init__(self, path: Path, tab: str | None = None, encoding: str | None = None) -> None:
        """`encoding` is one of Python's names; None finds it by the content.

        Raises SettingsError where a tab is named: such a file has none.
        """
        if tab is not None:
            raise SettingsError(f"{path.name} has no tabs; remove tab = {tab!r} under [pipeline]")
        self.path = path
        self.encoding = encoding

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    def tabs(self) -> list[str]:
        """Nothing: a delimited file has no tabs."""
        return []

    def check_writable(self) -> None:
        """Raise UnreachableError, with what to do, where a write would be refused by now."""
        check_writable(self.path)

    def read(self) -> Table:
        """The whole file; a blank line is a row without cells."""
        content = load(self.path)
        return self._text(content).table(self.name, version_of(content))

    def write(self, request: WriteRequest) -> list[Written]:
        """Carry out the changes, see `connectors.sheet.Sheet.write`.

        A change with a character that the file's encoding lacks fails.
        """
        if not request.changes and not request.new_columns:
            return []
        return rewrite(self.path, lambda content: self._patched(content, request))

    def _patched(self, content: bytes, request: WriteRequest) -> tuple[bytes, list[Written]]:
        text = self._text(content)
        can_write = text.encoded.can_write
        headers = [header for header in request.new_columns if can_write(header)]
        possible = [can_write(change.column) and can_write(change.new) for change in request.changes]
        changes = [change for change, can in zip(request.changes, possible, strict=True) if can]
        now = text.table(self.name, version_of(content))
        located = locate(request.base, request.header_row, request.id_column, headers, changes, now)
        results = iter(outcomes(located))
        reason = f"{self.name} is in {text.encoded.encoding}, which lacks a character of it; {self._save_as_utf_8}"
        return text.with_cells(located, changes), [
            next(results) if can else Written("failed", change.row, reason)
            for change, can in zip(request.changes, possible, strict=True)
        ]

    def _text(self, content: bytes) -> _Text:
        try:
            encoded = decoded_file(content) if self.encoding is None else decoded_in(self.encoding, content)
        except ValueError as error:
            if self.encoding is None:
                fault = f"is not a text in UTF-8, UTF-16 or Windows-1252 ({error}); name its encoding under [pipeline]"
            else:
                fault = f"is not as encoding = {self.encoding!r} under [pipeline] says: {error}; correct that setting"
            raise SettingsError(f"{self.name} {fault}, or {self._save_as_utf_8}") from None
        try:
            return _Text(encoded)
        except ValueError as error:
            raise SettingsError(f"{self.name}: {error}; look there for a quote that is not closed") from None

    @property
    def _save_as_utf_8(self) -> str:
        return "save it as CSV UTF-8" + (" and remove encoding under [pipeline]" if self.encoding else "")


class _Text:
    """One content of the file."""

    def __init__(self, encoded: Encoded) -> None:
        self.encoded = encoded
        self.form = form_of(encoded.text)
        self.records = list(records(encoded.text[self.form.start :], self.form.delimiter))

    def table(self, title: str, version: str) -> Table:
        """The cells."""
        plain = '"' not in self.encoded.text
        rows = [record.fields if plain else [value(field) for field in record.fields] for record in self.records]
        return Table(title, [[] if row == [""] else row for row in rows], version=version)

    def with_cells(self, located: Located, changes: Sequence[Change]) -> bytes:
        """The content with what is to be written; a new column makes every row from the header on as wide."""
        cells = located.cells(changes)
        width = max(located.new_columns.values(), default=-1) + 1
        first = located.header_row or 0
        changed = [
            self._filled(record, cells.get(row, {}), width if row >= first and not record.blank else 0)
            for row, record in enumerate(self.records, 1)
        ]
        return self.encoded.encode(self.encoded.text[: self.form.start] + joined_records(changed, self.form.delimiter))

    def _filled(self, record: Record, cells: Mapping[int, str], width: int) -> Record:
        missing = max(width, max(cells, default=-1) + 1) - len(record.fields)
        if not cells and missing <= 0:
            return record
        fields = record.fields + [self._raw("")] * missing
        for column, text in cells.items():
            fields[column] = self._raw(text)
        return Record(fields, record.end)

    def _raw(self, text: str) -> str:
        return raw(text, self.form.delimiter, always_quoted=self._always_quoted)

    @cached_property
    def _always_quoted(self) -> bool:
        return all(field.startswith('"') for record in self.records if not record.blank for field in record.fields)
