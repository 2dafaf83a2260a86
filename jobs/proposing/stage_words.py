"""The sheet's words for stages: the known ones, and how many deals each unknown one holds."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from fivestep.jobs.proposing.tab_columns import TabColumn
from fivestep.process.model.sales_process import Process, Stage
from fivestep.process.model.table import Cell, shown
from fivestep.process.reading.cells import CellFault, as_text, fill
from fivestep.process.reading.stage_names import StageWords
from fivestep.process.wording.spelling import nearest
from fivestep.process.wording.vocabulary import Words, plain

StageOf = Callable[[str], Stage | None]
"""The process's stage for the sheet's word; None where the process does not know it."""

_MANY_BLANK = 0.2
"""The share of the deals from which a blank stage looks like a habit, and no oversight."""


class UnknownStage(NamedTuple):
    """A word for a stage that the process does not know; the empty one stands for a blank cell."""

    word: str
    deals: int
    suggestion: str
    """The stage it may mean; empty where it is like none."""


def stage_finder(process: Process, own: Mapping[str, str]) -> StageOf:
    """The stage of a word, by the team's own words and those of the process."""
    known = StageWords(process, own)

    def stage_of(text: str) -> Stage | None:
        name = known.stage(text)
        return None if name is None else process.stages[name]

    return functools.lru_cache(maxsize=None)(stage_of)


def unknown_stages(
    column: TabColumn, beside: Sequence[TabColumn], process: Process, own: Mapping[str, str], words: Words
) -> list[UnknownStage]:
    """The words of this column that nobody knows, those of the most deals first.

    - `column`: the stage's column.
    - `beside`: the columns that say that a row is a deal. Blanks are among the words where many deals have one.
    - `process`, `own`, `words`: what stages are called by the process, by a person, by the vocabulary.
    """
    known = StageWords(process, own)
    spellings: dict[str, Counter[str]] = {}
    blank = 0
    for row, cell in enumerate(column.cells):
        if text := _text(cell, words):
            spellings.setdefault(plain(text) or text, Counter())[text] += 1
        elif any(_names_a_deal(other.cells[row], words) for other in beside):
            blank += 1
    written = [(counts.most_common(1)[0][0], counts.total()) for counts in spellings.values()]
    found = [
        UnknownStage(word, deals, known.suggestion(word) or "")
        for word, deals in sorted(written, key=lambda one: -one[1])
        if known.stage(word) is None
    ]
    total = sum(deals for _, deals in written)
    if "" not in own and blank > 1 and blank >= _MANY_BLANK * (blank + total):
        found.append(UnknownStage("", blank, next(iter(process.stages))))
    return found


def unused_words(column: TabColumn, own: Mapping[str, str], words: Words) -> dict[str, str]:
    """The team's own words that no cell holds, each with the cells' word most like it.

    Empty where no word is like it.
    """
    held = {plain(text): text for cell in column.cells if (text := _text(cell, words))}
    unused = [word for word in own if word and plain(word) not in held]
    return {word: held.get(nearest(plain(word), held) or "", "") for word in unused}


@functools.lru_cache(maxsize=4096)
def _one_line(text: str) -> str:
    return " ".join(text.split())


def _text(cell: Cell, words: Words) -> str:
    if cell is None or cell == "":
        return ""
    held = fill(cell, words.blanks)
    return "" if held is None or isinstance(held, CellFault) else _one_line(as_text(held))


def _names_a_deal(cell: Cell, words: Words) -> bool:
    text = plain(shown(cell))
    return bool(text) and text not in words.totals
