"""The records of a delimited text, kept so that joined again they are the text byte for byte.

Quoting is that of RFC 4180: a field that begins with `"` goes on to the next lone `"`, over delimiters and line ends.
Where there is no such end, the quote is a character like any other.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

MAX_RECORD = 1 << 22
"""Characters. A workbook's cell holds 32,767; where a record is longer, a quote is not closed or it is no table."""

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_QUOTED = re.compile(r'"[^"]*+(?:""[^"]*+)*+"')


class Record(NamedTuple):
    """One record; the fields are raw, with their quotes."""

    fields: list[str]
    end: str
    """Its line end; empty for a last record that has none."""

    @property
    def blank(self) -> bool:
        """Whether this is an empty line."""
        return self.fields == [""]


def records(text: str, delimiter: str) -> Iterator[Record]:
    """The records of a text, in order. Raises ValueError where one is too long to be a row of a table."""
    position = 0
    plain = '"' not in text
    while position < len(text):
        line = _LINE.match(text, position)
        assert line is not None  # the pattern fits everywhere
        _check_length(text, position, line.end())
        if plain or '"' not in line.group(1):
            yield Record(line.group(1).split(delimiter), line.group(2))
            position = line.end()
        else:
            record, position = _quoted_record(text, position, delimiter)
            yield record


def joined_records(parts: Iterable[Record], delimiter: str) -> str:
    """The text of some records."""
    return "".join(delimiter.join(record.fields) + record.end for record in parts)


def value(field: str) -> str:
    """What a raw field says."""
    quoted = _QUOTED.match(field) if field.startswith('"') else None
    if quoted is None:
        return field
    return quoted.group()[1:-1].replace('""', '"') + field[quoted.end() :]


def raw(text: str, delimiter: str, *, always_quoted: bool) -> str:
    """A text as a raw field."""
    if always_quoted or text != text.strip() or any(sign in text for sign in (delimiter, '"', "\r", "\n")):
        return '"' + text.replace('"', '""') + '"'
    return text


def _quoted_record(text: str, position: int, delimiter: str) -> tuple[Record, int]:
    field = _field(delimiter)
    fields: list[str] = []
    start = position
    while True:
        match = field.match(text, position)
        assert match is not None  # the pattern fits everywhere
        _check_length(text, start, match.end())
        fields.append(match.group(1))
        position = match.end()
        if match.group(2) != delimiter:
            return Record(fields, match.group(2)), position


def _check_length(text: str, start: int, end: int) -> None:
    if end - start > MAX_RECORD:
        line = text.count("\n", 0, start) + 1
        raise ValueError(f"line {line:,} begins a row of more than {MAX_RECORD:,} characters")


@functools.cache
def _field(delimiter: str) -> re.Pattern[str]:
    """A raw field, and what ends it."""
    sign = re.escape(delimiter)
    return re.compile(rf"((?:{_QUOTED.pattern})?[^\r\n{sign}]*)({sign}|\r\n|\r|\n|\Z)")
