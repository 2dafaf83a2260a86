"""Which column is which field: by its header, unless its cells speak against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple

from fivestep.jobs.proposing.candidates import Candidate, Candidates
from fivestep.jobs.proposing.evidence import names_beside_addresses
from fivestep.jobs.proposing.stage_words import StageOf
from fivestep.jobs.proposing.tab_columns import TabColumn
from fivestep.process.wording.vocabulary import Words

_FITS = 0.6
"""The share of a column's cells that must name somebody beside the address."""
_BESIDE_ADDRESS = {"email": "contact", "owner_email": "owner", "contact": "email", "owner": "owner_email"}
"""What a column is as well whose cells hold both: `Ann Lee (ann@acme.example)`."""


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
    stages: Sequence[str]
    """The headers of the columns that could be the stage, the one that was taken first."""
    passed_over: Sequence[MappedColumn]
    """Columns whose header speaks of a field, and that were not taken for it."""


def match(
    columns: Sequence[TabColumn], formulas: Set[int], words: Words, stage_of: StageOf, stage: int | None = None
) -> Match:
    """The fields of these columns.

    - `columns`, `formulas`: the columns, and the indexes of those that hold formulas.
    - `words`: the vocabulary.
    - `stage_of`: tells which stage a word means.
    - `stage`: the index of the stage's column where a person has named it.
    """
    candidates = Candidates(columns, formulas, words, stage_of, stage)
    pairs = sorted(candidates.pairs(), key=lambda pair: pair.weight, reverse=True)
    taken: dict[str, Candidate] = {}
    used: set[int] = set()
    for pair in pairs:
        if not pair.objection and pair.claim.field not in taken and pair.column.index not in used:
            taken[pair.claim.field] = pair
            used.add(pair.column.index)
    for pair in list(taken.values()):
        other = _BESIDE_ADDRESS.get(pair.claim.field, "")
        if other and other not in taken and names_beside_addresses(pair.column.filled) >= _FITS:
            taken[other] = pair._replace(claim=pair.claim._replace(field=other))
    passed_over: dict[int, MappedColumn] = {}
    for pair in pairs:
        if pair.column.index not in used:
            why = pair.objection or f"{taken[pair.claim.field].column.header} is taken for it"
            passed_over.setdefault(pair.column.index, MappedColumn(pair.claim.field, pair.column.header, why))
    return Match(
        {field: pair.column for field, pair in taken.items()},
        {field: doubt for field, pair in taken.items() if (doubt := candidates.doubt(pair, taken.keys()))},
        candidates.stage_headers(taken["stage"].column) if "stage" in taken else [],
        list(passed_over.values()),
    )
