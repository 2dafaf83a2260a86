"""Every mistake of a file that a person edits, said so that the person can mend it.

`read_toml` raises a `SettingsError` where the file is no TOML; who holds its content against a model catches
`pydantic.ValidationError`, asks `mistakes_of`, and adds what else there is before raising all at once.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from fivestep.errors import Mistake, SettingsError
from fivestep.process.wording.show import cut
from fivestep.process.wording.spelling import did_you_mean

_WHERE = re.compile(r" \(at (line \d+, column \d+|end of document)\)$")
_USER = re.compile(r"://\S*@")
_LINE = re.compile(r"line (\d+)")
_SHOWN = 60
"""Characters of what was found that a message repeats."""

_LARGEST = 2**63 - 1
"""TOML promises no larger number."""

_ENDLESS = re.compile(r"\d(?:_?\d){999,}")
"""A number with so many digits that Python may refuse to read or write it."""

_WITH_PASSWORD = "ledger.url"
"""What stands there is not repeated."""

_TOO_LARGE = "is a number larger than any that makes sense here"

_EXPECTED = {
    "missing": "is missing and must be given",
    "string_type": "must be a text in quotes",
    "string_too_short": "must not be empty",
    "string_pattern_mismatch": "must look like {pattern}",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": _TOO_LARGE,
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "list_type": "must be a list in square brackets",
    "tuple_type": "must be a list in square brackets",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "too_short": "must have at least {min_length} entries",
    "too_long": "must have at most {max_length} entries",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be {le} or less",
    "literal_error": "must be {expected}",
    "value_error": "{error}",
}
"""Pydantic's type of an error to words for people; braces take from the error's own context."""


def read_toml(source: Path | str, name: str) -> dict[str, Any]:
    """The tables of a TOML file, or of a text that holds one.

    `name` is what messages call it. Raises SettingsError, with line and column where it is not TOML.
    """
    text = source if isinstance(source, str) else read_text(source, name)
    tables = _tables(text.removeprefix("\ufeff"), name)
    if large := list(_too_large(tables, ())):
        raise SettingsError([Mistake(name, place_of(loc, tables), "", _TOO_LARGE) for loc in large])
    return tables


def _tables(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        where = _WHERE.search(message)
        said = _WHERE.sub("", message)
        place = where[1] if where else ""
        raise _fault(
            name, f"not valid TOML: {said[:1].lower()}{said[1:]}", place, found=_line_at(place, text)
        ) from None
    except RecursionError:
        raise _fault(name, "is nested too deeply") from None
    except ValueError:
        # Python reads no number that long. What is left of it is still too large, and has a place.
        return tomllib.loads(_ENDLESS.sub(lambda digits: digits[0][:99], text))


def _too_large(value: object, loc: tuple[int | str, ...]) -> Iterator[tuple[int | str, ...]]:
    """Where whole numbers stand that are larger than TOML has them."""
    if isinstance(value, int) and abs(value) > _LARGEST:
        yield loc
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield from _too_large(one, (*loc, key))


def read_text(path: Path, name: str) -> str:
    """The text of a file in UTF-8, or in UTF-16 as some Windows editors save it.

    Raises SettingsError where it cannot be read.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise _fault(name, f"is not there: {path}") from None
    except IsADirectoryError:
        raise _fault(name, f"is a folder: {path}") from None
    except OSError as error:
        raise _fault(name, f"cannot be read: {error.strerror or error}") from None
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _fault(name, "is not text in UTF-8; save the file as UTF-8", f"line {line}") from None


def mistakes_of(error: ValidationError, file: str, model: type[BaseModel], data: object) -> list[Mistake]:
    """The mistakes that pydantic found in `data`, in words for people.

    An entry of a list is called by its `name` or `id` where it has one: `stages.Pitch.rules.value`.
    """
    found: dict[str, Mistake] = {}
    for detail in error.errors(include_url=False):
        missing = detail["type"] == "missing"
        loc = _without_tags(detail["loc"], data, missing=missing)
        place = place_of(loc, data)
        expected = _expected(detail["type"], detail.get("ctx", {}), detail["msg"])
        shown = "" if missing or place == _WITH_PASSWORD else shortened(detail["input"])
        if detail["type"] == "extra_forbidden":
            expected = "there is nothing of this name here" + did_you_mean(str(loc[-1]), _names_at(model, loc[:-1]))
        elif detail["type"] == "literal_error":
            expected += did_you_mean(str(detail["input"]), _quoted(expected))
        # Where one of several types would do, pydantic complains once about each.
        if place in found and expected != found[place].expected:
            expected = f"{found[place].expected} or {expected.removeprefix('must be ')}"
        found[place] = Mistake(file, place, shown, expected)
    return list(found.values())


def place_of(loc: Sequence[int | str], data: object) -> str:
    """A path into nested tables as a person would say it: `stages.Pitch.rules.value`, `steps[2].text`."""
    place = ""
    for key in loc:
        data = _entry(data, key)
        name = (data.get("name") or data.get("id")) if isinstance(key, int) and isinstance(data, Mapping) else key
        place += f"[{key + 1}]" if isinstance(key, int) and not isinstance(name, str) else f".{name}"
    return place.removeprefix(".") or "the file"


def shortened(value: object) -> str:
    """The value as it would be typed, cut where it is long."""
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return cut(text, _SHOWN)


def _fault(name: str, expected: str, place: str = "", found: str = "") -> SettingsError:
    return SettingsError([Mistake(name, place or "the file", found, expected)])


def _line_at(place: str, text: str) -> str:
    """The shortened line of the text at `line 3, column 7`; empty where the place is no line."""
    number = _LINE.match(place)
    line = text.split("\n")[int(number[1]) - 1].strip() if number else ""
    return shortened(_USER.sub("://…@", line)) if line else ""


def _expected(kind: str, context: Mapping[str, Any], message: str) -> str:
    words = _EXPECTED.get(kind)
    if words is None:
        return message
    return words.format_map({name: f"{one:g}" if isinstance(one, float) else one for name, one in context.items()})


def _without_tags(loc: Sequence[int | str], data: object, *, missing: bool) -> tuple[int | str, ...]:
    """The path without the marks that pydantic adds for the members of a union and for keys."""
    kept: list[int | str] = []
    for key in loc:
        there = (isinstance(data, list) and isinstance(key, int)) or (isinstance(data, Mapping) and key in data)
        if not there and not (missing and isinstance(data, Mapping)):
            break
        kept.append(key)
        data = _entry(data, key)
    return tuple(kept)


def _entry(data: object, key: int | str) -> object:
    if isinstance(data, Mapping):
        return data.get(key)
    if isinstance(data, list) and isinstance(key, int) and key < len(data):
        return data[key]
    return None


def _names_at(model: type[BaseModel], loc: Sequence[int | str]) -> Iterable[str]:
    """The names that the table at this path may have."""
    models = [model]
    for key in loc:
        if isinstance(key, int):
            continue
        models = [inner for one in models for inner in _models_of(_annotation(one, key))] or models
    return [field.alias or name for one in models for name, field in one.model_fields.items() if not field.exclude]


def _annotation(model: type[BaseModel], key: str) -> object:
    for name, field in model.model_fields.items():
        if key in (name, field.alias):
            return field.annotation
    return None


def _models_of(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_of(inner)


def _quoted(text: str) -> list[str]:
    return re.findall(r"'([^']+)'", text)
