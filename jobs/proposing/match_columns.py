"""Which column is which field: by its header, unless its cells speak against it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

from fivestep.config.vocabulary.headers import Claim, claims
from fivestep.jobs.proposing.evidence import fit
from fivestep.jobs.proposing.tab_columns import TabColumn
from fivestep.process.model.deal import KINDS
from fivestep.process.model.table import shown
from fivestep.process.reading.cells import Filled, as_text
from fivestep.process.wording.vocabulary import Words

StageOf = Callable[[str], str | None]
"""The process's stage for the sheet's word; None where the process does not know it."""

_FITS = 0.6
"""The share of a column's cells that must be readable as its field."""
_KNOWN = 0.5
"""The share of known stages among a column's cells that makes it the stage's, whatever its header says."""
_SPEAKS = 3
"""Cells; fewer say nothing against a header, or for a field without one."""
_PERSON_BESIDE = frozenset({"email", "phone", "company"})
"""Beside one of these, a plain "Name" is a person's; else it is the deal's."""

_EXPECTED = {
    "email": "mail addresses",
    "amount": "amounts",
    "percent": "percentages",
    "date": "dates",
    "milestone": "dates or ticks",
    "flag": "ticks or yes and no",
    "outcome": "open, won or lost",
}


class MappedColumn(NamedTuple):
    """A field, and the header of its column."""

    field: str
    header: str
    doubt: str
    """Why it may be wrong, or why it was not taken; empty where it is sure."""


@dataclass(frozen=True)
class Match:
    """The columns of a tab, sorted out."""

    columns: Mapping[str, TabColumn]
    """By field."""
    doubts: Mapping[str, str]
    """By field, where there is one."""
    passed_over: Sequence[MappedColumn]
    """Columns whose header speaks of a field, and that were not taken for it."""


class _Pair(NamedTuple):
    """A column, and a field that it may be."""

    column: TabColumn
    claim: Claim
    objection: str
    """What speaks against it; empty where nothing does."""
    weight: tuple[float, ...]
    """The pair with the most weight goes first."""


def match(
    columns: Sequence[TabColumn], formulas: Set[int], words: Words, stage_of: StageOf, ends: Collection[str]
) -> Match:
    """The fields of these columns.

    `formulas` are the indexes of those that hold any, `ends` the stages of deals that are over.
    """
    evidence = _Evidence(columns, formulas, words, stage_of, ends)
    pairs = sorted(evidence.pairs(), key=lambda pair: pair.weight, reverse=True)
    taken: dict[str, _Pair] = {}
    used: set[int] = set()
    for pair in pairs:
        if not pair.objection and pair.claim.field not in taken and pair.column.index not in used:
            taken[pair.claim.field] = pair
            used.add(pair.column.index)
    passed_over: dict[int, MappedColumn] = {}
    for pair in pairs:
        if pair.column.index not in used:
            why = pair.objection or f"{taken[pair.claim.field].column.header} is taken for it"
            passed_over.setdefault(pair.column.index, MappedColumn(pair.claim.field, pair.column.header, why))
    return Match(
        {field: pair.column for field, pair in taken.items()},
        {field: doubt for field, pair in taken.items() if (doubt := evidence.doubt(pair))},
        list(passed_over.values()),
    )


class _Evidence:
    """What speaks for and against each pair of a column and a field."""

    def __init__(
        self, columns: Sequence[TabColumn], formulas: Set[int], words: Words, stage_of: StageOf, ends: Collection[str]
    ) -> None:
        self._columns, self._formulas, self._words, self._stage_of, self._ends = (
            columns,
            formulas,
            words,
            stage_of,
            ends,
        )
        self._claims = {column.index: claims(column.header) for column in columns}
        self._sure = {found[0].field for found in self._claims.values() if len(found) == 1}
        stages = [column for column in columns if any(claim.field == "stage" for claim in self._claims[column.index])]
        self._main = max(stages, key=lambda column: len(column.filled), default=None)

    def pairs(self) -> Iterator[_Pair]:
        for column in self._columns:
            for claim in self._claims[column.index] or self._by_cells(column):
                objection = self._against(column, claim)
                yield _Pair(column, claim, objection, self._weight(column, claim))

    def doubt(self, pair: _Pair) -> str:
        """Why a pair that was taken may be wrong all the same."""
        claim, filled = pair.claim, pair.column.filled
        if pair.column.repeated:
            return "another column has the same header: only the leftmost is read"
        if not claim.word:
            return "guessed from the cells alone"
        if not claim.exact:
            return f'guessed: the header is much like "{claim.word}"'
        if claim.field == "stage" and filled and self._known_share(filled) < _KNOWN:
            return "most of its words are no known stages"
        if claim.field == "stage" and (outcome := self._outcome_beside(pair.column)):
            return f"{outcome.header} says what was won or lost, and this column does not: such deals count as open"
        others = [other.field for other in self._claims[pair.column.index] if other.field != claim.field]
        if claim.field == "outcome":
            # A sheet without another column for the stage is none that can be read.
            others = [field for field in others if field != "stage"]
        if any(not filled or fit(field, filled, self._words) >= _FITS for field in others):
            return f"it could be {' or '.join(others)} as well"
        return ""

    def _outcome_beside(self, stage: TabColumn) -> TabColumn | None:
        """The column with the outcomes that the stage's own lacks, as where "Status" says open, won or lost."""
        if self._outcomes(stage):
            return None
        claimed = (column for column in self._columns if any(c.field == "stage" for c in self._claims[column.index]))
        return next((column for column in claimed if self._outcomes(column)), None)

    def _outcomes(self, column: TabColumn) -> bool:
        return any(self._stage_of(as_text(cell)) in self._ends for cell in column.filled)

    def _by_cells(self, column: TabColumn) -> Iterator[Claim]:
        """The field that the cells speak for where the header says nothing."""
        if len(column.filled) < _SPEAKS:
            return
        if self._known_share(column.filled) >= 0.8:
            yield Claim("stage", 0, "", False)
        elif fit("email", column.filled, self._words) >= 0.8:
            yield Claim("email", 0, "", False)

    def _weight(self, column: TabColumn, claim: Claim) -> tuple[float, ...]:
        known = claim.field == "stage" and bool(claim.word) and self._known_share(column.filled) >= _KNOWN
        return (
            known,
            bool(claim.word),
            claim.exact,
            bool(column.filled),
            -claim.rank,
            len(column.filled),
            -column.index,
        )

    def _against(self, column: TabColumn, claim: Claim) -> str:
        if claim.field == "stage" and claim.exact:
            # Numbers may be stages, too; `doubt` says so where the process does not know them.
            return ""
        if self._unlike(claim.field, column.filled):
            return f"its cells are no {_EXPECTED.get(KINDS[claim.field], 'words')}"
        if claim.field == "id":
            return self._against_id(column, claim)
        if claim.field == "contact" and claim.word == "name" and not self._sure & _PERSON_BESIDE:
            return "it is more likely the deal's name"
        if self._main and column.block != self._main.block and 2 * len(column.filled) < len(self._main.filled):
            return "it stands apart and is mostly blank, as in a side table"
        return ""

    def _against_id(self, column: TabColumn, claim: Claim) -> str:
        """An ID must name its deal for good: a formula or a mere count of the rows changes when the sheet is sorted."""
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

    def _unlike(self, field: str, filled: Collection[Filled]) -> bool:
        return len(filled) >= _SPEAKS and fit(field, filled, self._words) < _FITS

    def _known_share(self, filled: Collection[Filled]) -> float:
        if not filled:
            return 0.0
        return sum(self._stage_of(as_text(cell)) is not None for cell in filled) / len(filled)
