"""Texts, answers, ticks, milestones, and names of people."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from fivestep.process.model.deal import Milestone
from fivestep.process.reading.cells import CHECKBOX, CellFault, Filled, Reading, as_text
from fivestep.process.reading.date_texts import NOT_A_DATE
from fivestep.process.reading.dates import date_reader
from fivestep.process.wording.vocabulary import Words, plain

_BETWEEN_PEOPLE = re.compile(r"[,;/\n\r]|\s(?:and|und|&)\s", re.IGNORECASE)
_BULLET = re.compile(r"(?:[-*•–]|\d{1,2}[.)])\s+")
_LONGEST_SIGN = 6
_EMOJI_STYLE = "\ufe0f"

_NOT_A_TICK = CellFault("cell.flag", "is neither a yes nor a no", "Type yes or no, or tick the box")
_NOT_A_MILESTONE = CellFault(
    "cell.milestone", "is neither a yes, a no nor a date", "Type yes, no, or the day on which it happened"
)


def answer_reader(words: Words) -> Callable[[Filled], str | None]:
    """The reader of answers: a tick is `yes`; an empty box, a cross, and marks alone are no answer."""

    def read(cell: Filled) -> str | None:
        text = as_text(cell)
        ticked = _sign(text, words)
        if ticked is not None:
            return "yes" if ticked else None
        return text if any(map(str.isalnum, text)) else None

    return read


def flag_reader(words: Words) -> Callable[[Filled], bool | CellFault]:
    """The reader of flags: ticked boxes, signs, words, and the numbers 1 and 0."""

    def read(cell: Filled) -> bool | CellFault:
        said = _yes_or_no(cell, words)
        return _NOT_A_TICK if said is None else said

    return read


def milestone_reader(cells: Collection[Filled], reading: Reading) -> Callable[[Filled], Milestone | CellFault | None]:
    """The reader of a column of milestones, given its cells: yes or no, a date, or both."""
    words = reading.words
    read_date = date_reader([_without_yes(cell, words) for cell in cells], reading)

    def read(cell: Filled) -> Milestone | CellFault | None:
        said = _yes_or_no(cell, words)
        if said is not None:
            return said
        found = read_date(_without_yes(cell, words))
        return _NOT_A_MILESTONE if found is NOT_A_DATE else found

    return read


def read_people(cell: Filled) -> tuple[str, ...] | None:
    """The names in a cell, each once, in order."""
    parts = (_BULLET.sub("", part.strip(), count=1).strip() for part in _BETWEEN_PEOPLE.split(as_text(cell)))
    return tuple(dict.fromkeys(part for part in parts if any(map(str.isalnum, part)))) or None


def _sign(text: str, words: Words) -> bool | None:
    """Whether a box or a sign is ticked; None where the text is neither."""
    if len(text) > _LONGEST_SIGN:
        return None
    box = CHECKBOX.get(text.upper())
    if box is not None:
        return box
    sign = text.casefold().replace(_EMOJI_STYLE, "")
    return True if sign in words.ticks else False if sign in words.crosses else None


def _yes_or_no(cell: Filled, words: Words) -> bool | None:
    if not isinstance(cell, str):
        return bool(cell) if isinstance(cell, int | float) and cell in {0, 1} else None
    signed = _sign(cell, words)
    if signed is not None:
        return signed
    word = plain(cell)
    return True if word in words.yes or word == "1" else False if word in words.no or word == "0" else None


def _without_yes(cell: Filled, words: Words) -> Filled:
    """What follows a leading yes or tick: in `yes, 3.4.2025` the date."""
    if not isinstance(cell, str):
        return cell
    first, _, rest = cell.partition(" ")
    return rest.lstrip(" :-–") if rest and _yes_or_no(first, words) else cell
