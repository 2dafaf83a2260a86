"""Whether the headers in the settings fit together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fivestep.config.settings.model import WRITTEN, WriteBackSettings
from fivestep.errors import Mistake
from fivestep.process.model.deal import KINDS, Deal
from fivestep.process.wording.vocabulary import plain

_MAY_SHARE = (frozenset({"owner", "owner_email"}), frozenset({"contact", "email"}))
"""Fields that one column may hold both of: `Ann Lee (ann@northwind.example)`."""

_TAKEN = frozenset(Deal._fields) - frozenset(KINDS)


def column_mistakes(data: Mapping[str, Any], file: str) -> list[Mistake]:
    """The mistakes in `[columns]` and `[write_back]`; values of a wrong type are left to the types."""
    columns = _texts(data.get("columns"))
    own = data.get("write_back")
    said = {**WriteBackSettings().model_dump(), **(own if isinstance(own, Mapping) else {})}
    tools = _texts({name: said[name] for name in WRITTEN})
    if "id" in columns:
        # The team's own IDs: the tool has no column for them then.
        tools.pop("id", None)
    return [
        *_field_mistakes(data.get("columns", {}), file),
        *_shared_columns(columns, file),
        *_shared_tools(columns, tools, file),
    ]


def _texts(table: object) -> dict[str, str]:
    if not isinstance(table, Mapping):
        return {}
    return {name: header for name, header in table.items() if isinstance(header, str) and header.strip()}


def _field_mistakes(table: object, file: str) -> Iterator[Mistake]:
    columns = table if isinstance(table, Mapping) else {}
    if "stage" not in columns:
        yield Mistake(file, "columns.stage", "", 'is missing: name the column of the stages, such as stage = "Stage"')
    for field, header in columns.items():
        if isinstance(header, str) and not header.strip():
            yield Mistake(file, f"columns.{field}", repr(header), "is empty: name a header, or leave the line out")
        if field in _TAKEN:
            yield Mistake(file, f"columns.{field}", "", "this name has a meaning of its own; choose another")
        elif not field.isidentifier():
            yield Mistake(file, f"columns.{field}", "", "a field's name has only letters, digits and _")


def _shared_columns(columns: Mapping[str, str], file: str) -> Iterator[Mistake]:
    first: dict[str, str] = {}
    for field, header in columns.items():
        other = first.setdefault(" ".join(header.split()), field)
        if other != field and {field, other} not in _MAY_SHARE:
            yield Mistake(file, f"columns.{field}", repr(header), f"is the column of {other} already")


def _shared_tools(columns: Mapping[str, str], tools: Mapping[str, str], file: str) -> Iterator[Mistake]:
    """Two columns of the tool's own under one header, or one that is a column of the team's."""
    taken: dict[str, str] = {}
    for field, header in columns.items():
        taken.setdefault(_key(header), f"columns.{field}")
    for name, header in tools.items():
        other = taken.setdefault(_key(header), f"write_back.{name}")
        if other != f"write_back.{name}":
            expected = f'is {other} already; the tool needs a column of its own, such as "Fivestep {header.lower()}"'
            yield Mistake(file, f"write_back.{name}", repr(header), expected)


def _key(header: str) -> str:
    return plain(header) or " ".join(header.split())
