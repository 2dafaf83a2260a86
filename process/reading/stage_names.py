"""Stages as sheets call them: `2 - Qualified`, `Proposal (60%)`, `✅ Won!`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from fivestep.process.model.deal import DealOutcome
from fivestep.process.model.sales_process import Process
from fivestep.process.reading.cells import CellFault, Filled, as_text, quote
from fivestep.process.wording.spelling import nearest
from fivestep.process.wording.vocabulary import Words, plain

_ADDED = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\]|[-–:,]?\s*\d{1,3}(?:[.,]\d+)?\s*%)\s*$")
_NUMBERED = re.compile(r"(?:[^\W\d]+ )?[a-z]?\d+(?: \d+)* ")
_LONGEST = 200
_NO_OUTCOME = CellFault("cell.outcome", "is neither open nor won nor lost", "Type open, won or lost", "warning")
_ALIKE = 0.75
"""How alike a word must be to be taken for a slip: with hundreds of words known, something is always a little alike."""


def forms(text: str) -> Iterator[str]:
    """The forms in which a word may be known, each in the form of `plain`, the most specific first.

    As it stands; without what is added behind, in brackets or percent; without a number before it; without both.
    """
    text = text[:_LONGEST]
    known = dict.fromkeys((plain(text), plain(_ADDED.sub("", text))))
    yield from known
    for form in known:
        if match := _NUMBERED.match(form):
            yield form[match.end() :]


def stage_reader(process: Process, own: Mapping[str, str], words: Words) -> Callable[[Filled], str | CellFault]:
    """The reader of stages: gives the process's own name of the stage.

    `own` are the team's words for stages, from the settings; they come before the process's, and those before the
    stages' names. A word has to be known whole: a part of it never decides.
    """
    own = {word: stage for word, stage in own.items() if stage in process.stages}
    exact = {_one_line(word): stage for word, stage in own.items()}
    known = {plain(name): name for name in process.stages}
    known.update(process.stage_words)
    known.update({plain(word): stage for word, stage in own.items()})
    known.pop("", None)
    blank = blank_stage(process, own)

    def read(cell: Filled) -> str | CellFault:
        text = as_text(cell)
        stage = exact.get(_one_line(text)) or next((known[form] for form in forms(text) if form in known), None)
        if stage is not None:
            return stage
        return blank if text.casefold() in words.blanks else _unknown(text, process, known)

    return read


def outcome_reader(process: Process, words: Words) -> Callable[[Filled], DealOutcome | CellFault]:
    """The reader of a column that keeps won and lost apart from the stage.

    A word that is known as an outcome in no language may still be one for a stage of the process.
    """
    known: dict[str, DealOutcome] = {word: process.stages[stage].kind for word, stage in process.stage_words.items()}
    known |= {plain(name): stage.kind for name, stage in process.stages.items()}
    known |= words.outcomes

    def read(cell: Filled) -> DealOutcome | CellFault:
        return next((known[form] for form in forms(as_text(cell)) if form in known), _NO_OUTCOME)

    return read


def blank_stage(process: Process, own: Mapping[str, str]) -> str | CellFault:
    """The stage of a deal that names none: the one that the team's words give to the empty text, else what is wrong."""
    for word, stage in own.items():
        if not word.strip() and stage in process.stages:
            return stage
    return CellFault("stage.blank", "names no stage", f"Type one of {', '.join(process.stages)}")


def _unknown(text: str, process: Process, known: Mapping[str, str]) -> CellFault:
    # Nobody is to close a deal because of a slip of the pen: "Closeout" is like "Closed lost", and means neither.
    closed = {name for name, stage in process.stages.items() if stage.kind != "open"}
    still_open = {word: name for word, name in known.items() if name not in closed}
    close = None if plain(text).startswith("close") else nearest(plain(text), still_open, _ALIKE)
    meant = f"Did you mean {still_open[close]}? Type that" if close else f"Type one of {', '.join(process.stages)}"
    return CellFault(
        "stage.unknown",
        "is not a stage of the process",
        meant,
        or_settings=f"say under [stages] in the settings which stage {quote(text)} is",
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
