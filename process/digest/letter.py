"""A digest put into words: the source of a mail text, with its lists written out.

A paragraph that names a part (`{{stalled.deal}}`) is left out where that part is empty. Of its list the first line that
has all its values is written for each deal; a line with `more` comes last, where not all deals are listed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from fivestep.process.digest.digest import PARTS, Digest, Line
from fivestep.process.digest.figures import NOBODY, OwnerShare, owner_of, sum_of, worth
from fivestep.process.mails.first_name import first_name
from fivestep.process.model.plan_settings import NameWords
from fivestep.process.model.template import Merge, MergeField
from fivestep.process.wording import show

MOST_LINES = 7
"""Lines of one part."""

OWNERS = "owners"
"""The part with a line for each owner."""

GENERAL = ("pipeline", "day", "week", "first_name", "open", "amount")
OF_A_PART = ("count", "more", "amounts")
OF_A_DEAL = ("deal", "row", "owner", "stage", "amount", "day", "why", "next_step", "cells")
OF_AN_OWNER = ("name", "open", "amount", *PARTS)

LETTER_FIELDS = frozenset(
    (
        *GENERAL,
        *(f"{part}.{name}" for part in PARTS for name in (*OF_A_PART, *OF_A_DEAL)),
        *(f"{OWNERS}.{name}" for name in ("count", "more", *OF_AN_OWNER)),
    )
)
"""All that a digest's text may name."""

Values = Mapping[str, str | None]

_LISTED = re.compile(r"\s*(?:[-*+]|\d+[.)])\s")


class Listed(NamedTuple):
    """One part, ready to be written."""

    values: Values
    """Those of the part as a whole."""
    lines: Sequence[Values]


class Letter(NamedTuple):
    """A text's source, and the values of its merge fields."""

    source: str
    values: Values


def write_letter(source: str, digest: Digest, pipeline: str, today: dt.date, week: int, names: NameWords) -> Letter:
    """The letter of this digest, with the lists of its text written out.

    - `source`: the text as its file has it.
    - `digest`: what the letter tells.
    - `pipeline`, `today`, `week`: the pipeline's name, the day, and the number of the team's week.
    - `names`: the words by which first names are found.
    """
    parts = _listed(digest, today)
    values: dict[str, str | None] = {
        "pipeline": pipeline,
        "day": show.day(today, today),
        "week": str(week),
        "first_name": first_name(digest.reader.name, names),
        "open": show.number(digest.open),
        "amount": show.money(digest.amounts) if digest.amounts else None,
    }
    written = []
    for block in re.split(r"\n(?:[ \t]*\n)+", source.strip("\n")):
        named = part_of(block)
        if not named:
            written.append(block)
        elif named in parts:
            part = parts[named]
            values |= {f"{named}.{name}": value for name, value in part.values.items()}
            for number, line in enumerate(part.lines, 1):
                values |= {_numbered(f"{named}.{name}", number): value for name, value in line.items()}
            written.append("\n".join(_written(block.split("\n"), named, part)))
    return Letter("\n\n".join(written) + "\n", values)


def part_of(text: str) -> str:
    """The part that a paragraph or a line names; empty where it names none.

    Raises ValueError where it names two.
    """
    parts = dict.fromkeys(field.name.partition(".")[0] for field in Merge(text).fields if "." in field.name)
    if len(parts) > 1:
        raise ValueError(f"one paragraph can tell of one list only, and this tells of {' and '.join(parts)}")
    return next(iter(parts), "")


def is_for_each(line: str) -> bool:
    """Whether a line of a text is repeated for each deal or owner.

    Raises ValueError where it is no line of a list.
    """
    names = [field.name.partition(".")[2] for field in Merge(line).fields if "." in field.name]
    found = any(name not in OF_A_PART for name in names)
    if found and not _LISTED.match(line):
        raise ValueError("what is told of each deal stands in a line of a list, which begins with `- `")
    return found


def _written(lines: Sequence[str], named: str, part: Listed) -> Iterator[str]:
    """The lines of a paragraph, with the repeated ones written out for each deal or owner."""
    choices = [line for line in lines if is_for_each(line)]
    for line in lines:
        if choices and line == choices[0]:
            for number, values in enumerate(part.lines, 1):
                yield _for_one(_fitting(choices, named, values), number)
        elif line not in choices and not (_needs(line, f"{named}.more") and part.values["more"] is None):
            yield line


def _fitting(choices: Sequence[str], named: str, values: Values) -> str:
    for line in choices:
        fields = [field for field in Merge(line).fields if field.fallback is None]
        if all(values.get(field.name.removeprefix(f"{named}."), "") is not None for field in fields):
            return line
    return choices[-1]


def _for_one(line: str, number: int) -> str:
    """The line with its merge fields renamed to those of the deal with this number."""
    return "".join(_renamed(part, number) if isinstance(part, MergeField) else part for part in Merge(line).parts)


def _renamed(field: MergeField, number: int) -> str:
    one_each = "." in field.name and field.name.partition(".")[2] not in OF_A_PART
    return (field._replace(name=_numbered(field.name, number)) if one_each else field).source


def _numbered(name: str, number: int) -> str:
    return f"{name} {number}"


def _needs(line: str, name: str) -> bool:
    return any(field.name == name for field in Merge(line).fields)


def _listed(digest: Digest, today: dt.date) -> dict[str, Listed]:
    """The parts that are not empty, by name."""
    found = {
        str(part): Listed(
            {**_of_part(len(lines)), "amounts": _money(sum_of(worth(line.deal) for line in lines))},
            [_of_deal(line, today) for line in lines[:MOST_LINES]],
        )
        for part, lines in digest.parts.items()
    }
    found[OWNERS] = Listed(
        _of_part(len(digest.owners)), [_of_owner(share, digest) for share in digest.owners[:MOST_LINES]]
    )
    return found


def _of_part(count: int) -> dict[str, str | None]:
    return {"count": show.number(count), "more": show.number(count - MOST_LINES) if count > MOST_LINES else None}


def _of_deal(line: Line, today: dt.date) -> Values:
    verdict, deal = line.verdict, line.deal
    return _in_lines(
        {
            "deal": deal.full_name,
            "row": str(verdict.row),
            "owner": deal.owner or deal.owner_email,
            "stage": verdict.stage,
            "amount": _money(worth(deal)),
            "day": show.day(line.day, today) if line.day else None,
            "why": verdict.reason,
            "next_step": verdict.next_step,
            "cells": line.cells,
        }
    )


def _of_owner(share: OwnerShare, digest: Digest) -> Values:
    return _in_lines(
        {
            "name": None if share.owner == NOBODY else share.owner,
            "open": show.number(share.kinds["open"]),
            "amount": _money(share.amounts),
            **{
                part: show.number(sum(owner_of(line.deal) == share.owner for line in digest.parts.get(part, ())))
                for part in PARTS
            },
        }
    )


def _money(sums: Mapping[str, float]) -> str | None:
    return show.money(sums) if sums else None


def _in_lines(values: Values) -> Values:
    """The values as they may stand in a line of a list; nothing counts as none."""
    return {name: show.one_line(value) or None if value else None for name, value in values.items()}
