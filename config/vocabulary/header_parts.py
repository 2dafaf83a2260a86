"""What stands in a header beside the word that tells its field: `header_parts.toml` says which.

The record that a CRM's export names, as in `Deal - Stage`; and words that tell the field inside a longer header.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Literal, NamedTuple, cast

from fivestep.config.vocabulary.words import load_words
from fivestep.process.wording.vocabulary import plain

CrmRecord = Literal["deal", "person", "organization"]

_BETWEEN = re.compile(r"\s+[-–—|]\s+|\s*[:>/]\s*")
_SHORTEST_ENDING = 4
"""Letters: "Auftragsvolumen" speaks of "volumen"; shorter endings stand in words that mean something else."""
_WITHOUT_SPACES = "\u2e80"
"""Here the writings begin whose words stand together without spaces."""
# Letters that have no accent to lose, and that people type without all the same.
_BARE = str.maketrans({"ł": "l", "ø": "o", "æ": "ae", "ı": "i", "đ": "d"})


class _Parts(NamedTuple):
    records: Mapping[str, CrmRecord]
    """A record's name, in any language."""
    behind: Sequence[str]
    """How a deal is named behind the field, the longest first."""
    fields: Mapping[str, Sequence[str]]
    unless: Mapping[str, Sequence[str]]
    joining: Set[str]
    with_or_without: Set[str]


def record_and_field(header: str) -> tuple[CrmRecord, str] | None:
    """The record that the header begins with, and the rest: `Person - Email`; None where it names none."""
    split = _BETWEEN.split(header, maxsplit=1)
    if len(split) < 2 or not split[1].strip():
        return None
    record = _parts().records.get(bare(split[0]))
    return None if record is None else (record, split[1])


def without_deal(form: str) -> str:
    """`negocio valor` and `etapa do negocio` without the word for the deal, where something is left."""
    first = next((name for name, record in _parts().records.items() if record == "deal" and _leads(name, form)), None)
    if first is not None:
        return form[len(first) + 1 :]
    last = next((name for name in _parts().behind if form.endswith(f" {name}")), None)
    return form if last is None else form[: -len(last) - 1]


def fields_by_part(header: str, form: str) -> Iterator[tuple[str, str]]:
    """Each field that a word inside this header stands for, with the word; `form` is the bare header."""
    words = form.split()
    for field, listed in _parts().fields.items():
        if speaks_against(form, field) or speaks_against(header, field):  # "MwSt." is one word, "MwStBetrag" three
            continue
        if part := next((part for part in listed if _speaks(part, header, words)), None):
            yield field, part
        elif field == "amount" and (sign := _currency(header, words)):
            yield field, sign


def speaks_against(header: str, field: str) -> bool:
    """Whether a word of the header rules this field out, as a discount is not the amount."""
    words = bare(header).split()
    told = (word for before, word in zip(["", *words], words, strict=False) if before not in _parts().with_or_without)
    return not set(told).isdisjoint(_parts().unless.get(field, ()))


def bare(text: str) -> str:
    """The form in which headers are compared: as in `plain`, and without accents."""
    return plain(text).translate(_BARE)


def without_joining(form: str) -> str:
    """`des betreuers` without the words that only join."""
    return " ".join(word for word in form.split() if word not in _parts().joining)


def _leads(name: str, form: str) -> bool:
    return form.startswith(f"{name} ")


def _speaks(part: str, header: str, words: Sequence[str]) -> bool:
    if part == "%":
        return part in header
    if part in words:
        return True
    if part >= _WITHOUT_SPACES:
        return any(part in word for word in words)
    return len(part) >= _SHORTEST_ENDING and any(word.endswith(part) for word in words)


def _currency(header: str, words: Sequence[str]) -> str:
    """The currency that the header names by its sign or its code; empty where there is none."""
    known = load_words().currencies
    sign = next((letter for letter in header if not letter.isalpha() and letter in known), "")
    return sign or next((word.upper() for word in words if word.upper() in known.values()), "")


@functools.cache
def _parts() -> _Parts:
    data = tomllib.loads(Path(__file__).with_name("header_parts.toml").read_text("utf-8"))
    records = {name: cast(CrmRecord, record) for record, names in data["records"].items() for name in names}
    behind = sorted(data["behind"]["deal"], key=len, reverse=True)
    small = data["small"]
    return _Parts(records, behind, data["parts"], data["not"], {*small["joining"]}, {*small["with_or_without"]})
