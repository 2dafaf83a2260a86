"""Texts with merge fields: `Dear {{First name|there}}`.

A merge field is a name between double braces, and after a bar what stands there where the name has no
value. Nothing else has a meaning, and values are never read again as text: a cell that says `{{email}}`
or `{% … %}` stays what it says.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

_FIELD = re.compile(r"\{\{([^{}|]*)(?:\|([^{}]*))?\}\}")


class MergeField(NamedTuple):
    """One merge field: the name as written, and its fallback, None where there is none."""

    name: str
    fallback: str | None

    @property
    def source(self) -> str:
        """As it is written in a text."""
        return f"{{{{{self.name}}}}}" if self.fallback is None else f"{{{{{self.name}|{self.fallback}}}}}"


class Merged(NamedTuple):
    """The text, and the names that had neither a value nor a fallback."""

    text: str
    missing: tuple[str, ...]


LookUp = Callable[[str], str | None]
"""The value of a merge field by its name; None where there is none."""


class Merge:
    """A text, compiled once."""

    __slots__ = ("fields", "parts", "source")

    def __init__(self, source: str) -> None:
        """Raises ValueError, with a message for people, where braces are left over or a name is empty."""
        self.source = source
        self.parts: tuple[str | MergeField, ...] = tuple(_parts(source))
        self.fields: tuple[MergeField, ...] = tuple(part for part in self.parts if isinstance(part, MergeField))
        """The merge fields, in order."""

    def __repr__(self) -> str:
        return f"Merge({self.source!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Merge) and other.source == self.source

    def __hash__(self) -> int:
        return hash(self.source)

    def render(self, look_up: LookUp, escape: Callable[[str], str] = str) -> Merged:
        """The text with every field filled in; values and fallbacks pass through `escape`, the text does not."""
        if not self.fields:
            return Merged(self.source, ())
        out: list[str] = []
        missing: list[str] = []
        for part in self.parts:
            if isinstance(part, str):
                out.append(part)
                continue
            value = look_up(part.name) or part.fallback
            if value is None:
                missing.append(part.name)
            else:
                out.append(escape(value))
        return Merged("".join(out), tuple(dict.fromkeys(missing)))


def _parts(source: str) -> list[str | MergeField]:
    parts: list[str | MergeField] = []
    end = 0
    for match in _FIELD.finditer(source):
        begin = match.start()
        parts.append(_literal(source[end:begin]))
        if "{" in source[:begin][-1:] or "}" in source[match.end() :][:1]:
            raise ValueError(f"there is a brace too many at {match.group(0)}")
        name, fallback = match.group(1).strip(), match.group(2)
        if not name:
            raise ValueError(f"the merge field {match.group(0)} has no name")
        parts.append(MergeField(name, None if fallback is None else fallback.strip()))
        end = match.end()
    parts.append(_literal(source[end:]))
    return [part for part in parts if part != ""]


def _literal(text: str) -> str:
    for braces in ("{{", "}}"):
        if braces in text:
            where = text.index(braces)
            raise ValueError(f"{braces} without its other half, at {text[where : where + 20]!r}")
    return text
