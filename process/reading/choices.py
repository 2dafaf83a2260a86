"""Words that the process lists for a field, and the numbers of a scale."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from operator import itemgetter

from fivestep.process.model.sales_process import Choice
from fivestep.process.reading.cells import CHECKBOX, CellFault, Filled, as_text
from fivestep.process.reading.numbers import finite
from fivestep.process.reading.stage_names import forms
from fivestep.process.wording.spelling import nearest
from fivestep.process.wording.vocabulary import Words

_NUMBER = re.compile(r"(\d{1,3}(?:[.,]\d{1,2})?)(?: ?/ ?(\d{1,3}))?", re.ASCII)
_BETWEEN = re.compile(r"[,;/+&\n]")

_Scale = tuple[float, Mapping[float, str]]


def choice_reader(
    cells: Collection[Filled], choice: Choice, words: Words
) -> Callable[[Filled], str | CellFault | None]:
    """The reader of a column of listed words, given its cells; of several words the first known counts.

    A number belongs to the smallest scale that reaches the column's highest; `4/5` names its scale itself.
    """
    reach = max((reach for reach, _ in choice.scales), default=0.0)
    bare = [number for number, out_of in map(_number, cells) if number is not None and out_of is None]
    highest = max((number for number in bare if number <= reach), default=0.0)

    def read(cell: Filled) -> str | CellFault | None:
        number, out_of = _number(cell)
        if number is not None and choice.scales:
            value = _on_scale(number, *_scale(choice.scales, highest, out_of))
        else:
            value = _word(as_text(cell), choice)
        if value is not None:
            return value
        text = as_text(cell)
        if text.casefold() in words.blanks or CHECKBOX.get(text.upper()) is False:
            return None
        return choice.other or _unknown(text, choice)

    return read


def _word(text: str, choice: Choice) -> str | None:
    for part in (text, *_BETWEEN.split(text)):
        for form in forms(part):
            if form in choice.words:
                return choice.words[form]
    return None


def _number(cell: Filled) -> tuple[float | None, float | None]:
    """A number, and the highest of its scale where the text names it."""
    if not isinstance(cell, str):
        return finite(cell), None
    match = _NUMBER.fullmatch(cell)
    if match is None:
        return None, None
    return float(match[1].replace(",", ".")), float(match[2]) if match[2] else None


def _scale(scales: Collection[_Scale], highest: float, out_of: float | None) -> _Scale:
    """The scale that a text names, else the smallest that fits the column; empty where there is none."""
    fitting = [scale for scale in scales if (scale[0] == out_of if out_of is not None else scale[0] >= highest)]
    return min(fitting, key=itemgetter(0), default=(0.0, {}))


def _on_scale(number: float, reach: float, values: Mapping[float, str]) -> str | None:
    """The value that holds from the highest mark that the number reaches; None beyond the scale's ends."""
    marks = [mark for mark in values if mark <= number <= reach]
    return values[max(marks)] if marks else None


def _unknown(text: str, choice: Choice) -> CellFault:
    values = list(dict.fromkeys([*choice.words.values(), *(v for _, scale in choice.scales for v in scale.values())]))
    close = nearest(text, choice.words)
    meant = f"Did you mean {choice.words[close]}? " if close else ""
    return CellFault(
        "cell.choice", "is not one of the words for this column", f"{meant}Type one of {', '.join(values)}"
    )
