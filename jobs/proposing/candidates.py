"""The fields that each column may be, and what speaks for and against it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence, Set
from typing import NamedTuple

from fivestep.config.vocabulary.header_parts import speaks_against
from fivestep.config.vocabulary.headers import Claim, claims
from fivestep.jobs.proposing.evidence import fit, says_money
from fivestep.jobs.proposing.stage_words import StageOf
from fivestep.jobs.proposing.tab_columns import TabColumn
from fivestep.process.model.deal import KINDS, DealOutcome
from fivestep.process.model.table import shown
from fivestep.process.reading.cells import as_text
from fivestep.process.reading.stage_names import outcome_of
from fivestep.process.wording.vocabulary import Words

_FITS = 0.6
"""The share of a column's cells that must be readable as its field."""
_SPEAKS_FOR = 0.8
"""The share that makes a column a field's that its header does not name."""
_KNOWN = 0.5
"""The share of known stages among a column's cells; below that it may be another column's."""
_SPEAKS = 3
"""Cells; fewer say nothing for a field without a header, and nothing against a header unless all of them do."""
_PERSON_BESIDE = frozenset({"email", "phone", "company"})
"""Beside one of these, a plain "Name" is a person's; else it is the deal's."""
_CLOSENESS = {"word": 3, "likeness": 2, "part": 1, "cells": 0}

_EXPECTED = {
    "email": "mail addresses",
    "amount": "amounts",
    "percent": "percentages",
    "date": "dates",
    "milestone": "dates or ticks",
    "flag": "ticks or yes and no",
    "stage": "stages",
    "outcome": "open, won or lost",
}


class Candidate(NamedTuple):
    """A column, and a field that it may be."""

    column: TabColumn
    claim: Claim
    objection: str
    """What speaks against it; empty where nothing does."""
    weight: tuple[float, ...]
    """The pair with the most weight goes first."""


class Candidates:
    """What speaks for and against each pair of a column and a field."""

    def __init__(
        self, columns: Sequence[TabColumn], formulas: Set[int], words: Words, stage_of: StageOf, stage: int | None
    ) -> None:
        """Prepare to tell which fields the columns may be.

        - `columns`, `formulas`: the columns, and the indexes of those that hold formulas.
        - `words`: the vocabulary.
        - `stage_of`: tells which stage a word means.
        - `stage`: the index of the stage's column; None where it is to be found.
        """
        self._columns, self._formulas, self._words, self._stage_of = columns, formulas, words, stage_of
        self._named = stage
        self._fits: dict[tuple[int, str], float] = {}
        self._claims = {column.index: self._claims_of(column) for column in columns}
        self._sure = {found[0].field for found in self._claims.values() if len(found) == 1}
        self._stages = [column for column in columns if self._may_be_stage(column)]
        self._outcomes = {column.index for column in self._stages if self._only_outcomes(column)}
        self._main = max(self._stages, key=lambda column: len(column.filled), default=None)

    def pairs(self) -> Iterator[Candidate]:
        """Every column with each field it may be, what speaks against that, and how well it fits."""
        for column in self._columns:
            for claim in self._claims[column.index]:
                objection = self._against(column, claim)
                yield Candidate(column, claim, objection, self._weight(column, claim))

    def doubt(self, pair: Candidate, elsewhere: Collection[str]) -> str:
        """Why a pair that was taken may be wrong all the same; `elsewhere` are the fields of other columns."""
        claim, column = pair.claim, pair.column
        if column.repeated:
            return "another column has the same header: only the leftmost is read"
        if claim.field == "stage" and self._named is None and (doubt := self._stage_doubt(column)):
            return doubt
        if claim.by == "cells":
            return "guessed from the cells alone"
        if claim.by == "part":
            return f'guessed from "{claim.word}" in the header, and from the cells'
        if claim.by == "likeness":
            return f'guessed: the header is much like "{claim.word}"'
        others = [other.field for other in self._claims[column.index] if other.field not in (claim.field, *elsewhere)]
        if claim.field in ("stage", "outcome"):
            others = []  # Which of two columns is which has been weighed, and is no matter of the one alone.
        if any(not column.filled or self._fit(column, field) >= _FITS for field in others):
            return f"it could be {' or '.join(others)} as well"
        return ""

    def _stage_doubt(self, column: TabColumn) -> str:
        rivals = [other for other in self._stages if other.index != column.index]
        if rivals and all(other.index in self._outcomes for other in rivals):
            return f"{' or '.join(other.header for other in rivals)} is taken for the outcome: won, lost or open"
        if rivals:
            return f"{' or '.join(other.header for other in rivals)} could be it as well"
        if column.filled and self._known_share(column) < _KNOWN:
            return "most of its words are no known stages"
        return ""

    def _claims_of(self, column: TabColumn) -> list[Claim]:
        """The fields that the header may mean; by a mere part of it only those that the cells fit."""
        if self._named is not None and column.index == self._named:
            return [Claim("stage", -1, "", "word")]
        found = [
            claim
            for claim in claims(column.header)
            if claim.by != "part" or (column.filled and self._fit(column, claim.field) >= _SPEAKS_FOR)
        ]
        if self._named is not None:
            found = [claim for claim in found if claim.field != "stage"]
        return found or list(self._by_cells(column))

    def _by_cells(self, column: TabColumn) -> Iterator[Claim]:
        """The field that the cells speak for where the header says nothing."""
        if len(column.filled) < _SPEAKS:
            return
        if self._named is None and self._known_share(column) >= _SPEAKS_FOR:
            yield Claim("stage", 0, "", "cells")
        if self._only_outcomes(column) and {"won", "lost"} <= set(self._outcomes_in(column)):
            yield Claim("outcome", 0, "", "cells")
        elif self._fit(column, "email") >= _SPEAKS_FOR:
            yield Claim("email", 0, "", "cells")
        elif says_money(column.filled, self._words) >= _SPEAKS_FOR and not speaks_against(column.header, "amount"):
            yield Claim("amount", 0, "", "cells")

    def _may_be_stage(self, column: TabColumn) -> bool:
        return any(claim.field == "stage" for claim in self._claims[column.index]) and not self._unlike(column, "stage")

    def _only_outcomes(self, column: TabColumn) -> bool:
        """Whether the column says open, won and lost, and hardly anything else."""
        said = self._outcomes_in(column)
        return bool(said) and 4 * sum(outcome is not None for outcome in said) >= 3 * len(said)

    def _outcomes_in(self, column: TabColumn) -> list[DealOutcome | None]:
        """What each of the column's different words says of a deal's end."""
        return [outcome_of(text, self._words) for text in set(map(as_text, column.filled))]

    def _other_stage(self, column: TabColumn) -> TabColumn | None:
        """A column beside this one that can be the stage, and says more than open, won and lost."""
        others = (other for other in self._stages if other.index != column.index)
        return next((other for other in others if other.index not in self._outcomes), None)

    def _weight(self, column: TabColumn, claim: Claim) -> tuple[float, ...]:
        return (
            not (claim.field == "stage" and self._hopeless(column)),
            _CLOSENESS[claim.by],
            bool(column.filled),
            -claim.rank,
            len(column.filled),
            -column.index,
        )

    def _hopeless(self, column: TabColumn) -> bool:
        """None of its words is a known stage, and nearly all of another column's are: "green" is no stage."""
        rivals = (other for other in self._stages if other.index != column.index and other.index not in self._outcomes)
        return not self._known_share(column) and any(self._known_share(rival) >= _SPEAKS_FOR for rival in rivals)

    def _against(self, column: TabColumn, claim: Claim) -> str:
        field = claim.field
        if column.index == self._named:
            return ""
        if self._unlike(column, field):
            return f"its cells are no {_expected(field)}"
        if field in ("stage", "outcome"):
            return self._against_stage(column, field)
        if field == "id":
            return self._against_id(column, claim)
        if field == "contact" and not self._sure & _PERSON_BESIDE and self._deals_too(column, claim):
            return "it is more likely the deal's name"
        if self._main and column.block != self._main.block and 2 * len(column.filled) < len(self._main.filled):
            return "it stands apart and is mostly blank, as in a side table"
        return ""

    def _against_stage(self, column: TabColumn, field: str) -> str:
        """Of two columns the one that says only how deals end is the outcome; the only one is the stage."""
        if field == "stage":
            apart = column.index in self._outcomes and self._other_stage(column) is not None
            return "it says only what is open, won or lost" if apart else ""
        if any(claim.field == "stage" for claim in self._claims[column.index]):
            if self._other_stage(column) is None:
                return "it is the only column that can be the stage"
            if column.filled and column.index not in self._outcomes:
                return "it says more than open, won or lost"
        return ""

    def _deals_too(self, column: TabColumn, claim: Claim) -> bool:
        return any(other.field == "deal" and other.word == claim.word for other in self._claims[column.index])

    def _against_id(self, column: TabColumn, claim: Claim) -> str:
        """What speaks against an ID: a formula or a count of rows changes when the sheet is sorted."""
        if not claim.exact:
            return "it may be anything"
        if column.index in self._formulas:
            return "it holds formulas, which change when rows move"
        cells = [column.cells[row] for row in self._deal_rows()]
        ids = [shown(cell) for cell in cells if cell not in (None, "")]
        if len(set(ids)) < len(cells):
            return "not every deal has one of its own"
        if "id" not in claim.word.split() and ids == [str(n) for n in range(1, len(ids) + 1)]:
            return "it only numbers the rows"
        return ""

    def _deal_rows(self) -> Sequence[int]:
        """The rows that name a stage, as a row of totals does not."""
        if self._main is None:
            return range(len(self._columns[0].cells))
        return [row for row, cell in enumerate(self._main.cells) if cell not in (None, "")]

    def _unlike(self, column: TabColumn, field: str) -> bool:
        """Whether too many cells are something else: most of many, all of few, or the one there is."""
        share = self._fit(column, field)
        if share >= _FITS:
            return False
        if len(column.filled) >= _SPEAKS or (not share and len(column.filled) > 1):
            return True
        others = (claim.field for claim in claims(column.header) if claim.field != field)
        return not share and any(self._fit(column, other) == 1 for other in others)

    def _fit(self, column: TabColumn, field: str) -> float:
        key = column.index, field
        if key not in self._fits:
            self._fits[key] = fit(field, column.filled, self._words)
        return self._fits[key]

    def _known_share(self, column: TabColumn) -> float:
        if not column.filled:
            return 0.0
        return sum(self._stage_of(as_text(cell)) is not None for cell in column.filled) / len(column.filled)


def _expected(field: str) -> str:
    if field == "phone":
        return "phone numbers"
    return _EXPECTED.get(KINDS[field], "words")
