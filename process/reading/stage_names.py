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
_LETTERED = re.compile(r"^\s*[^\W\d_][.):]\s+")
_PARTS = re.compile(r"\s*[/|;,+&]\s*|\s+[-–—]\s+|\s*:\s+")
_NEGATIONS = frozenset(
    [
        "not",
        "no",
        "non",
        "nicht",
        "kein",
        "keine",
        "pas",
        "sans",
        "sin",
        "nao",
        "sem",
        "niet",
        "geen",
        "nie",
        "не",
        "без",
    ]
)
_SHORTEST = 4
"""Letters of a word that says something inside a longer text."""
_LONGEST = 200
_NO_OUTCOME = CellFault("cell.outcome", "is neither open nor won nor lost", "Type open, won or lost", "warning")
_ALIKE = 0.82
"""How alike a word must be to be taken for a slip: with hundreds of words known, something is always a little alike.

"Not qualified" and "offen" stay below that with "qualified" and "offer".
"""


def forms(text: str) -> Iterator[str]:
    """The forms in which a word may be known, each in the form of `plain`, the most specific first.

    As it stands; without what is added behind, in brackets or percent; without a number or a letter before it
    (`2 - Qualified`, `B. Qualified`); without both.
    """
    text = _LETTERED.sub("", text[:_LONGEST])
    known = dict.fromkeys((plain(text), plain(_ADDED.sub("", text))))
    yield from known
    for form in known:
        if match := _NUMBERED.match(form):
            yield form[match.end() :]


class StageWords:
    """The words for stages that a process and a team know, and what an unknown one may mean."""

    def __init__(self, process: Process, own: Mapping[str, str]) -> None:
        """`own` are the team's words for stages, which come before the process's words and names."""
        own = {word: stage for word, stage in own.items() if stage in process.stages}
        self._exact = {_one_line(word): stage for word, stage in own.items()}
        self._known = {plain(name): name for name in process.stages}
        self._known.update(process.stage_words)
        self._known.update({plain(word): stage for word, stage in own.items()})
        self._known.pop("", None)
        self._closed = {name for name, stage in process.stages.items() if stage.kind != "open"}

    def stage(self, text: str) -> str | None:
        """The stage of this whole word; None where it is not known."""
        return self._exact.get(_one_line(text)) or next(
            (self._known[form] for form in forms(text) if form in self._known), None
        )

    def suggestion(self, text: str) -> str | None:
        """The stage that an unknown word may mean, for a person to decide; None where it is like none."""
        return self._part(text) or self._slip(text) or self._inside(text)

    def _part(self, text: str) -> str | None:
        """The stage that a part of the word names, as in `Proposal/Pricing`; None in `Won/Lost`."""
        named = (self.stage(part) for part in _PARTS.split(text[:_LONGEST]) if part.strip())
        parts = [stage for stage in dict.fromkeys(named) if stage is not None]
        return parts[0] if len(parts) == 1 or (parts and self._closed.isdisjoint(parts)) else None

    def _slip(self, text: str) -> str | None:
        # Nobody is to close a deal because of a slip of the pen: "Closeout" is like "Closed lost", and means neither.
        if plain(text).startswith("close"):
            return None
        still_open = {word: name for word, name in self._known.items() if name not in self._closed}
        for form in forms(text):
            close = nearest(form, (word for word in still_open if word[:1] == form[:1]), _ALIKE)
            if close:
                return still_open[close]
        return None

    def _inside(self, text: str) -> str | None:
        """The open stage that all known words of a longer text name; None where they differ.

        `Presentación Propuesta` names one, "no demo" does not.
        """
        words = plain(text[:_LONGEST]).split()
        runs = (" ".join(words[start:end]) for start in range(len(words)) for end in range(start + 1, len(words) + 1))
        named = {stage for run in runs if len(run) >= _SHORTEST and (stage := self._known.get(run))}
        sole = named.pop() if len(named) == 1 and _NEGATIONS.isdisjoint(words) else None
        return None if sole in self._closed else sole


def stage_reader(process: Process, own: Mapping[str, str], words: Words) -> Callable[[Filled], str | CellFault]:
    """The reader of stages: gives the process's own name of the stage; see `StageWords`."""
    known = StageWords(process, own)
    blank = blank_stage(process, own)

    def read(cell: Filled) -> str | CellFault:
        text = as_text(cell)
        stage = known.stage(text)
        if stage is not None:
            return stage
        return blank if text.casefold() in words.blanks else _unknown(text, process, known)

    return read


def outcome_of(text: str, words: Words) -> DealOutcome | None:
    """Whether this says open, won or lost in any language; None where it says something else."""
    return _outcome_by(text, words.outcomes)


def _outcome_by(text: str, known: Mapping[str, DealOutcome]) -> DealOutcome | None:
    """The outcome of the whole text, or the one that its parts agree on.

    `Lost: price` is lost; `Won/Lost` says nothing, and gives None.
    """
    for form in forms(text):
        if form in known:
            return known[form]
    parts = (form for part in _PARTS.split(text[:_LONGEST]) for form in forms(part))
    named = {known[form] for form in parts if form in known}
    return named.pop() if len(named) == 1 else None


def outcome_reader(process: Process, words: Words) -> Callable[[Filled], DealOutcome | CellFault]:
    """The reader of a column that keeps won and lost apart from the stage.

    A word that is known as an outcome in no language may still be one for a stage of the process.
    """
    known: dict[str, DealOutcome] = {word: process.stages[stage].kind for word, stage in process.stage_words.items()}
    known |= {plain(name): stage.kind for name, stage in process.stages.items()}
    known |= words.outcomes

    def read(cell: Filled) -> DealOutcome | CellFault:
        return _outcome_by(as_text(cell), known) or _NO_OUTCOME

    return read


def blank_stage(process: Process, own: Mapping[str, str]) -> str | CellFault:
    """The stage of a deal that names none, by the team's words; else what is wrong."""
    for word, stage in own.items():
        if not word.strip() and stage in process.stages:
            return stage
    return CellFault("stage.blank", "names no stage", f"Type one of {', '.join(process.stages)}")


def _unknown(text: str, process: Process, known: StageWords) -> CellFault:
    close = known.suggestion(text)
    meant = f"Did you mean {close}? Type that" if close else f"Type one of {', '.join(process.stages)}"
    return CellFault(
        "stage.unknown",
        "is not a stage of the process",
        meant,
        or_settings=f"say under [stages] in the settings which stage {quote(text)} is",
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())
